import { access, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ChannelctlError, storageError, systemCode } from './errors.ts';

const FAULTS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EACCES: ['You have no permission to.', 'Run it as the owner, or change the permissions'],
  EPERM: ['The system does not allow it.', 'Run it as the owner, or change the permissions'],
  EROFS: ['It is on a read-only file system.', 'Make it writable'],
  ENOSPC: ['The disk is full.', 'Free some space, then run the command again; it concerns'],
  EDQUOT: [
    'Your disk quota is used up.',
    'Free some space, then run the command again; it concerns',
  ],
  ENOTDIR: ['A part of its path is a file, not a folder.', 'Move that file away; the path is'],
  EISDIR: ['It is a folder, not a file.', 'Move that folder away'],
  ENOENT: [
    'A folder of its path is missing.',
    'Create it, or set CHANNELCTL_CONFIG_DIR; the path is',
  ],
};

/** A storage error for the file or folder at `path`, with the reason. */
export function fileError(verb: 'read' | 'written', path: string, cause: unknown): ChannelctlError {
  const code = systemCode(cause) ?? 'unknown error';
  const [reason, hint] = FAULTS[code] ?? [`The system reports ${code}.`, 'Check the disk and'];
  return storageError(`${path} can't be ${verb}.`, { reason, hint: `${hint}: ${path}`, cause });
}

/**
 * Creates the folder and its missing parents, for the owner only. Existing folders are not changed.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(path);
  } catch (error) {
    throw fileError('written', path, error);
  }
}

/**
 * Instead of Node's `recursive`, which never returns if the system creates no folder, as in /proc.
 */
async function makeWithParents(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    if (dirname(path) !== path) await makeWithParents(dirname(path));
  }
  await mkdir(path, { mode: 0o700 }).catch(async (error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
    const isFolder = (await stat(path)).isDirectory(); // Another process has created it.
    if (!isFolder) throw Object.assign(new Error(path), { code: 'ENOTDIR' });
  });
}

/**
 * Replaces a file in one step, readable by its owner only: a reader finds the old content or the
 * new, even if the process is killed. Only one process at a time may do so.
 *
 * Uses Node's own writeFile, because atomically (in conf) and write-file-atomic both ignore a short
 * write, and so replace a valid file by a truncated one if the disk is full.
 *
 * @throws ChannelctlError of kind `storage`; the file is unchanged then
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = draftOf(path);
  try {
    await rm(next, { force: true });
    await writeFile(next, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    throw fileError('written', path, error);
  }
}

/**
 * Deletes the draft of a process that was killed in `replaceFile`. Only one process at a time may
 * do so.
 */
export async function removeDraft(path: string): Promise<void> {
  await rm(draftOf(path), { force: true }).catch(() => undefined);
}

function draftOf(path: string): string {
  return `${path}.new`;
}

/**
 * @throws ChannelctlError of kind `storage` if files can't be written into `folder`, which need not
 *   exist yet
 */
export async function checkWritable(folder: string): Promise<void> {
  const existing = await nearestExisting(folder);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileError('written', existing, error);
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path)
      return nearestExisting(dirname(path));
    throw fileError('written', path, error);
  }
  throw fileError('written', path, Object.assign(new Error(path), { code: 'ENOTDIR' }));
}
