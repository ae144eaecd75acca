import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBusy, whileBusy } from '../../shared/busy-files.ts';
import { ChannelctlError, storageError } from '../../shared/errors.ts';
import { fileError } from '../../shared/file-errors.ts';
import { isObject, isTooDeep, MAX_DEPTH } from '../../shared/json.ts';
import { isMissing } from '../../shared/links.ts';
import type { ProfileState } from '../types.ts';
import { currentVersion, MIGRATIONS, type Migration, migrate } from './migrations.ts';
import { findSchemaError, isProfileState } from './schema.ts';

const MAX_STATE_BYTES = 64 * 1024 * 1024;

/** Shorter texts are parsed quickly, however deeply they are nested. */
const MIN_DEEP_LENGTH = 1024 * 1024;

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
    assertSize(path, statSync(path).size);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ChannelctlError) throw error;
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
  if (text.length > MIN_DEEP_LENGTH) {
    const { isTooDeepToParse } = await import('../../shared/json-depth.ts');
    if (isTooDeepToParse(text, MAX_DEPTH)) throw corruptState(path, 'It is nested too deeply.');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const { describeSyntaxError } = await import('./syntax-error.ts');
    const reason = await describeSyntaxError(text, error as SyntaxError);
    throw corruptState(path, `It is not valid JSON: ${reason}`, error);
  }
}

/** @throws ChannelctlError `storage` if a state file of this size would take too much memory */
export function assertSize(path: string, bytes: number): void {
  if (bytes <= MAX_STATE_BYTES) return;
  throw storageError(`The state file ${path} is larger than 64 MB.`, {
    reason: 'A profile can have about 90,000 accounts.',
    hint: 'Divide the accounts between several profiles.',
  });
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
