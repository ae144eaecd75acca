import { ChannelctlError } from '../shared/errors.ts';
import { checkBinding } from './binding-error.ts';
import {
  describeItem,
  groupByStore,
  nameOfOwner,
  ownedSecrets,
  secretOwners,
  secretRefsOf,
} from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import {
  applyEdit,
  assertStoresWritable,
  recoverJournal,
  type TransactionContext,
} from './transaction.ts';
import type { ProfileState, SecretRef } from './types.ts';

/**
 * Moves all secrets to another store and selects it, in one transaction: after an interruption,
 * every secret is in the store that the state names. Requires the profile's lock. Returns the
 * number of moved secrets.
 *
 * @throws ChannelctlError `not_allowed` if a secret is missing from its store, `storage` if one was
 *   stored for another owner, field or server; nothing is changed
 */
export async function moveSecrets(
  context: TransactionContext,
  to: SecretRef['store'],
): Promise<number> {
  const old = await readState(context.paths.state);
  const pendingRemovals = await recoverJournal(context, old);
  assertBound(context, old);
  const values = await readValues(context, refsOutside(old, to));
  await applyEdit({ ...context, activeStore: to }, old, pendingRemovals, (draft, secrets) => {
    draft.settings.secrets = to;
    for (const owner of secretOwners(draft)) {
      for (const [field, ref] of Object.entries(owner.secrets)) {
        const value = values.get(ref.item);
        if (ref.store === to || value === undefined) continue;
        owner.secrets[field] = { ...ref, ...secrets.put(nameOfOwner(owner), field, value) };
      }
    }
  });
  return values.size;
}

/** A moved secret is bound to its owner, so that a wrong reference would become a valid one. */
function assertBound({ serverKeys }: TransactionContext, state: ProfileState): void {
  for (const secret of secretOwners(state).flatMap(ownedSecrets)) {
    const { error } = checkBinding(secret, state, serverKeys);
    if (error !== null) throw error;
  }
}

/**
 * Opens every store that a move uses, so that a prompt or a dialog appears before the profile is
 * locked.
 */
export async function openStoresToMove(
  context: TransactionContext,
  to: SecretRef['store'],
): Promise<void> {
  const state = await readState(context.paths.state);
  await assertStoresWritable(context, refsOutside(state, to));
  await (await context.stores(to)).assertWritable();
}

function refsOutside(state: ProfileState, store: SecretRef['store']): SecretRef[] {
  return secretRefsOf(state).filter((ref) => ref.store !== store);
}

async function readValues(
  context: TransactionContext,
  refs: readonly SecretRef[],
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const [name, items] of groupByStore(refs)) {
    const found = await (await context.stores(name)).read(items);
    const missing = items.filter((item) => !found.has(item));
    if (missing.length > 0) throw missingSecrets(name, missing);
    for (const [item, value] of found) values.set(item, value);
  }
  return values;
}

function missingSecrets(store: string, items: readonly string[]): ChannelctlError {
  const names = items.map(describeItem);
  return new ChannelctlError('not_allowed', 'The secrets were not moved.', {
    reason: `Missing in the secret store "${store}": ${names.join(', ')}.`,
    hint: 'Store these secrets again or remove them, then run the command again. To find the commands, run: channelctl doctor',
  });
}
