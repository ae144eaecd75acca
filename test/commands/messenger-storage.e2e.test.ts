import { chmod, chown, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { signInCode } from '../sandbox/support.ts';
import { PROGRAM, runBuilt, type User } from '../support/cli.ts';
import { APP, type Desk, desks } from '../support/desk.ts';
import { keyringHome, keyringMissing } from '../support/keyring.ts';

// A sign-in code works once. If the tokens cannot be stored, the code must not be exchanged, and no
// sign-in page may be opened.

const desk = desks();

const APP_SECRET = { CHANNELCTL_SECRET_MESSENGER_APP_SECRET: APP.secret };

async function expectRefusal(
  own: Desk,
  start: (args: string[]) => Promise<{ code: number | null; stdout: string; stderr: string }>,
): Promise<string> {
  const code = await signInCode(own.meta);
  const before = own.meta.requests.length;
  const said: string[] = [];
  for (const way of [['--code', code], ['--no-browser']]) {
    const args = ['messenger', 'connect', '--page', '81', '--json', '--timeout', '5', ...way];
    const result = await start(args);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 8, stdout: '' });
    expect(result.stderr).not.toContain('/dialog/oauth');
    // dbus-run-session and the keyring may also write to stderr, even on the same line.
    const { error } = JSON.parse(/\{"error".*\}\}$/m.exec(result.stderr)?.[0] ?? '{}');
    expect(error.kind).toBe('storage');
    said.push(`${error.message} ${error.hint}`);
  }
  expect(own.meta.requests).toHaveLength(before);
  const [first = '', second] = said;
  expect(second).toBe(first);
  return first;
}

test('does not sign in with CHANNELCTL_SECRETS=env, which cannot store tokens', async () => {
  const own = await desk({ extra: { CHANNELCTL_SECRETS: 'env', ...APP_SECRET } });
  const said = await expectRefusal(own, (args) => runBuilt(args, own.env));
  expect(said).toMatch(/CHANNELCTL_SECRETS=env.*keychain or file/);
});

test('does not sign in with a wrong passphrase', async () => {
  const own = await desk({ extra: { CHANNELCTL_PASSPHRASE: 'another', ...APP_SECRET } });
  expect(await expectRefusal(own, (args) => runBuilt(args, own.env))).toContain(
    'CHANNELCTL_PASSPHRASE',
  );
});

test('does not sign in if the folder is read-only', async () => {
  const own = await desk();
  const asOther = await readOnly(own.configDir);
  const said = await expectRefusal(own, (args) => runBuilt(args, own.env, '', asOther));
  expect(said).toContain(own.configDir);
});

test.skipIf(keyringMissing !== null).each(['locked', 'absent'] as const)(
  `does not sign in if the keychain is %s${keyringMissing === null ? '' : ` (${keyringMissing})`}`,
  async (service) => {
    const own = await desk({ extra: { CHANNELCTL_SECRETS: 'keychain', ...APP_SECRET } });
    const keyring = await keyringHome();
    const env = { ...own.env, HOME: keyring.home };
    const program = [process.execPath, PROGRAM];
    // A keyring is created with its first item.
    const stored = ['integrations', 'set', 'messenger', '--config', `app_secret=${APP.secret}`];
    if (service === 'locked') await keyring.run('unlocked', [...program, ...stored], env);
    const said = await expectRefusal(own, (args) =>
      keyring.run(service, [...program, ...args], env),
    );
    expect(said).toMatch(service === 'locked' ? /locked/i : /CHANNELCTL_SECRETS=file/);
  },
);

test('messenger pages does not call Meta either', async () => {
  const token = { CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: 'EAA-a-user-token' };
  const own = await desk({ extra: { CHANNELCTL_SECRETS: 'env', ...APP_SECRET, ...token } });
  const { code, error } = await own.failure('messenger', 'pages', '--all-pages');
  expect({ code, kind: error.kind }).toEqual({ code: 8, kind: 'storage' });
  expect(own.meta.requests).toEqual([]);
});

test('does not change a state file of a newer version', async () => {
  const own = await desk();
  const path = join(own.configDir, 'profiles', 'default', 'state.json');
  const newer = (await readFile(path, 'utf8')).replace(/"version": *1/, '"version": 9');
  await writeFile(path, newer);
  await expectRefusal(own, (args) => runBuilt(args, own.env));
  expect(await readFile(path, 'utf8')).toBe(newer);
});

/**
 * Makes a folder read-only and returns its owner, a user other than root, because root ignores
 * permissions.
 */
async function readOnly(folder: string): Promise<User> {
  const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const folders = [folder];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) folders.push(path);
    if (other.uid !== undefined) await chown(path, other.uid, other.gid);
  }
  if (other.uid !== undefined) await chown(folder, other.uid, other.gid);
  for (const path of folders) await chmod(path, 0o500);
  onTestFinished(async () => {
    for (const path of folders) await chmod(path, 0o700);
  });
  return other;
}
