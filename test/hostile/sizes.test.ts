import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../src/profile/audit/log.ts';
import { writeState } from '../../src/profile/state-file/write.ts';
import { home, temporaryFolder } from '../support/cli.ts';
import { stateWith } from '../support/states.ts';
import { failureOf } from '../support/storage.ts';

const MEGABYTE = 1024 * 1024;

/** Creates a file of this size, which takes no space on the disk. */
async function emptyFile(path: string, bytes: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  await truncate(path, bytes);
  return path;
}

describe('an audit log with more than 16 MB', () => {
  const COUNT = 800;

  async function homeWithLog(...more: string[]) {
    const own = await home();
    const folder = join(own.configDir, 'audit', 'default');
    await mkdir(folder, { recursive: true });
    const who = { user: 'ada', host: 'desk', ci: null, command: 'apply' };
    const lines = Array.from({ length: COUNT }, (_, index) =>
      JSON.stringify({
        at: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
        ...who,
        action: 'account.changed',
        channel: 'email',
        account_id: `00000000-0000-4000-8000-${String(index % 100).padStart(12, '0')}`,
        account_key: `m${index % 100}`,
        call: null,
        changes: [{ field: 'config.note', before: null, after: 'n'.repeat(22_000) }],
      }),
    );
    await writeFile(join(folder, 'audit.jsonl'), `${[...lines, ...more].join('\n')}\n`);
    return own;
  }

  test('is listed as NDJSON; other formats require a filter', async () => {
    const own = await homeWithLog();
    const { code, stdout, error } = await own.failure('audit', 'list');
    expect({ code, stdout, message: error.message }).toEqual({
      code: 2,
      stdout: '',
      message: 'More than 16 MB of the audit log match.',
    });
    expect(error.hint).toContain('--output ndjson');
    const all = await own.cli('audit', 'list', '--output', 'ndjson', '--fields', 'at,account_key');
    expect(all.stdout.trimEnd().split('\n')).toHaveLength(COUNT);
    expect(await own.json('audit', 'list', '--account', 'email/m7')).toHaveLength(8);
    const since: AuditEntry[] = await own.json('audit', 'list', '--since', '2026-01-01T00:13:18Z');
    expect(since.map(({ account_key }) => account_key)).toEqual(['m98', 'm99']);
  });

  test('is read although a line is longer than 32 MB', async () => {
    const own = await homeWithLog(`{"at":"${'x'.repeat(33 * MEGABYTE)}"}`, '{"at":"2026');
    const { code, stdout, stderr } = await own.cli('audit', 'list', '--account', 'm7');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(9);
    expect(stderr).toContain('Skipped 2 unreadable lines of the audit log.');
  }, 60_000);
});

describe('a state file', () => {
  test('larger than 64 MB is refused, and not changed', async () => {
    const own = await home();
    await emptyFile(own.stateFile(), 64 * MEGABYTE + 1);
    for (const command of [
      ['accounts', 'list'],
      ['config', 'set', 'output', 'json'],
    ]) {
      const { code, error } = await own.failure(...command);
      expect(code).toBe(8);
      expect(error.message).toContain('is larger than 64 MB.');
    }
  });

  test('is not written if it would be larger than 64 MB', async () => {
    const path = join(await temporaryFolder(), 'state.json');
    const state = stateWith({});
    await writeState(path, state);
    const large = { ...state, settings: { division_id: 'x'.repeat(64 * MEGABYTE) } };
    expect(await failureOf(writeState(path, large))).toMatchObject({
      kind: 'storage',
      message: expect.stringContaining('is larger than 64 MB.'),
    });
  });

  test('that is deeply nested is not parsed', async () => {
    const own = await home();
    await mkdir(dirname(own.stateFile()), { recursive: true });
    await writeFile(own.stateFile(), '['.repeat(2 * MEGABYTE));
    const { code, error } = await own.failure('accounts', 'list');
    expect(code).toBe(8);
    expect(error.message).toContain('nested too deeply');
  });
});

describe('input', () => {
  test.each([
    ['plan', '-f'],
    ['sandbox', 'start', '--seed'],
    ['accounts', 'create', '--channel', 'email', '--account-key', 'a', '--config-file'],
  ])('of %s %s from a file larger than 32 MB is refused', async (...args) => {
    const own = await home();
    const path = await emptyFile(join(own.configDir, 'large'), 32 * MEGABYTE + 1);
    const { code, error } = await own.failure(...args, path);
    expect(code).toBe(2);
    expect(error.message).toContain('is larger than 32 MB.');
  });

  test.each(['string', 'list'])('with a %s of more than 1 MB is refused', async (kind) => {
    const own = await home();
    const text = 'n'.repeat(MEGABYTE + 1);
    const config = { address: 'a@example.com', note: kind === 'string' ? text : [text] };
    const path = join(own.configDir, 'document.json');
    const accounts = [{ channel: 'email', account_key: 'a', config }];
    await writeFile(path, JSON.stringify({ version: 1, accounts }));
    const planned = await own.failure('plan', '-f', path);
    expect(planned).toMatchObject({ code: 2, stdout: '' });
    expect(planned.error.message).toContain('note is longer than 1 MB.');
    await writeFile(path, JSON.stringify(config));
    const create = ['accounts', 'create', '--channel', 'email', '--account-key', 'a'];
    const created = await own.failure(...create, '--config-file', path);
    expect([created.code, created.error.message]).toEqual([2, 'note is longer than 1 MB.']);
  });
});
