import { constants, type FileHandle, lchown, lstat, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { currentUser } from './current-user.ts';
import { systemCode } from './errors.ts';

/**
 * Makes the owner of the parent folder the owner of a file or folder that root created. With sudo,
 * a command creates files in a user's folder, and the user must be able to access them later.
 * Errors are ignored.
 */
export async function giveToFolderOwner(path: string): Promise<void> {
  if (currentUser() !== 0) return;
  const { uid, gid } = await stat(dirname(path));
  if (uid !== 0) await lchown(path, uid, gid).catch(() => undefined);
}

/**
 * Copies the owner and the group of the file at `path` to its successor `draft`, and the mode
 * unless the content is secret. Copies as much as the user and the file system allow; without the
 * group, its permissions are not copied either. If there is no file at `path`, its folder determines
 * the owner.
 */
export async function copyOwnership(
  path: string,
  draft: string,
  { isSecret }: { isSecret: boolean },
): Promise<void> {
  const old = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return null;
  });
  if (old === null) return giveToFolderOwner(draft);
  if (currentUser() === null) return;
  // Another user who can write to the folder must not redirect the changes to a different file.
  const file = await open(draft, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const hasGroup = await changeOwner(file, old);
    if (isSecret) return;
    await file.chmod(old.mode & (hasGroup ? 0o777 : 0o707)).catch(() => undefined);
  } finally {
    await file.close();
  }
}

/**
 * Changes the owner and the group as far as permitted. Returns whether the file then has the group.
 */
async function changeOwner(
  file: FileHandle,
  { uid, gid }: { uid: number; gid: number },
): Promise<boolean> {
  const own = await file.stat();
  if (own.uid === uid && own.gid === gid) return true;
  for (const owner of [uid, own.uid]) {
    try {
      await file.chown(owner, gid);
      return true;
    } catch {
      // Only root can change the owner; other users can choose one of their groups.
    }
  }
  return own.gid === gid;
}
