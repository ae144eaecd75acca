import { readFileSync } from 'node:fs';
import { type ChannelctlError, storageError, systemCode } from '../../shared/errors.ts';
import { fileError } from '../../shared/files.ts';
import { isObject } from '../../shared/json.ts';
import type { ProfileState } from '../types.ts';
import { faultPosition } from './json-position.ts';
import { currentVersion, MIGRATIONS, type Migration, migrate } from './migrations.ts';
import { findShapeError, isState } from './shape.ts';

export function emptyState(): ProfileState {
  return { version: 1, settings: {}, integrations: [], accounts: [] };
}

/**
 * The state in the file at `path`, in the current version; an empty one where there is no file.
 * Reads without conf, which would more than double the start-up time. Writes nothing.
 *
 * @throws ChannelctlError of kind `storage` for a file that can't be read, is broken or is newer
 */
export async function readState(
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<ProfileState> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8'); // Twice as quick as reading by promise, and nothing else waits.
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return emptyState();
    throw fileError('read', path, error);
  }
  return parseState(text, path, migrations);
}

function parseState(text: string, path: string, migrations: readonly Migration[]): ProfileState {
  const value = parse(text, path);
  if (!isObject(value)) throw broken(path, 'It does not hold a JSON object.');
  const { version } = value;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw broken(path, 'Its version is not a whole number from 1.');
  }
  if (version > currentVersion(migrations)) throw newer(path, version, currentVersion(migrations));
  const state = migrate(value, version, migrations);
  if (!isState(state)) throw broken(path, `In it, ${findShapeError(state)}.`);
  return state;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column } = faultPosition(text);
    throw broken(path, `It is not JSON: line ${line}, column ${column}.`, error);
  }
}

function broken(path: string, reason: string, cause?: unknown): ChannelctlError {
  return storageError(
    `The state file ${path} is broken.`,
    reason,
    'It was left as it is: repair it, restore a copy, or move it aside to start anew.',
    cause,
  );
}

function newer(path: string, version: number, known: number): ChannelctlError {
  return storageError(
    `The state file ${path} is from a newer channelctl.`,
    `It has version ${version}; this program knows versions up to ${known}.`,
    'It was left as it is: upgrade channelctl, or choose another CHANNELCTL_CONFIG_DIR.',
  );
}
