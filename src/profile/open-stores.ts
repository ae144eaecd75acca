import { ChannelctlError } from '../shared/errors.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';

export type Stores = (name: SecretStoreName) => Promise<SecretStore>;

/** A change needs a store that would ask for a passphrase or show a dialog. */
class StoreNotOpen extends Error {
  override readonly name = 'StoreNotOpen';
  readonly store: SecretStore;

  constructor(store: SecretStore) {
    super(`The secret store "${store.name}" is not open.`);
    this.store = store;
  }
}

/**
 * Runs a change that holds the profile's lock. If it needs a store that is not open, it fails, and
 * is repeated after the store was opened without the lock: other processes must not wait for a
 * passphrase or a dialog.
 *
 * @param change must request each store before it changes anything
 */
export async function withOpenStores<Result>(
  stores: Stores,
  change: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  const failures = new Map<SecretStoreName, ChannelctlError>();
  const openStores: Stores = async (name) => {
    const failure = failures.get(name);
    if (failure !== undefined) throw failure;
    const store = await stores(name);
    if (store.opensSilently?.() === false) throw new StoreNotOpen(store);
    return store;
  };
  for (;;) {
    try {
      return await change(openStores);
    } catch (error) {
      if (!(error instanceof StoreNotOpen)) throw error;
      const failure = await failureToOpen(error.store);
      if (failure !== null) failures.set(error.store.name, failure);
    }
  }
}

/** @throws any error other than that the store cannot be used, such as an interruption */
async function failureToOpen(store: SecretStore): Promise<ChannelctlError | null> {
  try {
    await store.assertWritable();
    return null;
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind === 'cancelled') throw error;
    return error;
  }
}

/** Requests stores. An unusable one is ignored. @throws StoreNotOpen */
export async function requestStores(
  names: Iterable<SecretStoreName>,
  stores: Stores,
): Promise<void> {
  for (const name of names) {
    await stores(name).catch((error) => {
      if (error instanceof StoreNotOpen) throw error;
    });
  }
}

/** Whether a store can be used without a passphrase or a dialog. */
export async function isOpen(name: SecretStoreName, stores: Stores): Promise<boolean> {
  try {
    return (await stores(name)).opensSilently?.() !== false;
  } catch {
    return false;
  }
}
