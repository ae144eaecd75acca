import { platform } from 'node:os';
import type { CommandContext } from '../commands/shared/command-context.ts';
import { profilePaths } from '../profile/paths.ts';
import type { ScryptCost } from '../secrets/key-derivation.ts';
import { openStore } from '../secrets/open.ts';
import type { RememberedPassphrase } from '../secrets/remembered.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';

interface StoreContext extends Pick<CommandContext, 'env' | 'signal' | 'terminal' | 'warn'> {
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
  const { configDir, env, signal, terminal, cost, warn } = context;
  const user = {
    ask: (question: string) => terminal.askText(question, { secret: true }),
    announce: terminal.print,
    lendTerminal: terminal.lend,
  };
  return openStore(store, {
    path: profilePaths(configDir, name).secrets,
    env,
    user: terminal.interactive ? user : null,
    signal,
    platform: platform(),
    remembered: () => openRemembered(name, context),
    cost,
    warn,
  });
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
