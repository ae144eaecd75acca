import {
  type ConfigChange,
  checkKnownValue,
  checkRequiredKeys,
  mergeConfig,
  withoutMasks,
} from '../../accounts/config.ts';
import { masks, ownerName, secretInEnvironment, secretVariable } from '../../accounts/secrets.ts';
import type { Channel } from '../../channels/channel.ts';
import { knownSecrets } from '../../channels/index.ts';
import type { SecretEdits, StoredConfig } from '../../profile/types.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import type { CommandContext } from '../shared/command-context.ts';

const DISCARD_SECRETS: SecretEdits = {
  put: () => ({ store: 'file', item: '', last4: null }),
  confirm: () => {},
};

/**
 * Checks the configuration of a new account, including its secrets in variables, without storing
 * anything.
 *
 * @param pending the configuration stored by earlier attempts to connect the account
 * @returns the change without its masks
 * @throws ChannelctlError `usage` if the configuration is invalid
 */
export function checkAccountConfig(
  channel: Channel,
  owner: { channel: string; account_key: string },
  pending: StoredConfig,
  change: ConfigChange,
  context: CommandContext,
): ConfigChange {
  mergeAccountConfig(channel, owner, pending, change, DISCARD_SECRETS, context);
  const checked = withoutMasks(change);
  for (const { name, problem } of channel.accountKeys) {
    if (!isSecretKey(name) || checked.set[name] !== undefined) continue;
    const inVariable = secretInEnvironment(context.env, owner, name);
    checkKnownValue(name, inVariable, problem, `the variable ${secretVariable(owner, name)}`);
  }
  return checked;
}

function withoutOldExpiry(
  { token }: Channel,
  change: ConfigChange,
  set: ConfigChange['set'],
): ConfigChange {
  const { field, expiryKey: key } = token ?? {};
  if (field === undefined || key === undefined) return change;
  if (set[field] === undefined || set[key] !== undefined) return change;
  return { ...change, unset: [...change.unset, key] };
}

/**
 * Merges a change into an account's configuration. Values that the change does not contain are not
 * checked, because an earlier version may have stored invalid ones.
 *
 * @param owner the channel, and the account key after the change
 * @throws ChannelctlError `usage` if the change is invalid or a required key is missing; in that
 *   case, no secret is stored
 */
export function mergeAccountConfig(
  channel: Channel,
  owner: { channel: string; account_key: string },
  stored: StoredConfig,
  change: ConfigChange,
  secrets: SecretEdits,
  { env, settings }: CommandContext,
): StoredConfig {
  const { set } = withoutMasks(change);
  for (const { name, problem } of channel.accountKeys) {
    checkKnownValue(name, set[name], problem, change.sources?.get(name));
  }
  const known = knownSecrets(owner);
  const shown = masks(env, owner, stored, known);
  const merged = mergeConfig(stored, withoutOldExpiry(channel, change, set), {
    masks: shown,
    put: (field, value) => secrets.put(ownerName(owner), field, value),
  });
  const available = new Set([
    ...Object.keys(merged.secrets),
    ...masks(env, owner, merged, known).keys(),
  ]);
  checkRequiredKeys(channel.accountKeys, merged.config, available, (name) => {
    if (!isSecretKey(name)) return `--config ${name}=<value>`;
    if (settings.secretStore !== 'env') return `--config ${name}=@file`;
    return `the variable ${secretVariable(owner, name)}`;
  });
  return merged;
}
