import { readFile } from 'node:fs/promises';
import type { ConfigChange } from '../../accounts/config.ts';
import { CHANNEL_NAMES } from '../../channels/index.ts';
import { systemCode, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey, looksMasked } from '../../shared/secrets.ts';
import { decodeUtf8 } from '../../shared/text.ts';
import type { CommandContext } from './command-context.ts';
import type { OptionsOf } from './options.ts';

/** The options that give a configuration. */
export const CONFIG_OPTIONS = {
  '--config <k=v>': {
    description: 'set a key: k=v, k=@file, k=- (stdin) or k=env:NAME; repeatable',
    isRepeatable: true,
  },
  '--config-file <path|->': 'set keys from a JSON or YAML object',
} as const;

export const UNSET_OPTION = {
  '--unset <key>': { description: 'take a key away; repeatable', isRepeatable: true },
} as const;

export const ACTIVE_OPTIONS = {
  '--active': 'in use',
  '--inactive': 'kept, but not in use',
} as const;

type ConfigOptions = OptionsOf<typeof CONFIG_OPTIONS & typeof UNSET_OPTION>;

export const CHANNEL_ARGUMENT = CHANNEL_NAMES.join(', ');

/** Whether `--active` or `--inactive` was given; undefined for neither. */
export function activeOption({
  active,
  inactive,
}: OptionsOf<typeof ACTIVE_OPTIONS>): boolean | undefined {
  if (active === true && inactive === true) {
    throw usageError('--active and --inactive contradict each other.', {
      reason: 'Both were given.',
      hint: 'Leave one of them out.',
    });
  }
  if (active === true) return true;
  return inactive === true ? false : undefined;
}

/** The text after an option that changes it: an empty value removes it. */
export function updatedText(given: string | undefined, before: string | null): string | null {
  return given === undefined ? before : given.trim() || null;
}

/** Whether any option was given at all. */
export function isEmptyChange(options: object): boolean {
  return Object.values(options).every((value) => value === undefined);
}

/**
 * Reads `--config`, `--config-file` and `--unset`. Adds secrets to the redactor, and warns about
 * one on the command line.
 */
export async function readConfigOptions(
  options: ConfigOptions,
  context: CommandContext,
  flags: ConfigFlags = { pair: '--config', file: '--config-file' },
): Promise<ConfigChange & { set: Record<string, Json> }> {
  const input = stdinOnce(context);
  const fromFile =
    options.configFile === undefined
      ? {}
      : await readConfigFile(flags.file, options.configFile, input);
  const set = new Map<string, Json>(Object.entries(fromFile));
  for (const pair of options.config ?? []) {
    const [key, value] = await readPair(flags.pair, pair, context, input);
    set.set(key, value);
  }
  for (const [key, value] of set) {
    if (isSecretKey(key) && typeof value === 'string') context.redactor.add(value);
  }
  return { set: Object.fromEntries(set), unset: options.unset ?? [] };
}

/** The names of the options, for errors: `pair` takes one key, `file` many. */
interface ConfigFlags {
  pair: string;
  file: string;
}

type ReadInput = (flag: string) => Promise<string>;

/** Only one option can read stdin. */
function stdinOnce(context: CommandContext): ReadInput {
  let reader: string | undefined;
  return async (flag) => {
    if (reader !== undefined) {
      throw usageError(`${flag} can't read stdin.`, {
        reason: `${reader} reads it already.`,
        hint: 'Give one of them as a file.',
      });
    }
    reader = flag;
    return await context.terminal.readAll();
  };
}

async function readPair(
  flag: string,
  pair: string,
  context: CommandContext,
  input: ReadInput,
): Promise<[key: string, value: string]> {
  const equals = pair.indexOf('=');
  if (equals < 1) {
    throw usageError(
      // The value is not shown: it may be a secret without its key.
      `${flag} needs a key and a value.`,
      {
        reason: 'There is no = behind a key in what was given.',
        hint: `Write it as ${flag} key=value.`,
      },
    );
  }
  const key = pair.slice(0, equals);
  const value = pair.slice(equals + 1);
  const option = { flag: `${flag} ${key}`, key, written: `${key}=` };
  return [key, await readValue(option, value, context, input)];
}

/** An option that takes a value. */
interface ValueOption {
  flag: string;
  key: string;
  /** The text in front of the value: `pin=`, `--pin `. */
  written: string;
}

/**
 * Reads a secret of an option: `@file`, `-`, `env:NAME`, or the secret itself, with a warning. Adds
 * it to the redactor.
 */
export async function readSecretOption(
  flag: string,
  key: string,
  value: string,
  context: CommandContext,
): Promise<string> {
  const input = () => context.terminal.readAll();
  const secret = await readValue({ flag, key, written: `${flag} ` }, value, context, input);
  context.redactor.add(secret);
  return secret;
}

async function readValue(
  { flag, key, written }: ValueOption,
  value: string,
  context: CommandContext,
  input: ReadInput,
): Promise<string> {
  if (value === '-') return withoutFinalNewline(await input(flag));
  if (value.startsWith('@')) return withoutFinalNewline(await readTextFile(flag, value.slice(1)));
  if (value.startsWith('env:')) return readVariable(key, value.slice(4), context);
  if (isSecretKey(key) && !looksMasked(value)) {
    context.warn(
      `The secret ${key} stands on the command line, where others on this machine can see it.`,
      `Pass it as ${written}@file, ${written}- or ${written}env:NAME.`,
    );
  }
  return value;
}

function readVariable(key: string, name: string, context: CommandContext): string {
  const value = context.env[name];
  if (value) return value;
  throw usageError(`${key} can't be taken from the variable ${name}.`, {
    reason: value === undefined ? 'The variable is not set.' : 'The variable is empty.',
    hint: `Set ${name}, or give ${key} another way.`,
  });
}

function withoutFinalNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** The text of the file that an option names, or of stdin for `-`. */
export function readFileOrStdin(
  flag: string,
  path: string,
  { terminal }: Pick<CommandContext, 'terminal'>,
): Promise<string> {
  return path === '-' ? terminal.readAll() : readTextFile(flag, path);
}

/** @throws ChannelctlError `usage` that names the option and the file */
async function readTextFile(flag: string, path: string): Promise<string> {
  return decodeUtf8(await readBytes(flag, path), `${flag}: "${path}"`);
}

async function readBytes(flag: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const reasons: Record<string, string> = {
      ENOENT: 'There is no such file.',
      EACCES: 'You may not read it.',
      EISDIR: 'It is a folder.',
    };
    throw usageError(`${flag}: "${path}" could not be read.`, {
      reason:
        reasons[systemCode(error) ?? ''] ??
        (error instanceof Error ? error.message : String(error)),
      hint: 'Check the path.',
    });
  }
}

async function readConfigFile(
  flag: string,
  path: string,
  input: ReadInput,
): Promise<Record<string, Json>> {
  const text = path === '-' ? await input(flag) : await readTextFile(flag, path);
  const { parseConfigDocument } = await import('./config-document.ts');
  return parseConfigDocument(text, `${flag} ${path}`);
}
