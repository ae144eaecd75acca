import { envStoreError, type SecretStore, type SecretStoreName } from '../shared/secrets.ts';
import type { ScryptCost } from './file-format.ts';
import type { Variables } from './passphrase.ts';
import type { HiddenPrompt } from './passphrase-source.ts';

export interface StoreOptions {
  /** Path of the encrypted file, for the store `file`. */
  path: string;
  /** The variables that may contain the passphrase of the encrypted file. */
  env: Variables;
  /** Asks for the passphrase; null if prompts are not possible. */
  ask: HiddenPrompt | null;
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
      return openFile(options);
    case 'env':
      return openEnvStore();
  }
}

async function openFile({ env, ask, ...options }: StoreOptions): Promise<SecretStore> {
  const [{ openFileStore }, { passphraseSource }] = await Promise.all([
    import('./file.ts'),
    import('./passphrase-source.ts'),
  ]);
  return openFileStore({ ...options, passphrase: passphraseSource(env, ask) });
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
