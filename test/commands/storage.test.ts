import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Home, home, homeIn, sharedHome } from '../support/cli.ts';

const PASSWORD = 'of-the-mailbox';
const CREATE = [
  ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
  ...['--config', 'address=a@example.com'],
];
const WITH_SECRET = [...CREATE, '--config', `password=${PASSWORD}`];

const secretsFile = (here: Home) => join(dirname(here.stateFile()), 'secrets.json');
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function contents(here: Home): Promise<Record<string, string>> {
  const folder = dirname(here.stateFile());
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

const STATE = { version: 1, settings: {}, integrations: [], accounts: [] };

describe('a command exits with 8 and leaves the file unchanged if the state file', () => {
  const here = sharedHome();

  test.each([
    ['is empty', '', 'not valid JSON'],
    ['is truncated', '{\n  "version": 1,\n  "set', 'line 3'],
    ['does not contain an object', '[]', 'object'],
    ['has no version', '{"accounts":[]}', 'version'],
    ['lacks a section', JSON.stringify({ ...STATE, accounts: undefined }), 'accounts'],
    [
      'has an invalid account',
      JSON.stringify({ ...STATE, accounts: [{ id: 1 }] }),
      'accounts[0].id',
    ],
    ['is of a newer version', JSON.stringify({ ...STATE, version: 2, more: 1 }), 'version 2'],
  ])('%s', async (_, text, named) => {
    await mkdir(dirname(here.stateFile()), { recursive: true });
    await writeFile(here.stateFile(), text);
    const before = await contents(here);
    for (const args of [['accounts', 'list'], CREATE]) {
      const { code, error, stdout } = await here.failure(...args);
      expect({ code, kind: error.kind, stdout }).toEqual({ code: 8, kind: 'storage', stdout: '' });
      expect(error.message).toContain(here.stateFile());
      expect(error.message).toContain(named);
      expect(error.hint).toContain('The file was not changed.');
    }
    expect(await contents(here)).toEqual(before);
  });
});

test('makes files readable only by their owner, and leaves no other files', async () => {
  const parent = await home();
  const here = homeIn(join(parent.configDir, 'new', 'config'), {});
  await here.json(...WITH_SECRET);
  await here.json('accounts', 'update', 'support', '--config', 'password=another-one');
  expect(await readdir(join(here.configDir, 'profiles'))).toEqual(['default']);
  expect((await readdir(dirname(here.stateFile()))).sort()).toEqual(['secrets.json', 'state.json']);
  for (const folder of ['', 'profiles', 'profiles/default'])
    expect(await modeOf(join(here.configDir, folder)), folder).toBe('700');
  for (const file of [here.stateFile(), secretsFile(here)])
    expect(await modeOf(file), file).toBe('600');
  expect(await readFile(secretsFile(here), 'utf8')).not.toContain('another-one');
});

describe('with secrets in a file, commands', () => {
  const here = sharedHome();
  beforeAll(() => here.json(...WITH_SECRET));
  const WRITES = [
    ['accounts', 'update', 'support', '--config', 'password=another-one'],
    ['accounts', 'update', 'support', '--unset', 'password'],
    ['accounts', 'delete', 'support', '--yes'],
    ['integrations', 'set', 'messenger', '--config', 'app_secret=0123456789abcdef'],
  ];

  test.each([
    ['a wrong', 'wrong', 'Wrong passphrase'],
    ['no', '', 'not set'],
  ])(
    'with %s passphrase exit with 8 and change nothing, unless no secret is needed',
    async (...row) => {
      const [, passphrase, named] = row;
      const before = await contents(here);
      const other = homeIn(here.configDir, { CHANNELCTL_PASSPHRASE: passphrase });
      for (const args of [...WRITES, ['accounts', 'get', 'support', '--reveal']]) {
        const { code, error, stdout } = await other.failure(...args);
        expect({ code, kind: error.kind, stdout }).toEqual({
          code: 8,
          kind: 'storage',
          stdout: '',
        });
        expect(error.message).toContain(named);
        expect(error.hint).toContain('CHANNELCTL_PASSPHRASE');
      }
      expect((await other.json('accounts', 'get', 'support')).config.password).toBe('********lbox');
      expect(await contents(here)).toEqual(before);
    },
  );

  test('exit with 8 and leave a manipulated or newer file unchanged', async () => {
    const sound = await readFile(secretsFile(here), 'utf8');
    const envelope = JSON.parse(sound);
    const { data } = envelope;
    for (const spoilt of [
      '{',
      JSON.stringify({ ...envelope, version: 2 }),
      JSON.stringify({ ...envelope, data: (data.startsWith('A') ? 'B' : 'A') + data.slice(1) }),
    ]) {
      await writeFile(secretsFile(here), spoilt);
      const before = await contents(here);
      for (const args of [...WRITES.slice(0, 1), ['accounts', 'get', 'support', '--reveal']])
        expect((await here.failure(...args)).code).toBe(8);
      expect(await contents(here)).toEqual(before);
    }
    await writeFile(secretsFile(here), sound);
    const { config } = await here.json('accounts', 'get', 'support', '--reveal');
    expect(config.password).toBe(PASSWORD);
  });

  test('neither read nor replace them if another store is configured', async () => {
    const env = homeIn(here.configDir, { CHANNELCTL_SECRETS: 'env' });
    const before = await contents(here);
    for (const args of [WRITES[0] ?? [], WRITES[3] ?? []])
      expect((await env.failure(...args)).code).toBe(8);
    expect(await contents(here)).toEqual(before);
  });
});

const _onLinux = process.platform === 'linux';
