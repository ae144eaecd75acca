import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { makeFolder } from '../shared/files.ts';
import { removeDraft } from '../shared/replace-file.ts';
import {
  envStoreError,
  lastFour,
  type SecretStore,
  type SecretStoreName,
} from '../shared/secrets.ts';
import { diffStates } from './audit/changes.ts';
import type { AuditRecorder } from './audit/recorder.ts';
import { type ItemRef, readJournal, writeJournal } from './journal.ts';
import type { ProfilePaths } from './paths.ts';
import { excludeRefs, groupByStore, secretRefsOf } from './secret-refs.ts';
import { writeState } from './state-file/write.ts';
import type { ProfileState, SecretEdits, SecretRef } from './types.ts';

export interface TransactionContext {
  name: string;
  paths: ProfilePaths;
  stores(name: SecretStoreName): Promise<SecretStore>;
  activeStore: SecretStoreName;
  audit: AuditRecorder | null;
  diff?: typeof diffStates;
}

interface NewSecret {
  ref: SecretRef;
  value: string;
}

interface PreparedEdit {
  old: ProfileState;
  draft: ProfileState;
  put: readonly NewSecret[];
  removed: readonly SecretRef[];
  pendingRemovals: readonly ItemRef[];
}

/**
 * Runs `edit` on a copy of the state, and commits the result. Requires the profile's lock.
 *
 * @param pendingRemovals items that earlier changes could not delete
 */
export async function applyEdit<Result>(
  context: TransactionContext,
  old: ProfileState,
  pendingRemovals: readonly ItemRef[],
  edit: (draft: ProfileState, secrets: SecretEdits) => Result,
): Promise<Result> {
  const draft = structuredClone(old);
  const added: NewSecret[] = [];
  const result = edit(draft, secretEdits(context, added));
  const refs = secretRefsOf(draft);
  const items = new Set(refs.map(({ item }) => item));
  const put = added.filter(({ ref }) => items.has(ref.item));
  const removed = excludeRefs(secretRefsOf(old), refs);
  try {
    await commit(context, { old, draft, put, removed, pendingRemovals });
  } catch (error) {
    await context.audit?.discard();
    throw error;
  }
  await context.audit?.finish();
  return result;
}

function secretEdits(context: TransactionContext, added: NewSecret[]): SecretEdits {
  const { activeStore, name } = context;
  return {
    put(owner, field, value) {
      if (activeStore === 'env') throw envStoreError();
      // The random part distinguishes an item from its successor, and from items of profiles with
      // the same name in other folders.
      const item = `${name}/${owner}/${field}/${randomBytes(4).toString('hex')}`;
      const ref = { store: activeStore, item, last4: lastFour(value) };
      added.push({ ref, value });
      return { ...ref };
    },
  };
}

async function commit(context: TransactionContext, edited: PreparedEdit): Promise<void> {
  const { old, draft, put, removed, pendingRemovals } = edited;
  const { paths } = context;
  const refs = [...put.map(({ ref }) => ref), ...removed];
  if (refs.length === 0 && isDeepStrictEqual(draft, old)) return;
  await context.audit?.assertAllowed();
  // Only the active store must be writable: items to delete from other stores can remain in the
  // journal.
  await assertStoresWritable(
    context,
    refs.filter(({ store }) => store === context.activeStore),
  );
  await makeFolder(paths.folder);
  if (refs.length === 0) return replaceState(context, edited);
  await writeJournal(paths.journal, [...pendingRemovals, ...refs]);
  try {
    await writeSecrets(context, put);
    await replaceState(context, edited);
  } catch (error) {
    const rolledBack = put.map(({ ref }) => ref);
    await updateJournal(context, [...pendingRemovals, ...(await deleteItems(context, rolledBack))]);
    throw error;
  }
  await updateJournal(context, [...pendingRemovals, ...(await deleteItems(context, removed))]);
}

/** Writes the new state. If this succeeds, the change is committed. */
async function replaceState(
  { paths, audit, diff = diffStates }: TransactionContext,
  { old, draft }: PreparedEdit,
): Promise<void> {
  await writeState(paths.state, draft, async (digest) => {
    await audit?.prepare(() => diff(old, draft), { state: digest });
  });
}

export async function assertStoresWritable(
  context: TransactionContext,
  refs: readonly ItemRef[],
): Promise<void> {
  for (const name of groupByStore(refs).keys()) await (await context.stores(name)).assertWritable();
}

async function writeSecrets(context: TransactionContext, put: readonly NewSecret[]): Promise<void> {
  if (put.length === 0) return;
  const store = await context.stores(context.activeStore);
  const values = new Map(put.map(({ ref, value }) => [ref.item, value]));
  await store.write({ put: values, remove: [] });
}

async function deleteItems(
  context: TransactionContext,
  refs: readonly ItemRef[],
): Promise<ItemRef[]> {
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

/**
 * Reduces the journal to the items that were not deleted. A failure is ignored, because the next
 * change can process the longer list.
 */
async function updateJournal(
  context: TransactionContext,
  items: readonly ItemRef[],
): Promise<void> {
  await writeJournal(context.paths.journal, items).catch(() => undefined);
}

/**
 * Completes or rolls back an interrupted change: records it if it was committed, then deletes its
 * drafts and its unused items. Returns the items that could not be deleted. Requires the profile's
 * lock.
 *
 * @throws ChannelctlError `storage` if the journal is unreadable
 */
export async function recoverJournal(
  context: TransactionContext,
  state: ProfileState,
): Promise<ItemRef[]> {
  await context.audit?.recover();
  for (const path of [context.paths.journal, context.paths.secrets]) await removeDraft(path);
  const listed = await readJournal(context.paths.journal);
  if (listed.length === 0) return [];
  const undeleted = await deleteItems(context, excludeRefs(listed, secretRefsOf(state)));
  await updateJournal(context, undeleted);
  return undeleted;
}
