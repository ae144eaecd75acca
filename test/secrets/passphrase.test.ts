import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/secrets/file.ts';
import { askNewPassphrase, passphraseSource } from '../../src/secrets/passphrase-source.ts';
import { home, temporaryFolder } from '../support/cli.ts';
import { passphraseOf } from '../support/passphrase.ts';

const PASSPHRASE = 'correct horse battery staple';

async function homeWithPassword() {
  const own = await home({ PASSWORD: 'the mail password' });
  const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config);
  own.env.CHANNELCTL_PASSPHRASE = '';
  return own;
}

const REVEAL = ['accounts', 'get', 'a', '--reveal'] as const;

describe('CHANNELCTL_PASSPHRASE_FILE', () => {
  test.each([
    ['without a line break', PASSPHRASE],
    ['with a line break', `${PASSPHRASE}\n`],
    ['with a Windows line break', `${PASSPHRASE}\r\n`],
    ['with a byte order mark', `\ufeff${PASSPHRASE}\n`],
  ])('names a file with the passphrase: %s', async (_, content) => {
    const own = await homeWithPassword();
    const path = join(await temporaryFolder(), 'passphrase');
    await writeFile(path, content);
    own.env.CHANNELCTL_PASSPHRASE_FILE = path;
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
  });

  test('is taken literally otherwise: only one final line break is dropped', async () => {
    const own = await homeWithPassword();
    const path = join(await temporaryFolder(), 'passphrase');
    own.env.CHANNELCTL_PASSPHRASE_FILE = path;
    for (const content of [`${PASSPHRASE}\n\n`, ` ${PASSPHRASE}`, `${PASSPHRASE} \n`]) {
      await writeFile(path, content);
      const { code, error } = await own.failure(...REVEAL);
      expect(code).toBe(8);
      expect(error.message).toContain('Wrong passphrase (CHANNELCTL_PASSPHRASE_FILE)');
    }
  });

  test('is reported if the file is missing, a folder, empty or not UTF-8', async () => {
    const own = await homeWithPassword();
    const folder = await temporaryFolder();
    const fails = async (name: string) => {
      own.env.CHANNELCTL_PASSPHRASE_FILE = join(folder, name);
      const { code, error } = await own.failure(...REVEAL);
      expect(error.message).toContain(join(folder, name));
      return { code, ...error };
    };
    expect(await fails('missing')).toMatchObject({ code: 8, hint: /_FILE/ });
    await mkdir(join(folder, 'folder'));
    expect((await fails('folder')).message).toContain('It is a folder.');
    await writeFile(join(folder, 'empty'), '\n');
    expect(await fails('empty')).toMatchObject({ code: 8 });
    await writeFile(join(folder, 'latin1'), Buffer.from('caf\xe9', 'latin1'));
    expect(await fails('latin1')).toMatchObject({ code: 2 });
  });

  test('can name a pipe, and does not hang on one that nothing writes to', async () => {
    const own = await homeWithPassword();
    const path = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    own.env.CHANNELCTL_PASSPHRASE_FILE = path;
    const { code, error } = await own.failure(...REVEAL);
    expect(code).toBe(8);
    expect(error.message).toContain('The file is empty');
    const writer = spawn('sh', [
      '-c',
      `exec 3<>"$0"; sleep 0.3; printf '%s\\n' "$1" >&3`,
      path,
      PASSPHRASE,
    ]);
    const closed = once(writer, 'close');
    await sleep(100);
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
    await closed;
  });

  test('and CHANNELCTL_PASSPHRASE together are a usage error of every command', async () => {
    const own = await homeWithPassword();
    Object.assign(own.env, { CHANNELCTL_PASSPHRASE: PASSPHRASE, CHANNELCTL_PASSPHRASE_FILE: 'x' });
    for (const args of [REVEAL, ['accounts', 'list'], ['doctor']]) {
      const { code, error } = await own.failure(...args);
      expect(code).toBe(2);
      expect(error.message).toContain('CHANNELCTL_PASSPHRASE_FILE');
    }
    expect(await own.cli('schema')).toMatchObject({ code: 0 });
  });
});

describe('a line break at the end of CHANNELCTL_PASSPHRASE', () => {
  test('is ignored', async () => {
    const own = await homeWithPassword();
    own.env.CHANNELCTL_PASSPHRASE = `${PASSPHRASE}\n`;
    expect((await own.json(...REVEAL)).config.password).toBe('the mail password');
  });

  test('opens a file that 0.1.0 encrypted with it', async () => {
    const path = join(await temporaryFolder(), 'secrets.json');
    const cost = { N: 2, r: 8, p: 1 };
    const typed = async () => ({ value: `${PASSPHRASE}\n`, variable: null });
    const old = openFileStore({ path, passphrase: typed, cost });
    await old.write({ put: new Map([['a', 'x']]), remove: [] });
    const open = () => openFileStore({ path, passphrase: passphraseOf(`${PASSPHRASE}\n`), cost });
    await open().write({ put: new Map([['b', 'y']]), remove: [] });
    expect((await open().read(['a', 'b'])).size).toBe(2);
  });
});

test('without a terminal, a missing passphrase exits with 8 and names the alternatives', async () => {
  const own = await homeWithPassword();
  const { code, error } = await own.failure(...REVEAL);
  expect(code).toBe(8);
  for (const name of ['CHANNELCTL_PASSPHRASE_FILE', 'terminal', 'keychain', 'env']) {
    expect(error.hint).toContain(name);
  }
});

const unattended = { signal: new AbortController().signal, lendTerminal: null };

describe('a prompt', () => {
  function answering(...answers: string[]) {
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return answers.shift() ?? 'too many questions';
    };
    return { questions, ask };
  }

  test('asks once for the passphrase of an existing file, however often it is needed', async () => {
    const { questions, ask } = answering('one');
    const source = passphraseSource({ ...unattended, env: {}, ask });
    for (const purpose of ['open', 'create', 'open'] as const) {
      expect(await source(purpose)).toEqual({ value: 'one', variable: null });
    }
    expect(questions).toEqual(['Passphrase of the secrets file']);
  });

  test('asks for a new passphrase until the same one is typed twice', async () => {
    const { questions, ask } = answering('', 'one', 'two', 'three', 'three');
    expect(await askNewPassphrase(ask)).toEqual({ value: 'three', variable: null });
    expect(questions).toEqual([
      'New passphrase for the secrets file',
      'The passphrase cannot be empty. New passphrase',
      'Repeat the passphrase',
      'The passphrases differ. New passphrase',
      'Repeat the passphrase',
    ]);
  });

  test('is not shown if a variable is set', async () => {
    const env = { CHANNELCTL_PASSPHRASE: PASSPHRASE };
    const ask = () => Promise.reject(new Error('asked'));
    const source = passphraseSource({ ...unattended, env, ask });
    expect(await source('open')).toMatchObject({ variable: 'CHANNELCTL_PASSPHRASE' });
  });
});
