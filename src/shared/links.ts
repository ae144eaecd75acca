import { existsSync, lstatSync } from 'node:fs';
import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { storageError, systemCode } from './errors.ts';
import { currentUser } from './ownership.ts';

/** As many as Linux follows. */
const MAX_LINKS = 40;

/**
 * Returns the link that makes `path` unavailable because its target is missing: the file itself or
 * one of its folders; null if there is none.
 */
export function findDanglingLink(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() && !existsSync(path) ? path : null;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) return null;
    return findDanglingLink(dirname(path));
  }
}

/** Whether `error` means that nothing exists at `path`, not even a link without its target. */
export function isMissing(error: unknown, path: string): boolean {
  return systemCode(error) === 'ENOENT' && findDanglingLink(path) === null;
}

/**
 * Returns the path of the file that `path` is a link to, directly or through other links; `path` if
 * it is not a link. Nothing needs to exist at `path`.
 *
 * @throws ChannelctlError `storage` for a link that another user could have created; a system error
 *   for a link without a target and for a loop
 */
export async function resolveLinks(path: string): Promise<string> {
  let target = path;
  for (let followed = 0; followed <= MAX_LINKS; followed += 1) {
    const entry = await lstat(target).catch((error: unknown) => {
      if (target === path && systemCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (entry === null || !entry.isSymbolicLink()) return target;
    await assertOwnLink(target, entry.uid);
    target = resolve(await realpath(dirname(target)), await readlink(target));
  }
  throw Object.assign(new Error(path), { code: 'ELOOP' });
}

async function assertOwnLink(link: string, linkOwner: number): Promise<void> {
  const user = currentUser();
  if (user === null) return;
  const folderOwner = (await stat(dirname(link))).uid;
  if (linkOwner === user && folderOwner === user) return;
  throw storageError(`${link} cannot be written.`, {
    reason:
      linkOwner === user
        ? 'It is a symbolic link in a folder of another user, who could change it.'
        : 'It is a symbolic link that belongs to another user.',
    hint: 'Run the command as the owner, or replace the link with the file.',
  });
}
