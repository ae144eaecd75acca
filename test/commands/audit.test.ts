import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { AuditEntry } from '../../src/profile/audit/log.ts';
import { type Home, home, run } from '../support/cli.ts';
import { metaDesks } from '../support/meta-desk.ts';

const SECRET = 'a-password-that-must-not-appear-1234';
const desk = metaDesks();

const logOf = ({ configDir }: Home) => join(configDir, 'audit', 'default', 'audit.jsonl');

const mailbox = (key: string) => [
  ...['accounts', 'create', '--channel', 'email', '--account-key', key],
  ...['--config', `address=${key}@example.com`, '--config', 'password=env:PASSWORD'],
];

test('lists each change with its author and its values before and after, without secrets', async () => {
  const own = await home({ PASSWORD: SECRET, CI_JOB_URL: 'https://ci.example.com/jobs/7' });
  await own.json('config', 'set', 'webhook_base_url', 'https://desk.example.com');
  const { id } = await own.json(...mailbox('info'));
  await own.json(
    'accounts',
    'update',
    'info',
    '--display-name',
    'Info',
    '--config',
    'smtp_port=25',
  );
  own.env.PASSWORD = `${SECRET}-new`;
  await own.json('accounts', 'update', 'info', '--config', 'password=env:PASSWORD');
  await own.json('accounts', 'delete', 'info', '--yes');

  const entries = await own.json('audit', 'list');
  expect(entries.map(({ command, action }: AuditEntry) => [command, action])).toEqual([
    ['config set', 'settings.changed'],
    ['accounts create', 'account.created'],
    ['accounts update', 'account.changed'],
    ['accounts update', 'account.changed'],
    ['accounts delete', 'account.deleted'],
  ]);
  expect(entries[0].changes).toEqual([
    { field: 'webhook_base_url', before: null, after: 'https://desk.example.com' },
  ]);
  expect(entries[2]).toEqual({
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    user: expect.stringMatching(/./),
    host: expect.stringMatching(/./),
    ci: 'https://ci.example.com/jobs/7',
    command: 'accounts update',
    action: 'account.changed',
    channel: 'email',
    account_id: id,
    account_key: 'info',
    call: null,
    changes: [
      { field: 'display_name', before: null, after: 'Info' },
      { field: 'config.smtp_port', before: null, after: '25' },
    ],
  });
  expect(entries[3].changes).toEqual([
    { field: 'config.password', before: '********', after: '********' },
  ]);
  expect(entries[4].changes).toContainEqual({
    field: 'config.address',
    before: 'info@example.com',
    after: null,
  });
  const log = logOf(own);
  const text = await readFile(log, 'utf8');
  expect(text).not.toContain('1234');
  expect(text).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 12));
  expect((await stat(log)).mode & 0o777).toBe(0o600);
});

test('lists changes at Meta among those of the profile, with the account that they affect', async () => {
  const at = await desk();
  await at.connectPage();
  await at.json('menu', 'set', 'fb-81', '--item', 'Help=postback:HELP', '--get-started', 'START');
  const entries = await at.json('audit', 'list', '--account', 'messenger/fb-81');
  const { id } = await at.json('accounts', 'get', 'fb-81');
  const menu = entries.at(-1);
  expect(menu).toMatchObject({
    command: 'menu set',
    action: 'meta.changed',
    account_id: id,
    call: 'POST /v26.0/me/messenger_profile',
  });
  expect(menu.changes.map(({ field }: AuditEntry['changes'][number]) => field)).toEqual([
    'persistent_menu',
    'get_started',
  ]);
  const all = await at.json('audit', 'list');
  expect(all.map(({ call }: AuditEntry) => call)).toContain('POST /v26.0/81/subscribed_apps');
});

test('does not record commands that read, fail, or change nothing', async () => {
  const own = await home({ PASSWORD: SECRET });
  await own.json('config', 'set', 'output', 'json');
  const before = await own.json('audit', 'list');
  await own.json('config', 'set', 'output', 'json');
  await own.cli('accounts', 'list');
  await own.cli('accounts', 'create', '--channel', 'email', '--account-key', 'no address');
  expect(await own.json('audit', 'list')).toEqual(before);
});

test('filters by --since and --account, even if the account was deleted', async () => {
  const own = await home({ PASSWORD: SECRET });
  const { id } = await own.json(...mailbox('one'));
  await own.json(...mailbox('two'));
  await own.json('accounts', 'delete', 'one', '--yes');
  const keys = async (...args: string[]) =>
    (await own.json('audit', 'list', ...args)).map(({ action }: AuditEntry) => action);
  expect(await keys('--account', 'one')).toEqual(['account.created', 'account.deleted']);
  expect(await keys('--account', id.slice(0, 8))).toHaveLength(2);
  expect(await keys('--since', '1h')).toHaveLength(3);
  expect(await keys('--since', '2999-01-01T00:00:00Z')).toEqual([]);
  expect((await own.failure('audit', 'list', '--since', 'yesterday')).code).toBe(2);
  expect((await own.failure('audit', 'list', '--account', 'three')).code).toBe(3);
});

test('keeps every line intact if several processes write at the same time', async () => {
  const own = await home({ PASSWORD: SECRET });
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(keys.map((key) => own.json(...mailbox(key))));
  const entries = await own.json('audit', 'list');
  expect(entries.map(({ account_key }: AuditEntry) => account_key).sort()).toEqual(
    expect.arrayContaining(keys),
  );
});

test('archives a large log, reads the archives too, and keeps at most ten files', async () => {
  const own = await home();
  const folder = dirname(logOf(own));
  await own.json('config', 'set', 'output', 'json');
  const log = logOf(own);
  const line = await readFile(log, 'utf8');
  await appendFile(log, line.repeat(Math.ceil((1024 * 1024) / line.length)));
  for (let day = 1; day <= 12; day += 1) {
    const name = `audit.2020-01-${String(day).padStart(2, '0')}T00-00-00.000Z-1.jsonl`;
    await writeFile(join(folder, name), line);
  }
  await own.json('config', 'set', 'output', 'yaml');
  await own.json('config', 'set', 'output', 'table');
  const logs = (await readdir(folder)).filter((name) => name.startsWith('audit.'));
  expect(logs).toHaveLength(10);
  const entries = await own.json('audit', 'list', '--json');
  expect(entries.at(-1).changes[0].after).toBe('table');
  expect(entries.at(-2).changes[0].after).toBe('yaml');
});

test('skips a truncated line with a warning, and reads the next one', async () => {
  const own = await home();
  await own.json('config', 'set', 'output', 'json');
  const [line = ''] = (await readFile(logOf(own), 'utf8')).split('\n');
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  await appendFile(logOf(own), line.replace(/"before":null/, `"before":${deep}`));
  await appendFile(logOf(own), '\n{"at":"20');
  await own.json('config', 'set', 'output', 'yaml');
  const { code, stdout, stderr } = await own.cli('audit', 'list', '--json');
  expect({ code, entries: JSON.parse(stdout).length }).toEqual({ code: 0, entries: 2 });
  expect(stderr).toContain('Skipped 2 unreadable lines of the audit log.');
});

test('makes the change, with a warning, if the log cannot be written', async () => {
  const own = await home();
  const log = logOf(own);
  await mkdir(log, { recursive: true });
  await chmod(dirname(log), 0o700);
  const { code, stderr } = await run(['config', 'set', 'output', 'yaml'], own.env);
  expect(code).toBe(0);
  expect(stderr).toContain('not recorded in the audit log');
  expect((await own.json('config', 'get', 'output', '--json')).value).toBe('json');
  expect(await own.state()).toContain('"output": "yaml"');
});

test('remains after the profile is deleted, and records the deletion', async () => {
  const own = await home();
  await own.json('config', 'set', 'output', 'table');
  await own.json('profiles', 'delete', 'default', '--yes');
  const entries = await own.json('audit', 'list');
  expect(entries.at(-1)).toMatchObject({ command: 'profiles delete', action: 'profile.deleted' });
});

test('an audit log that is a link is not followed, and nothing is changed', async () => {
  const own = await home();
  await own.json('config', 'set', 'output', 'json');
  const target = join(own.configDir, 'target');
  await writeFile(target, '');
  await rm(logOf(own));
  await symlink(target, logOf(own));
  const before = await own.state();
  const { code, error } = await own.failure('config', 'set', 'output', 'yaml');
  expect({ code, kind: error.kind }).toEqual({ code: 8, kind: 'storage' });
  expect(error.message).toContain(logOf(own));
  expect(await readFile(target, 'utf8')).toBe('');
  expect(await own.state()).toEqual(before);
});

test('finds an account by the key that only its renaming mentions', async () => {
  const own = await home({ PASSWORD: SECRET });
  await own.json(...mailbox('old'));
  await rm(logOf(own)); // As after an upgrade from a version without a log, or once it is archived.
  await own.json('accounts', 'update', 'old', '--account-key', 'new');
  await own.json('accounts', 'update', 'new', '--display-name', 'New');
  const entries: AuditEntry[] = await own.json('audit', 'list', '--account', 'old');
  expect(entries.map(({ account_key }) => account_key)).toEqual(['new', 'new']);
});

test('records the renaming of an account, and finds its history by either key', async () => {
  const own = await home({ PASSWORD: SECRET });
  await own.json(...mailbox('old'));
  await own.json('accounts', 'update', 'old', '--account-key', 'new');
  await own.json('accounts', 'update', 'new', '--display-name', 'New');
  await own.json(...mailbox('other'));
  const entries: AuditEntry[] = await own.json('audit', 'list', '--account', 'new');
  expect(entries.map(({ action, account_key }) => [action, account_key])).toEqual([
    ['account.created', 'old'],
    ['account.changed', 'new'],
    ['account.changed', 'new'],
  ]);
  expect(entries[0]?.changes.map(({ field }) => field)).not.toContain('account_key');
  expect(entries[1]?.changes).toContainEqual({ field: 'account_key', before: 'old', after: 'new' });
  expect(await own.json('audit', 'list', '--account', 'email/old')).toEqual(entries);
});
