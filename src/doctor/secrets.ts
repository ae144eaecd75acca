import { accountName } from '../accounts/accounts.ts';
import {
  ownedSecret,
  ownerName,
  secretInEnvironment,
  secretKeys,
  secretVariable,
  secretVariables,
} from '../accounts/secrets.ts';
import { findSharedVariables } from '../accounts/shared-variables.ts';
import { channelNamed, knownSecrets } from '../channels/index.ts';
import { ownedSecrets, secretOwners } from '../profile/secret-refs.ts';
import type { Environment } from '../profile/settings.ts';
import type { Profile, ProfileState, StoredAccount, StoredIntegration } from '../profile/types.ts';
import { ChannelctlError } from '../shared/errors.ts';
import type { SecretStoreName } from '../shared/secrets.ts';
import { count, listNames } from '../shared/text.ts';
import { type DoctorResult, error, FIX, failed, fixed, ok, warning } from './result.ts';

/**
 * Checks for missing secrets, for those that were stored for another owner or server, and for stored
 * secrets that nothing refers to.
 */
export async function checkSecrets(
  profile: Profile,
  { env, store, fix }: { env: Environment; store: SecretStoreName; fix: boolean },
): Promise<DoctorResult[]> {
  const unused = await checkUnusedSecrets(profile, store, fix);
  const bound = fix && store !== 'env' ? await bindOldSecrets(profile) : [];
  const state = await profile.read();
  return [
    ...(await checkMissingSecrets(state, profile, env, store)),
    ...bound,
    ...(await checkBindings(state, profile, store)),
    ...checkSharedVariables(state, env),
    ...unused,
  ];
}

/** Checks that each secret was stored for the owner, the field and the servers that use it. */
async function checkBindings(
  state: ProfileState,
  profile: Profile,
  store: SecretStoreName,
): Promise<DoctorResult[]> {
  const errors: DoctorResult[] = [];
  const unbound: string[] = [];
  for (const secret of secretOwners(state).flatMap(ownedSecrets)) {
    const { isBound, error: mismatch } = await profile.checkBinding(secret);
    if (mismatch !== null) errors.push(failed('secrets', mismatch));
    else if (!isBound && store !== 'env') unbound.push(`${ownerName(secret)} ${secret.field}`);
  }
  if (unbound.length === 0) return errors;
  return [
    ...errors,
    warning(
      'secrets',
      `${count(unbound.length, 'secret')} stored by an earlier version could be used for another account or server by editing the state file: ${listNames(unbound)}.`,
      FIX,
    ),
  ];
}

/** An unavailable store is reported by another check. */
async function bindOldSecrets(profile: Profile): Promise<DoctorResult[]> {
  try {
    const bound = await profile.bindSecrets();
    if (bound === 0) return [];
    return [fixed('secrets', `Bound ${count(bound, 'secret')} to their accounts and servers.`)];
  } catch (thrown) {
    if (thrown instanceof ChannelctlError) return [];
    throw thrown;
  }
}

function checkSharedVariables({ accounts }: ProfileState, env: Environment): DoctorResult[] {
  const fieldsOf = (account: StoredAccount) => secretKeys(knownSecrets(account), account);
  return findSharedVariables(secretVariables(env), accounts, fieldsOf).map(
    ({ variable, field, accounts: users }) =>
      warning(
        'secrets',
        `The variable ${variable} overrides the ${field} of several accounts: ${listNames(users.map(accountName))}.`,
        'Unset the variable, and store the secrets with channelctl accounts update.',
      ),
  );
}

async function checkMissingSecrets(
  state: ProfileState,
  profile: Profile,
  env: Environment,
  store: SecretStoreName,
): Promise<DoctorResult[]> {
  const needed = [...state.integrations, ...state.accounts].flatMap((owner) =>
    Object.entries(owner.secrets)
      .filter(([field]) => secretInEnvironment(env, owner, field) === undefined)
      .map(([field, ref]) => ({
        owner,
        field,
        ref,
        secret: ownedSecret(owner, owner.config, field, ref),
      })),
  );
  if (store === 'env' && needed.length > 0) {
    return needed.map(({ owner, field, ref }) => storedElsewhere(owner, field, ref.store));
  }
  try {
    const checks = await Promise.all(needed.map(({ secret }) => profile.checkBinding(secret)));
    // A secret that must not be read is reported by another check.
    const readable = needed.filter((_, index) => checks[index]?.error === null);
    const stored = await profile.readSecrets(readable.map(({ secret }) => secret));
    const missing = readable.filter(({ ref }) => !stored.has(ref.item));
    if (missing.length === 0) {
      const rest = store === 'keychain' ? ' The keychain is not searched for unused secrets.' : '';
      return [ok('secrets', `${count(needed.length, 'stored secret')}, none missing.${rest}`)];
    }
    return missing.map(({ owner, field }) =>
      error('secrets', `The ${field} of ${nameOf(owner)} is missing.`, fixCommand(owner, field)),
    );
  } catch (thrown) {
    return [isConcurrentChange(thrown) ? changed(thrown) : failed('secrets', thrown)];
  }
}

/** Whether another process has deleted or changed the owner of a secret during the check. */
function isConcurrentChange(thrown: unknown): thrown is ChannelctlError {
  return thrown instanceof ChannelctlError && ['not_found', 'conflict'].includes(thrown.kind);
}

function changed({ description }: ChannelctlError): DoctorResult {
  return warning('secrets', description, 'Run the command again.');
}

function storedElsewhere(
  owner: StoredIntegration | StoredAccount,
  field: string,
  store: SecretStoreName,
): DoctorResult {
  return error(
    'secrets',
    `The ${field} of ${nameOf(owner)} is in the secret store "${store}", but secrets are read only from environment variables.`,
    `Set ${secretVariable(owner, field)}, or CHANNELCTL_SECRETS=${store}.`,
  );
}

/** An unreadable store is reported by another check. */
async function checkUnusedSecrets(
  profile: Profile,
  store: SecretStoreName,
  fix: boolean,
): Promise<DoctorResult[]> {
  try {
    const unused = (await profile.findUnusedSecrets()) ?? [];
    if (unused.length === 0) return [];
    const names = `${count(unused.length, 'unused secret')}: ${unused.join(', ')}`;
    if (!fix) return [warning('secrets', `The secret store "${store}" contains ${names}.`, FIX)];
    await profile.deleteUnusedSecrets();
    return [fixed('secrets', `Removed ${names}.`)];
  } catch (thrown) {
    if (thrown instanceof ChannelctlError) return [];
    throw thrown;
  }
}

function nameOf(owner: StoredIntegration | StoredAccount): string {
  if ('account_key' in owner) return accountName(owner);
  return `the ${channelNamed(owner.channel).label} integration`;
}

function fixCommand(owner: StoredIntegration | StoredAccount, field: string): string {
  if (!('account_key' in owner)) {
    return `Store it again: channelctl integrations set ${owner.channel} --config ${field}=@file`;
  }
  const { token } = channelNamed(owner.channel);
  const renew = token?.field === field ? token.renewCommand(owner) : undefined;
  return `Store it again: ${renew ?? `channelctl accounts update ${accountName(owner)} --config ${field}=@file`}`;
}
