import type { ProfileState, SecretRef } from '../profile/types.ts';
import type { Owner } from './secrets.ts';

type AccountOwner = Required<Owner>;
type Pending = NonNullable<ProfileState['pending']>;

/** What earlier tries to connect this account kept, by key of its secrets: the latest of each. */
export function pendingSecrets(
  state: ProfileState,
  owner: AccountOwner,
): Record<string, SecretRef> {
  const tries = (state.pending ?? []).filter((one) => isOf(one, owner));
  return Object.fromEntries(tries.flatMap(({ secrets }) => Object.entries(secrets)));
}

/**
 * Keeps the secrets of an account that is about to be connected. They stay, whatever becomes of
 * this process, and so do those of earlier tries: Meta may have taken any of them.
 */
export function addPending(
  draft: ProfileState,
  owner: AccountOwner,
  secrets: Record<string, SecretRef>,
): void {
  const { channel, account_key } = owner;
  const others = (draft.pending ?? []).filter(
    (one) => !isOf(one, owner) || Object.keys(one.secrets).length > 0,
  );
  setPending(draft, [...others, { channel, account_key, secrets }]);
}

/** Forgets one secret that a try kept: Meta has refused it. */
export function dropPendingSecret(draft: ProfileState, { item }: SecretRef): void {
  const isIt = (ref: SecretRef) => ref.item === item;
  const others = (draft.pending ?? []).filter(({ secrets }) => !Object.values(secrets).some(isIt));
  setPending(draft, others);
}

/** Forgets what was kept for an account: it is stored now. */
export function dropPending(draft: ProfileState, owner: AccountOwner): void {
  setPending(
    draft,
    (draft.pending ?? []).filter((one) => !isOf(one, owner)),
  );
}

function setPending(draft: ProfileState, pending: Pending): void {
  if (pending.length > 0) draft.pending = pending;
  else delete draft.pending;
}

function isOf(one: AccountOwner, { channel, account_key }: AccountOwner): boolean {
  return one.channel === channel && one.account_key === account_key;
}
