import { readFileSync } from 'node:fs';
import { type ChannelctlError, storageError } from '../../shared/errors.ts';
import { fileError } from '../../shared/files.ts';
import { isObject } from '../../shared/json.ts';
import { isMissing } from '../../shared/links.ts';
import type { ProfileState } from '../types.ts';
import { currentVersion, MIGRATIONS, type Migration, migrate } from './migrations.ts';
import { findSchemaError, isProfileState } from './schema.ts';

/** For a longer string, the YAML library would need hundreds of megabytes. */
const MAX_YAML_LENGTH = 1_000_000;

export function emptyState(): ProfileState {
  return { version: 1, settings: {}, integrations: [], accounts: [] };
}

/**
 * Returns the state in the file at `path`, in the current version; empty if the file does not
 * exist. Writes nothing.
 *
 * Does not use conf, which would more than double the start-up time.
 *
 * @throws ChannelctlError of kind `storage` if the file is unreadable, corrupt or from a newer
 *   version
 */
export async function readState(
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<ProfileState> {
  let text: string;
  try {
    // A synchronous read is twice as fast, and nothing else runs in the meantime.
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error, path)) return emptyState();
    throw fileError('read', path, error);
  }
  // Some editors add a byte order mark.
  return checkState(await parse(text.replace(/^\ufeff/, ''), path), path, migrations);
}

function checkState(value: unknown, path: string, migrations: readonly Migration[]): ProfileState {
  if (!isObject(value)) throw corruptState(path, 'It does not contain a JSON object.');
  const { version } = value;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw corruptState(path, 'Its version is not a positive integer.');
  }
  if (version > currentVersion(migrations))
    throw newerState(path, version, currentVersion(migrations));
  const state = migrate(value, version, migrations);
  if (!isProfileState(state))
    throw corruptState(path, `Invalid content: ${findSchemaError(state)}.`);
  return state;
}

async function parse(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = await describeSyntaxError(text, error as SyntaxError);
    throw corruptState(path, `It is not valid JSON: ${reason}`, error);
  }
}

/** Returns the message of JSON.parse with the position, but without the text that it may quote. */
async function describeSyntaxError(text: string, { message }: SyntaxError): Promise<string> {
  const [what] = message.split(/ at position |, (?:\.\.\.)?"/);
  const offset = await errorOffset(text, message);
  if (offset === null) return `${what}.`;
  const before = text.slice(0, offset).split('\n');
  return `${what} at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}.`;
}

/** Returns null if neither JSON.parse nor the YAML library reports a position. */
async function errorOffset(text: string, message: string): Promise<number | null> {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.endsWith('end of JSON input')) return text.length;
  if (text.length > MAX_YAML_LENGTH) return null;
  // In the build, a CommonJS package has only a default export.
  const { default: yaml } = await import('yaml');
  return yaml.parseDocument(text, { schema: 'json' }).errors[0]?.pos[0] ?? null;
}

function corruptState(path: string, reason: string, cause?: unknown): ChannelctlError {
  return storageError(`The state file ${path} is corrupt.`, {
    reason,
    hint: 'Repair the file, restore it from a backup, or move it aside to start over. The file was not changed.',
    cause,
  });
}

function newerState(path: string, version: number, known: number): ChannelctlError {
  return storageError(`The state file ${path} was written by a newer version of channelctl.`, {
    reason: `It uses format version ${version}; this version of channelctl supports up to version ${known}.`,
    hint: 'Upgrade channelctl, or choose another CHANNELCTL_CONFIG_DIR. The file was not changed.',
  });
}
