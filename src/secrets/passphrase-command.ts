import { cancelledError, storageError, systemCode, usageError } from '../shared/errors.ts';
import { runSecretCommand } from '../shared/secret-command.ts';
import { withoutLineEnd } from '../shared/secrets.ts';
import { decodeText } from '../shared/text.ts';
import type { Variables } from './passphrase.ts';

const VARIABLE = 'CHANNELCTL_PASSPHRASE_COMMAND';
const TIME_LIMIT_MS = 30_000;
/** Leaves time to type a password or to use a fingerprint. */
const TERMINAL_TIME_LIMIT_MS = 120_000;

const WORD = /(?:[^\s"']|"[^"]*"|'[^']*')+/g;

/** Lends the user's terminal to another program while `work` is running. */
export type LendTerminal = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface CommandOptions {
  env: Variables;
  signal: AbortSignal;
  /** Null if prompts are not possible. */
  lendTerminal: LendTerminal | null;
}

/**
 * Splits a command at blanks. Quotes of either kind group characters and are removed; nothing else
 * has a special meaning, so a backslash is part of a Windows path.
 *
 * @throws ChannelctlError `usage` if a quote is not closed, or there is no word
 */
export function splitCommand(command: string): string[] {
  const words = command.match(WORD) ?? [];
  if (command.replace(WORD, '').trim() !== '') {
    throw usageError(`A quotation mark in ${VARIABLE} is not closed.`, {
      hint: 'Close it. To pass a quotation mark to the command, put it in quotation marks of the other kind.',
    });
  }
  if (words.length === 0) {
    throw usageError(`${VARIABLE} contains no command.`, {
      hint: 'Set it to a program and its arguments, or unset it.',
    });
  }
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/**
 * Runs the command, which prints the passphrase on one line.
 *
 * @throws ChannelctlError `usage` if the command line is invalid, `storage` if the command fails,
 *   `cancelled` if it is interrupted; no error contains its output or its arguments
 */
export async function runPassphraseCommand(
  command: string,
  { env, signal, lendTerminal }: CommandOptions,
): Promise<string> {
  const words = splitCommand(command);
  const program = words[0] ?? '';
  const usesTerminal = lendTerminal !== null;
  const timeLimitMs = usesTerminal ? TERMINAL_TIME_LIMIT_MS : TIME_LIMIT_MS;
  const run = () => runSecretCommand(words, { env, signal, timeLimitMs, usesTerminal });
  let output: Buffer;
  try {
    output = await (lendTerminal === null ? run() : lendTerminal(run));
  } catch (error) {
    const code = systemCode(error) ?? 'unknown error';
    if (signal.aborted || code === 'killed by SIGINT') throw cancelledError();
    throw commandFailed(program, REASONS[code] ?? code);
  }
  return passphraseIn(output, program);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'not found',
  EACCES: 'permission denied',
};

function passphraseIn(output: Buffer, program: string): string {
  let value: string;
  try {
    value = withoutLineEnd(decodeText(output));
  } catch {
    throw commandFailed(program, 'its output is not UTF-8 text');
  }
  if (value === '') throw commandFailed(program, 'it printed nothing');
  if (/[\r\n]/.test(value)) throw commandFailed(program, 'it printed more than one line');
  return value;
}

function commandFailed(program: string, reason: string) {
  return storageError(`The program ${program} did not return the passphrase (${reason}).`, {
    reason: `${VARIABLE} runs it.`,
    hint: 'Run the command yourself to see its messages. It must print only the passphrase, on one line.',
  });
}
