import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storageError } from '../shared/errors.ts';
import { fileError } from '../shared/files.ts';
import { readJournal } from './journal.ts';
import { marksOf, secretHolders } from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import { applyEdit, type ChangeContext, probeStores, sweepJournal } from './transaction.ts';
import type { SecretMark, StoredConfig } from './types.ts';

const isInFolder = ({ store }: Pick<SecretMark, 'store'>) => store === 'file';

/**
 * Removes a profile's secrets, then its folder. Only under the profile's lock. Interrupted, it
 * leaves a whole profile that lacks secrets it no longer marks, or none.
 *
 * Secrets in the profile's folder go with the folder: their passphrase is not needed.
 */
export async function deleteProfile(context: ChangeContext): Promise<void> {
  const { paths, name } = context;
  const old = await readState(paths.state);
  await probeStores(
    context,
    marksOf(old).filter((mark) => !isInFolder(mark)),
  );
  const leftovers = await sweepJournal(context, old);
  await applyEdit(context, old, leftovers, (draft) => {
    for (const holder of secretHolders(draft)) dropOutside(holder);
  });
  const stuck = (await readJournal(paths.journal)).filter((place) => !isInFolder(place));
  if (stuck.length > 0) {
    throw storageError(
      `The profile ${name} was not deleted.`,
      `Some of its secrets could not be removed from the ${stuck[0]?.store}.`,
      'Make that store usable, then run the command again.',
    );
  }
  await removeFolder(paths.folder, context.randomBytes(4).toString('hex'));
}

function dropOutside(holder: Pick<StoredConfig, 'secrets'>): void {
  holder.secrets = Object.fromEntries(
    Object.entries(holder.secrets).filter(([, mark]) => isInFolder(mark)),
  );
}

/** Gone in one step for everyone else, then file by file; also what an interrupted deletion left. */
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
