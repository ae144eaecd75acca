import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBusy, whileBusy } from '../../shared/busy-files.ts';
import { type ChannelctlError, storageError } from '../../shared/errors.ts';
import { fileError } from '../../shared/file-errors.ts';
import { isObject, isTooDeep } from '../../shared/json.ts';
import { isMissing } from '../../shared/links.ts';
import type { ProfileState } from '../types.ts';
import { currentVersion, MIGRATIONS, type Migration, migrate } from './migrations.ts';
import { findSchemaError, isProfileState } from './schema.ts';

export function emptyState(): ProfileState {
  return { version: 1, settings: {}, integrations: [], accounts: [] };
}

/**
 * Returns the state in the file at `path`, in the current version; empty if the file does not
 * exist. Writes nothing.
 *
 * Does not use conf, which would more than double the start-up time.
 *
 * @throws ChannelctlError `storage` if the file is unreadable, corrupt or from a newer version
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
    if (!isBusy(error)) throw fileError('read', path, error);
    text = await whileBusy(() => readFile(path, 'utf8')).catch((again) => {
      throw fileError('read', path, again);
    });
  }
  // Some editors add a byte order mark.
  return checkState(await parse(text.replace(/^\ufeff/, ''), path), path, migrations);
}

function checkState(value: unknown, path: string, migrations: readonly Migration[]): ProfileState {
  if (!isObject(value)) throw corruptState(path, 'It does not contain a JSON object.');
  if (isTooDeep(value)) throw corruptState(path, 'It is nested too deeply.');
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
    const { describeSyntaxError } = await import('./syntax-error.ts');
    const reason = await describeSyntaxError(text, error as SyntaxError);
    throw corruptState(path, `It is not valid JSON: ${reason}`, error);
  }
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
