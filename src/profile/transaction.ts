import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { makeFolder, removeDraft } from '../shared/files.ts';
import {
  envStoreError,
  lastFour,
  type SecretStore,
  type SecretStoreName,
} from '../shared/secrets.ts';
import { type ItemRef, readJournal, writeJournal } from './journal.ts';
import type { ProfilePaths } from './paths.ts';
import { groupByStore, secretRefsOf, without } from './secret-refs.ts';
import { writeState } from './state-file/write.ts';
import type { ProfileState, SecretEdits, SecretRef } from './types.ts';

/** What a change of a profile works with. */
export interface ChangeContext {
  name: string;
  paths: ProfilePaths;
  stores(name: SecretStoreName): Promise<SecretStore>;
  activeStore: SecretStoreName;
  /** Writes down what a change has changed. Fails nothing: what is done is done. */
  audit(old: ProfileState, next: ProfileState): Promise<void>;
}

/** A secret that an edit has put. */
interface NewSecret {
  ref: SecretRef;
  value: string;
}

/** An edit that is to be kept. */
interface PreparedEdit {
  old: ProfileState;
  draft: ProfileState;
  put: readonly NewSecret[];
  /** References that the draft no longer has. */
  removed: readonly SecretRef[];
  /** What earlier changes could not remove. */
  pendingRemovals: readonly ItemRef[];
}

/**
 * Lets `edit` change a copy of the state, and keeps what it did. Only under the profile's lock.
 *
 * @param pendingRemovals items that earlier changes could not delete
 */
export async function applyEdit<Result>(
  context: ChangeContext,
  old: ProfileState,
  pendingRemovals: readonly ItemRef[],
  edit: (draft: ProfileState, secrets: SecretEdits) => Result,
): Promise<Result> {
  const draft = structuredClone(old);
  const added: NewSecret[] = [];
  const result = edit(draft, secretEdits(context, added));
  const kept = secretRefsOf(draft);
  const items = new Set(kept.map(({ item }) => item));
  const put = added.filter(({ ref }) => items.has(ref.item));
  await commit(context, {
    old,
    draft,
    put,
    removed: without(secretRefsOf(old), kept),
    pendingRemovals,
  });
  await context.audit(old, draft);
  return result;
}

function secretEdits(context: ChangeContext, added: NewSecret[]): SecretEdits {
  const { activeStore, name } = context;
  return {
    put(owner, field, value) {
      if (activeStore === 'env') throw envStoreError();
      // The random part keeps profiles of the same name in other folders, and an item's successor, apart.
      const item = `${name}/${owner}/${field}/${randomBytes(4).toString('hex')}`;
      const ref = { store: activeStore, item, last4: lastFour(value) };
      added.push({ ref, value });
      return { ...ref };
    },
  };
}

async function commit(context: ChangeContext, edited: PreparedEdit): Promise<void> {
  const { old, draft, put, removed, pendingRemovals } = edited;
  const { paths } = context;
  const refs = [...put.map(({ ref }) => ref), ...removed];
  if (refs.length === 0 && isDeepStrictEqual(draft, old)) return;
  // Where another store than the active one can't be used now, what is to go from it waits in the journal.
  await assertStoresWritable(
    context,
    refs.filter(({ store }) => store === context.activeStore),
  );
  await makeFolder(paths.folder);
  if (refs.length === 0) return writeState(paths.state, draft);
  await writeJournal(paths.journal, [...pendingRemovals, ...refs]);
  try {
    await writeSecrets(context, put);
    await writeState(paths.state, draft);
  } catch (error) {
    const undone = put.map(({ ref }) => ref);
    await updateJournal(context, [...pendingRemovals, ...(await deleteItems(context, undone))]);
    throw error;
  }
  await updateJournal(context, [...pendingRemovals, ...(await deleteItems(context, removed))]);
}

/** Fails before anything has changed where one of the stores concerned can't be used. */
export async function assertStoresWritable(
  context: ChangeContext,
  refs: readonly ItemRef[],
): Promise<void> {
  for (const name of groupByStore(refs).keys()) await (await context.stores(name)).assertWritable();
}

async function writeSecrets(context: ChangeContext, put: readonly NewSecret[]): Promise<void> {
  if (put.length === 0) return;
  const store = await context.stores(context.activeStore);
  const values = new Map(put.map(({ ref, value }) => [ref.item, value]));
  await store.write({ put: values, remove: [] });
}

/** Removes items as far as their stores let it, and gives those that are still there. */
async function deleteItems(context: ChangeContext, refs: readonly ItemRef[]): Promise<ItemRef[]> {
  const undeleted: ItemRef[] = [];
  for (const [name, remove] of groupByStore(refs)) {
    try {
      await (await context.stores(name)).write({ put: new Map(), remove });
    } catch {
      undeleted.push(...remove.map((item) => ({ store: name, item })));
    }
  }
  return undeleted;
}

/** Leaves in the journal what is still to be removed. Where that fails, the next change finds the longer list. */
async function updateJournal(context: ChangeContext, items: readonly ItemRef[]): Promise<void> {
  await writeJournal(context.paths.journal, items).catch(() => undefined);
}

/**
 * Removes what an interrupted change left: half-written files, and items in the stores as far as
 * those can be used now. Gives the items that are still there. Only under the profile's lock.
 *
 * @throws ChannelctlError of kind `storage` where the journal can't be read
 */
export async function recoverJournal(
  context: ChangeContext,
  state: ProfileState,
): Promise<ItemRef[]> {
  for (const path of [context.paths.journal, context.paths.secrets]) await removeDraft(path);
  const listed = await readJournal(context.paths.journal);
  if (listed.length === 0) return [];
  const undeleted = await deleteItems(context, without(listed, secretRefsOf(state)));
  await updateJournal(context, undeleted);
  return undeleted;
}
