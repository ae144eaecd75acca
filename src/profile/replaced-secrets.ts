import { isDeepStrictEqual } from 'node:util';
import { ChannelctlError } from '../shared/errors.ts';
import type { SecretStore } from '../shared/secrets.ts';
import { nameOfOwner, ownedSecrets, type SecretOwner } from './secret-refs.ts';
import { readState } from './state-file/read.ts';
import type { OwnedSecret, ProfileState } from './types.ts';

/** Another process would have to replace a secret this often while it is read. */
const MAX_ATTEMPTS = 10;

/** Settings that determine where a secret is sent, and as whom. */
const DESTINATION = /host|port|url|user|address/i;

interface ReplacedSecretSources {
  /** The latest state that this process has read. */
  known: ProfileState;
  path: string;
  store: Pick<SecretStore, 'read'>;
  /** @throws ChannelctlError `storage` if a secret must not be read */
  assertBound(secrets: readonly OwnedSecret[], state: ProfileState): Promise<void>;
}

/**
 * Reads secrets that another process may have replaced since the state was read. Returns all values
 * by the item names of `secrets`; secrets that are missing are omitted.
 *
 * @param found the values that the store still has
 * @throws ChannelctlError `not_found` if the owner of a secret was deleted in the meantime,
 *   `conflict` if it was changed so that the new secret may belong to a different server, `storage`
 *   if the new secret must not be read
 */
export async function readReplaced(
  secrets: readonly OwnedSecret[],
  found: ReadonlyMap<string, string>,
  { known, path, store, assertBound }: ReplacedSecretSources,
): Promise<Map<string, string>> {
  const values = new Map(found);
  let missing = secrets
    .filter(({ ref }) => !values.has(ref.item))
    .map((secret) => ({ secret, tried: secret.ref.item }));
  for (let attempt = 0; attempt < MAX_ATTEMPTS && missing.length > 0; attempt += 1) {
    const current = await readState(path);
    const successors = missing.flatMap(({ secret, tried }) => {
      const next = successorOf(secret, known, current);
      return next === null || next.ref.item === tried ? [] : [{ secret, next }];
    });
    await assertBound(
      successors.map(({ next }) => next),
      current,
    );
    const latest = await store.read(successors.map(({ next }) => next.ref.item));
    for (const { secret, next } of successors) {
      const value = latest.get(next.ref.item);
      if (value !== undefined) values.set(secret.ref.item, value);
    }
    missing = successors
      .filter(({ secret }) => !values.has(secret.ref.item))
      .map(({ secret, next }) => ({ secret, tried: next.ref.item }));
  }
  return values;
}

/** Returns the current reference to a secret; null if the owner's reference is not known. */
function successorOf(
  secret: OwnedSecret,
  known: ProfileState,
  current: ProfileState,
): OwnedSecret | null {
  const { field, config } = secret;
  const before = ownerNamed(secret, known);
  if (before === undefined) return null;
  const owner = storedOwners(current).find(({ id }) => id === before.id);
  if (owner === undefined) {
    throw new ChannelctlError('not_found', `Another process deleted ${describe(before)}.`);
  }
  const ref = owner.secrets[field];
  if (ref !== undefined && isDeepStrictEqual(destinationIn(config), destinationIn(owner.config))) {
    return ownedSecrets({ ...owner, secrets: { [field]: ref } })[0] ?? null;
  }
  throw new ChannelctlError('conflict', `Another process changed ${describe(before)}.`, {
    hint: 'Run the command again.',
  });
}

function ownerNamed(secret: OwnedSecret, state: ProfileState): SecretOwner | undefined {
  const name = nameOfOwner(secret);
  return storedOwners(state).find((owner) => nameOfOwner(owner) === name);
}

function storedOwners({ integrations, accounts }: ProfileState): SecretOwner[] {
  return [...integrations, ...accounts];
}

function describe(owner: SecretOwner): string {
  const kind = owner.account_key === undefined ? 'integration' : 'account';
  return `the ${kind} ${nameOfOwner(owner)}`;
}

function destinationIn(config: SecretOwner['config'] = {}): unknown {
  return Object.fromEntries(Object.entries(config).filter(([key]) => DESTINATION.test(key)));
}
