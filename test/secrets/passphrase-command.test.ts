import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatKey } from '../../src/secrets/generated-key.ts';
import { splitCommand } from '../../src/secrets/passphrase-command.ts';
import { home, run } from '../support/cli.ts';

const PASSPHRASE = 'correct horse battery staple';
const REVEAL = ['accounts', 'get', 'a', '--reveal'] as const;

/** A home with a secrets file, whose passphrase the program `print` returns. */
async function homeWithCommand(script = `echo '${PASSPHRASE}'`) {
  const own = await home({ PASSWORD: 'the mail password' });
  const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config);
  const program = join(own.configDir, 'print');
  const setScript = async (next: string) => {
    await writeFile(program, `#!/bin/sh\ncd "${own.configDir}"\n${next}\n`);
    await chmod(program, 0o755);
  };
  await setScript(script);
  own.env.CHANNELCTL_PASSPHRASE = '';
  own.env.CHANNELCTL_PASSPHRASE_COMMAND = program;
  return { ...own, program, setScript };
}

describe('CHANNELCTL_PASSPHRASE_COMMAND', () => {
  test.each([
    ['with a line break', `echo '${PASSPHRASE}'`],
    ['with a Windows line break', `printf '${PASSPHRASE}\\r\\n'`],
    ['without a line break', `printf '${PASSPHRASE}'`],
  ])('prints the passphrase: %s', async (_, script) => {
    const own = await homeWithCommand(script);
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
  });

  test('can print a generated key, which is a usage error if it is incomplete', async () => {
    const key = formatKey(new Uint8Array(32));
    const own = await homeWithCommand(`echo '${PASSPHRASE}'`);
    own.env.CHANNELCTL_NEW_PASSPHRASE = key;
    const { stderr } = await own.cli('secrets', 'passphrase');
    expect(stderr).toContain('CHANNELCTL_PASSPHRASE_COMMAND returned the old passphrase');
    await own.setScript(`echo ${key}`);
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
    await own.setScript(`echo ${key.slice(1)}`);
    expect((await own.failure(...REVEAL)).code).toBe(8);
    await own.setScript(`echo ${key.slice(0, -1)}`);
    const { code, error } = await own.failure(...REVEAL);
    expect(code).toBe(2);
    expect(error.message).toContain('The output of CHANNELCTL_PASSPHRASE_COMMAND');
    expect(error.message).not.toContain(key.slice(0, -1));
  });

  test('runs once per command, and only if a secret is needed', async () => {
    const own = await homeWithCommand(`echo run >> runs; echo '${PASSPHRASE}'`);
    const runs = () => readFile(join(own.configDir, 'runs'), 'utf8').catch(() => '');
    await own.json('accounts', 'list');
    await own.json('secrets', 'list');
    expect(await runs()).toBe('');
    await own.cli('doctor');
    expect(await runs()).toBe('run\n');
    own.env.PASSWORD = 'another password';
    await own.json('accounts', 'update', 'a', '--config', 'password=env:PASSWORD');
    expect(await runs()).toBe('run\nrun\n');
  });

  test('receives arguments with blanks, and no secret of channelctl', async () => {
    const own = await homeWithCommand(`env > received; printf '%s\\n' "$@" > words; echo "$2"`);
    own.env.CHANNELCTL_PASSPHRASE_COMMAND = `"${own.program}" --field='a  b' "${PASSPHRASE}"`;
    Object.assign(own.env, { CHANNELCTL_SECRET_EMAIL_A_TOKEN: 'hidden-1', OP_TOKEN: 'passed-on' });
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
    expect(await readFile(join(own.configDir, 'words'), 'utf8')).toBe(
      `--field=a  b\n${PASSPHRASE}\n`,
    );
    const received = await readFile(join(own.configDir, 'received'), 'utf8');
    expect(received).toContain('OP_TOKEN=passed-on');
    expect(received).not.toMatch(/CHANNELCTL_(PASSPHRASE|SECRET_)/);
  });

  test.each([
    ['fails', 'echo the-output; echo the-output >&2; exit 3', 'exit code 3'],
    ['is killed', 'echo the-output; kill -9 $$', 'killed by SIGKILL'],
    ['prints nothing', ':', 'it printed nothing'],
    ['prints only a line break', 'echo', 'it printed nothing'],
    ['prints two lines', "echo 'the-output'; echo b", 'it printed more than one line'],
    ['prints no text', "printf 'the-output\\377'", 'it is not UTF-8 text'],
  ])('that %s exits with 8 and does not show its output', async (_, script, reason) => {
    const own = await homeWithCommand(script);
    const { code, stdout, stderr } = await own.cli(...REVEAL);
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toContain(own.program);
    expect(stderr).toContain(reason.replace('it is', 'its output is'));
    expect(stderr).not.toContain('the-output');
  });

  test('that does not exist, or is not a program, is named without its arguments', async () => {
    const own = await homeWithCommand();
    own.env.CHANNELCTL_PASSPHRASE_COMMAND = '/nowhere/op read op://vault/item';
    const missing = await own.failure(...REVEAL);
    expect(missing.code).toBe(8);
    expect(missing.error.message).toContain('/nowhere/op did not return');
    expect(missing.error.message).toContain('not found');
    expect(JSON.stringify(missing.error)).not.toContain('vault');
    own.env.CHANNELCTL_PASSPHRASE_COMMAND = own.configDir;
    expect((await own.failure(...REVEAL)).error.message).toContain('permission denied');
  });

  test('that prints another passphrase is a wrong passphrase', async () => {
    const own = await homeWithCommand('echo battery staple');
    const { code, error } = await own.failure(...REVEAL);
    expect(code).toBe(8);
    expect(error.message).toContain('Wrong passphrase (CHANNELCTL_PASSPHRASE_COMMAND)');
  });

  test('is stopped if channelctl is interrupted', async () => {
    const own = await homeWithCommand('echo $$ > pid; exec sleep 60');
    const interruption = new AbortController();
    const running = run([...REVEAL], own.env, '', { interruption });
    const pid = await expect
      .poll(() => readFile(join(own.configDir, 'pid'), 'utf8').catch(() => ''))
      .toMatch(/\n/)
      .then(() => readFile(join(own.configDir, 'pid'), 'utf8'));
    interruption.abort();
    expect((await running).code).toBe(130);
    await expect.poll(() => readFile(`/proc/${pid.trim()}/stat`).catch(() => null)).toBeNull();
  });

  test.each([
    ['CHANNELCTL_PASSPHRASE', PASSPHRASE],
    ['CHANNELCTL_PASSPHRASE_FILE', '/nowhere'],
  ])('and %s together are a usage error, before anything runs', async (name, value) => {
    const own = await homeWithCommand('echo run > runs');
    own.env[name] = value;
    for (const args of [REVEAL, ['accounts', 'list']]) {
      const { code, error } = await own.failure(...args);
      expect(code).toBe(2);
      expect(error.message).toContain(`${name} and CHANNELCTL_PASSPHRASE_COMMAND`);
    }
    expect(await readFile(join(own.configDir, 'runs'), 'utf8').catch(() => null)).toBeNull();
  });

  test.each([
    ['a quote that is not closed', `print 'it`],
    ['a double quote that is not closed', 'print "it'],
    ['no word', '  '],
  ])('with %s is a usage error', async (_, command) => {
    const own = await homeWithCommand();
    own.env.CHANNELCTL_PASSPHRASE_COMMAND = command;
    const { code, error } = await own.failure(...REVEAL);
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('CHANNELCTL_PASSPHRASE_COMMAND');
    expect(error.message).not.toContain('print');
  });
});

describe('the words of a command', () => {
  test.each([
    ['op read op://vault/it/field', ['op', 'read', 'op://vault/it/field']],
    [' a\t"b  c"\n\'d "e"\' ', ['a', 'b  c', 'd "e"']],
    [`--x="a b"'c d'e`, ['--x=a bc de']],
    [`a "" ''`, ['a', '', '']],
    ['C:\\bin\\op.exe "C:\\a b\\c"', ['C:\\bin\\op.exe', 'C:\\a b\\c']],
    ['a $HOME * ~ | b', ['a', '$HOME', '*', '~', '|', 'b']],
  ])('%s', (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });

  test('are those of a shell, if nothing but quotes is special', () => {
    const characters = fc.constantFrom('a', 'é', ' ', '\t', "'", '"', '=');
    const commands = fc.string({ unit: characters, minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(commands, (rest) => {
        const command = `x ${rest}`;
        const shell = spawnSync('sh', ['-c', `set -- ${rest}\nprintf '%s\\0' x "$@"`], {
          encoding: 'utf8',
        });
        if (shell.status === 0) {
          expect(splitCommand(command)).toEqual(shell.stdout.split('\0').slice(0, -1));
        } else expect(() => splitCommand(command)).toThrow('is not closed');
      }),
      { numRuns: 60 },
    );
  });
});
