import { createReadStream } from 'node:fs';
import { CHANNEL_NAMES } from '../../channels/index.ts';
import { ChannelctlError, systemCode, usageError } from '../../shared/errors.ts';
import { readInput } from '../../shared/read-input.ts';
import type { CommandContext } from './command-context.ts';
import type { OptionsOf } from './options.ts';

export const CONFIG_OPTIONS = {
  '--config <k=v>': {
    description: 'key to set, as k=v, k=@file, k=- (stdin) or k=env:NAME (repeatable)',
    isRepeatable: true,
  },
  '--config-file <path|->': 'JSON or YAML file with keys to set (- reads stdin)',
} as const;

export const UNSET_OPTION = {
  '--unset <key>': { description: 'key to remove (repeatable)', isRepeatable: true },
} as const;

export const ACTIVE_OPTIONS = {
  '--active': 'mark as active',
  '--inactive': 'mark as inactive; nothing is deleted',
} as const;

export type ConfigOptions = OptionsOf<typeof CONFIG_OPTIONS & typeof UNSET_OPTION>;

export const CHANNEL_ARGUMENT = `one of ${CHANNEL_NAMES.join(', ')}`;

export function activeOption({
  active,
  inactive,
}: OptionsOf<typeof ACTIVE_OPTIONS>): boolean | undefined {
  if (active === true && inactive === true) {
    throw usageError('--active and --inactive cannot be used together.', {
      hint: 'Pass only one of them.',
    });
  }
  if (active === true) return true;
  return inactive === true ? false : undefined;
}

/** Returns the new value of a field that an option can set; an empty option removes the value. */
export function updatedText(given: string | undefined, before: string | null): string | null {
  return given === undefined ? before : given.trim() || null;
}

export function isEmptyChange(options: object): boolean {
  return Object.values(options).every((value) => value === undefined);
}

export function readFileOrStdin(
  flag: string,
  path: string,
  { terminal }: Pick<CommandContext, 'terminal'>,
): Promise<string> {
  return path === '-' ? terminal.readAll() : readTextFile(flag, path);
}

/** @throws ChannelctlError `usage` if the file cannot be read, is too large or is not text */
export async function readTextFile(flag: string, path: string): Promise<string> {
  try {
    return await readInput(createReadStream(path), `${flag}: "${path}"`);
  } catch (error) {
    if (error instanceof ChannelctlError) throw error;
    const reasons: Record<string, string> = {
      ENOENT: 'The file does not exist.',
      EACCES: 'Permission denied.',
      EISDIR: 'It is a folder.',
    };
    throw usageError(`${flag}: cannot read "${path}".`, {
      reason:
        reasons[systemCode(error) ?? ''] ??
        (error instanceof Error ? error.message : String(error)),
      hint: path.startsWith('~')
        ? 'Pass an absolute path: only a shell expands ~, and only at the start of an argument.'
        : 'Check the path.',
    });
  }
}
