import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ChannelctlError } from '../shared/errors.ts';
import { fileError } from '../shared/file-errors.ts';
import type { SecretStore } from '../shared/secrets.ts';
import { readPending } from './audit/pending.ts';
import { readJournal } from './journal.ts';
import { isOccupied, type ProfilePaths } from './paths.ts';
import { secretRefsOf } from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import { recoverJournal, type TransactionContext } from './transaction.ts';

/**
 * Finds files that interrupted commands left behind: drafts, a journal, audit entries, deleted
 * profiles. `errors` are those of a journal or audit entries that cannot be read, so that every
 * change fails.
 */
export async function findStaleFiles(
  paths: ProfilePaths,
): Promise<{ staleFiles: string[]; errors: ChannelctlError[] }> {
  const staleFiles = await findDrafts(paths);
  const errors: ChannelctlError[] = [];
  for (const [path, read] of [
    [paths.journal, () => readJournal(paths.journal)],
    [paths.pendingAudit, () => readPending(paths)],
  ] as const) {
    try {
      if (!(await isOccupied(path))) continue;
      await read();
      staleFiles.push(path);
    } catch (error) {
      if (!(error instanceof ChannelctlError)) throw error;
      errors.push(error);
    }
  }
  return { staleFiles, errors };
}

async function findDrafts({ folder, lock }: ProfilePaths): Promise<string[]> {
  const profiles = dirname(folder);
  const isStale = (name: string) =>
    name.startsWith(`${basename(lock)}.`) || (name.startsWith('.') && name.endsWith('.deleted'));
  const beside = (await namesIn(profiles)).filter(isStale).map((name) => join(profiles, name));
  const isDraft = (name: string) => /\.json\.new/.test(name);
  const inside = (await namesIn(folder)).filter(isDraft).map((name) => join(folder, name));
  return [...beside, ...inside];
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Removes stale files, and secrets that an interrupted change left behind. Requires the profile's
 * lock.
 *
 * @throws ChannelctlError `storage` if a file cannot be removed, or the state or the journal is
 *   unreadable
 */
export async function cleanUp(context: TransactionContext): Promise<void> {
  for (const path of await findDrafts(context.paths)) {
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      throw fileError('written', path, error);
    }
  }
  await recoverJournal(context, await readState(context.paths.state));
}

/**
 * Returns the items of a store that neither the state nor a running change refers to; null if the
 * store cannot list its items. The items are listed first, so that an item stored in the meantime
 * does not count as unused.
 *
 * @throws ChannelctlError `storage` if the store, the state or the journal is unreadable
 */
export async function findUnusedItems(
  { state, journal }: Pick<ProfilePaths, 'state' | 'journal'>,
  store: SecretStore,
): Promise<string[] | null> {
  if (store.list === undefined) return null;
  const items = await store.list();
  const pending = await readJournal(journal);
  const refs = [...pending, ...secretRefsOf(await readState(state))];
  const used = new Set(refs.filter((ref) => ref.store === store.name).map(({ item }) => item));
  return items.filter((item) => !used.has(item));
}

/** Deletes the unused items of the active store. Requires the profile's lock. */
export async function deleteUnusedItems({
  paths,
  stores,
  activeStore,
}: TransactionContext): Promise<void> {
  const store = await stores(activeStore);
  const remove = await findUnusedItems(paths, store);
  if (remove !== null && remove.length > 0) await store.write({ put: new Map(), remove });
}
