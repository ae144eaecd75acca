import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyState, readState } from '../../src/profile/state-file/read.ts';
import { writeState } from '../../src/profile/state-file/write.ts';
import type { ProfileState } from '../../src/profile/types.ts';
import { temporaryFolder } from '../support/cli.ts';
import { stateWith } from '../support/states.ts';
import { ended, failureOf, storageChild } from '../support/storage.ts';

const child = storageChild();
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;

async function stateFile(content?: string): Promise<string> {
  const path = join(await temporaryFolder(), 'state.json');
  if (content !== undefined) await writeFile(path, content);
  return path;
}

describe('reading', () => {
  test('ignores the byte order mark that some editors add', async () => {
    const path = await stateFile(`\ufeff${JSON.stringify(emptyState())}`);
    expect(await readState(path)).toEqual(emptyState());
  });

  test('returns an empty state if the file does not exist, and creates nothing', async () => {
    const folder = join(await temporaryFolder(), 'none');
    expect(await readState(join(folder, 'state.json'))).toEqual(emptyState());
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });

  test('returns what was written, including dots, nesting and unusual keys', async () => {
    const path = await stateFile();
    const odd = JSON.parse('{"__proto__":{"x":1},"constructor":"c","__internal__":{"a.b":1},"":0}');
    const state = { ...stateWith({}), settings: JSON.parse('{"__proto__":"x","a.b":"c"}') };
    state.integrations = state.integrations.map((entry) => ({ ...entry, config: odd }));
    await writeState(path, state);
    expect(await readState(path)).toEqual(state);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(state);
  });

  const quoted = { ...stateWith({}), settings: { role: 'a "b"\n  c é 😀 \ud800' } };
  test.each([
    ['an empty state', emptyState()],
    ['a state with a pending connection', { ...emptyState(), pending: [] }],
    ['a state without a pending connection', { ...emptyState(), pending: undefined }],
    [
      'several items',
      { ...quoted, integrations: [...quoted.integrations, ...quoted.integrations] },
    ],
  ])('writes %s as JSON.stringify does', async (_what, state) => {
    const path = await stateFile();
    await writeState(path, state as ProfileState);
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(state, null, 2)}\n`);
  });

  const integration = stateWith({}).integrations[0];
  test.each([
    ['{"version":1,', 'Expected double-quoted property name in JSON at line 1, column 14.'],
    ['{\n  "version": 1,\n  "settings": nope\n}', "Unexpected token 'o' at line 3, column 15."],
    ['{"version":1}}', 'character after JSON at line 1, column 14.'],
    ['', 'Unexpected end of JSON input at line 1, column 1.'],
    ['[1,]', "Unexpected token ']'."],
    ['[]', 'JSON object'],
    [`{"version":1,"more":${'['.repeat(300)}${']'.repeat(300)}}`, 'nested too deeply'],
    ['{"settings":{}}', 'version'],
    ['{"version":"1"}', 'version'],
    ['{"version":1,"integrations":[],"accounts":[]}', 'settings is not an object'],
    ['{"version":1,"settings":{"role":1},"integrations":[],"accounts":[]}', 'settings.role'],
    ['{"version":1,"settings":{},"integrations":[],"accounts":{}}', 'accounts is not an array'],
    [
      '{"version":1,"settings":{},"integrations":[],"accounts":[],"pending":[{"channel":"whatsapp"}]}',
      'pending[0].account_key is not a string',
    ],
    [
      JSON.stringify({ ...emptyState(), accounts: [{ ...integration, id: 7 }] }),
      'accounts[0].id is not a string',
    ],
    [
      JSON.stringify(stateWith({ pin: JSON.parse('{"store":"paper","item":"i","last4":null}') })),
      'integrations[0].secrets.pin.store is neither "keychain" nor "file"',
    ],
  ])(
    'rejects the corrupt file %j with the position of the error, and does not change it',
    async (content, place) => {
      const path = await stateFile(content);
      const error = await failureOf(readState(path));
      expect(error.kind).toBe('storage');
      expect(error.message).toContain(path);
      expect(error.reason).toContain(place);
      expect(error.hint).toMatch(/restore|move it aside/);
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  test('rejects a file from a newer version, and does not change it', async () => {
    const path = await stateFile('{"version":2,"novelties":[]}');
    const error = await failureOf(readState(path));
    expect(error.kind).toBe('storage');
    expect(error.reason).toContain('version 2');
    expect(error.hint).toContain('Upgrade channelctl');
    expect(await readFile(path, 'utf8')).toBe('{"version":2,"novelties":[]}');
  });

  test('reports a folder instead of a file as a storage error', async () => {
    const path = await stateFile();
    await mkdir(path);
    expect((await failureOf(readState(path))).kind).toBe('storage');
  });
});

describe('migrations', () => {
  const migrations = [
    (state: Record<string, unknown>) => ({ ...state, settings: { role: 'agent' } }),
    (state: Record<string, unknown>) => ({ ...state, accounts: [] }),
  ];

  test('apply to an older file in order, and do not change the file', async () => {
    const content = '{"version":1,"integrations":[]}';
    const path = await stateFile(content);
    const state: unknown = await readState(path, migrations);
    expect(state).toEqual({
      version: 3,
      settings: { role: 'agent' },
      integrations: [],
      accounts: [],
    });
    expect(await readFile(path, 'utf8')).toBe(content);
  });

  test('do not apply again to a file of their version', async () => {
    const path = await stateFile('{"version":2,"settings":{"role":"admin"},"integrations":[]}');
    expect((await readState(path, migrations)).settings).toEqual({ role: 'admin' });
  });

  test('do not apply to a file from a newer version', async () => {
    const path = await stateFile('{"version":4}');
    expect((await failureOf(readState(path, migrations))).message).toContain('newer');
  });
});

describe('writing', () => {
  test('creates a file that only its owner can access', async () => {
    const path = await stateFile();
    await writeState(path, emptyState());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('deletes the leftovers of killed processes', async () => {
    const path = await stateFile('{"version":1}');
    await writeFile(`${path}.new`, '{"half":');
    await writeFile(`${path}.new.tmp-1234567890abcdef`, '');
    await writeState(path, emptyState());
    expect(await readdir(join(path, '..'))).toEqual(['state.json']);
    expect(await readState(path)).toEqual(emptyState());
  });

  test('does not write a state that could not be read back', async () => {
    const path = await stateFile();
    await writeState(path, emptyState());
    const wrong = { ...emptyState(), settings: JSON.parse('{"role":1}') };
    await expect(writeState(path, wrong)).rejects.toThrow();
    expect(await readState(path)).toEqual(emptyState());
  });

  test.skipIf(!canMount)(
    'fails on a full disk and leaves the old file unchanged (needs unshare to mount a small disk)',
    async () => {
      const folder = await temporaryFolder();
      const [node = '', script = ''] = child.argv();
      const steps = 'mount -t tmpfs -o size=64k none "$1" && cd "$1" && shift';
      const twice = '"$@" write state.json 10 && "$@" write state.json 100000; ls';
      const { stdout } = spawnSync(
        'unshare',
        ['-rm', 'sh', '-c', `${steps} && ${twice}`, 'sh', folder, node, script],
        { encoding: 'utf8' },
      );
      const [first = '', second = '', ...files] = stdout.trim().split('\n');
      expect(JSON.parse(first)).toEqual({ result: 10 });
      const { error, result } = JSON.parse(second);
      expect(error).toMatchObject({
        kind: 'storage',
        message: 'state.json cannot be written.',
        reason: 'The disk is full.',
      });
      expect(result, 'length of the value in the file').toBe(10);
      expect(files).toEqual(['state.json']);
    },
  );
});

describe('a read-only folder', () => {
  test('can be read', async () => {
    const path = await stateFile();
    await writeState(path, stateWith({}));
    await chmod(path, 0o444);
    await chmod(join(path, '..'), 0o555);
    const { stdout } = await ended(child.startAsOther('read', path));
    expect(JSON.parse(stdout).result).toEqual(stateWith({}));
  });

  test('cannot be written to', async () => {
    const path = await stateFile();
    await writeState(path, stateWith({}));
    await chmod(path, 0o444);
    await chmod(join(path, '..'), 0o555);
    const { stdout } = await ended(child.startAsOther('change', join(path, '..'), '', 'x', ''));
    expect(JSON.parse(stdout).error).toMatchObject({
      kind: 'storage',
      message: `${join(path, '..', 'profiles')} cannot be written.`,
      reason: 'Permission denied.',
    });
  });

  test('with an unreadable file causes a storage error', async () => {
    const path = await stateFile();
    await writeState(path, stateWith({}));
    await chmod(path, 0o000);
    await chmod(join(path, '..'), 0o755);
    const { stdout } = await ended(child.startAsOther('read', path));
    expect(JSON.parse(stdout).error).toMatchObject({
      kind: 'storage',
      message: `${path} cannot be read.`,
    });
  });
});
