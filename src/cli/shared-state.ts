import { dirname } from 'node:path';
import { routeTo } from '../graph/http/route.ts';
import type { Backend } from '../profile/backends/backend.ts';
import { openBackend } from '../profile/backends/open.ts';
import { Memory } from '../profile/document/memory.ts';
import { Vault } from '../profile/document/vault.ts';
import type { Settings } from '../profile/settings.ts';
import { openSharedProfile, type SharedProfileOptions } from '../profile/shared-profile.ts';
import type { Profile } from '../profile/types.ts';
import type { Passphrase } from '../secrets/passphrase-source.ts';
import { usageError } from '../shared/errors.ts';
import type { Redactor } from '../shared/redactor.ts';
import type { SecretStoreName } from '../shared/secrets.ts';
import { openPassphrase, type StoreContext } from './secret-stores.ts';

export interface SharedStateOptions
  extends StoreContext,
    Pick<SharedProfileOptions, 'serverKeys' | 'audit'> {
  /** The profile's name. */
  name: string;
  redactor: Redactor;
  /** The settings of this machine, which contain the address. */
  settings: Settings;
  onCommit(work: Promise<unknown>): void;
  mayReadCopy: boolean;
}

export interface SharedState {
  backend: Backend;
  /** Returns the passphrase of the document. @throws ChannelctlError `storage` if there is none */
  passphrase(purpose: 'open' | 'create'): Promise<Passphrase>;
  /** @param machine the profile's folder on this machine */
  open(machine: Profile, activeStore: () => SecretStoreName): Profile;
}

/**
 * Opens the server that the setting `state` names. Does not connect.
 *
 * @throws ChannelctlError `usage` for an invalid address, or if secrets would be in a keychain
 */
export async function openSharedState(options: SharedStateOptions): Promise<SharedState> {
  const { env, signal, redactor, settings, warn } = options;
  const { value, source } = settings.get('state');
  const name = source === 'env' ? 'CHANNELCTL_STATE' : 'The setting state';
  const backend = await openBackend(value ?? '', name, {
    env,
    warn,
    fetchFor: (url) => routeTo(url.href, env, redactor).fetch,
    runProgram: async (argv, timeLimitMs) => {
      const { runSecretCommand } = await import('../shared/secret-command.ts');
      return runSecretCommand(argv, { env, signal, timeLimitMs });
    },
    onSecret: (secret) => redactor.add(secret),
  });
  const { location } = backend.address;
  const vault = new Vault(location, await openPassphrase(options.name, options), options.cost);
  checkStore(settings);
  return {
    backend,
    passphrase: (purpose) => vault.passphrase(purpose),
    open: (machine, activeStore) =>
      openSharedProfile({
        ...options,
        name: machine.name,
        backend,
        vault,
        memory: new Memory(dirname(machine.path), location),
        machine,
        activeStore,
        now: Date.now,
      }),
  };
}

function checkStore(settings: Settings): void {
  const { value, source } = settings.get('secrets');
  if (value !== 'keychain' || source === 'default') return;
  throw usageError('Secrets of shared state cannot be stored in a keychain.', {
    reason: 'They are encrypted in the same document as the state, so that the team can use them.',
    hint:
      source === 'env'
        ? 'Set CHANNELCTL_SECRETS to file or env.'
        : 'Run: channelctl config unset secrets',
  });
}
