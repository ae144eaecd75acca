import { type ChannelctlError, storageError } from '../shared/errors.ts';
import {
  type Binding,
  bindingIn,
  bindingStatus,
  hostsIn,
  oldOwnerAndField,
  type ServerKeys,
  wantedBinding,
} from './secret-binding.ts';
import type { BindingCheck, OwnedSecret, ProfileState } from './types.ts';

/** @param state the state that contains the reference */
export function checkBinding(
  secret: OwnedSecret,
  state: ProfileState,
  serverKeys: ServerKeys,
): BindingCheck {
  const status = bindingStatus(secret, wantedBinding(secret, serverKeys), state);
  const error = status === 'mismatch' ? bindingError(secret, serverKeys) : null;
  return { isBound: status === 'bound', error };
}

export function bindingError(secret: OwnedSecret, serverKeys: ServerKeys): ChannelctlError {
  const wanted = wantedBinding(secret, serverKeys);
  const bound = bindingIn(secret.ref.item);
  return storageError(`The ${nameOf(wanted)} cannot be used.`, {
    reason: `The stored secret is bound to ${boundTo(secret.ref.item, bound)}, but the state file uses it for ${use(wanted)}.`,
    hint: nextStep(secret, wanted, bound, serverKeys(secret.channel)),
    isLocal: true,
  });
}

function boundTo(item: string, bound: Binding | null): string {
  if (bound !== null) return use(bound);
  return oldOwnerAndField(item) ?? `an unknown item (${JSON.stringify(item)})`;
}

function use(binding: Binding): string {
  const { hosts } = binding;
  return `the ${nameOf(binding)}${hosts.length === 0 ? '' : ` on ${hosts.join(' and ')}`}`;
}

function nameOf({ owner, field }: Binding): string {
  return `${field} of ${owner.includes('/') ? owner : `the ${owner} integration`}`;
}

function nextStep(
  { channel, account_key, config, field }: OwnedSecret,
  wanted: Binding,
  bound: Binding | null,
  serverKeys: readonly string[],
): string {
  const secret = `--config ${field}=@file`;
  if (account_key === undefined) {
    return `Store it again: channelctl integrations set ${channel} ${secret}`;
  }
  if (config === undefined) return `Connect the account again, with ${secret}.`;
  const update = `channelctl accounts update ${quote(wanted.owner)}`;
  const settings = (trusted: readonly string[]) =>
    hostsIn(config, serverKeys)
      .filter(([, host]) => !trusted.includes(host))
      .map(([key, host]) => `--config ${key}=${quote(host)}`);
  if (bound === null || bound.field !== field || !bound.owner.startsWith(`${channel}/`)) {
    return `If the settings of ${wanted.owner} are correct, store the secret again: ${[update, ...settings([]), secret].join(' ')}`;
  }
  const key = bound.owner === wanted.owner ? [] : [`--account-key ${quote(account_key)}`];
  const command = [update, ...key, ...settings(bound.hosts)].join(' ');
  return `Restore the earlier settings or, if they were changed on purpose, confirm them: ${command}`;
}

/** Quotes a value from the state file, which someone else may have chosen, for a shell. */
function quote(value: string): string {
  return /^[\w.@:/+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
