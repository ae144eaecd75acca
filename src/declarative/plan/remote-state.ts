import { missingSecret } from '../../accounts/missing-secret.ts';
import { type Owner, ownerName, secretInEnvironment } from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import { loadCredentials, tokenBindingError } from '../../channels/meta/credentials.ts';
import type { RemoteAccount, RemoteApi, RemoteState } from '../../channels/meta/remote.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Environment } from '../../profile/settings.ts';
import type { Profile, StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { type SecretValues, secretKey } from '../document/references.ts';

export interface PlannedAccount {
  name: string;
  account: { channel: string; account_key: string };
  config: Readonly<Record<string, Json>>;
  stored: StoredAccount | undefined;
}

export interface CredentialSources {
  env: Environment;
  profile: Profile;
  graph(): Promise<Graph>;
  values: SecretValues;
  appIdOf(channel: string): string | null;
}

export interface ReachableAccount {
  name: string;
  api: RemoteApi;
  account: RemoteAccount;
}

export interface AccountFailure {
  name: string;
  error: ChannelctlError;
}

const CONCURRENCY = 8;

export async function resolveCredentials(
  candidates: readonly PlannedAccount[],
  sources: CredentialSources,
): Promise<{ reachable: ReachableAccount[]; problems: AccountFailure[] }> {
  const apis = await remoteApisOf(candidates);
  const managed = candidates.flatMap((candidate) => {
    const api = apis.get(candidate.account.channel);
    return api === undefined ? [] : [{ candidate, api }];
  });
  if (managed.length === 0) return { reachable: [], problems: [] };
  const { env, profile, values } = sources;
  // A variable overrides a reference in the document, which overrides the store.
  const given = (owner: Owner, field: string) =>
    secretInEnvironment(env, owner, field) === undefined
      ? values.get(secretKey({ owner: ownerName(owner), field }))
      : undefined;
  const credentialSources = { env, profile, given };
  const errors = await Promise.all(
    managed.map(({ candidate: { account, stored } }) =>
      tokenBindingError({ owner: account, stored }, credentialSources),
    ),
  );
  const owners = managed.map(({ candidate: { account, stored } }, index) => ({
    owner: account,
    stored: errors[index] ? undefined : stored,
  }));
  const credentials = await loadCredentials(owners, credentialSources);
  const graph = await sources.graph();
  const reachable: ReachableAccount[] = [];
  const problems: AccountFailure[] = [];
  for (const [index, { candidate, api }] of managed.entries()) {
    const { name, config } = candidate;
    const own = credentials[index];
    if (!own) {
      problems.push({ name, error: errors[index] ?? missingToken(candidate) });
      continue;
    }
    const appId = sources.appIdOf(candidate.account.channel);
    reachable.push({ name, api, account: { graph, credentials: own, config, appId } });
  }
  return { reachable, problems };
}

async function remoteApisOf(
  candidates: readonly PlannedAccount[],
): Promise<Map<string, RemoteApi>> {
  const channels = [...new Set(candidates.map(({ account }) => account.channel))];
  const apis = new Map<string, RemoteApi>();
  for (const channel of channels) {
    const api = await channelNamed(channel).remoteApi?.();
    if (api !== undefined) apis.set(channel, api);
  }
  return apis;
}

function missingToken({ account, config }: PlannedAccount): ChannelctlError {
  const { token } = channelNamed(account.channel);
  if (token === undefined) throw new TypeError(`${account.channel} accounts have no token.`);
  return missingSecret(account, [token.field], token.renewCommand({ ...account, config }));
}

export async function readRemoteStates(
  reachable: readonly ReachableAccount[],
  onDone: () => void,
): Promise<{ remoteStates: Map<string, RemoteState>; problems: AccountFailure[] }> {
  const remoteStates = new Map<string, RemoteState>();
  const found = await mapLimited(reachable, CONCURRENCY, async ({ name, api, account }) => {
    try {
      remoteStates.set(name, await api.read(account));
      return [];
    } catch (error) {
      if (!isAccountError(error)) throw error;
      return [{ name, error }];
    } finally {
      onDone();
    }
  });
  return { remoteStates, problems: found.flat() };
}

/**
 * Whether an error, such as a rejection by Meta, concerns only one account. A full disk, for
 * example, affects all of them.
 */
export function isAccountError(error: unknown): error is ChannelctlError {
  if (!(error instanceof ChannelctlError)) return false;
  return error.isLocal || ['graph', 'not_allowed'].includes(error.kind);
}
