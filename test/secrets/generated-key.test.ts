import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatKey } from '../../src/secrets/generated-key.ts';
import { home, run, temporaryFolder } from '../support/cli.ts';

const KEY = formatKey(new Uint8Array(32).map((_, index) => index * 7));

async function homeWithKey(key = KEY) {
  const own = await home({ PASSWORD: 'the mail password' });
  own.env.CHANNELCTL_PASSPHRASE = key;
  const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config);
  return own;
}

const REVEAL = ['accounts', 'get', 'a', '--reveal'] as const;
const secretsFile = (own: Awaited<ReturnType<typeof home>>) =>
  join(own.env.CHANNELCTL_CONFIG_DIR ?? '', 'profiles', 'default', 'secrets.json');

describe('secrets generate-key', () => {
  test('prints only the key, a different one each time', async () => {
    const one = await run(['secrets', 'generate-key'], {});
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(one.stdout).toMatch(/^cck1_[\w-]{48}\n$/);
    const two = await run(['secrets', 'generate-key', '--json'], {});
    const { key, ...others } = JSON.parse(two.stdout);
    expect(key).toMatch(/^cck1_[\w-]{48}$/);
    expect(`${key}\n`).not.toBe(one.stdout);
    expect(others).toEqual({});
  });

  test('needs no profile, passphrase or keychain', async () => {
    const env = { CHANNELCTL_CONFIG_DIR: '/dev/null/none', CHANNELCTL_PROFILE: 'missing' };
    expect((await run(['secrets', 'generate-key'], env)).code).toBe(0);
  });
});

describe('a generated key', () => {
  test('opens the secrets file that it has created, through HKDF', async () => {
    const own = await homeWithKey();
    const { version, kdf } = JSON.parse(await readFile(secretsFile(own), 'utf8'));
    expect({ version, kdf: { ...kdf, salt: '' } }).toEqual({
      version: 2,
      kdf: { name: 'hkdf-sha256', salt: '' },
    });
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
  });

  test('can be read from a file with a line break', async () => {
    const own = await homeWithKey();
    const path = join(await temporaryFolder(), 'key');
    await writeFile(path, `${KEY}\n`);
    own.env.CHANNELCTL_PASSPHRASE = '';
    own.env.CHANNELCTL_PASSPHRASE_FILE = path;
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
  });

  test.each([
    ['another key', formatKey(new Uint8Array(32))],
    ['a passphrase', 'correct horse battery staple'],
  ])('is not replaced by %s: wrong passphrase', async (_, other) => {
    const own = await homeWithKey();
    const before = await readFile(secretsFile(own), 'utf8');
    own.env.CHANNELCTL_PASSPHRASE = other;
    const { code, error } = await own.failure(...REVEAL);
    expect({ code, message: error.message }).toEqual({
      code: 8,
      message: expect.stringContaining('Wrong passphrase (CHANNELCTL_PASSPHRASE)'),
    });
    expect(await readFile(secretsFile(own), 'utf8')).toBe(before);
  });

  test('does not open a file that was created with a passphrase', async () => {
    const own = await homeWithKey('correct horse battery staple');
    own.env.CHANNELCTL_PASSPHRASE = KEY;
    expect((await own.failure(...REVEAL)).code).toBe(8);
  });

  test.each([
    ['is too short', KEY.slice(0, -1)],
    ['is too long', `${KEY}A`],
    ['has a mistyped character', `${KEY.slice(0, -1)}!`],
    ['has two swapped characters', `${KEY.slice(0, 20)}${KEY[21]}${KEY[20]}${KEY.slice(22)}`],
  ])('that %s is a usage error, not a passphrase', async (_, key) => {
    const own = await homeWithKey();
    own.env.CHANNELCTL_PASSPHRASE = key;
    const { code, error } = await own.failure(...REVEAL);
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('CHANNELCTL_PASSPHRASE is not a complete generated key');
    expect(error.message).not.toContain(key);
  });

  test('can replace a passphrase, and be replaced by one', async () => {
    const own = await homeWithKey('correct horse battery staple');
    for (const next of [KEY, 'another long passphrase']) {
      own.env.CHANNELCTL_NEW_PASSPHRASE = next;
      await own.json('secrets', 'passphrase');
      own.env.CHANNELCTL_PASSPHRASE = next;
      expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
    }
  });

  test('is not too short', async () => {
    const own = await home({ CHANNELCTL_PASSPHRASE: KEY, PASSWORD: 'the mail password' });
    const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
    const { stderr } = await own.cli(
      ...['accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config],
    );
    expect(stderr).not.toContain('fewer than');
  });
});

test.each([
  ['a downgrade to scrypt', { name: 'scrypt', N: 2, r: 8, p: 1 }],
  ['an unknown function', { name: 'none' }],
])('a secrets file with a changed header is refused: %s', async (_, changed) => {
  const own = await homeWithKey();
  const path = secretsFile(own);
  const file = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...file, kdf: { ...file.kdf, ...changed } }, null, 2));
  expect((await own.failure(...REVEAL)).code).toBe(8);
});
