import { accountName } from '../accounts/accounts.ts';
import {
  secretInEnvironment,
  secretKeys,
  secretVariable,
  secretVariables,
} from '../accounts/secrets.ts';
import { findSharedVariables } from '../accounts/shared-variables.ts';
import { channelNamed, knownSecrets } from '../channels/index.ts';
import { type Environment, settingError } from '../profile/settings.ts';
import type { Profile, ProfileState, StoredAccount, StoredIntegration } from '../profile/types.ts';
import { SHORT_PASSPHRASE } from '../secrets/passphrase.ts';
import { ChannelctlError } from '../shared/errors.ts';
import type { SecretStoreName } from '../shared/secrets.ts';
import { count, listNames } from '../shared/text.ts';
import { type DoctorResult, error, FIX, failed, fixed, ok, warning } from './result.ts';

export async function checkState(
  profile: Profile,
): Promise<{ state: ProfileState | null; results: DoctorResult[] }> {
  try {
    const state = await profile.read();
    const accounts = count(state.accounts.length, 'account');
    return { state, results: [ok('state', `The state file is valid and contains ${accounts}.`)] };
  } catch (thrown) {
    return { state: null, results: [failed('state', thrown)] };
  }
}

export function checkSettings({ settings }: ProfileState): DoctorResult[] {
  const issues = Object.entries(settings).flatMap(([key, value]) => {
    const invalid = settingError(key, value);
    if (invalid === null) return [];
    return [error('settings', invalid.description, `Run: channelctl config unset ${key}`)];
  });
  return issues.length > 0 ? issues : [ok('settings', 'All stored settings are valid.')];
}

export async function checkLeftovers(profile: Profile, fix: boolean): Promise<DoctorResult[]> {
  const { lock, staleFiles } = await profile.diagnose();
  if (lock.state === 'held') {
    const who = lock.pid === null ? 'Another process' : `Process ${lock.pid}`;
    return [ok('lock', `${who} is changing the profile.`)];
  }
  const isDead = lock.state === 'dead';
  if (!isDead && staleFiles.length === 0) return [FREE, NOTHING_LEFT];
  if (fix) return cleanedUp(profile, isDead, staleFiles);
  return [
    isDead
      ? warning('lock', `A process that has ended left its lock behind${pidOf(lock.pid)}.`, FIX)
      : FREE,
    staleFiles.length === 0
      ? NOTHING_LEFT
      : warning(
          'leftovers',
          `Interrupted commands left files behind: ${staleFiles.join(', ')}.`,
          FIX,
        ),
  ];
}

const FREE = ok('lock', 'The profile is not locked.');
const NOTHING_LEFT = ok('leftovers', 'Interrupted commands left no files behind.');

function pidOf(pid: number | null): string {
  return pid === null ? '' : ` (process ${pid})`;
}

async function cleanedUp(
  profile: Profile,
  isDead: boolean,
  left: string[],
): Promise<DoctorResult[]> {
  try {
    await profile.cleanUp();
  } catch (thrown) {
    return [failed('leftovers', thrown)];
  }
  const { staleFiles } = await profile.diagnose();
  return [
    isDead ? fixed('lock', 'Removed the lock of a process that has ended.') : FREE,
    staleFiles.length > 0
      ? error(
          'leftovers',
          `These files could not be removed: ${staleFiles.join(', ')}.`,
          'Make the secret store available, then run: channelctl doctor --fix',
        )
      : left.length === 0
        ? NOTHING_LEFT
        : fixed('leftovers', `Removed ${left.join(', ')}.`),
  ];
}

export async function checkSecretStore(profile: Profile, store: string): Promise<DoctorResult> {
  if (store === 'env')
    return ok('secret_store', 'env: secrets are read only from environment variables.');
  try {
    await profile.assertWritable();
    if (await profile.hasShortPassphrase()) {
      return warning('secret_store', SHORT_PASSPHRASE.message, SHORT_PASSPHRASE.hint);
    }
    return ok('secret_store', `${store}: available.`);
  } catch (thrown) {
    return failed('secret_store', thrown);
  }
}

export async function checkSecrets(
  state: ProfileState,
  profile: Profile,
  { env, store, fix }: { env: Environment; store: SecretStoreName; fix: boolean },
): Promise<DoctorResult[]> {
  const unused = await checkUnusedSecrets(profile, store, fix);
  return [
    ...(await checkMissingSecrets(state, profile, env, store)),
    ...checkSharedVariables(state, env),
    ...unused,
  ];
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
      .map(([field, ref]) => ({ owner, field, ref })),
  );
  if (store === 'env' && needed.length > 0) {
    return needed.map(({ owner, field, ref }) => storedElsewhere(owner, field, ref.store));
  }
  try {
    const stored = await profile.readSecrets(needed.map(({ ref }) => ref));
    const missing = needed.filter(({ ref }) => !stored.has(ref.item));
    if (missing.length === 0) {
      const rest = store === 'keychain' ? ' The keychain is not searched for unused secrets.' : '';
      return [ok('secrets', `${count(needed.length, 'stored secret')}, none missing.${rest}`)];
    }
    return missing.map(({ owner, field }) =>
      error('secrets', `The ${field} of ${nameOf(owner)} is missing.`, fixCommand(owner, field)),
    );
  } catch (thrown) {
    return [failed('secrets', thrown)];
  }
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
