import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Home, home } from '../support/cli.ts';
import { type Call, inject } from './faults.ts';

/** Lets the calls that `fails` selects fail with this code until the end of the test. */
function failing({ configDir }: Home, code: string, fails: (call: Call) => boolean): void {
  inject({ folder: configDir, decide: (call) => (fails(call) ? { code } : 'none') });
  onTestFinished(() => void inject(null));
}

async function homeWithSecret() {
  const own = await home({
    PASSWORD: 'the password',
    CHANNELCTL_NEW_PASSPHRASE: 'a new passphrase',
  });
  const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config);
  return own;
}

async function actionsOf(own: Home): Promise<string[]> {
  return (await own.json('audit', 'list')).map(({ action }: { action: string }) => action);
}

test('a full disk that has no space for the audit log fails the change, which changes nothing', async () => {
  const own = await homeWithSecret();
  const before = await own.state();
  failing(own, 'ENOSPC', ({ needsSpace, path }) => needsSpace && path.includes('/audit/'));
  const { code, error } = await own.failure('accounts', 'update', 'a', '--inactive');
  expect({ code, kind: error.kind }).toEqual({ code: 8, kind: 'storage' });
  expect(error.message).toMatch(/pending\.jsonl cannot be written\. The disk is full\./);
  expect(await own.state()).toBe(before);
});

test('a changed passphrase is in the audit log after the next change, even if the log failed', async () => {
  const own = await homeWithSecret();
  failing(own, 'EIO', ({ path }) => path.endsWith('audit.jsonl'));
  const { code, stderr } = await own.cli('secrets', 'passphrase');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('not recorded') });
  inject(null);
  own.env.CHANNELCTL_PASSPHRASE = 'a new passphrase';
  const expected = ['account.created', 'secrets.passphrase_changed'];
  expect(await actionsOf(own), 'before the next change').toEqual(expected);
  await own.json('config', 'set', 'output', 'yaml');
  expect(await actionsOf(own)).toEqual([...expected, 'settings.changed']);
});

test('a change of the passphrase that fails is not in the audit log', async () => {
  const own = await homeWithSecret();
  failing(own, 'EIO', ({ name, path }) => name === 'rename' && path.includes('secrets.json'));
  expect((await own.cli('secrets', 'passphrase')).code).toBe(8);
  inject(null);
  await own.json('config', 'set', 'output', 'yaml');
  expect(await actionsOf(own)).toEqual(['account.created', 'settings.changed']);
  expect((await own.json('accounts', 'get', 'a', '--reveal')).config.password).toBe('the password');
});

test('profiles delete reports files that it could not remove, and doctor --fix removes them', async () => {
  const own = await homeWithSecret();
  failing(own, 'EACCES', ({ name, path }) => name === 'rm' && path.endsWith('.deleted'));
  const { code, stderr } = await own.cli('profiles', 'delete', 'default', '--yes');
  expect(code).toBe(0);
  expect(stderr).toContain('Some files of the deleted profile "default" could not be removed.');
  expect(await own.json('profiles', 'list')).toEqual([]);
  const failed = await own.cli('doctor', '--fix');
  expect(failed.code).toBe(6);
  expect(failed.stdout).toMatch(/\.deleted cannot be written\. Permission denied\./);
  inject(null);
  expect(await own.json('doctor', '--fix')).toContainEqual(
    expect.objectContaining({ check: 'leftovers', fixed: true }),
  );
});

test('a lock that cannot be removed at once does not block the next change of the command', async () => {
  const own = await home();
  const path = join(own.configDir, 'document.yaml');
  const account = { channel: 'email', account_key: 'a', config: { address: 'a@example.com' } };
  const settings = { role: 'admin' };
  await writeFile(path, JSON.stringify({ version: 1, settings, accounts: [account] }));
  let attempts = 0;
  failing(own, 'EBUSY', ({ name, path }) => {
    if (name === 'rm' && path.endsWith('.lock')) attempts += 1;
    return name === 'rm' && path.endsWith('.lock') && attempts % 2 === 1;
  });
  expect((await own.json('apply', '-f', path, '--offline', '--yes')).success).toBe(true);
  expect(attempts, 'two changes').toBe(4);
  await expect(readFile(join(own.configDir, 'profiles', 'default.lock'))).rejects.toThrow('ENOENT');
});
