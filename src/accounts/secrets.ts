import type { Environment } from '../profile/settings.ts';
import type { OwnedSecret, Profile, SecretRef, StoredConfig } from '../profile/types.ts';
import { lastFour, maskOf, withoutLineEnd } from '../shared/secrets.ts';

export interface SecretSources {
  env: Environment;
  profile: Profile;
}

/** Returns the secret in a variable; undefined if the variable is unset or empty. */
export function secretInEnvironment(
  env: Environment,
  owner: Owner,
  field: string,
): string | undefined {
  return withoutLineEnd(env[secretVariable(owner, field)] ?? '') || undefined;
}

export function secretVariables(env: Environment): Environment {
  const own = Object.entries(env).filter(([name]) => name.startsWith('CHANNELCTL_SECRET_'));
  return Object.fromEntries(own);
}

export function secretKeys(
  known: readonly string[],
  stored: Pick<StoredConfig, 'secrets'> | undefined,
): readonly string[] {
  const others = Object.keys(stored?.secrets ?? {}).filter((key) => !known.includes(key));
  return others.length === 0 ? known : [...known, ...others];
}

/**
 * Returns the masks of an owner's secrets, by key, without reading the secret store. A variable
 * overrides a stored secret.
 *
 * @param known the secrets that the channel defines
 */
export function masks(
  env: Environment,
  owner: Owner,
  stored: StoredConfig | undefined,
  known: readonly string[],
): Map<string, string> {
  const found = new Map<string, string>();
  // This avoids generating thousands of variable names if no variable contains a secret.
  const noneGiven = Object.keys(env).length === 0;
  for (const field of secretKeys(known, stored)) {
    const given = noneGiven ? undefined : secretInEnvironment(env, owner, field);
    const ref = stored?.secrets[field];
    if (given !== undefined) found.set(field, maskOf(lastFour(given)));
    else if (ref !== undefined) found.set(field, maskOf(ref.last4));
  }
  return found;
}

export interface SecretRequest {
  owner: Owner;
  stored: StoredConfig | undefined;
  fields: readonly string[];
}

/**
 * Reads secrets of several owners, by key: from variables if they are set, and the rest from the
 * store in a single read. Missing secrets are omitted.
 */
export async function readSecretsOfMany<List extends readonly SecretRequest[]>(
  env: Environment,
  profile: Profile,
  requests: List,
): Promise<{ [Index in keyof List]: Map<string, string> }>;
export async function readSecretsOfMany(
  env: Environment,
  profile: Profile,
  requests: readonly SecretRequest[],
): Promise<Map<string, string>[]> {
  const secrets: OwnedSecret[] = [];
  for (const { owner, stored, fields } of requests) {
    for (const field of fields) {
      const ref = stored?.secrets[field];
      const given = secretInEnvironment(env, owner, field);
      if (given === undefined && ref !== undefined) {
        secrets.push(ownedSecret(owner, stored?.config ?? {}, field, ref));
      }
    }
  }
  const found = await profile.readSecrets(secrets);
  return requests.map(({ owner, stored, fields }) => {
    const values = fields.map((field): [string, string | undefined] => [
      field,
      secretInEnvironment(env, owner, field) ?? found.get(stored?.secrets[field]?.item ?? ''),
    ]);
    return new Map(values.filter((entry): entry is [string, string] => entry[1] !== undefined));
  });
}

/** @param config the owner's configuration; undefined for an account that is being connected */
export function ownedSecret(
  { channel, account_key }: Owner,
  config: StoredConfig['config'] | undefined,
  field: string,
  ref: SecretRef,
): OwnedSecret {
  return {
    channel,
    ...(account_key !== undefined && { account_key }),
    ...(config !== undefined && { config }),
    field,
    ref,
  };
}

export async function readSecrets(
  env: Environment,
  profile: Profile,
  owner: Owner,
  stored: StoredConfig | undefined,
  fields: readonly string[],
): Promise<Map<string, string>> {
  const [values] = await readSecretsOfMany(env, profile, [{ owner, stored, fields }] as const);
  return values;
}

export interface Owner {
  channel: string;
  account_key?: string;
}

export function ownerName({ channel, account_key }: Owner): string {
  return account_key === undefined ? channel : `${channel}/${account_key}`;
}

/**
 * Returns the name of the variable for a secret of an owner:
 * `CHANNELCTL_SECRET_WHATSAPP_WA_1065_ACCESS_TOKEN`.
 */
export function secretVariable({ channel, account_key }: Owner, field: string): string {
  const parts = [channel, account_key, field].filter((part) => part !== undefined);
  return `CHANNELCTL_SECRET_${parts
    .join('_')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')}`;
}
