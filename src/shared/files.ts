import { statSync } from 'node:fs';
import { access, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ChannelctlError, storageError, systemCode } from './errors.ts';
import { findDanglingLink, resolveLinks } from './links.ts';
import { copyOwnership, currentUser, giveToFolderOwner } from './ownership.ts';

const OWNER_HINT = 'Run the command as the owner, or change the permissions.';
const SPACE_HINT = 'Free up space, then run the command again.';

const FILE_ERRORS: Readonly<Record<string, Explanation>> = {
  EACCES: ['Permission denied.', OWNER_HINT],
  EPERM: ['The operation is not permitted.', OWNER_HINT],
  EROFS: ['The file system is read-only.', 'Make the file system writable.'],
  ENOSPC: ['The disk is full.', SPACE_HINT],
  EDQUOT: ['Your disk quota is exceeded.', SPACE_HINT],
  ENOTDIR: ['Part of the path is a file, not a folder.', 'Move or rename that file.'],
  ELOOP: ['The symbolic links in the path form a loop.', 'Replace the link with the file.'],
  EBUSY: [
    'It is in use or a mount point, and a mount point cannot be replaced.',
    'If the file is mounted, mount its folder instead.',
  ],
  EISDIR: ['It is a folder, not a file.', 'Move or rename that folder.'],
  ENOENT: [
    'A folder in the path does not exist.',
    'Create the folder, or set CHANNELCTL_CONFIG_DIR to another one.',
  ],
};

export function fileError(verb: 'read' | 'written', path: string, cause: unknown): ChannelctlError {
  const code = systemCode(cause) ?? 'unknown';
  const [reason, hint] = explainLink(code, path) ??
    explainOwner(code, path) ??
    FILE_ERRORS[code] ?? [`System error: ${code}.`, 'Check the disk.'];
  return storageError(`${path} cannot be ${verb}.`, { reason, hint, cause });
}

type Explanation = readonly [reason: string, hint: string];

function explainLink(code: string, path: string): Explanation | null {
  const link = code === 'ENOENT' ? findDanglingLink(path) : null;
  if (link === null) return null;
  return [
    `${link === path ? 'It' : link} is a symbolic link whose target does not exist.`,
    'Mount or restore the target, or remove the link to start over.',
  ];
}

/** Explains a denied access to a file of another user, such as one that root has created. */
function explainOwner(code: string, path: string): Explanation | null {
  const user = currentUser();
  if ((code !== 'EACCES' && code !== 'EPERM') || user === null || user === 0) return null;
  const place = [path, dirname(path)].find((one) => ownerOf(one) !== null) ?? path;
  const owner = ownerOf(place);
  if (owner === null || owner === user) return null;
  const name = owner === 0 ? 'root' : `the user with the ID ${owner}`;
  return [
    FILE_ERRORS[code]?.[0] ?? '',
    `${place} belongs to ${name}. Run the command as the owner, or take ownership: sudo chown -R ${user} "${place}"`,
  ];
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}

/**
 * Creates a folder and its missing parents, accessible only to the owner. Existing folders are not
 * changed.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(path);
  } catch (error) {
    throw fileError('written', path, error);
  }
}

/**
 * Creates the folders one by one, because Node's `recursive` never returns if a folder cannot be
 * created, as in /proc.
 */
async function makeWithParents(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    if (dirname(path) !== path) await makeWithParents(dirname(path));
  }
  try {
    await mkdir(path, { mode: 0o700 });
    await giveToFolderOwner(path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    // Another process may have created the folder.
    const isFolder = (await stat(path)).isDirectory();
    if (!isFolder) throw Object.assign(new Error(path), { code: 'ENOTDIR' });
  }
}

/**
 * Replaces a file atomically with one that only its owner can access: a reader finds either the old
 * or the new content, even if the process is killed. Only one process at a time may call this
 * function.
 *
 * Uses Node's writeFile, because atomically (used by conf) and write-file-atomic ignore short
 * writes: if the disk is full, they replace a valid file with a truncated one.
 *
 * @throws ChannelctlError of kind `storage`; the file is then unchanged
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const write = (draft: string) => writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
  await replaceWith(path, write, { isSecret: true });
}

/**
 * Replaces a file atomically with the draft that `write` creates. The owner and the group are
 * preserved, as is the mode unless the file is secret. A link to the file is followed.
 *
 * @throws ChannelctlError of kind `storage`; the file is then unchanged
 */
export async function replaceWith(
  path: string,
  write: (draft: string) => Promise<void>,
  options: { isSecret: boolean },
): Promise<void> {
  let draft = draftOf(path);
  try {
    const target = await resolveLinks(path);
    draft = draftOf(target);
    await rm(draft, { force: true });
    await write(draft);
    await copyOwnership(target, draft, options);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error instanceof ChannelctlError ? error : fileError('written', path, error);
  }
}

/**
 * Deletes the draft of a process that was killed in `replaceFile`. Only one process at a time may
 * call this function.
 */
export async function removeDraft(path: string): Promise<void> {
  await rm(draftOf(path), { force: true }).catch(() => undefined);
}

function draftOf(path: string): string {
  return `${path}.new`;
}

/**
 * @throws ChannelctlError of kind `storage` if `folder`, which need not exist yet, is not writable
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
