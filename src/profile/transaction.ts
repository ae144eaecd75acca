import { isDeepStrictEqual } from 'node:util';
import { makeFolder } from '../shared/files.ts';
import { removeDraft } from '../shared/replace-file.ts';
import { envStoreError, lastFour } from '../shared/secrets.ts';
import { diffStates } from './audit/changes.ts';
import type { AuditRecorder } from './audit/recorder.ts';
import { type BindingContext, bindSecrets, type NewSecret } from './bind-secrets.ts';
import { type ItemRef, readJournal, writeJournal } from './journal.ts';
import { requestStores } from './open-stores.ts';
import type { ProfilePaths } from './paths.ts';
import { newItem } from './secret-binding.ts';
import { excludeRefs, groupByStore, secretRefsOf } from './secret-refs.ts';
import { writeState } from './state-file/write.ts';
import type { ProfileState, SecretEdits, SecretRef } from './types.ts';

export interface TransactionContext extends BindingContext {
  paths: ProfilePaths;
  audit: AuditRecorder | null;
  diff?: typeof diffStates;
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
 * @param options `bindAll` to bind all secrets of channelctl 0.1.0 and 0.2.0
 */
export async function applyEdit<Result>(
  context: TransactionContext,
  old: ProfileState,
  pendingRemovals: readonly ItemRef[],
  edit: (draft: ProfileState, secrets: SecretEdits) => Result,
  { bindAll = false }: { bindAll?: boolean } = {},
): Promise<Result> {
  const draft = structuredClone(old);
  const edits = new Edits(context);
  const result = edit(draft, edits);
  const { added, confirmed } = edits;
  const bound = await bindSecrets(context, { old, draft, added, confirmed, all: bindAll });
  const refs = secretRefsOf(draft);
  const items = new Set(refs.map(({ item }) => item));
  const put = bound.filter(({ ref }) => items.has(ref.item));
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

class Edits implements SecretEdits {
  readonly #context: TransactionContext;
  readonly added = new Map<string, NewSecret>();
  readonly confirmed = new Map<string, Set<string>>();

  constructor(context: TransactionContext) {
    this.#context = context;
  }

  put(owner: string, field: string, value: string): SecretRef {
    const { activeStore, name } = this.#context;
    if (activeStore === 'env') throw envStoreError();
    const item = newItem(name, { owner, field, hosts: [] });
    const ref = { store: activeStore, item, last4: lastFour(value) };
    this.added.set(item, { ref, value });
    return { ...ref };
  }

  confirm(owner: string, keys: Iterable<string>): void {
    this.confirmed.set(owner, new Set([...(this.confirmed.get(owner) ?? []), ...keys]));
  }
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
