import { chmod, chown, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeSelf } from '../../src/profile/lock/lock-owner.ts';
import { type Home, home, homeIn, onBuilt, runBuilt } from '../support/cli.ts';

const PASSWORD = 'of-the-mailbox';
const CREATE = [
  ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
  ...['--config', 'address=a@example.com'],
];
const WITH_SECRET = [...CREATE, '--config', `password=${PASSWORD}`];

const secretsFile = (here: Home) => join(dirname(here.stateFile()), 'secrets.json');

async function contents(here: Home): Promise<Record<string, string>> {
  const folder = dirname(here.stateFile());
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

/** Root ignores permissions, so root runs the program as another user. */
const OTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A user ID that has neither a name nor a home folder, as in some containers. */
const NOBODY = process.getuid?.() === 0 ? { uid: 12_345, gid: 12_345 } : null;

const onLinux = process.platform === 'linux';

test.skipIf(NOBODY === null)(
  'works with CHANNELCTL_CONFIG_DIR if the user has no name or home folder (needs root)',
  async () => {
    const user = NOBODY ?? {};
    const here = await home({ HOME: '', PASSWORD });
    const { HOME: _none, ...env } = here.env;
    if (NOBODY !== null) await chown(here.configDir, NOBODY.uid, NOBODY.gid);
    const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
    for (const args of [
      ['accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config],
      ['audit', 'list'],
      ['doctor'],
    ]) {
      const ended = await runBuilt(
        args,
        { ...env, CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1' },
        '',
        user,
      );
      expect([args[0], ended.code]).toEqual([args[0], 0]);
    }
    const { CHANNELCTL_CONFIG_DIR: _folder, ...less } = env;
    const { code, stderr } = await runBuilt(['config', 'list', '--json'], less, '', user);
    expect(code).toBe(8);
    expect(JSON.parse(stderr).error.hint).toContain('CHANNELCTL_CONFIG_DIR');
  },
);

test('reports the position of a syntax error that only the YAML parser finds, and exits with 8', async () => {
  const here = await home();
  await here.json('config', 'set', 'output', 'json');
  await writeFile(here.stateFile(), '{"version":1,\n "settings":nope}');
  const { code, error } = await here.built.failure('accounts', 'list');
  expect({ code, kind: error.kind }).toEqual({ code: 8, kind: 'storage' });
  expect(error.message).toContain('line 2, column 13');
});

test('reads from a read-only folder, and exits with 8 if it has to write', async () => {
  const here = await home();
  await here.json(...WITH_SECRET);
  const folders = [here.configDir, dirname(dirname(here.stateFile())), dirname(here.stateFile())];
  const { uid, gid } = OTHER;
  if (uid !== undefined && gid !== undefined) {
    for (const path of [...folders, here.stateFile(), secretsFile(here)])
      await chown(path, uid, gid);
  }
  for (const folder of folders) await chmod(folder, 0o500);
  onTestFinished(async () => {
    for (const folder of folders) await chmod(folder, 0o700);
  });
  const as = (...args: string[]) => runBuilt([...args, '--json'], here.env, '', OTHER);

  const before = await contents(here);
  const shown = await as('accounts', 'get', 'support', '--reveal');
  expect(JSON.parse(shown.stdout).config.password).toBe(PASSWORD);
  for (const args of [
    ['accounts', 'update', 'support', '--inactive'],
    ['accounts', 'delete', 'support', '--yes'],
    ['config', 'set', 'output', 'json'],
    ['profiles', 'delete', 'default', '--yes'],
    ['config', 'set', 'output', 'json', '--profile', 'new'],
  ]) {
    const { code, stdout, stderr } = await as(...args);
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    const { kind, message } = JSON.parse(stderr).error;
    expect(kind).toBe('storage');
    expect(message).toContain('Permission denied.');
    expect(message).toContain(here.configDir);
  }
  expect(await contents(here)).toEqual(before);
});

test.skipIf(!onLinux)(
  'exits with 8 without a keychain, names the alternatives, and does not use them (needs Linux)',
  async () => {
    const here = onBuilt(await home({ CHANNELCTL_SECRETS: '' }));
    const { code, error } = await here.failure(...WITH_SECRET);
    expect({ code, kind: error.kind }).toEqual({ code: 8, kind: 'storage' });
    expect(error.hint).toContain('CHANNELCTL_SECRETS=file');
    expect(error.hint).toContain('CHANNELCTL_SECRETS=env');
    expect(await here.state()).toBeNull();
    expect((await here.json(...CREATE)).account_key, 'no keychain is needed without secrets').toBe(
      'support',
    );
  },
);

test('concurrent changes are all stored', async () => {
  const here = onBuilt(await home());
  const keys = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(
    keys.map((key) =>
      here.json(
        ...['accounts', 'create', '--channel', 'email', '--account-key', key],
        ...['--config', 'address=a@example.com', '--config', `password=of-${key}`],
      ),
    ),
  );
  const list = await here.json('accounts', 'list', '--fields', 'account_key,is_default');
  expect(list.map((one: { account_key: string }) => one.account_key).sort()).toEqual(keys);
  expect(list.filter((one: { is_default: boolean }) => one.is_default)).toHaveLength(1);
  for (const key of keys)
    expect((await here.json('accounts', 'get', key, '--reveal')).config.password).toBe(`of-${key}`);
});

test('exits with 7 if another process locks the state for over 10 seconds, but can still read it', async () => {
  const here = onBuilt(await home());
  await here.json(...CREATE);
  const before = await contents(here);
  const lock = join(here.configDir, 'profiles', 'default.lock');
  await writeFile(lock, JSON.stringify(await describeSelf('ab')));
  const started = Date.now();
  const [writing, reading] = await Promise.all([
    here.failure('accounts', 'update', 'support', '--inactive'),
    here.json('accounts', 'list'),
  ]);
  expect(Date.now() - started).toBeGreaterThan(10_000);
  expect(writing).toMatchObject({ code: 7, error: { kind: 'conflict' } });
  expect(writing.error.message).toContain(`Process ${process.pid}`);
  expect(writing.error.hint).toContain(lock);
  expect(reading).toHaveLength(1);
  expect(await contents(here)).toEqual(before);
});

test('does not read secrets from the file if the store is the keychain', async () => {
  const here = await home();
  await here.json(...WITH_SECRET);
  const keychain = onBuilt(homeIn(here.configDir, { CHANNELCTL_SECRETS: 'keychain' }));
  const { code, error } = await keychain.failure('accounts', 'get', 'support', '--reveal');
  expect(code).toBe(8);
  expect(error.hint).toContain('CHANNELCTL_SECRETS=file');
});

test('the key of a new secrets file is derived at full cost', async () => {
  const here = await home();
  await here.built.json(...WITH_SECRET);
  const { kdf } = JSON.parse(await readFile(secretsFile(here), 'utf8'));
  expect(kdf).toMatchObject({ name: 'scrypt', N: 32_768, r: 8, p: 3 });
});
