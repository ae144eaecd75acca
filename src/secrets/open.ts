import { envStoreError, type SecretStore, type SecretStoreName } from '../shared/secrets.ts';
import type { ScryptCost } from './key-derivation.ts';
import type { Variables } from './passphrase.ts';
import type { HiddenPrompt } from './passphrase-source.ts';

interface User {
  ask: HiddenPrompt;
  announce(line: string): void;
}

export interface StoreOptions {
  path: string;
  env: Variables;
  /** The user's terminal; null if prompts are not possible. */
  user: User | null;
  platform: NodeJS.Platform;
  cost?: ScryptCost | undefined;
  warn?: ((message: string, hint: string) => void) | undefined;
}

/** Opens a store and loads its modules. A store that is not available fails on first use. */
export async function openStore(
  name: SecretStoreName,
  options: StoreOptions,
): Promise<SecretStore> {
  switch (name) {
    case 'keychain':
      return openSystemKeychain(options);
    case 'file':
      return openFile(options);
    case 'env':
      return openEnvStore();
  }
}

async function openSystemKeychain({ platform, user }: StoreOptions): Promise<SecretStore> {
  const { openKeychain } = await import('./keychain.ts');
  return openKeychain({ platform, announce: user?.announce ?? null });
}

async function openFile({ env, user, ...options }: StoreOptions): Promise<SecretStore> {
  const [{ openFileStore }, { passphraseSource }] = await Promise.all([
    import('./file.ts'),
    import('./passphrase-source.ts'),
  ]);
  const isGiven = Boolean(env.CHANNELCTL_PASSPHRASE || env.CHANNELCTL_PASSPHRASE_FILE);
  const passphrase = passphraseSource(env, user?.ask ?? null);
  return openFileStore({ ...options, passphrase, mayPrompt: user !== null && !isGiven });
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
