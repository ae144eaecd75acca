import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { home } from '../support/cli.ts';
import { KEY, terminal } from '../support/terminal.ts';

const PASSPHRASE = 'correct horse battery staple';
const CREATE = ['accounts', 'create', '--channel', 'email', '--account-key', 'support'];
/** Complete, so that `accounts create` asks for no setting. */
const CONFIG = [
  ...['address=a@example.com', 'username=a', 'password=env:PASSWORD'],
  ...['imap_host=imap.example.com', 'imap_port=993', 'smtp_host=smtp.example.com', 'smtp_port=465'],
].flatMap((pair) => ['--config', pair]);
const REVEAL = ['accounts', 'get', 'support', '--reveal'];

async function homeWithoutPassphrase() {
  return home({ CHANNELCTL_PASSPHRASE: '', PASSWORD: 'the mail password' });
}

test('a new secrets file asks for its passphrase twice, an existing one once', async () => {
  const own = await homeWithoutPassphrase();
  const creating = terminal([...CREATE, ...CONFIG], { env: own.env });
  await creating.shows('? New passphrase for the secrets file');
  creating.send(PASSPHRASE, KEY.enter);
  await creating.shows('? Repeat the passphrase');
  creating.send('a typing error', KEY.enter);
  await creating.shows('The passphrases differ');
  creating.send(PASSPHRASE, KEY.enter);
  await creating.shows(/Repeat the passphrase[\s\S]*Repeat the passphrase/);
  creating.send(PASSPHRASE, KEY.enter);
  expect(await creating.end()).toEqual({ code: 0, isSane: true });
  expect(creating.written()).not.toContain(PASSPHRASE);

  const reading = terminal([...REVEAL, '--json'], { env: own.env });
  await reading.shows('? Passphrase of the secrets file');
  reading.send(PASSPHRASE, KEY.enter);
  expect((await reading.end()).code).toBe(0);
  expect(reading.screen.text).toContain('the mail password');
  own.env.CHANNELCTL_PASSPHRASE = PASSPHRASE;
  expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
});

test('a wrong passphrase exits with 8, and a cancelled prompt with 130', async () => {
  const own = await homeWithoutPassphrase();
  own.env.CHANNELCTL_PASSPHRASE = PASSPHRASE;
  await own.json(...CREATE, ...CONFIG);
  own.env.CHANNELCTL_PASSPHRASE = '';
  const wrong = terminal(REVEAL, { env: own.env });
  await wrong.shows('? Passphrase');
  wrong.send('battery staple', KEY.enter);
  expect(await wrong.end()).toEqual({ code: 8, isSane: true });
  expect(wrong.screen.text).toContain('Wrong passphrase.');
  const cancelled = terminal(REVEAL, { env: own.env });
  await cancelled.shows('? Passphrase');
  cancelled.send(KEY.ctrlC);
  expect(await cancelled.end()).toEqual({ code: 130, isSane: true });
});

test('the prompt replaces the progress line, and a command that needs no secret does not ask', async () => {
  const own = await homeWithoutPassphrase();
  own.env.CHANNELCTL_PASSPHRASE = PASSPHRASE;
  await own.json(...CREATE, ...CONFIG);
  own.env.CHANNELCTL_PASSPHRASE = '';
  const checking = terminal(['doctor'], { env: own.env, rows: 60 });
  await checking.shows('? Passphrase');
  expect(checking.screen.text).not.toContain('Checking the installation');
  checking.send(PASSPHRASE, KEY.enter);
  await checking.shows('secret_store');
  const listing = terminal(['accounts', 'list'], { env: own.env });
  expect((await listing.end()).code).toBe(0);
  const unattended = terminal([...REVEAL, '--no-input'], { env: own.env });
  expect((await unattended.end()).code).toBe(8);
});

test('secrets passphrase asks for the old passphrase, then for the new one twice', async () => {
  const own = await homeWithoutPassphrase();
  own.env.CHANNELCTL_PASSPHRASE = PASSPHRASE;
  await own.json(...CREATE, ...CONFIG);
  own.env.CHANNELCTL_PASSPHRASE = '';
  const changing = terminal(['secrets', 'passphrase'], { env: own.env });
  await changing.shows('? Passphrase of the secrets file');
  changing.send(PASSPHRASE, KEY.enter);
  await changing.shows('? New passphrase for the secrets file');
  changing.send('another passphrase', KEY.enter);
  await changing.shows('? Repeat the passphrase');
  changing.send('another passphrase', KEY.enter);
  expect(await changing.end()).toEqual({ code: 0, isSane: true });
  own.env.CHANNELCTL_PASSPHRASE = 'another passphrase';
  expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
});

test('other commands do not wait for the passphrase of a change, and Ctrl-C cancels it', async () => {
  const own = await homeWithoutPassphrase();
  const creating = terminal([...CREATE, ...CONFIG], { env: own.env });
  await creating.shows('? New passphrase for the secrets file');
  const lock = join(own.configDir, 'profiles', 'default.lock');
  expect(existsSync(lock)).toBe(false);
  await own.json('config', 'set', 'division_id', 'north');
  creating.send(KEY.ctrlC);
  expect(await creating.end()).toEqual({ code: 130, isSane: true });
  expect(existsSync(lock)).toBe(false);
  expect(await own.json('accounts', 'list')).toEqual([]);

  const again = terminal([...CREATE, ...CONFIG], { env: own.env });
  await again.shows('? New passphrase for the secrets file');
  again.send(PASSPHRASE, KEY.enter);
  await again.shows('? Repeat the passphrase');
  again.send(PASSPHRASE, KEY.enter);
  expect((await again.end()).code).toBe(0);
  const deleting = terminal(['accounts', 'delete', 'support', '--yes'], { env: own.env });
  await deleting.shows('? Passphrase of the secrets file');
  expect(existsSync(lock)).toBe(false);
  deleting.send(PASSPHRASE, KEY.enter);
  expect((await deleting.end()).code).toBe(0);
  expect(await own.json('accounts', 'list')).toEqual([]);
});

describe('the program of CHANNELCTL_PASSPHRASE_COMMAND', () => {
  /** Asks for a PIN in the terminal without showing it, as `op` and `gpg` do. */
  const ASK = `#!/bin/sh
before=$(stty -g </dev/tty)
trap 'stty "$before" </dev/tty; exit 1' TERM INT
stty -echo </dev/tty
echo $$ >"$0.pid"
printf 'PIN of the vault: ' >&2
read -r pin
stty "$before" </dev/tty
[ "$pin" = 4711 ] && echo '${PASSPHRASE}'
`;

  async function homeWithProgram() {
    const own = await homeWithoutPassphrase();
    own.env.CHANNELCTL_PASSPHRASE = PASSPHRASE;
    await own.json(...CREATE, ...CONFIG);
    own.env.CHANNELCTL_PASSPHRASE = '';
    const program = join(own.configDir, 'ask');
    await writeFile(program, ASK, { mode: 0o755 });
    own.env.CHANNELCTL_PASSPHRASE_COMMAND = program;
    const pid = async () => (await readFile(`${program}.pid`, 'utf8')).trim();
    return { ...own, pid };
  }

  test('can ask in the terminal, while the progress is hidden', async () => {
    const own = await homeWithProgram();
    const checking = terminal(['doctor'], { env: own.env, rows: 60, columns: 120 });
    await checking.shows('PIN of the vault:');
    expect(checking.screen.text).not.toContain('Checking the installation');
    checking.send('4711', KEY.enter);
    await checking.shows('The passphrase comes from CHANNELCTL_PASSPHRASE_COMMAND');
    expect((await checking.end()).isSane).toBe(true);
    expect(checking.written()).not.toContain('4711');
  });

  test('is ended by Ctrl-C, and the terminal is restored', async () => {
    const own = await homeWithProgram();
    const reading = terminal(REVEAL, { env: own.env });
    await reading.shows('PIN of the vault:');
    reading.send(KEY.ctrlC);
    expect(await reading.end()).toEqual({ code: 130, isSane: true });
    const pid = await own.pid();
    await expect.poll(() => readFile(`/proc/${pid}/stat`).catch(() => null)).toBeNull();
  });

  test('is ended if channelctl is terminated, and the terminal is restored', async () => {
    const own = await homeWithProgram();
    const reading = terminal(REVEAL, { env: own.env });
    await reading.shows('PIN of the vault:');
    const pid = await own.pid();
    const parent = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')[3];
    process.kill(Number(parent), 'SIGTERM');
    expect(await reading.end()).toEqual({ code: 130, isSane: true });
    await expect.poll(() => readFile(`/proc/${pid}/stat`).catch(() => null)).toBeNull();
  });

  test('cannot ask with --no-input', async () => {
    const own = await homeWithProgram();
    const reading = terminal([...REVEAL, '--no-input'], { env: own.env, columns: 120 });
    expect((await reading.end()).code).toBe(8);
    expect(reading.screen.text).toContain('exit code 1');
    expect(reading.written()).not.toContain('PIN');
  });
});
