import type { ItemRef } from './journal.ts';
import type { OwnedSecret, ProfileState, SecretRef, StoredConfig } from './types.ts';

export interface SecretOwner extends Pick<StoredConfig, 'secrets'> {
  /** Absent for an account that is being connected. */
  id?: string;
  channel: string;
  account_key?: string;
  /** Absent for an account that is being connected. */
  config?: StoredConfig['config'];
}

export function secretOwners(state: ProfileState): SecretOwner[] {
  return [...state.integrations, ...state.accounts, ...(state.pending ?? [])];
}

export function secretRefsOf(state: ProfileState): SecretRef[] {
  return secretOwners(state).flatMap(({ secrets }) => Object.values(secrets));
}

export function ownedSecrets(owner: SecretOwner): OwnedSecret[] {
  const { channel, account_key, config, secrets } = owner;
  return Object.entries(secrets).map(([field, ref]) => ({
    channel,
    ...(account_key !== undefined && { account_key }),
    ...(config !== undefined && { config }),
    field,
    ref,
  }));
}

export function nameOfOwner({ channel, account_key }: Omit<SecretOwner, 'secrets'>): string {
  return account_key === undefined ? channel : `${channel}/${account_key}`;
}

export function excludeRefs<Ref extends ItemRef>(
  refs: readonly Ref[],
  others: readonly ItemRef[],
): Ref[] {
  const excluded = new Set(others.map(refKey));
  return refs.filter((ref) => !excluded.has(refKey(ref)));
}

export function groupByStore(refs: readonly ItemRef[]): Map<SecretRef['store'], string[]> {
  const groups = new Map<SecretRef['store'], string[]>();
  for (const { store, item } of refs) {
    const items = groups.get(store);
    if (items === undefined) groups.set(store, [item]);
    else items.push(item);
  }
  return groups;
}

/**
 * Returns the part of an item's name that identifies its value: it stays the same if the value is
 * bound to other settings.
 */
export function valueIn(item: string): string {
  return /(?:^|[/:])([0-9a-f]{8})(?:[0-9a-f]{8})?$/.exec(item)?.[1] ?? item;
}

/** Whether two references of the same owner and field refer to the same value. */
export function isSameValue(one: ItemRef, other: ItemRef | null | undefined): boolean {
  return valueIn(one.item) === valueIn(other?.item ?? '');
}

/** Returns the owner and the field of an item, as they were when it was stored, from its name. */
export function describeItem(item: string): string {
  return item.split('/').slice(1, -1).join('/');
}

function refKey({ store, item }: ItemRef): string {
  return `${store}:${item}`;
}
