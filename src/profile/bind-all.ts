import { bindingIn } from './secret-binding.ts';
import { secretRefsOf } from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import { applyEdit, recoverJournal, type TransactionContext } from './transaction.ts';
import type { ProfileState } from './types.ts';

/**
 * Binds secrets to their owners if they were stored by channelctl 0.1.0 or 0.2.0. Requires the
 * lock of the profile. Returns the number of bound secrets.
 *
 * @throws ChannelctlError `storage` if the store is not available
 */
export async function bindAllSecrets(context: TransactionContext): Promise<number> {
  const old = await readState(context.paths.state);
  const pendingRemovals = await recoverJournal(context, old);
  const next = await applyEdit(context, old, pendingRemovals, (draft) => draft, { bindAll: true });
  return countBound(next) - countBound(old);
}

function countBound(state: ProfileState): number {
  return secretRefsOf(state).filter(({ item }) => bindingIn(item) !== null).length;
}
