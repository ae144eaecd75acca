import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Home } from '../support/cli.ts';
import {
  assign,
  itemOf,
  mailboxes,
  OTHER_PASSWORD,
  PASSWORD,
  secretChecks,
} from '../support/mailboxes.ts';

describe('a server that was changed in the state file', () => {
  const changed = async () => {
    const own = await mailboxes();
    await own.tamper(({ account }) =>
      Object.assign(account('desk').config, {
        imap_host: 'new.example.com',
        smtp_host: 'out.example.com',
      }),
    );
    const isReadable = async () => (await own.cli('accounts', 'get', 'desk', '--reveal')).code;
    return { ...own, isReadable };
  };
  const imap = ['--config', 'imap_host=new.example.com'];
  const smtp = ['--config', 'smtp_host=out.example.com'];

  test('is confirmed by passing it again, without the secret', async () => {
    const own = await changed();
    await own.json('accounts', 'update', 'desk', ...imap, ...smtp);
    const { config } = await own.json('accounts', 'get', 'desk', '--reveal');
    expect(config.password).toBe(PASSWORD);
    expect((await secretChecks(own)).code).toBe(0);
  });

  test.each([
    ['another setting', ['--config', 'imap_port=994']],
    ['only one of two servers', imap],
    ['a new name', ['--account-key', 'desk-2']],
  ])('is not confirmed by passing %s', async (_, args) => {
    const own = await changed();
    await own.json('accounts', 'update', 'desk', ...args);
    expect((await secretChecks(own)).errors).toHaveLength(1);
    const id = (await own.parsed()).accounts[0]?.id ?? '';
    expect((await own.failure('accounts', 'get', id, '--reveal')).code).toBe(8);
  });

  test('does not receive a new password unless it is confirmed', async () => {
    const own = await changed();
    const before = await own.state();
    const password = ['--config', 'password=env:OTHER'];
    const { code, error } = await own.failure('accounts', 'update', 'desk', ...password);
    expect(code).toBe(8);
    expect(error.hint).toContain(
      '--config imap_host=new.example.com --config smtp_host=out.example.com',
    );
    expect(await own.state()).toBe(before);
    await own.json('accounts', 'update', 'desk', ...password, ...imap, ...smtp);
    const { config } = await own.json('accounts', 'get', 'desk', '--reveal');
    expect(config.password).toBe(OTHER_PASSWORD);
  });

  test('is accepted again after it was restored', async () => {
    const own = await changed();
    expect(await own.isReadable()).toBe(8);
    const hosts = [
      '--config',
      'imap_host=imap.example.com',
      '--config',
      'smtp_host=smtp.example.com',
    ];
    await own.json('accounts', 'update', 'desk', ...hosts);
    expect(await own.isReadable()).toBe(0);
  });

  const apply = async (own: Home, config: Record<string, unknown>) => {
    const account = { channel: 'email', account_key: 'desk', config };
    const path = join(own.configDir, 'channels.json');
    await writeFile(path, JSON.stringify({ version: 1, accounts: [account] }));
    return own.cli('apply', '-f', path, '--yes', '--json');
  };

  test('is restored by a document, or confirmed with a document that contains it', async () => {
    const restored = await changed();
    const hosts = { imap_host: 'imap.example.com', smtp_host: 'smtp.example.com' };
    expect((await apply(restored, { address: 'desk@example.com', ...hosts })).code).toBe(0);
    expect(await restored.isReadable()).toBe(0);
    const confirmed = await changed();
    const next = { imap_host: 'new.example.com', smtp_host: 'out.example.com' };
    const config = { address: 'desk@example.com', password: { env: 'PASSWORD' }, ...next };
    expect((await apply(confirmed, config)).code).toBe(0);
    expect(await confirmed.isReadable()).toBe(0);
  });

  test('does not receive the password of a document that does not contain it', async () => {
    const own = await changed();
    const { code, stderr } = await apply(own, {
      address: 'desk@example.com',
      password: { env: 'PASSWORD' },
    });
    expect(code).toBe(8);
    expect(stderr).toContain('imap.example.com and smtp.example.com');
    expect(await own.isReadable()).toBe(8);
  });
});

test("another account's password is not confirmed by passing the servers, but with the account key", async () => {
  const own = await mailboxes();
  await own.tamper(({ account }) => {
    assign(account('desk'), itemOf(account('sales'), 'password'));
    account('desk').config.imap_host = 'new.example.com';
  });
  const update = ['accounts', 'update', 'desk', '--config', 'imap_host=new.example.com'];
  await own.json(...update, '--config', 'smtp_host=smtp.example.com');
  expect((await own.failure('accounts', 'get', 'desk', '--reveal')).code).toBe(8);
  await own.json(...update, '--account-key', 'desk');
  const { config } = await own.json('accounts', 'get', 'desk', '--reveal');
  expect(config.password).toBe(OTHER_PASSWORD);
});

test('a secret of another field is not confirmed by any setting', async () => {
  const own = await mailboxes();
  await own.tamper(({ account, integrations }) =>
    assign(account('desk'), itemOf(integrations[0], 'app_secret')),
  );
  const hosts = ['imap_host=imap.example.com', 'smtp_host=smtp.example.com'];
  const settings = hosts.flatMap((host) => ['--config', host]);
  await own.json('accounts', 'update', 'desk', '--account-key', 'desk', ...settings);
  expect((await own.failure('accounts', 'get', 'desk', '--reveal')).code).toBe(8);
});

test("a new password is not sent to another account's server unless that is confirmed", async () => {
  const own = await mailboxes();
  await own.json('accounts', 'update', 'sales', '--config', 'imap_host=sales.example.com');
  await own.tamper(({ account }) => {
    assign(account('desk'), itemOf(account('sales'), 'password'));
    account('desk').config.imap_host = 'sales.example.com';
  });
  const update = ['accounts', 'update', 'desk', '--config', 'password=env:OTHER'];
  expect((await own.failure(...update)).code).toBe(8);
  const hosts = ['imap_host=sales.example.com', 'smtp_host=smtp.example.com'];
  await own.json(...update, ...hosts.flatMap((host) => ['--config', host]));
  const { config } = await own.json('accounts', 'get', 'desk', '--reveal');
  expect(config.password).toBe(OTHER_PASSWORD);
});

describe('settings that a command changes', () => {
  const password = async (own: Home, name: string) =>
    (await own.json('accounts', 'get', name, '--reveal')).config.password;

  test.each([
    ['a server', 'desk', ['--config', 'imap_host=imap.example.org']],
    ['all servers', 'desk', ['--unset', 'imap_host', '--unset', 'smtp_host']],
    ['the account key', 'front', ['--account-key', 'front']],
    ['both', 'front', ['--account-key', 'front', '--config', 'smtp_host=smtp.example.org']],
  ])(
    'bind the secret to %s without the secret, and record only the settings',
    async (_, key, args) => {
      const own = await mailboxes();
      const item = itemOf((await own.parsed()).accounts[0], 'password');
      await own.json('accounts', 'update', 'desk', ...args);
      expect(await password(own, key)).toBe(PASSWORD);
      expect(itemOf((await own.parsed()).accounts[0], 'password')).not.toBe(item);
      expect(await secretChecks(own)).toMatchObject({ code: 0, errors: [], warnings: [] });
      const [entry] = (await own.json('audit', 'list')).slice(-1);
      const fields = entry.changes.map(({ field }: { field: string }) => field);
      expect(fields).not.toContain('config.password');
    },
  );

  test('can be undone by no one who writes only the state file', async () => {
    const own = await mailboxes();
    const before = await readFile(own.stateFile(), 'utf8');
    await own.json('accounts', 'update', 'desk', '--config', 'imap_host=imap.example.org');
    await writeFile(own.stateFile(), before);
    expect((await own.cli('accounts', 'get', 'desk', '--reveal')).code).toBe(4);
  });

  test('are not changed if the store is not available', async () => {
    const own = await mailboxes();
    const before = await own.state();
    const { CHANNELCTL_PASSPHRASE: passphrase = '' } = own.env;
    for (const args of [
      ['--account-key', 'front'],
      ['--config', 'imap_host=imap.example.org'],
    ]) {
      own.env.CHANNELCTL_PASSPHRASE = 'a wrong passphrase';
      const { code, error } = await own.failure('accounts', 'update', 'desk', ...args);
      expect(code).toBe(8);
      expect(error.message).toContain('Nothing was changed: a new account key or server');
      own.env.CHANNELCTL_PASSPHRASE = passphrase;
    }
    expect(await own.state()).toBe(before);
    own.env.CHANNELCTL_PASSPHRASE = 'a wrong passphrase';
    await own.json('accounts', 'update', 'desk', '--display-name', 'Desk');
    await own.json('config', 'set', 'output', 'yaml');
  });

  test('need no store if secrets are only in variables', async () => {
    const own = await mailboxes();
    own.env.CHANNELCTL_SECRETS = 'env';
    await own.json('accounts', 'update', 'desk', '--account-key', 'front');
    own.env.CHANNELCTL_SECRET_EMAIL_FRONT_PASSWORD = 'password-of-the-variable';
    expect(await password(own, 'front')).toBe('password-of-the-variable');
  });

  test('bind the secret in an applied document', async () => {
    const own = await mailboxes();
    const config = { address: 'desk@example.com', imap_host: 'imap.example.net' };
    const account = { channel: 'email', account_key: 'desk', config };
    const path = join(own.configDir, 'channels.json');
    await writeFile(path, JSON.stringify({ version: 1, accounts: [account] }));
    await own.json('apply', '-f', path, '--yes');
    expect(await password(own, 'desk')).toBe(PASSWORD);
    expect(await secretChecks(own)).toMatchObject({ code: 0, errors: [] });
  });
});

test('a copied profile has its secrets under the names of the original', async () => {
  const own = await mailboxes();
  const folder = dirname(own.stateFile());
  await rename(folder, join(dirname(folder), 'copy'));
  own.env.CHANNELCTL_PROFILE = 'copy';
  const { config } = await own.json('accounts', 'get', 'desk', '--reveal');
  expect(config.password).toBe(PASSWORD);
  await own.json('accounts', 'update', 'desk', '--account-key', 'front');
  expect(await secretChecks(own)).toMatchObject({ code: 0, errors: [], warnings: [] });
});

test('an account that is deleted and created again has its new secret', async () => {
  const own = await mailboxes();
  await own.json('accounts', 'delete', 'desk', '--yes');
  await own.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'desk'],
    ...['--config', 'address=desk@example.com', '--config', 'imap_host=imap.example.org'],
    ...['--config', 'password=env:OTHER'],
  );
  const { config } = await own.json('accounts', 'get', 'desk', '--reveal');
  expect(config.password).toBe(OTHER_PASSWORD);
  expect(await secretChecks(own)).toMatchObject({ code: 0, errors: [], warnings: [] });
});
