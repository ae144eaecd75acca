import type { ItemPlace } from './journal.ts';
import type { ProfileState, SecretMark, StoredConfig } from './types.ts';

/** All parts of the state that have secrets. */
export function secretHolders(state: ProfileState): Pick<StoredConfig, 'secrets'>[] {
  return [...state.integrations, ...state.accounts, ...(state.pending ?? [])];
}

/** Every secret that the state refers to. */
export function marksOf(state: ProfileState): SecretMark[] {
  return secretHolders(state).flatMap(({ secrets }) => Object.values(secrets));
}

/** Those of `places` that are not among `others`. */
export function without<Place extends ItemPlace>(
  places: readonly Place[],
  others: readonly ItemPlace[],
): Place[] {
  const taken = new Set(others.map(keyOf));
  return places.filter((place) => !taken.has(keyOf(place)));
}

/** The item names of `places`, by store. */
export function byStore(places: readonly ItemPlace[]): Map<SecretMark['store'], string[]> {
  const groups = new Map<SecretMark['store'], string[]>();
  for (const { store, item } of places) groups.set(store, [...(groups.get(store) ?? []), item]);
  return groups;
}

function keyOf({ store, item }: ItemPlace): string {
  return `${store}:${item}`;
}
