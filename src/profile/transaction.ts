import { isDeepStrictEqual } from 'node:util';
import { makeFolder, removeDraft } from '../shared/files.ts';
import {
  envStoreError,
  lastFour,
  type SecretStore,
  type SecretStoreName,
} from '../shared/secrets.ts';
import { type ItemPlace, readJournal, writeJournal } from './journal.ts';
import type { ProfilePaths } from './paths.ts';
import { byStore, marksOf, without } from './secret-refs.ts';
import { writeState } from './state-file/write.ts';
import type { ProfileState, SecretEdits, SecretMark } from './types.ts';

/** What a change of a profile works with. */
export interface ChangeContext {
  name: string;
  paths: ProfilePaths;
  stores(name: SecretStoreName): Promise<SecretStore>;
  activeStore: SecretStoreName;
  randomBytes(bytes: number): Buffer;
  /** Writes down what a change has changed. Fails nothing: what is done is done. */
  record(old: ProfileState, next: ProfileState): Promise<void>;
}

/** A secret that an edit has put. */
interface NewSecret {
  mark: SecretMark;
  value: string;
}

/** An edit that is to be kept. */
interface Edited {
  old: ProfileState;
  draft: ProfileState;
  put: readonly NewSecret[];
  /** Marks that the draft no longer has. */
  removed: readonly SecretMark[];
  /** What earlier changes could not remove. */
  leftovers: readonly ItemPlace[];
}

/**
 * Lets `edit` change a copy of the state, and keeps what it did. Only under the profile's lock.
 *
 * @param leftovers what `sweepJournal` left
 */
export async function applyEdit<Result>(
  context: ChangeContext,
  old: ProfileState,
  leftovers: readonly ItemPlace[],
  edit: (draft: ProfileState, secrets: SecretEdits) => Result,
): Promise<Result> {
  const draft = structuredClone(old);
  const added: NewSecret[] = [];
  const result = edit(draft, secretEdits(context, added));
  const kept = marksOf(draft);
  const items = new Set(kept.map(({ item }) => item));
  const put = added.filter(({ mark }) => items.has(mark.item));
  await commit(context, { old, draft, put, removed: without(marksOf(old), kept), leftovers });
  await context.record(old, draft);
  return result;
}

function secretEdits(context: ChangeContext, added: NewSecret[]): SecretEdits {
  const { activeStore, name, randomBytes } = context;
  return {
    put(owner, field, value) {
      if (activeStore === 'env') throw envStoreError();
      // The random part keeps profiles of the same name in other folders, and an item's successor, apart.
      const item = `${name}/${owner}/${field}/${randomBytes(4).toString('hex')}`;
      const mark = { store: activeStore, item, last4: lastFour(value) };
      added.push({ mark, value });
      return { ...mark };
    },
  };
}

async function commit(context: ChangeContext, edited: Edited): Promise<void> {
  const { old, draft, put, removed, leftovers } = edited;
  const { paths } = context;
  const places = [...put.map(({ mark }) => mark), ...removed];
  if (places.length === 0 && isDeepStrictEqual(draft, old)) return;
  // Where another store than the active one can't be used now, what is to go from it waits in the journal.
  await probeStores(
    context,
    places.filter(({ store }) => store === context.activeStore),
  );
  await makeFolder(paths.folder);
  if (places.length === 0) return writeState(paths.state, draft);
  await writeJournal(paths.journal, [...leftovers, ...places]);
  try {
    await putSecrets(context, put);
    await writeState(paths.state, draft);
  } catch (error) {
    const undone = put.map(({ mark }) => mark);
    await settleJournal(context, [...leftovers, ...(await removeItems(context, undone))]);
    throw error;
  }
  await settleJournal(context, [...leftovers, ...(await removeItems(context, removed))]);
}

/** Fails before anything has changed where one of the stores concerned can't be used. */
export async function probeStores(
  context: ChangeContext,
  places: readonly ItemPlace[],
): Promise<void> {
  for (const name of byStore(places).keys()) await (await context.stores(name)).probe();
}

async function putSecrets(context: ChangeContext, put: readonly NewSecret[]): Promise<void> {
  if (put.length === 0) return;
  const store = await context.stores(context.activeStore);
  const values = new Map(put.map(({ mark, value }) => [mark.item, value]));
  await store.write({ put: values, remove: [] });
}

/** Removes items as far as their stores let it, and gives those that are still there. */
async function removeItems(
  context: ChangeContext,
  places: readonly ItemPlace[],
): Promise<ItemPlace[]> {
  const stuck: ItemPlace[] = [];
  for (const [name, remove] of byStore(places)) {
    try {
      await (await context.stores(name)).write({ put: new Map(), remove });
    } catch {
      stuck.push(...remove.map((item) => ({ store: name, item })));
    }
  }
  return stuck;
}

/** Leaves in the journal what is still to be removed. Where that fails, the next change finds the longer list. */
async function settleJournal(context: ChangeContext, items: readonly ItemPlace[]): Promise<void> {
  await writeJournal(context.paths.journal, items).catch(() => undefined);
}

/**
 * Removes what an interrupted change left: half-written files, and items in the stores as far as
 * those can be used now. Gives the items that are still there. Only under the profile's lock.
 *
 * @throws ChannelctlError of kind `storage` where the journal can't be read
 */
export async function sweepJournal(
  context: ChangeContext,
  state: ProfileState,
): Promise<ItemPlace[]> {
  for (const path of [context.paths.journal, context.paths.secrets]) await removeDraft(path);
  const listed = await readJournal(context.paths.journal);
  if (listed.length === 0) return [];
  const stuck = await removeItems(context, without(listed, marksOf(state)));
  await settleJournal(context, stuck);
  return stuck;
}
