import type { Command } from 'commander';
import type { Channel } from '../../channels/channel.ts';
import {
  type ConfigChange,
  checkKnownKeys,
  checkKnownValue,
  mergeConfig,
} from '../../channels/config.ts';
import { masks, ownerName } from '../../channels/secrets.ts';
import { looksMasked } from '../../shared/secrets.ts';
import type { SecretEdits, StoredConfig } from '../../state/types.ts';
import { addActiveOptions, addConfigOptions, type CommonOptions } from '../config-options.ts';
import type { Deps } from '../deps.ts';

/** The options that creating and changing an account share. */
export interface AccountOptions extends CommonOptions {
  accountKey?: string;
  displayName?: string;
  default?: boolean;
}

export function addAccountOptions(command: Command): Command {
  command
    .option('--account-key <key>', 'unique within the channel')
    .option('--display-name <name>', 'name for people; "" for none')
    .option('--default', 'make it the default of its channel')
    .option('--division-id <id>', 'division that it belongs to; "" for none');
  addActiveOptions(command);
  return addConfigOptions(command);
}

/** What the help of both says of each channel's keys. */
export function describeKeys(channels: readonly Channel[]): string {
  const lines = channels.map(({ name, accountKeys }) => {
    const keys = accountKeys.map((key) => (key.required === true ? key.name : `[${key.name}]`));
    return `  ${name.padEnd(10)} ${keys.join(' ')}`;
  });
  return `Keys of --config, those in brackets optional:\n${lines.join('\n')}`;
}

/** The configuration of an account that is not there yet. */
export const NO_CONFIG: StoredConfig = { config: {}, secrets: {} };

const KEEPS_NOTHING: SecretEdits = { put: () => ({ store: 'file', item: '', last4: null }) };

/** Checks what was given for a new account as `mergeAccountConfig` does, and keeps nothing. */
export function checkAccountConfig(
  channel: Channel,
  owner: { channel: string; account_key: string },
  change: ConfigChange,
  deps: Deps,
): void {
  mergeAccountConfig(channel, owner, NO_CONFIG, change, KEEPS_NOTHING, deps);
}

/**
 * Merges what was given into an account's configuration and checks the outcome.
 *
 * @param owner the account as it will be named
 * @throws ChannelctlError `usage`; then no secret was kept
 */
export function mergeAccountConfig(
  channel: Channel,
  owner: { channel: string; account_key: string },
  stored: StoredConfig,
  change: ConfigChange,
  secrets: SecretEdits,
  { env }: Deps,
): StoredConfig {
  for (const { name, problem } of channel.accountKeys) {
    const value = change.set[name];
    if (typeof value === 'string' && looksMasked(value)) continue;
    checkKnownValue(name, value, problem);
  }
  const shown = masks(env, owner, stored);
  const merged = mergeConfig(stored, change, {
    masks: shown,
    put: (field, value) => secrets.put(ownerName(owner), field, value),
  });
  const available = new Set([...Object.keys(merged.secrets), ...masks(env, owner, merged).keys()]);
  checkKnownKeys(channel.accountKeys, merged.config, available);
  return merged;
}
