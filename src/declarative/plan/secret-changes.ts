import { type Owner, ownedSecret, ownerName, secretInEnvironment } from '../../accounts/secrets.ts';
import type { Environment } from '../../profile/settings.ts';
import type {
  OwnedSecret,
  Profile,
  ProfileState,
  SecretRef,
  StoredConfig,
} from '../../profile/types.ts';
import { fingerprint } from '../../shared/hashes.ts';
import { lastFour, type SecretStoreName } from '../../shared/secrets.ts';
import type { Issue } from '../document/issue.ts';
import { type DocumentSecret, type ResolvedSecrets, secretKey } from '../document/references.ts';

export type SecretChange = 'set' | 'changed';

export interface ComparedSecrets {
  changes: ReadonlyMap<string, SecretChange>;
  /** The `secretKey` of each secret whose value in the document has been replaced by a refresh. */
  superseded: ReadonlySet<string>;
  issues: Issue[];
}

export interface StoredSecrets {
  env: Environment;
  profile: Profile;
  state: ProfileState;
  store: SecretStoreName;
}

/**
 * Compares the values of a document's secrets with the stored ones. The store is read only for
 * secrets whose last four characters match.
 */
export async function compareSecrets(
  secrets: readonly DocumentSecret[],
  { values, withheld, empty }: Omit<ResolvedSecrets, 'issues'>,
  { env, profile, state, store }: StoredSecrets,
): Promise<ComparedSecrets> {
  const notResolved = new Set(withheld);
  const isEmpty = new Set(empty);
  const owners = ownersByName(state);
  const changes = new Map<string, SecretChange>();
  const superseded = new Set<string>();
  const issues: Issue[] = [];
  const undecided: { key: string; value: string; secret: OwnedSecret }[] = [];
  for (const secret of secrets) {
    const key = secretKey(secret);
    const value = values.get(key);
    const ref = owners.get(secret.owner)?.secrets[secret.field];
    if (value === undefined) {
      if (notResolved.has(secret)) {
        if (ref === undefined) changes.set(key, 'set');
        else if (ref.store !== store) changes.set(key, 'changed');
      }
      // If a file or command failed, that has already been reported as an issue.
      if (!('env' in secret.reference)) continue;
      // The stored secret, or one in a variable, does not change.
      if (ref !== undefined || secretFromVariable(secret, env)) continue;
      const state = isEmpty.has(secret) ? 'empty' : 'not set';
      issues.push({ path: secret.path, reason: missingReason(secret.reference, state) });
    } else if (store === 'env' && secretFromVariable(secret, env) === value) {
      // There is nothing to store: channelctl reads the secret from that variable anyway.
    } else if (ref === undefined) changes.set(key, 'set');
    else if (ref.store === store && isRenewal(ref, value)) superseded.add(key);
    else if (ref.store !== store || ref.last4 !== lastFour(value)) changes.set(key, 'changed');
    else {
      const owner = parseOwner(secret.owner);
      const known = ownedSecret(owner, owners.get(secret.owner)?.config ?? {}, secret.field, ref);
      // A secret that is assigned to the wrong owner or server is replaced without being read.
      if ((await profile.checkBinding(known)).error !== null) changes.set(key, 'changed');
      else undecided.push({ key, value, secret: known });
    }
  }
  const stored = await profile.readSecrets(undecided.map(({ secret }) => secret));
  for (const { key, value, secret } of undecided) {
    if (stored.get(secret.ref.item) !== value) changes.set(key, 'changed');
  }
  return { changes, superseded, issues };
}

function isRenewal({ renewed_from }: SecretRef, value: string): boolean {
  return renewed_from !== undefined && renewed_from === fingerprint(value);
}

function missingReason({ env }: { env: string }, state: string): string {
  return `refers to the variable ${env}, which is ${state}, and no secret is stored`;
}

function secretFromVariable(
  { owner, field }: DocumentSecret,
  env: Environment,
): string | undefined {
  return secretInEnvironment(env, parseOwner(owner), field);
}

function parseOwner(name: string): Owner {
  const slash = name.indexOf('/');
  if (slash < 0) return { channel: name };
  return { channel: name.slice(0, slash), account_key: name.slice(slash + 1) };
}

function ownersByName({
  integrations,
  accounts,
}: Pick<ProfileState, 'integrations' | 'accounts'>): Map<string, StoredConfig> {
  return new Map([
    ...integrations.map((one) => [ownerName({ channel: one.channel }), one] as const),
    ...accounts.map((one) => [ownerName(one), one] as const),
  ]);
}
