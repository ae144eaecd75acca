import type { ItemRef } from './journal.ts';
import type { ProfileState, SecretRef, StoredConfig } from './types.ts';

/** Returns all parts of the state that have secrets. */
export function secretOwners(state: ProfileState): Pick<StoredConfig, 'secrets'>[] {
  return [...state.integrations, ...state.accounts, ...(state.pending ?? [])];
}

/** Returns the references to all secrets in the state. */
export function secretRefsOf(state: ProfileState): SecretRef[] {
  return secretOwners(state).flatMap(({ secrets }) => Object.values(secrets));
}

export function excludeRefs<Ref extends ItemRef>(
  refs: readonly Ref[],
  others: readonly ItemRef[],
): Ref[] {
  const excluded = new Set(others.map(refKey));
  return refs.filter((ref) => !excluded.has(refKey(ref)));
}

/** Returns the item names of `refs`, by store. */
export function groupByStore(refs: readonly ItemRef[]): Map<SecretRef['store'], string[]> {
  const groups = new Map<SecretRef['store'], string[]>();
  for (const { store, item } of refs) {
    const items = groups.get(store);
    if (items === undefined) groups.set(store, [item]);
    else items.push(item);
  }
  return groups;
}

function refKey({ store, item }: ItemRef): string {
  return `${store}:${item}`;
}
