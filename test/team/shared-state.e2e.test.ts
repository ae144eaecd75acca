import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { STATE_SERVERS, teams } from '../support/state-servers.ts';

const PASSWORD = 'the mail password';
const secret = { PASSWORD };
const create = (key: string) => [
  ...['accounts', 'create', '--channel', 'email', '--account-key', key],
  ...['--config', `address=${key}@example.com`, '--config', 'password=env:PASSWORD'],
];

describe.each(STATE_SERVERS)('shared state on $name', (server) => {
  const team = teams(server);
  const check = test.runIf(server.isInstalled);

  check('is read and written by every machine, secrets included', async () => {
    const { machine, address } = await team();
    const one = await machine(secret);
    const other = await machine();
    await one.json(...create('a'));
    expect((await other.json('accounts', 'get', 'a', '--reveal')).config.password).toBe(PASSWORD);
    await other.json('accounts', 'update', 'a', '--display-name', 'Support');
    const [{ display_name }] = await one.json('accounts', 'list');
    expect(display_name).toBe('Support');
    expect(await one.json('state', 'show')).toMatchObject({
      backend: server.name === 'S3' ? 's3' : 'postgres',
      location: address,
      revision: 2,
      changed_by: { command: 'accounts update', user: expect.any(String) },
    });
    expect(await one.state()).toBeNull();
  });

  check('is not created by any other command than state init', async () => {
    const { machine } = await team({ isPrepared: false });
    const own = await machine(secret);
    for (const args of [['accounts', 'list'], create('a'), ['state', 'show']]) {
      const { code, error } = await own.failure(...args);
      expect({ code, hint: error.hint }).toEqual({ code: 8, hint: 'Run: channelctl state init' });
    }
    await own.json('state', 'init');
    expect(await own.json('state', 'init')).toMatchObject({ revision: 0, changed_at: null });
    expect(await own.json('accounts', 'list')).toEqual([]);
  });

  check('keeps every edit of writers that run at the same time', async () => {
    const { machine } = await team();
    const machines = await Promise.all(Array.from({ length: 8 }, () => machine(secret)));
    await Promise.all(machines.map((own, index) => own.json(...create(`a${index}`))));
    const accounts = await machines[0]?.json('accounts', 'list');
    expect(accounts).toHaveLength(8);
    expect(accounts.filter(({ is_default }: { is_default: boolean }) => is_default)).toHaveLength(
      1,
    );
    expect(await machines[0]?.json('state', 'show')).toMatchObject({ revision: 8 });
    const entries = await machines[0]?.json('audit', 'list');
    const created = entries.filter(
      ({ action }: { action: string }) => action === 'account.created',
    );
    expect(new Set(created.map((one: { account_key: string }) => one.account_key)).size).toBe(8);
  });

  check('cannot be opened with another passphrase, and is then unchanged', async () => {
    const { machine } = await team();
    const own = await machine(secret);
    await own.json(...create('a'));
    const stranger = await machine({ ...secret, CHANNELCTL_PASSPHRASE: 'another passphrase' });
    for (const args of [['accounts', 'list'], create('b')]) {
      const { code, error } = await stranger.failure(...args);
      expect({ code, message: error.message }).toEqual({
        code: 8,
        message: expect.stringContaining('Wrong passphrase (CHANNELCTL_PASSPHRASE)'),
      });
    }
    expect(await own.json('state', 'show')).toMatchObject({ revision: 1 });
  });

  check('contains the profiles of one address separately', async () => {
    const { machine } = await team();
    const own = await machine(secret);
    await own.json(...create('a'));
    await own.json(...create('b'), '--profile', 'trial');
    const keys = async (...args: string[]) =>
      (await own.json('accounts', 'list', ...args)).map(
        ({ account_key }: { account_key: string }) => account_key,
      );
    expect(await keys()).toEqual(['a']);
    expect(await keys('--profile', 'trial')).toEqual(['b']);
  });

  check('shares settings, but not those of the machine', async () => {
    const { machine, address } = await team();
    const [one, other] = [await machine(), await machine()];
    await one.json('config', 'set', 'webhook_base_url', 'https://desk.example.com');
    await one.json('config', 'set', 'role', 'supervisor');
    const value = async (key: string) => (await other.json('config', 'get', key)).value;
    expect(await value('webhook_base_url')).toBe('https://desk.example.com');
    expect(await value('role')).toBe('admin');
    expect(await value('secrets')).toBe('file');
    expect(await other.json('config', 'get', 'state')).toEqual({
      key: 'state',
      value: address,
      source: 'env',
    });
  });

  check('refuses to store secrets in a keychain', async () => {
    const { machine } = await team();
    const { code, error } = await (await machine({ CHANNELCTL_SECRETS: 'keychain' })).failure(
      ...['accounts', 'list'],
    );
    expect({ code, hint: error.hint }).toEqual({
      code: 2,
      hint: 'Set CHANNELCTL_SECRETS to file or env.',
    });
  });

  check('is examined by doctor', async () => {
    const { machine, address } = await team();
    const own = await machine(secret);
    await own.json(...create('a'));
    const { stdout } = await own.cli('doctor', '--json');
    const results = JSON.parse(stdout);
    const message = (name: string) =>
      results.find(({ check: one }: { check: string }) => one === name)?.message;
    expect(message('shared_state')).toContain(`The state is in ${address}, revision 1, changed by`);
    expect(message('folder')).toContain(own.configDir);
  });

  check('that is older than a machine has seen is refused until state accept', async () => {
    const { machine } = await team();
    const [own, other] = [await machine(secret), await machine(secret)];
    await own.json(...create('a'));
    // A machine with the memory of a later revision stands for a server that was restored.
    await other.json(...create('b'));
    const [folder = ''] = await sealedFiles(other.configDir);
    const later = folder.replace(/0000000000000002-/, '0000000000000009-');
    await rename(folder, later);
    for (const args of [['accounts', 'list'], create('c')]) {
      const { code, error } = await other.failure(...args);
      expect({ code, hint: error.hint }).toEqual({
        code: 8,
        hint: expect.stringContaining('channelctl state accept'),
      });
    }
    expect(await other.json('state', 'accept')).toMatchObject({ revision: 2 });
    expect(await other.json('accounts', 'list')).toHaveLength(2);
  });
});

async function sealedFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.sealed')).map((name) => join(folder, name));
}
