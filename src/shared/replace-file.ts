import { lstat, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { whileBusy } from './busy-files.ts';
import { currentUser } from './current-user.ts';
import { ChannelctlError, storageError, systemCode } from './errors.ts';
import { fileError } from './file-errors.ts';
import { copyOwnership } from './ownership.ts';

/** As many as Linux follows. */
const MAX_LINKS = 40;

/**
 * Replaces a file atomically with one that only its owner can access: a reader finds either the old
 * or the new content, even if the process is killed. Only one process at a time may call this
 * function.
 *
 * Uses Node's writeFile, because the packages `atomically` (used by conf) and `write-file-atomic`
 * ignore short writes: if the disk is full, they replace a valid file with a truncated one.
 *
 * @throws ChannelctlError `storage`; the file is then unchanged
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const write = (draft: string) => writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
  await replaceWith(path, write, { isSecret: true });
}

/**
 * Replaces a file atomically with the draft that `write` creates. The owner and the group are
 * preserved, as is the mode unless the file is secret. A link to the file is followed.
 *
 * @throws ChannelctlError `storage`; the file is then unchanged
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
    await whileBusy(() => rm(draft, { force: true }));
    await write(draft);
    await copyOwnership(target, draft, options);
    await whileBusy(() => rename(draft, target));
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
 * Returns the path of the file that `path` is a link to, directly or through other links; `path` if
 * it is not a link. Nothing needs to exist at `path`.
 *
 * @throws ChannelctlError `storage` for a link that another user could have created; a system error
 *   for a link without a target and for a loop
 */
async function resolveLinks(path: string): Promise<string> {
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
