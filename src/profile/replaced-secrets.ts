import { isDeepStrictEqual } from 'node:util';
import { ChannelctlError } from '../shared/errors.ts';
import type { SecretStore } from '../shared/secrets.ts';
import { readState } from './state-file/read.ts';
import type { ProfileState, SecretRef, StoredConfig } from './types.ts';

/** Another process would have to replace a secret this often while it is read. */
const MAX_ATTEMPTS = 10;

/** Settings that determine where a secret is sent, and as whom. */
const DESTINATION = /host|port|url|user|address/i;

interface ReplacedSecretSources {
  known: ProfileState;
  path: string;
  store: Pick<SecretStore, 'read'>;
}

/**
 * Reads secrets that another process may have replaced since the state was read. Returns all values
 * by the item names of `refs`; secrets that are missing are omitted.
 *
 * @param found the values that the store still has
 * @throws ChannelctlError `not_found` if the owner of a secret was deleted in the meantime,
 *   `conflict` if it was changed so that the new secret may belong to a different server
 */
export async function readReplaced(
  refs: readonly SecretRef[],
  found: ReadonlyMap<string, string>,
  { known, path, store }: ReplacedSecretSources,
): Promise<Map<string, string>> {
  const values = new Map(found);
  const ownerOf = ownersByItem(known);
  let missing = refs
    .filter(({ item }) => !values.has(item))
    .map(({ item }) => ({ item, tried: item }));
  for (let attempt = 0; attempt < MAX_ATTEMPTS && missing.length > 0; attempt += 1) {
    const current = await readState(path);
    const isCurrent = new Set(ownersByItem(current).keys());
    const successors = missing
      .filter(({ tried }) => !isCurrent.has(tried))
      .flatMap(({ item }) => {
        const old = ownerOf.get(item);
        return old === undefined ? [] : [{ item, ref: currentRef(old, current) }];
      });
    const latest = await store.read(successors.map(({ ref }) => ref.item));
    for (const { item, ref } of successors) {
      const value = latest.get(ref.item);
      if (value !== undefined) values.set(item, value);
    }
    missing = successors
      .filter(({ item }) => !values.has(item))
      .map(({ item, ref }) => ({ item, tried: ref.item }));
  }
  return values;
}

interface SecretOwner {
  /** Identifies the owner, even if it was renamed. */
  id: string;
  name: string;
  field: string;
  stored: StoredConfig;
}

function ownersByItem(state: ProfileState): Map<string, SecretOwner> {
  const owners = new Map<string, SecretOwner>();
  for (const { id, name, stored } of ownersOf(state)) {
    for (const [field, { item }] of Object.entries(stored.secrets)) {
      owners.set(item, { id, name, field, stored });
    }
  }
  return owners;
}

function ownersOf(state: ProfileState): { id: string; name: string; stored: StoredConfig }[] {
  return [
    ...state.integrations.map((stored) => ({
      id: stored.id,
      name: `the integration ${stored.channel}`,
      stored,
    })),
    ...state.accounts.map((stored) => ({
      id: stored.id,
      name: `the account ${stored.channel}/${stored.account_key}`,
      stored,
    })),
  ];
}

function currentRef({ id, name, field, stored }: SecretOwner, state: ProfileState): SecretRef {
  const current = ownersOf(state).find((one) => one.id === id)?.stored;
  if (current === undefined) {
    throw new ChannelctlError('not_found', `Another process deleted ${name}.`);
  }
  const ref = current.secrets[field];
  if (ref !== undefined && isDeepStrictEqual(destinationOf(stored), destinationOf(current))) {
    return ref;
  }
  throw new ChannelctlError('conflict', `Another process changed ${name}.`, {
    hint: 'Run the command again.',
  });
}

function destinationOf({ config }: StoredConfig): unknown {
  return Object.fromEntries(Object.entries(config).filter(([key]) => DESTINATION.test(key)));
}
