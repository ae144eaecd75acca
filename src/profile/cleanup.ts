import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SecretStore } from '../shared/secrets.ts';
import { readJournal } from './journal.ts';
import { fileExists, type ProfilePaths } from './paths.ts';
import { secretRefsOf } from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import { type ChangeContext, recoverJournal } from './transaction.ts';

/** What interrupted commands left of a profile: half-written files, a journal, deleted profiles. */
export async function findStaleFiles(paths: ProfilePaths): Promise<string[]> {
  return [
    ...(await findDrafts(paths)),
    ...((await fileExists(paths.journal)) ? [paths.journal] : []),
  ];
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
 * Removes what interrupted commands left, secrets that nothing refers to included. Only under the
 * profile's lock.
 *
 * @throws ChannelctlError of kind `storage` where the state or the journal can't be read
 */
export async function cleanUp(context: ChangeContext): Promise<void> {
  for (const path of await findDrafts(context.paths)) {
    await rm(path, { recursive: true, force: true });
  }
  await recoverJournal(context, await readState(context.paths.state));
}

/**
 * Items of a store that neither the state nor a change that goes on refers to; null where the store
 * can't list its items. The order of looking keeps what is stored just now from being taken for unused.
 *
 * @throws ChannelctlError of kind `storage` where the store, the state or the journal can't be read
 */
export async function findUnusedItems(
  { state, journal }: Pick<ProfilePaths, 'state' | 'journal'>,
  store: SecretStore,
): Promise<string[] | null> {
  if (store.list === undefined) return null;
  const items = await store.list();
  const changing = await readJournal(journal);
  const refs = [...changing, ...secretRefsOf(await readState(state))];
  const used = new Set(refs.filter((ref) => ref.store === store.name).map(({ item }) => item));
  return items.filter((item) => !used.has(item));
}

/** Removes what `unusedItems` finds. Only under the profile's lock. */
export async function deleteUnusedItems({
  paths,
  stores,
  activeStore,
}: ChangeContext): Promise<void> {
  const store = await stores(activeStore);
  const remove = await findUnusedItems(paths, store);
  if (remove !== null && remove.length > 0) await store.write({ put: new Map(), remove });
}
