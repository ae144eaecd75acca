import { platform } from 'node:os';
import type { CommandContext } from '../commands/shared/command-context.ts';
import { profilePaths } from '../profile/paths.ts';
import type { ScryptCost } from '../secrets/key-derivation.ts';
import { openPassphraseSource, openStore } from '../secrets/open.ts';
import type { PassphraseSource } from '../secrets/passphrase-source.ts';
import type { RememberedPassphrase } from '../secrets/remembered.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';

export interface StoreContext extends Pick<CommandContext, 'env' | 'signal' | 'terminal' | 'warn'> {
  configDir: string;
  /** The scrypt cost of the secrets file; the store's default if omitted. */
  cost: ScryptCost | undefined;
}

/** @param name the profile's name */
export function openSecretStore(
  store: SecretStoreName,
  name: string,
  context: StoreContext,
): Promise<SecretStore> {
  const path = profilePaths(context.configDir, name).secrets;
  return openStore(store, { path, cost: context.cost, ...sourcesOf(name, context) });
}

/** @param name the profile's name */
export function openPassphrase(name: string, context: StoreContext): Promise<PassphraseSource> {
  return openPassphraseSource(sourcesOf(name, context));
}

function sourcesOf(name: string, context: StoreContext) {
  const { env, signal, terminal, warn } = context;
  const user = {
    ask: (question: string) => terminal.askText(question, { secret: true }),
    announce: terminal.print,
    lendTerminal: terminal.lend,
  };
  return {
    env,
    user: terminal.interactive ? user : null,
    signal,
    platform: platform(),
    remembered: () => openRemembered(name, context),
    warn,
  };
}

/** @param name the profile's name */
export async function openRemembered(
  name: string,
  { configDir, terminal }: Pick<StoreContext, 'configDir' | 'terminal'>,
): Promise<RememberedPassphrase> {
  const { rememberedPassphrase } = await import('../secrets/remembered.ts');
  const announce = terminal.interactive ? terminal.print : null;
  return rememberedPassphrase({ configDir, profile: name, platform: platform(), announce });
}
