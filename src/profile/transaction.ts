import { makeFolder } from '../shared/files.ts';
import { removeDraft } from '../shared/replace-file.ts';
import { diffStates } from './audit/changes.ts';
import type { AuditRecorder } from './audit/recorder.ts';
import type { BindingContext, NewSecret } from './bind-secrets.ts';
import { type ItemRef, readJournal, writeJournal } from './journal.ts';
import { requestStores } from './open-stores.ts';
import type { ProfilePaths } from './paths.ts';
import { changesAnything, type PreparedEdit, prepareEdit } from './prepare-edit.ts';
import { excludeRefs, groupByStore, secretRefsOf } from './secret-refs.ts';
import { writeState } from './state-file/write.ts';
import type { ProfileState, SecretEdits } from './types.ts';

export interface TransactionContext extends BindingContext {
  paths: ProfilePaths;
  audit: AuditRecorder | null;
  diff?: typeof diffStates;
}

interface JournalledEdit extends PreparedEdit {
  pendingRemovals: readonly ItemRef[];
}

/**
 * Runs `edit` on a copy of the state, and commits the result. Requires the profile's lock.
 *
 * @param pendingRemovals items that earlier changes could not delete
 * @param options `bindAll` to bind all secrets of channelctl 0.1.0 and 0.2.0
 */
export async function applyEdit<Result>(
  context: TransactionContext,
  old: ProfileState,
  pendingRemovals: readonly ItemRef[],
  edit: (draft: ProfileState, secrets: SecretEdits) => Result,
  { bindAll = false }: { bindAll?: boolean } = {},
): Promise<Result> {
  const { result, ...prepared } = await prepareEdit(context, old, edit, { bindAll });
  try {
    await commit(context, { ...prepared, pendingRemovals });
  } catch (error) {
    await context.audit?.discard();
    throw error;
  }
  await context.audit?.finish();
  return result;
}

async function commit(context: TransactionContext, edited: JournalledEdit): Promise<void> {
  const { put, removed, pendingRemovals } = edited;
  const { paths } = context;
  const refs = [...put.map(({ ref }) => ref), ...removed];
  if (!changesAnything(edited)) return;
  await context.audit?.assertAllowed();
  // Only the active store must be writable: items to delete from other stores can remain in the
  // journal.
  await assertStoresWritable(
    context,
    refs.filter(({ store }) => store === context.activeStore),
  );
  await requestStores(groupByStore(refs).keys(), context.stores);
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
  const next = { ...draft, revision: (old.revision ?? 0) + 1 };
  await writeState(paths.state, next, async (digest) => {
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
  const values = new Map(put.map(({ ref, value }) => [ref.item, value]));
  for (const [name, items] of groupByStore(put.map(({ ref }) => ref))) {
    const own = new Map(items.map((item) => [item, values.get(item) ?? '']));
    await (await context.stores(name)).write({ put: own, remove: [] });
  }
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
  const unused = excludeRefs(listed, secretRefsOf(state));
  await requestStores(groupByStore(unused).keys(), context.stores);
  const undeleted = await deleteItems(context, unused);
  await updateJournal(context, undeleted);
  return undeleted;
}
