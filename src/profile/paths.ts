import { access, readdir } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { storageError, systemCode, usageError } from '../shared/errors.ts';
import { fileError } from '../shared/files.ts';
import type { Environment } from './settings.ts';

/**
 * Where the profiles are: `CHANNELCTL_CONFIG_DIR`, or the platform's own place. env-paths would say
 * the same, but imports Node's `process` as a module, which builds the three standard streams:
 * a fifth of Node's own start.
 *
 * @throws ChannelctlError of kind `storage` where the variable is unset and there is no home folder
 */
export function configFolder(env: Environment): string {
  return resolve(env.CHANNELCTL_CONFIG_DIR || join(platformFolder(env), 'channelctl'));
}

/** The folder for the settings of programs; a relative XDG_CONFIG_HOME counts as unset, as XDG says. */
function platformFolder(env: Environment): string {
  if (platform() === 'darwin') return join(homeFolder(env), 'Library', 'Preferences');
  if (platform() === 'win32') {
    return env.APPDATA || join(homeFolder(env), 'AppData', 'Roaming');
  }
  const { XDG_CONFIG_HOME: folder } = env;
  return folder !== undefined && isAbsolute(folder) ? folder : join(homeFolder(env), '.config');
}

/** A container may run under a number that no user, and so no folder, belongs to. */
function homeFolder(env: Environment): string {
  const home = (platform() === 'win32' ? env.USERPROFILE : env.HOME) ?? knownHome();
  if (isAbsolute(home)) return home;
  throw storageError(
    'There is no folder to keep the configuration in.',
    'HOME is not set, and the system knows no home folder of this user.',
    'Set CHANNELCTL_CONFIG_DIR to a folder that can be written to.',
  );
}

function knownHome(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** Where a profile keeps what. Nothing of it need exist. */
export interface ProfilePaths {
  folder: string;
  state: string;
  /** The encrypted secrets, where they are kept in a file. */
  secrets: string;
  /** What a change is about to put or remove, while it does. */
  journal: string;
  /** What was changed, when, and by whom. Elsewhere, so that it outlives the profile's deletion. */
  audit: string;
  /** Beside the folder, so that the lock outlives the profile's deletion. */
  lock: string;
}

/** @throws ChannelctlError of kind `usage` for a name that can't be a profile's */
export function profilePaths(configDir: string, name: string): ProfilePaths {
  checkProfileName(name);
  const folder = join(configDir, 'profiles', name);
  return {
    folder,
    state: join(folder, 'state.json'),
    secrets: join(folder, 'secrets.json'),
    journal: join(folder, 'journal.json'),
    audit: join(configDir, 'audit', name, 'audit.jsonl'),
    lock: `${folder}.lock`,
  };
}

function isProfileName(name: string): boolean {
  const taken = /\.lock(\.|$)/i; // The names of locks, which lie beside the profiles' folders.
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(name) && !taken.test(name);
}

function checkProfileName(name: string): void {
  if (isProfileName(name)) return;
  throw usageError(
    `A profile can't be named "${name}".`,
    'A name has at most 64 letters, digits, dots, hyphens and underscores, no dot first, and no ".lock".',
    'Choose another name with --profile or CHANNELCTL_PROFILE.',
  );
}

/** The names of the profiles that exist, sorted. Creates nothing. */
export async function listProfiles(configDir: string): Promise<string[]> {
  const folder = join(configDir, 'profiles');
  const names: string[] = [];
  for (const entry of (await entriesOf(folder)).filter(isProfileName)) {
    if (await fileExists(join(folder, entry, 'state.json'))) names.push(entry);
  }
  return names.sort();
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError('read', folder, error);
  }
}

/** @throws ChannelctlError of kind `storage` where that can't be told */
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
