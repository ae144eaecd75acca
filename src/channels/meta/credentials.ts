import { accountName, findAccount } from '../../accounts/accounts.ts';
import { missingSecret } from '../../accounts/missing-secret.ts';
import {
  type Owner,
  ownedSecret,
  ownerName,
  readSecretsOfMany,
  type SecretSources,
  secretInEnvironment,
} from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount, StoredConfig } from '../../profile/types.ts';
import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import { channelNamed, channelWebhooks } from '../index.ts';
import { assertMetaVariable } from './secret-variable.ts';
import type { ChannelWebhooks } from './webhooks.ts';

export interface AccountCredentials {
  account: StoredAccount;
  credentials: Credentials;
}

export interface CredentialsOwner {
  owner: Owner;
  stored: StoredConfig | undefined;
}

interface CredentialsSources extends SecretSources {
  given?(owner: Owner, field: string): string | undefined;
}

/**
 * Loads the credentials of accounts and integrations: tokens and app secrets, which are read from
 * the store in a single pass. The results are in the order of the owners, with null for an owner
 * without a token.
 */
export async function loadCredentials(
  owners: readonly CredentialsOwner[],
  { env, profile, given }: CredentialsSources,
): Promise<(Credentials | null)[]> {
  const { integrations } = await profile.read();
  const channels = [...new Set(owners.map(({ owner }) => owner.channel))];
  const wanted = [
    ...owners.map((one) => ({ ...one, field: tokenField(one.owner) })),
    ...channels.map((channel) => ({
      owner: { channel },
      stored: integrations.find((one) => one.channel === channel),
      field: 'app_secret',
    })),
  ];
  const values = wanted.map(({ owner, field }) => {
    const value = given?.(owner, field);
    if (value === undefined) assertMetaVariable(env, owner, field);
    return value;
  });
  const stored = await readSecretsOfMany(
    env,
    profile,
    wanted.map(({ owner, stored, field }, index) => ({
      owner,
      stored,
      fields: values[index] === undefined ? [field] : [],
    })),
  );
  const secrets = wanted.map(({ field }, index) => values[index] ?? stored[index]?.get(field));
  return owners.map(({ owner, stored: known }, index) => {
    const token = secrets[index];
    const isAccount = known !== undefined && owner.account_key !== undefined;
    const appSecret = secrets[owners.length + channels.indexOf(owner.channel)];
    if (token === undefined) return null;
    const named = isAccount ? { accountName: ownerName(owner) } : {};
    return { token, appSecret, channel: owner.channel, ...named };
  });
}

/**
 * Finds an account of one of Meta's channels and loads its credentials.
 *
 * @param channel the required channel; any of Meta's if omitted
 * @throws ChannelctlError `not_found`, `usage`, or `not_allowed` if its token is missing
 */
export async function loadAccountCredentials(
  named: string,
  sources: SecretSources,
  channel?: string,
): Promise<AccountCredentials> {
  const account = findAccount(
    await sources.profile.read(),
    named,
    channel === undefined ? undefined : channelNamed(channel),
  );
  const { token, label } = channelNamed(account.channel);
  const name = accountName(account);
  if (token === undefined) {
    throw usageError(`${name} has no access token.`, {
      reason: `${label} is not a Meta channel.`,
      hint: 'Choose another account: channelctl accounts list',
    });
  }
  const [credentials] = await loadCredentials([{ owner: account, stored: account }], sources);
  if (!credentials) throw missingSecret(account, [token.field], token.renewCommand(account));
  return {
    account,
    credentials: {
      ...credentials,
      accountId: account.id,
      accountName: name,
      renewCommand: token.renewCommand(account),
    },
  };
}

export interface WebhookAccount extends AccountCredentials {
  webhooks: ChannelWebhooks;
}

/**
 * @throws ChannelctlError as `loadAccountCredentials` does, and `usage` if the channel has no
 *   webhooks
 */
export async function loadWebhookAccount(
  named: string,
  sources: SecretSources,
): Promise<WebhookAccount> {
  const webhooks = channelWebhooks(findAccount(await sources.profile.read(), named));
  return { ...(await loadAccountCredentials(named, sources)), webhooks };
}

/** Returns the error of a stored token that must not be read; null if it may be, or is not used. */
export async function tokenBindingError(
  { owner, stored }: CredentialsOwner,
  { env, profile, given }: CredentialsSources,
): Promise<ChannelctlError | null> {
  const field = tokenField(owner);
  const ref = stored?.secrets[field];
  if (stored === undefined || ref === undefined) return null;
  const override = given?.(owner, field) ?? secretInEnvironment(env, owner, field);
  if (override !== undefined) return null;
  return (await profile.checkBinding(ownedSecret(owner, stored.config, field, ref))).error;
}

function tokenField(owner: Owner): string {
  const { token, integrationToken } = channelNamed(owner.channel);
  const known = owner.account_key === undefined ? integrationToken : token;
  if (known !== undefined) return known.field;
  throw new TypeError(`${ownerName(owner)} has no token.`);
}
