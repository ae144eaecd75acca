import { ChannelctlError } from '../shared/errors.ts';
import { envStoreError, type SecretStore, type SecretStoreName } from '../shared/secrets.ts';
import type { ScryptCost } from './key-derivation.ts';
import type { Variables } from './passphrase.ts';
import type { LendTerminal } from './passphrase-command.ts';
import type { HiddenPrompt, PassphraseSource } from './passphrase-source.ts';
import type { RememberedPassphrase } from './remembered.ts';

interface User {
  ask: HiddenPrompt;
  lendTerminal: LendTerminal;
  announce(line: string): void;
}

export interface StoreOptions {
  path: string;
  env: Variables;
  /** The user's terminal; null if prompts are not possible. */
  user: User | null;
  signal: AbortSignal;
  platform: NodeJS.Platform;
  /** Opens the passphrase that the keychain stores. If omitted, none is remembered. */
  remembered?: () => Promise<RememberedPassphrase>;
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

async function openFile(options: StoreOptions): Promise<SecretStore> {
  const { openFileStore } = await import('./file.ts');
  const passphrase = await openPassphraseSource(options);
  const { path, env, cost, warn } = options;
  const isGiven = Boolean(env.CHANNELCTL_PASSPHRASE || env.CHANNELCTL_PASSPHRASE_FILE);
  return openFileStore({ path, passphrase, cost, warn, mayWait: !isGiven });
}

/** Returns the source of the passphrase for the secrets file or for shared state. */
export async function openPassphraseSource(
  options: Omit<StoreOptions, 'path' | 'cost'>,
): Promise<PassphraseSource> {
  const { passphraseSource } = await import('./passphrase-source.ts');
  const { env, user, signal } = options;
  return passphraseSource({
    env,
    signal,
    ask: user?.ask ?? null,
    lendTerminal: user?.lendTerminal ?? null,
    readRemembered: () => readRemembered(options),
  });
}

/** On a terminal, a keychain that cannot be read causes a warning, because a prompt follows. */
async function readRemembered({
  remembered,
  user,
  warn,
}: Pick<StoreOptions, 'remembered' | 'user' | 'warn'>): Promise<string | null> {
  try {
    return (await (await remembered?.())?.read()) ?? null;
  } catch (error) {
    if (user === null || !(error instanceof ChannelctlError)) throw error;
    warn?.(error.description, error.hint);
    return null;
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
