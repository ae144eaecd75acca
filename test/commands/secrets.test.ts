import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { home, temporaryFolder } from '../support/cli.ts';

const PASSPHRASE = 'correct horse battery staple';
const NEW_PASSPHRASE = 'a new and longer passphrase';
const REVEAL = ['accounts', 'get', 'support', '--reveal'] as const;

async function homeWithSecrets() {
  const own = await home({ APP_SECRET: 'a1b2c3d4e5f60718', PASSWORD: 'short' });
  const app = ['--config', 'app_id=1', '--config', 'app_secret=env:APP_SECRET'];
  await own.json('integrations', 'set', 'messenger', ...app);
  const mailbox = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json(
    'accounts',
    'create',
    '--channel',
    'email',
    '--account-key',
    'support',
    ...mailbox,
  );
  const audited = async () =>
    (await own.json('audit', 'list')).map(({ action }: { action: string }) => action);
  return { ...own, audited };
}

describe('secrets list', () => {
  test('shows every secret without opening a store', async () => {
    const own = await homeWithSecrets();
    own.env.CHANNELCTL_PASSPHRASE = '';
    expect(await own.json('secrets', 'list')).toEqual([
      {
        owner: 'messenger',
        field: 'app_secret',
        store: 'file',
        last_four: '0718',
        variable: 'CHANNELCTL_SECRET_MESSENGER_APP_SECRET',
      },
      {
        owner: 'email/support',
        field: 'password',
        store: 'file',
        last_four: null,
        variable: 'CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD',
      },
    ]);
  });

  test('shows a variable that overrides a stored secret, or is the only source of one', async () => {
    const own = await homeWithSecrets();
    own.env.CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD = 'the password of the variable';
    own.env.CHANNELCTL_SECRET_INSTAGRAM_APP_SECRET = 'fedcba9876543210';
    const rows: { owner: string; store: string; last_four: string }[] = await own.json(
      'secrets',
      'list',
    );
    expect(rows.map(({ owner, store, last_four }) => [owner, store, last_four])).toEqual([
      ['messenger', 'file', '0718'],
      ['instagram', 'env', '3210'],
      ['email/support', 'env', 'able'],
    ]);
  });

  test('is empty without secrets', async () => {
    expect(await (await home()).json('secrets', 'list')).toEqual([]);
  });
});

test('after the loss of the passphrase, the secrets can be stored again', async () => {
  const own = await homeWithSecrets();
  const file = join(dirname(own.stateFile()), 'secrets.json');
  await rename(file, `${file}.lost`);
  own.env.CHANNELCTL_PASSPHRASE = NEW_PASSPHRASE;
  const { stdout } = await own.cli('doctor', '--json');
  expect(stdout).toContain('integrations set messenger --config app_secret=@file');
  expect(stdout).toContain('accounts update email/support --config password=@file');
  const password = ['--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'update', 'email/support', ...password);
  expect((await own.json(...REVEAL)).config.password).toBe('short');
});

describe('secrets move', () => {
  test('changes nothing if the new store is not available', async () => {
    const own = await homeWithSecrets();
    own.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nowhere';
    const before = await own.state();
    expect((await own.failure('secrets', 'move', '--to', 'keychain')).code).toBe(8);
    expect(await own.state()).toBe(before);
    expect((await own.json(...REVEAL)).config.password).toBe('short');
  });

  test('selects the new store, and records that', async () => {
    const own = await homeWithSecrets();
    own.env.CHANNELCTL_SECRETS = '';
    const { code, stderr, stdout } = await own.cli('secrets', 'move', '--to', 'file', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ success: true, store: 'file', moved: 0 });
    expect(await own.json('config', 'get', 'secrets')).toMatchObject({
      value: 'file',
      source: 'profile',
    });
    expect(await own.audited()).toContain('settings.changed');
  });

  test('names CHANNELCTL_SECRETS if it selects another store', async () => {
    const own = await homeWithSecrets();
    own.env.CHANNELCTL_SECRETS = 'env';
    const { code, stderr } = await own.cli('secrets', 'move', '--to', 'file', '--json');
    expect(code).toBe(0);
    const { warning } = JSON.parse(stderr);
    expect(warning.message).toContain('CHANNELCTL_SECRETS=env');
    expect(warning.hint).toContain('set it to file');
  });

  test('accepts only stores that can store secrets', async () => {
    const own = await homeWithSecrets();
    expect((await own.failure('secrets', 'move', '--to', 'env')).code).toBe(2);
    expect((await own.failure('secrets', 'move')).code).toBe(2);
  });

  test('is named if secrets cannot be read because another store is selected', async () => {
    const own = await homeWithSecrets();
    const { stderr } = await own.cli('config', 'set', 'secrets', 'keychain', '--json');
    expect(stderr).toContain('channelctl secrets move --to keychain');
    own.env.CHANNELCTL_SECRETS = 'keychain';
    const { code, error } = await own.failure(...REVEAL);
    expect(code).toBe(8);
    expect(error.hint).toContain('channelctl secrets move --to keychain');
  });
});

describe('secrets passphrase', () => {
  test('replaces the passphrase with that in CHANNELCTL_NEW_PASSPHRASE', async () => {
    const own = await homeWithSecrets();
    own.env.CHANNELCTL_NEW_PASSPHRASE = NEW_PASSPHRASE;
    const { code, stderr, stdout } = await own.cli('secrets', 'passphrase', '--json');
    expect({ code, data: JSON.parse(stdout) }).toEqual({ code: 0, data: { success: true } });
    expect(JSON.parse(stderr).warning.message).toContain('contains the old passphrase');
    expect((await own.failure(...REVEAL)).code).toBe(8);
    own.env.CHANNELCTL_PASSPHRASE = NEW_PASSPHRASE;
    expect((await own.json(...REVEAL)).config.password).toBe('short');
    expect(await own.audited()).toContain('secrets.passphrase_changed');
    const log = join(own.configDir, 'audit', 'default', 'audit.jsonl');
    expect(await readFile(log, 'utf8')).not.toContain(NEW_PASSPHRASE);
  });

  test('reads both passphrases from files', async () => {
    const own = await homeWithSecrets();
    const folder = await temporaryFolder();
    const [old, next] = [join(folder, 'old'), join(folder, 'next')];
    await writeFile(old, `${PASSPHRASE}\n`);
    await writeFile(next, `\ufeff${NEW_PASSPHRASE}\r\n`);
    own.env.CHANNELCTL_PASSPHRASE = '';
    own.env.CHANNELCTL_PASSPHRASE_FILE = old;
    own.env.CHANNELCTL_NEW_PASSPHRASE_FILE = next;
    const { code, stderr } = await own.cli('secrets', 'passphrase', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stderr).warning.message).toContain(old);
    own.env.CHANNELCTL_PASSPHRASE_FILE = next;
    expect((await own.json(...REVEAL)).config.password).toBe('short');
  });

  test('warns of a new passphrase of fewer than 12 characters', async () => {
    const own = await homeWithSecrets();
    own.env.CHANNELCTL_NEW_PASSPHRASE = 'eleven char';
    const { stderr } = await own.cli('secrets', 'passphrase');
    expect(stderr).toContain('fewer than 12 characters');
  });

  test('without a new passphrase, or with two, is a usage error that changes nothing', async () => {
    const own = await homeWithSecrets();
    const { code, error } = await own.failure('secrets', 'passphrase');
    expect(code).toBe(2);
    expect(error.hint).toContain('CHANNELCTL_NEW_PASSPHRASE_FILE');
    own.env.CHANNELCTL_NEW_PASSPHRASE = NEW_PASSPHRASE;
    own.env.CHANNELCTL_NEW_PASSPHRASE_FILE = '/nowhere';
    expect((await own.failure('secrets', 'passphrase')).code).toBe(2);
    expect((await own.json(...REVEAL)).config.password).toBe('short');
  });

  test('requires the current passphrase, and a secrets file', async () => {
    const own = await homeWithSecrets();
    own.env.CHANNELCTL_NEW_PASSPHRASE = NEW_PASSPHRASE;
    own.env.CHANNELCTL_PASSPHRASE = 'battery staple';
    expect((await own.failure('secrets', 'passphrase')).code).toBe(8);
    const { code, error } = await (await home()).failure('secrets', 'passphrase');
    expect(code).toBe(2);
    expect(error.hint).toContain('secrets move --to file');
  });
});
