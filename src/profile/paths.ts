import { access, readdir } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { ChannelctlError, storageError, systemCode, usageError } from '../shared/errors.ts';
import { fileError } from '../shared/file-errors.ts';
import { findDanglingLink, isMissing } from '../shared/links.ts';
import type { Environment } from './settings.ts';

/**
 * Returns the folder that contains all profiles: `CHANNELCTL_CONFIG_DIR`, or the platform's
 * default.
 *
 * env-paths returns the same, but imports Node's `process` as a module, which creates the three
 * standard streams and takes a fifth of Node's own start-up time.
 *
 * @throws ChannelctlError `usage` if the variable begins with `~` or `%NAME%`, or has quotes;
 *   `storage` if it is not set and there is no home folder
 */
export function configFolder(env: Environment): string {
  const { CHANNELCTL_CONFIG_DIR: folder } = env;
  if (!folder) return resolve(join(platformFolder(env), 'channelctl'));
  if (/^[~"']|["']$|^%\w+%/.test(folder)) throw unexpandedFolderError(folder);
  return resolve(folder);
}

function unexpandedFolderError(folder: string): ChannelctlError {
  return usageError(`CHANNELCTL_CONFIG_DIR is not a valid path: ${folder}`, {
    reason:
      'Only a shell expands ~ and %NAME%, and removes quotes; channelctl uses the value unchanged.',
    hint: 'Set CHANNELCTL_CONFIG_DIR to an absolute path, without quotes.',
  });
}

/**
 * Returns the platform's configuration folder. A relative XDG_CONFIG_HOME counts as unset, as the
 * XDG specification requires.
 */
function platformFolder(env: Environment): string {
  if (platform() === 'darwin') return join(homeFolder(env), 'Library', 'Preferences');
  if (platform() === 'win32') {
    return env.APPDATA || join(homeFolder(env), 'AppData', 'Roaming');
  }
  const { XDG_CONFIG_HOME: folder } = env;
  return folder !== undefined && isAbsolute(folder) ? folder : join(homeFolder(env), '.config');
}

/**
 * @throws ChannelctlError `storage` if there is no home folder: in a container, the user ID may
 *   belong to no user
 */
function homeFolder(env: Environment): string {
  const variable = platform() === 'win32' ? 'USERPROFILE' : 'HOME';
  const home = env[variable] ?? systemHome();
  if (isAbsolute(home)) return home;
  throw storageError('The configuration folder cannot be determined.', {
    reason: `${variable} is not set, and the current user has no home folder.`,
    hint: 'Set CHANNELCTL_CONFIG_DIR to a writable folder.',
  });
}

function systemHome(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

export interface ProfilePaths {
  folder: string;
  state: string;
  secrets: string;
  /** The items that a running change adds and removes. */
  journal: string;
  /** The audit log. It is outside the folder, so that it outlives the profile. */
  audit: string;
  /** The entries of a change that is being committed. They are not in the audit log yet. */
  pendingAudit: string;
  /** The lock file. It is outside the folder, so that it outlives the profile. */
  lock: string;
}

/** @throws ChannelctlError `usage` for an invalid name */
export function profilePaths(configDir: string, name: string): ProfilePaths {
  checkProfileName(name);
  const folder = join(configDir, 'profiles', name);
  return {
    folder,
    state: join(folder, 'state.json'),
    secrets: join(folder, 'secrets.json'),
    journal: join(folder, 'journal.json'),
    audit: join(configDir, 'audit', name, 'audit.jsonl'),
    pendingAudit: join(configDir, 'audit', name, 'pending.jsonl'),
    lock: `${folder}.lock`,
  };
}

function isProfileName(name: string): boolean {
  const lockName = /\.lock(\.|$)/i; // Lock files are in the folder of the profiles.
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(name) && !lockName.test(name);
}

function checkProfileName(name: string): void {
  if (isProfileName(name)) return;
  throw usageError(`"${name}" is not a valid profile name.`, {
    reason:
      'A name can have up to 64 letters, digits, dots, hyphens and underscores; it cannot begin with a dot or contain ".lock".',
    hint: 'Choose another name with --profile or CHANNELCTL_PROFILE.',
  });
}

export async function listProfiles(configDir: string): Promise<string[]> {
  const folder = join(configDir, 'profiles');
  const names: string[] = [];
  for (const entry of (await entriesOf(folder)).filter(isProfileName)) {
    if (await isOccupied(join(folder, entry, 'state.json'))) names.push(entry);
  }
  return names.sort();
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error, folder)) return [];
    throw fileError('read', folder, error);
  }
}

/** @throws ChannelctlError `storage` if the check fails */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw fileError('read', dirname(path), error);
  }
}

/**
 * Whether there is a file at `path`, or a link to a missing one or to itself, which must not count
 * as a profile that was never written.
 *
 * @throws ChannelctlError `storage` if the check fails
 */
export async function isOccupied(path: string): Promise<boolean> {
  return findDanglingLink(path) !== null || (await fileExists(path));
}

/** Whether a profile's folder is found only because the file system ignores case. */
export async function isSpeltDifferently(folder: string): Promise<boolean> {
  return !(await entriesOf(dirname(folder))).includes(basename(folder));
}

/** @param known the names of the existing profiles, if they are known */
export function profileNotFound(name: string, known: readonly string[] = []): ChannelctlError {
  return new ChannelctlError('not_found', `The profile "${name}" does not exist.`, {
    misspelt: { word: name, known },
    hint: 'To list all profiles, run: channelctl profiles list',
  });
}
