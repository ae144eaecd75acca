import { envStoreError, type SecretStore, type SecretStoreName } from '../shared/secrets.ts';
import type { ScryptCost } from './file-format.ts';

export interface StoreOptions {
  /** Path of the encrypted file, for the store `file`. */
  path: string;
  /** The value of CHANNELCTL_PASSPHRASE, for the store `file`. */
  passphrase: string | undefined;
  platform: NodeJS.Platform;
  /** Cost of deriving the key of the encrypted file; the store's default if omitted. */
  cost?: ScryptCost | undefined;
  /** Reports that a new encrypted file has a short passphrase. */
  warn?: ((message: string, hint: string) => void) | undefined;
}

/** Opens a store and loads its modules. A store that is not available fails on first use. */
export async function openStore(
  name: SecretStoreName,
  options: StoreOptions,
): Promise<SecretStore> {
  switch (name) {
    case 'keychain':
      return (await import('./keychain.ts')).openKeychain(options);
    case 'file':
      return (await import('./file.ts')).openFileStore(options);
    case 'env':
      return openEnvStore();
  }
}

/** Returns the store for `CHANNELCTL_SECRETS=env`, which is always empty and read-only. */
export function openEnvStore(): SecretStore {
  const refuse = () => Promise.reject(envStoreError());
  return {
    name: 'env',
    read: () => Promise.resolve(new Map()),
    write: refuse,
    assertWritable: refuse,
  };
}
