import { isSameValue } from '../profile/secret-refs.ts';
import type { ProfileState, SecretRef } from '../profile/types.ts';
import type { Owner } from './secrets.ts';

type AccountOwner = Required<Owner>;
type Pending = NonNullable<ProfileState['pending']>;

export function pendingSecrets(
  state: ProfileState,
  owner: AccountOwner,
): Record<string, SecretRef> {
  const attempts = (state.pending ?? []).filter((one) => belongsTo(one, owner));
  return Object.fromEntries(attempts.flatMap(({ secrets }) => Object.entries(secrets)));
}

/**
 * Records the secrets of an account before it is connected, so that they survive if the process is
 * killed. The secrets of earlier attempts remain, because Meta may have accepted any of them.
 */
export function addPending(
  draft: ProfileState,
  owner: AccountOwner,
  secrets: Record<string, SecretRef>,
): void {
  const { channel, account_key } = owner;
  const others = (draft.pending ?? []).filter(
    (one) => !belongsTo(one, owner) || Object.keys(one.secrets).length > 0,
  );
  setPending(draft, [...others, { channel, account_key, secrets }]);
}

export function dropPendingSecret(draft: ProfileState, rejected: SecretRef): void {
  const isIt = (ref: SecretRef) => isSameValue(ref, rejected);
  const others = (draft.pending ?? []).filter(({ secrets }) => !Object.values(secrets).some(isIt));
  setPending(draft, others);
}

export function dropPending(draft: ProfileState, owner: AccountOwner): void {
  setPending(
    draft,
    (draft.pending ?? []).filter((one) => !belongsTo(one, owner)),
  );
}

function setPending(draft: ProfileState, pending: Pending): void {
  if (pending.length > 0) draft.pending = pending;
  else delete draft.pending;
}

function belongsTo(one: AccountOwner, { channel, account_key }: AccountOwner): boolean {
  return one.channel === channel && one.account_key === account_key;
}
