import type { Profile, ProfileState, SecretMark } from '../state/types.ts';
import { type Owner, ownerName } from './secrets.ts';

type AccountOwner = Required<Owner>;

/** What an earlier try to connect this account kept, by key of its secrets. */
export function pendingSecrets(
  state: ProfileState,
  owner: AccountOwner,
): Record<string, SecretMark> {
  return state.pending?.find((one) => isOf(one, owner))?.secrets ?? {};
}

/**
 * Keeps the secrets of an account that is about to be connected, in place of those of an earlier
 * try. They stay, whatever becomes of this process, until `dropPending`.
 */
export async function keepPending(
  profile: Profile,
  owner: AccountOwner,
  values: ReadonlyMap<string, string>,
): Promise<void> {
  await profile.change((draft, edits) => {
    dropPending(draft, owner);
    const secrets = [...values].map(([field, value]): [string, SecretMark] => [
      field,
      edits.put(ownerName(owner), field, value),
    ]);
    const { channel, account_key } = owner;
    const entry = { channel, account_key, secrets: Object.fromEntries(secrets) };
    draft.pending = [...(draft.pending ?? []), entry];
  });
}

/** Forgets what was kept for an account: it is stored now. */
export function dropPending(draft: ProfileState, owner: AccountOwner): void {
  const others = (draft.pending ?? []).filter((one) => !isOf(one, owner));
  if (others.length > 0) draft.pending = others;
  else delete draft.pending;
}

function isOf(one: AccountOwner, { channel, account_key }: AccountOwner): boolean {
  return one.channel === channel && one.account_key === account_key;
}
