import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { whileBusy } from '../shared/busy-files.ts';
import { storageError } from '../shared/errors.ts';
import { fileError } from '../shared/file-errors.ts';
import { MissingStoreError } from '../shared/secrets.ts';
import type { AuditItem } from './audit/log.ts';
import { type ItemRef, readJournal } from './journal.ts';
import { isOccupied, profileNotFound } from './paths.ts';
import { secretOwners, secretRefsOf } from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import {
  applyEdit,
  assertStoresWritable,
  recoverJournal,
  type TransactionContext,
} from './transaction.ts';
import type { DeletedProfile, SecretRef, StoredConfig } from './types.ts';

const isInProfileFolder = ({ store }: Pick<SecretRef, 'store'>) => store === 'file';

/**
 * Deletes a profile's secrets, then its folder. Requires the profile's lock. An interruption leaves
 * either a complete profile that no longer refers to its deleted secrets, or no profile.
 *
 * Secrets in the profile's folder are deleted with the folder, so their passphrase is not needed.
 *
 * @throws ChannelctlError `not_found` if the profile does not exist
 */
export async function deleteProfile(locked: TransactionContext): Promise<DeletedProfile> {
  const { paths, name } = locked;
  if (!(await isOccupied(paths.state))) throw profileNotFound(name);
  const old = await readState(paths.state);
  const hasKeychain = await isUsable(locked, [
    ...secretRefsOf(old),
    ...(await readJournal(paths.journal)),
  ]);
  const context: TransactionContext = {
    ...locked,
    // The active store need not be writable, because nothing is stored.
    activeStore: 'env',
    stores: (store) =>
      store === 'file' ? Promise.reject(new Error('not needed')) : locked.stores(store),
  };
  const pendingRemovals = await recoverJournal(context, old);
  await applyEdit(context, old, pendingRemovals, (draft) => {
    for (const owner of secretOwners(draft)) removeExternalRefs(owner);
  });
  const undeleted = (await readJournal(paths.journal)).filter((ref) => !isInProfileFolder(ref));
  if (undeleted.length > 0 && hasKeychain) {
    throw storageError(`The profile ${name} was not deleted.`, {
      reason: `Some of its secrets could not be deleted from the secret store "${undeleted[0]?.store}".`,
      hint: 'Make that secret store available, then run the command again.',
    });
  }
  await context.audit?.prepare(() => [PROFILE_DELETED], { state: null });
  const moved = `.${basename(paths.folder)}.${randomBytes(4).toString('hex')}.deleted`;
  try {
    await whileBusy(() => rename(paths.folder, join(dirname(paths.folder), moved)));
  } catch (error) {
    await context.audit?.discard();
    throw fileError('written', paths.folder, error);
  }
  const isComplete = await removeDeleted(dirname(paths.folder));
  await context.audit?.finish();
  return { filesRemain: !isComplete, itemsRemaining: undeleted.map(({ item }) => item) };
}

/**
 * Whether the stores outside the profile's folder, if it uses any, are usable; false if this machine
 * has no keychain.
 *
 * @throws ChannelctlError `storage` if the keychain is locked or does not respond
 */
async function isUsable(context: TransactionContext, refs: readonly ItemRef[]): Promise<boolean> {
  const external = refs.filter((ref) => !isInProfileFolder(ref));
  try {
    await assertStoresWritable(context, external);
    return true;
  } catch (error) {
    if (error instanceof MissingStoreError) return false;
    throw error;
  }
}

const PROFILE_DELETED: AuditItem = {
  action: 'profile.deleted',
  channel: null,
  account_id: null,
  account_key: null,
  call: null,
  changes: [],
};

function removeExternalRefs(owner: Pick<StoredConfig, 'secrets'>): void {
  owner.secrets = Object.fromEntries(
    Object.entries(owner.secrets).filter(([, ref]) => isInProfileFolder(ref)),
  );
}

/** Removes the renamed folders of deleted profiles. Returns whether all are removed. */
async function removeDeleted(parent: string): Promise<boolean> {
  try {
    for (const entry of await readdir(parent)) {
      const isDeleted = entry.startsWith('.') && entry.endsWith('.deleted');
      if (isDeleted)
        await whileBusy(() => rm(join(parent, entry), { recursive: true, force: true }));
    }
    return true;
  } catch {
    return false;
  }
}
