import { constants, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { storageError, systemCode } from '../shared/errors.ts';
import { withoutLineEnd } from '../shared/secrets.ts';
import { decodeInput } from '../shared/text.ts';
import { checkKey } from './generated-key.ts';
import { checkPassphraseVariable, type PassphraseVariable, type Variables } from './passphrase.ts';
import type { CommandOptions } from './passphrase-command.ts';

const READ_TIMEOUT_MS = 30_000;
const POLL_MS = 20;
const CHUNK_BYTES = 4096;

export interface Passphrase {
  value: string;
  /** The variable that it is from; null if it was typed or is remembered. */
  variable: string | null;
  /** Whether it is from this machine's keychain. */
  isRemembered?: true;
  /** The value with its final line break, with which 0.1.0 encrypted files. */
  original?: string;
}

/**
 * Returns the passphrase of a file that exists or is to be created; null if there is none. It is
 * called only when a key must be derived.
 */
export type PassphraseSource = (purpose: 'open' | 'create') => Promise<Passphrase | null>;

export type HiddenPrompt = (question: string) => Promise<string>;

export interface PassphraseOptions extends CommandOptions {
  /** Null if prompts are not possible. */
  ask: HiddenPrompt | null;
  /** Returns the remembered passphrase, or null. Called only if no variable is set. */
  readRemembered?: (() => Promise<string | null>) | undefined;
}

/** Returns the source that reads the variables, then the keychain, then asks; all only once. */
export function passphraseSource(options: PassphraseOptions): PassphraseSource {
  let found: Promise<Passphrase | null> | undefined;
  return (purpose) => {
    found ??= findPassphrase(options, purpose);
    return found;
  };
}

async function findPassphrase(
  options: PassphraseOptions,
  purpose: 'open' | 'create',
): Promise<Passphrase | null> {
  const given = await givenPassphrase(options);
  if (given !== null) return given;
  const remembered = (await options.readRemembered?.()) ?? null;
  if (remembered !== null) {
    return { ...withOriginal(remembered), variable: null, isRemembered: true };
  }
  return options.ask === null ? null : askPassphrase(options.ask, purpose);
}

/**
 * Returns the passphrase that a variable contains or refers to; null if none is set.
 *
 * @throws ChannelctlError as `readPassphrase` and `runPassphraseCommand` do
 */
export async function givenPassphrase(options: CommandOptions): Promise<Passphrase | null> {
  const given = await readPassphrase('CHANNELCTL_PASSPHRASE', options.env);
  const { CHANNELCTL_PASSPHRASE_COMMAND: command } = options.env;
  if (given !== null || !command) return given;
  const { runPassphraseCommand } = await import('./passphrase-command.ts');
  const value = await runPassphraseCommand(command, options);
  checkKey(value, 'The output of CHANNELCTL_PASSPHRASE_COMMAND');
  return { value, variable: 'CHANNELCTL_PASSPHRASE_COMMAND' };
}

/** Returns null if the answer is empty. */
export async function askPassphrase(
  ask: HiddenPrompt,
  purpose: 'open' | 'create',
): Promise<Passphrase | null> {
  if (purpose === 'create') return askNewPassphrase(ask);
  const value = await ask('Passphrase of the secrets file');
  checkKey(value, 'The passphrase');
  return value === '' ? null : { value, variable: null };
}

function withOriginal(original: string): Pick<Passphrase, 'value' | 'original'> {
  const value = withoutLineEnd(original);
  return value === original ? { value } : { value, original };
}

export async function askNewPassphrase(ask: HiddenPrompt): Promise<Passphrase> {
  let question = 'New passphrase for the secrets file';
  for (;;) {
    const value = await ask(question);
    checkKey(value, 'The passphrase');
    if (value === '') question = 'The passphrase cannot be empty. New passphrase';
    else if ((await ask('Repeat the passphrase')) === value) return { value, variable: null };
    else question = 'The passphrases differ. New passphrase';
  }
}

/**
 * Returns the passphrase in a variable, or in the file that its `_FILE` variant names; null if
 * neither is set.
 *
 * @throws ChannelctlError `usage` if several variables are set or the file is not valid text,
 *   `storage` if it is unreadable or empty
 */
export async function readPassphrase(
  variable: PassphraseVariable,
  env: Variables,
): Promise<Passphrase | null> {
  checkPassphraseVariable(variable, env);
  const given = withOriginal(env[variable] ?? '');
  if (given.value !== '') {
    checkKey(given.value, variable);
    return { ...given, variable };
  }
  const path = env[`${variable}_FILE`];
  return path ? readPassphraseFile(`${variable}_FILE`, path) : null;
}

async function readPassphraseFile(variable: string, path: string): Promise<Passphrase> {
  const bytes = await readBytes(path).catch((error: unknown) => {
    const code = systemCode(error) ?? 'unknown';
    throw unreadable(variable, path, READ_ERRORS[code] ?? `System error: ${code}.`);
  });
  const value = withoutLineEnd(decodeInput(bytes, `${variable}: "${path}"`));
  if (value === '') throw unreadable(variable, path, 'The file is empty.');
  checkKey(value, `The content of ${variable}`);
  return { value, variable };
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'The file does not exist.',
  EACCES: 'Permission denied.',
  EISDIR: 'It is a folder.',
  ETIMEDOUT: `The pipe was not closed within ${READ_TIMEOUT_MS / 1000} seconds.`,
};

async function readBytes(path: string): Promise<Uint8Array> {
  // Opening a pipe that nothing writes to would block, and so would the end of the process.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const isPipe = (await file.stat()).isFIFO();
    return isPipe ? await readPipe(file.fd) : await file.readFile();
  } finally {
    await file.close();
  }
}

async function readPipe(fd: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  const until = Date.now() + READ_TIMEOUT_MS;
  const buffer = Buffer.alloc(CHUNK_BYTES);
  while (Date.now() < until) {
    try {
      const length = readSync(fd, buffer);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(Buffer.from(buffer.subarray(0, length)));
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN') throw error; // Nothing has been written yet.
      await sleep(POLL_MS);
    }
  }
  throw Object.assign(new Error('The pipe was not closed.'), { code: 'ETIMEDOUT' });
}

function unreadable(variable: string, path: string, reason: string) {
  return storageError(`The passphrase cannot be read from "${path}".`, {
    reason,
    hint: `Set ${variable} to the path of a file that contains the passphrase.`,
  });
}
