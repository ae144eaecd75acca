import type { ItemRef } from './journal.ts';
import type { ProfileState, SecretRef, StoredConfig } from './types.ts';

interface SecretOwner extends Pick<StoredConfig, 'secrets'> {
  channel: string;
  account_key?: string;
}

export function secretOwners(state: ProfileState): SecretOwner[] {
  return [...state.integrations, ...state.accounts, ...(state.pending ?? [])];
}

export function secretRefsOf(state: ProfileState): SecretRef[] {
  return secretOwners(state).flatMap(({ secrets }) => Object.values(secrets));
}

interface NamedSecret {
  name: string;
  field: string;
  ref: SecretRef;
}

export function namedSecrets({ channel, account_key, secrets }: SecretOwner): NamedSecret[] {
  const name = account_key === undefined ? channel : `${channel}/${account_key}`;
  return Object.entries(secrets).map(([field, ref]) => ({ name, field, ref }));
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
 * Returns the owner and the field of an item, as they were when it was stored, from its name,
 * `<profile>/<owner>/<field>/<random>`.
 */
export function describeItem(item: string): string {
  return item.split('/').slice(1, -1).join('/');
}

function refKey({ store, item }: ItemRef): string {
  return `${store}:${item}`;
}
