import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storageError } from '../shared/errors.ts';
import { fileError } from '../shared/file-errors.ts';
import type { AuditItem } from './audit/log.ts';
import { readJournal } from './journal.ts';
import { fileExists, isOccupied, profileNotFound } from './paths.ts';
import { secretOwners, secretRefsOf } from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import {
  applyEdit,
  assertStoresWritable,
  recoverJournal,
  type TransactionContext,
} from './transaction.ts';
import type { SecretRef, StoredConfig } from './types.ts';

const isInProfileFolder = ({ store }: Pick<SecretRef, 'store'>) => store === 'file';

/**
 * Deletes a profile's secrets, then its folder. Requires the profile's lock. An interruption leaves
 * either a complete profile that no longer refers to its deleted secrets, or no profile.
 *
 * Secrets in the profile's folder are deleted with the folder, so their passphrase is not needed.
 *
 * @throws ChannelctlError `not_found` if the profile does not exist
 */
export async function deleteProfile(context: TransactionContext): Promise<void> {
  const { paths, name } = context;
  if (!(await isOccupied(paths.state))) throw profileNotFound(name);
  const old = await readState(paths.state);
  await assertStoresWritable(
    context,
    secretRefsOf(old).filter((ref) => !isInProfileFolder(ref)),
  );
  const pendingRemovals = await recoverJournal(context, old);
  await applyEdit(context, old, pendingRemovals, (draft) => {
    for (const owner of secretOwners(draft)) removeExternalRefs(owner);
  });
  const undeleted = (await readJournal(paths.journal)).filter((ref) => !isInProfileFolder(ref));
  if (undeleted.length > 0) {
    throw storageError(`The profile ${name} was not deleted.`, {
      reason: `Some of its secrets could not be deleted from the secret store "${undeleted[0]?.store}".`,
      hint: 'Make that secret store available, then run the command again.',
    });
  }
  await context.audit?.prepare(() => [PROFILE_DELETED], null);
  try {
    await removeFolder(paths.folder, randomBytes(4).toString('hex'));
  } catch (error) {
    if (await fileExists(paths.state)) await context.audit?.discard();
    throw error;
  }
  await context.audit?.finish();
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

/** Renames the folder, so that it disappears atomically, then deletes it and earlier leftovers. */
async function removeFolder(folder: string, suffix: string): Promise<void> {
  const parent = dirname(folder);
  try {
    await rename(folder, join(parent, `.${basename(folder)}.${suffix}.deleted`));
    for (const entry of await readdir(parent)) {
      const isDeleted = entry.startsWith('.') && entry.endsWith('.deleted');
      if (isDeleted) await rm(join(parent, entry), { recursive: true, force: true });
    }
  } catch (error) {
    throw fileError('written', folder, error);
  }
}
