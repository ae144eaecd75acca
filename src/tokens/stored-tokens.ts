import { accountName } from '../accounts/accounts.ts';
import { missingSecret } from '../accounts/missing-secret.ts';
import { type Owner, secretInEnvironment, secretKeys } from '../accounts/secrets.ts';
import type { ChannelToken } from '../channels/channel.ts';
import { CHANNELS, channelNamed, knownSecrets } from '../channels/index.ts';
import type { Environment } from '../profile/settings.ts';
import type { ProfileState, SecretRef, StoredAccount, StoredConfig } from '../profile/types.ts';
import type { ChannelctlError } from '../shared/errors.ts';
import { isSecretKey, type SecretStoreName } from '../shared/secrets.ts';

export interface StoredToken {
  owner: Owner;
  /** Null for a token of an integration. */
  account: StoredAccount | null;
  field: string;
  known: ChannelToken | null;
  stored: SecretStoreName;
  /** The reference to the token in its store; null if the token is in a variable. */
  ref: SecretRef | null;
  /** ISO 8601; null if unknown or if the token does not expire. */
  expiresAt: string | null;
}

/** Lists the tokens of integrations, then those of accounts, without reading a secret store. */
export function storedTokens(env: Environment, state: ProfileState): StoredToken[] {
  return [
    ...CHANNELS.flatMap(({ name }) => {
      const stored = state.integrations.find(({ channel }) => channel === name);
      return tokensOf(env, { channel: name }, null, stored);
    }),
    ...state.accounts.flatMap((account) => tokensOf(env, account, account, account)),
  ];
}

export function accountTokens(env: Environment, account: StoredAccount): StoredToken[] {
  return tokensOf(env, account, account, account);
}

export function tokenOwner({ owner, account }: StoredToken): string {
  return account === null
    ? `the ${channelNamed(owner.channel).label} integration`
    : accountName(account);
}

export function missingToken({ owner, account, field, known }: StoredToken): ChannelctlError {
  return missingSecret(account ?? owner, [field], known?.renewCommand(account) ?? '');
}

function tokensOf(
  env: Environment,
  owner: Owner,
  account: StoredAccount | null,
  stored: StoredConfig | undefined,
): StoredToken[] {
  const { token, integrationToken } = channelNamed(owner.channel);
  const known = account === null ? integrationToken : token;
  const names = known === undefined ? [] : [known.field];
  const fields = [...names, ...secretKeys(knownSecrets(owner), stored).filter(isToken)];
  return [...new Set(fields)].flatMap((field): StoredToken[] => {
    const inVariable = secretInEnvironment(env, owner, field) !== undefined;
    const ref = stored?.secrets[field];
    if (!inVariable && ref === undefined) return [];
    const own = known?.field === field ? known : null;
    return [
      {
        owner,
        account,
        field,
        known: own,
        stored: inVariable ? 'env' : (ref?.store ?? 'env'),
        ref: inVariable ? null : (ref ?? null),
        // The stored expiry does not apply to a token in a variable that overrides the stored one.
        expiresAt: inVariable && ref !== undefined ? null : expiryOfToken(own, ref, stored),
      },
    ];
  });
}

function expiryOfToken(
  known: ChannelToken | null,
  ref: SecretRef | undefined,
  stored: StoredConfig | undefined,
): string | null {
  const configured = known?.expiryKey === undefined ? undefined : stored?.config[known.expiryKey];
  const time = ref?.expires_at ?? configured;
  return typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : null;
}

/** Puts the expiry of a stored token where its channel stores it; null removes it. */
export function putExpiry(
  owner: StoredConfig,
  { field, known }: Pick<StoredToken, 'field' | 'known'>,
  expiresAt: string | null,
): void {
  const key = known?.expiryKey;
  const ref = owner.secrets[field];
  if (key !== undefined) {
    if (expiresAt === null) delete owner.config[key];
    else owner.config[key] = expiresAt;
  } else if (ref !== undefined) {
    const { expires_at, ...rest } = ref;
    owner.secrets[field] = expiresAt === null ? rest : { ...rest, expires_at: expiresAt };
  }
}

function isToken(field: string): boolean {
  return isSecretKey(field) && /token$/i.test(field);
}
