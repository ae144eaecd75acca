import type { ConfigChange } from '../../accounts/config.ts';
import { usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey, looksMasked, withoutLineEnd } from '../../shared/secrets.ts';
import type { CommandContext } from './command-context.ts';
import { type ConfigOptions, readTextFile } from './config-options.ts';

/**
 * Reads `--config`, `--config-file` and `--unset`. Adds secrets to the redactor, and warns about
 * secrets on the command line.
 */
export async function readConfigOptions(
  options: ConfigOptions,
  context: CommandContext,
  flags: ConfigFlags = { pair: '--config', file: '--config-file' },
): Promise<ConfigChange & { set: Record<string, Json>; sources: Map<string, string> }> {
  const input = stdinOnce(context);
  const fromFile =
    options.configFile === undefined
      ? {}
      : await readConfigFile(flags.file, options.configFile, input);
  const set = new Map<string, Json>(
    Object.entries(fromFile).map(([key, value]) => [
      key,
      isSecretKey(key) && typeof value === 'string' ? withoutLineEnd(value) : value,
    ]),
  );
  const file = options.configFile === '-' ? 'stdin' : `the file ${options.configFile}`;
  const sources = new Map(Object.keys(fromFile).map((key) => [key, file]));
  for (const pair of options.config ?? []) {
    const [key, value, source] = await readPair(flags.pair, pair, context, input);
    set.set(key, value);
    sources.set(key, source);
  }
  for (const [key, value] of set) {
    if (isSecretKey(key) && typeof value === 'string') context.redactor.add(value);
    else context.redactor.keepReadable(() => [String(value)]);
  }
  return { set: Object.fromEntries(set), unset: options.unset ?? [], sources };
}

interface ConfigFlags {
  pair: string;
  file: string;
}

type ReadInput = (flag: string) => Promise<string>;

function stdinOnce(context: CommandContext): ReadInput {
  let reader: string | undefined;
  return async (flag) => {
    if (reader !== undefined) {
      throw usageError(`${reader} and ${flag} cannot both read stdin.`, {
        hint: 'Read one of them from a file.',
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
): Promise<[key: string, value: string, source: string]> {
  const equals = pair.indexOf('=');
  if (equals < 1) {
    // The value is not shown, because it may be a secret that was passed without its key.
    throw usageError(`The value of ${flag} must have the form key=value.`);
  }
  const key = pair.slice(0, equals);
  const value = pair.slice(equals + 1);
  const option = { flag: `${flag} ${key}`, key, written: `${key}=` };
  return [key, await readValue(option, value, context, input), sourceOf(value, option.flag)];
}

function sourceOf(value: string, flag: string): string {
  if (value === '-') return 'stdin';
  if (value.startsWith('@')) return `the file ${value.slice(1)}`;
  return value.startsWith('env:') ? `the variable ${value.slice(4)}` : flag;
}

interface ValueOption {
  flag: string;
  key: string;
  written: string;
}

/**
 * Reads a secret from the value of an option (`@file`, `-`, `env:NAME`, or the secret itself, which
 * causes a warning) and adds it to the redactor.
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
  if (value === '-') return withoutLineEnd(await input(flag));
  if (value.startsWith('@')) return withoutLineEnd(await readTextFile(flag, value.slice(1)));
  if (value.startsWith('env:')) return withoutLineEnd(readVariable(key, value.slice(4), context));
  if (isSecretKey(key) && !looksMasked(value)) {
    context.warn(
      `The secret ${key} is on the command line, where other users of this machine can see it.`,
      `Pass it as ${written}@file, ${written}- or ${written}env:NAME.`,
    );
  }
  return isSecretKey(key) ? withoutLineEnd(value) : value;
}

function readVariable(key: string, name: string, context: CommandContext): string {
  const value = context.env[name];
  if (value) return value;
  throw usageError(
    `Cannot read ${key} from the variable ${name}, which is ${value === undefined ? 'not set' : 'empty'}.`,
    { hint: `Set ${name}, or pass ${key} another way.` },
  );
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
