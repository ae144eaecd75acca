import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolveSecrets } from '../../src/declarative/document/references.ts';
import type { Reference } from '../../src/declarative/document/schema.ts';
import { temporaryFolder } from '../support/cli.ts';
import { documentHome, fleet } from './fleet.ts';

const ALL = { commands: true, files: true };

async function resolved(reference: Reference, folder: string, extra: object = {}) {
  const secret = { path: ['password'], owner: 'email/a', field: 'password', reference };
  const { values, issues, withheld } = await resolveSecrets(
    [secret],
    { env: {}, folder, signal: new AbortController().signal, allow: ALL, ...extra },
    () => undefined,
  );
  return { value: [...values.values()][0], reason: issues[0]?.reason, withheld: withheld.length };
}

describe('the content of a file', () => {
  test.each([
    ['UTF-8', Buffer.from('Grüße\n'), 'Grüße'],
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffGrüße\r\n'), 'Grüße'],
    ['UTF-16LE', Buffer.from('\ufeffGrüße\r\n', 'utf16le'), 'Grüße'],
    ['UTF-16BE', Buffer.from('\ufeffGrüße\n', 'utf16le').swap16(), 'Grüße'],
    ['UTF-8 with two line ends', Buffer.from('x\n\n'), 'x\n'],
  ])('in %s is decoded, without the mark and one line end', async (_encoding, bytes, value) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'it'), bytes);
    expect(await resolved({ file: 'it' }, folder)).toMatchObject({ value });
    expect(await resolved({ command: ['cat', 'it'] }, folder)).toMatchObject({ value });
  });

  test.each([
    ['Latin-1', Buffer.from('Grüße', 'latin1')],
    ['half of a UTF-16 character', Buffer.from([0xff, 0xfe, 0x41])],
  ])('in %s is refused, because replaced characters would change it', async (_what, bytes) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'it'), bytes);
    const path = join(folder, 'it');
    const { value, reason } = await resolved({ file: 'it' }, folder);
    expect(value).toBeUndefined();
    expect(reason).toContain(path);
    expect(reason).toContain('UTF-8');
    expect((await resolved({ command: ['cat', 'it'] }, folder)).reason).toContain('UTF-8');
  });

  test('is not read from a named pipe, a device, a folder or a huge file', async () => {
    const folder = await temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'huge'), Buffer.alloc(1024 * 1024 + 1, 'x'));
    for (const file of ['pipe', '/dev/zero', 'sub', 'huge']) {
      const { value, reason } = await resolved({ file }, folder);
      expect(value).toBeUndefined();
      expect(reason).toMatch(/regular file|larger than/);
    }
  });
});

describe('a command', () => {
  test('that hangs is killed with its child processes', async () => {
    const folder = await temporaryFolder();
    const script = 'sleep 60 & echo $! > child; echo $$ > parent; wait';
    const { reason } = await resolved({ command: ['sh', '-c', script] }, folder, {
      timeLimitMs: 500,
    });
    expect(reason).toContain('sh failed (timed out after 0.5 s)');
    for (const name of ['child', 'parent']) {
      const pid = (await readFile(join(folder, name), 'utf8')).trim();
      await expect.poll(() => isRunning(pid)).toBe(false);
    }
  });

  test('that has ended is not delayed by its background processes', async () => {
    const folder = await temporaryFolder();
    const script = 'sleep 60 & echo $! > child; echo the-secret';
    const started = Date.now();
    const { value } = await resolved({ command: ['sh', '-c', script] }, folder);
    expect(value).toBe('the-secret');
    expect(Date.now() - started).toBeLessThan(10_000);
    const pid = (await readFile(join(folder, 'child'), 'utf8')).trim();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('that has ended leaves a process in the background running, such as an agent', async () => {
    const folder = await temporaryFolder();
    const script = 'sleep 60 >&- & echo $! > child; echo the-secret';
    expect((await resolved({ command: ['sh', '-c', script] }, folder)).value).toBe('the-secret');
    const pid = (await readFile(join(folder, 'child'), 'utf8')).trim();
    onTestFinished(() => void process.kill(Number(pid)));
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(await isRunning(pid)).toBe(true);
  });

  test('is stopped if it writes without end, and if the program is interrupted', async () => {
    const folder = await temporaryFolder();
    expect((await resolved({ command: ['yes'] }, folder)).reason).toContain('more than 1 MB');
    const { reason } = await resolved({ command: ['sleep', '60'] }, folder, {
      signal: AbortSignal.timeout(200),
    });
    expect(reason).toContain('cancelled');
  });

  test('does not receive the passphrase or the secrets of other accounts', async () => {
    const folder = await temporaryFolder();
    const env = {
      PATH: process.env.PATH,
      OP_TOKEN: 'passed-on',
      CHANNELCTL_PROFILE: 'passed-on',
      CHANNELCTL_PASSPHRASE: 'hidden',
      CHANNELCTL_PASSPHRASE_FILE: 'hidden',
      CHANNELCTL_NEW_PASSPHRASE: 'hidden',
      CHANNELCTL_SECRET_EMAIL_A_PASSWORD: 'hidden',
    };
    const { value } = await resolved({ command: ['env'] }, folder, { env });
    expect(value).toContain('OP_TOKEN=passed-on');
    expect(value).toContain('CHANNELCTL_PROFILE=passed-on');
    expect(value).not.toContain('hidden');
  });
});

/** Whether a process runs. A killed process keeps its PID until its parent waits for it. */
async function isRunning(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return status !== null && !status.includes(') Z ');
}

describe('plan', () => {
  const mailbox = (account_key: string, password: object) => ({
    ...{ channel: 'email', account_key, config: { address: 'a@example.com', password } },
  });

  test('runs no command unless --allow-commands is passed; apply does', async () => {
    const { with: use, result, configDir } = await documentHome();
    const trace = join(configDir, 'trace');
    const script = `echo x >> ${trace}; echo the mail password`;
    const accounts = [mailbox('a', { command: ['sh', '-c', script] })];
    const document = { version: 1, accounts };

    const first = await result('plan', document);
    expect(existsSync(trace)).toBe(false);
    expect(first).toMatchObject({
      code: 0,
      notes: [{ name: 'email/a', hint: expect.stringContaining('--allow-commands') }],
    });
    expect(first.steps[0].changes).toContainEqual({
      ...{ field: 'config.password', before: null, after: 'set' },
    });
    await use('apply', document, '--yes');
    expect(await readFile(trace, 'utf8')).toBe('x\n');

    const changed = { version: 1, accounts: [mailbox('a', { command: ['echo', 'another one'] })] };
    expect(await result('plan', changed, '--check')).toMatchObject({
      ...{ code: 0, differences: 0, notes: [{ name: 'email/a' }] },
    });
    expect(await result('plan', changed, '--check', '--allow-commands')).toMatchObject({
      ...{ code: 6, differences: 1, notes: [] },
    });
  });

  test('reads files outside the folder of the document only with --allow-files', async () => {
    const { with: use, result, configDir } = await documentHome();
    const elsewhere = await temporaryFolder();
    await writeFile(join(elsewhere, 'secret'), 'the mail password');
    await writeFile(join(configDir, 'own'), 'the mail password');
    await writeFile(join(configDir, '..own'), 'the mail password');
    await symlink(join(elsewhere, 'secret'), join(configDir, 'link'));
    const files = [
      join(elsewhere, 'secret'),
      '../nowhere/at-all',
      'link',
      join(configDir, 'own'),
      './own',
      '..own',
    ];
    const document = {
      version: 1,
      accounts: files.map((file, index) => mailbox(`a${index}`, { file })),
    };
    const { code, notes } = await result('plan', document);
    expect(code).toBe(0);
    expect(notes.map(({ name }: { name: string }) => name)).toEqual([
      'email/a0',
      'email/a1',
      'email/a2',
    ]);
    expect(notes[0].hint).toContain('--allow-files');
    const allowed = await use('plan', document, '--allow-files', '--json');
    expect(allowed.code).toBe(2);
    expect(allowed.stderr).toContain('nowhere/at-all could not be read (ENOENT)');
  });

  test('does not report the token of a new account that it may not read as missing', async () => {
    const { result } = await fleet();
    const config = { page_id: '81', page_access_token: { command: ['echo', 'EAAB'] } };
    const account = { channel: 'messenger', account_key: 'fb-81', config };
    const { code, problems, notes } = await result('plan', { version: 1, accounts: [account] });
    expect({ code, problems }).toEqual({ code: 0, problems: [] });
    expect(notes).toMatchObject([{ name: 'messenger/fb-81' }]);
  });
});
