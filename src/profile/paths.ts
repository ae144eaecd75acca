import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode, usageError } from '../shared/errors.ts';
import { fileError } from '../shared/files.ts';

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
