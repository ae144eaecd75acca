import {
  type Owner,
  ownerName,
  readSecretsOfMany,
  secretInEnvironment,
} from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import type { MetaAccount, RemoteApi, RemoteState } from '../../channels/meta/remote.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Environment } from '../../profile/settings.ts';
import type { Profile, StoredAccount, StoredConfig } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { type SecretValues, secretKey } from '../document/references.ts';

/** An account that may have remote state, with its future configuration. */
export interface Candidate {
  name: string;
  account: { channel: string; account_key: string };
  config: Readonly<Record<string, Json>>;
  stored: StoredAccount | undefined;
}

/** Where tokens come from. */
export interface CredentialSources {
  env: Environment;
  profile: Profile;
  graph(): Promise<Graph>;
  /** The values of the document's references. */
  values: SecretValues;
  /** The id of the app of a channel, as it will be. */
  appIdOf(channel: string): string | null;
}

/** An account whose credentials are known. */
export interface ReachableAccount {
  name: string;
  api: RemoteApi;
  account: MetaAccount;
}

/** What could not be found out, or done, for one account. */
export interface AccountFailure {
  name: string;
  error: ChannelctlError;
}

const CONCURRENCY = 8;

/** Finds the credentials of accounts; `problems` says why some have none. */
export async function resolveCredentials(
  candidates: readonly Candidate[],
  sources: CredentialSources,
): Promise<{ reachable: ReachableAccount[]; problems: AccountFailure[] }> {
  const apis = await remoteApisOf(candidates);
  const managed = candidates.flatMap((candidate) => {
    const api = apis.get(candidate.account.channel);
    return api === undefined ? [] : [{ candidate, api }];
  });
  if (managed.length === 0) return { reachable: [], problems: [] };
  const wanted = managed.map(({ candidate: { account, stored }, api }) => ({
    owner: account,
    stored,
    field: api.token,
  }));
  const tokens = await lookUp(wanted, sources);
  const appSecrets = await appSecretsOf([...apis.keys()], sources);
  const graph = await sources.graph();
  const reachable: ReachableAccount[] = [];
  const problems: AccountFailure[] = [];
  for (const [index, { candidate, api }] of managed.entries()) {
    const { name, config } = candidate;
    const { channel } = candidate.account;
    const token = tokens[index];
    if (token === undefined) {
      problems.push({ name, error: missingToken(name, api.token) });
      continue;
    }
    const credentials = { token, appSecret: appSecrets.get(channel) };
    const account = { graph, credentials, config, appId: sources.appIdOf(channel) };
    reachable.push({ name, api, account });
  }
  return { reachable, problems };
}

async function remoteApisOf(candidates: readonly Candidate[]): Promise<Map<string, RemoteApi>> {
  const channels = [...new Set(candidates.map(({ account }) => account.channel))];
  const apis = new Map<string, RemoteApi>();
  for (const channel of channels) {
    const api = await channelNamed(channel).remoteApi?.();
    if (api !== undefined) apis.set(channel, api);
  }
  return apis;
}

/** One secret of one owner. */
interface WantedSecret {
  owner: Owner;
  stored: StoredConfig | undefined;
  field: string;
}

/** A variable beats what the document refers to, and that beats what is stored. */
async function lookUp(
  wanted: readonly WantedSecret[],
  { env, profile, values }: CredentialSources,
): Promise<(string | undefined)[]> {
  const given = wanted.map(
    ({ owner, field }) =>
      secretInEnvironment(env, owner, field) ??
      values.get(secretKey({ owner: ownerName(owner), field })),
  );
  const open = wanted.map(({ owner, stored, field }, index) => {
    const known = given[index] !== undefined;
    return { owner, stored: known ? undefined : stored, fields: known ? [] : [field] };
  });
  const stored = await readSecretsOfMany(env, profile, open);
  return wanted.map(({ field }, index) => given[index] ?? stored[index]?.get(field));
}

async function appSecretsOf(
  channels: readonly string[],
  sources: CredentialSources,
): Promise<Map<string, string | undefined>> {
  const { integrations } = await sources.profile.read();
  const wanted = channels.map((channel) => ({
    owner: { channel },
    stored: integrations.find((one) => one.channel === channel),
    field: 'app_secret',
  }));
  const found = await lookUp(wanted, sources);
  return new Map(channels.map((channel, index) => [channel, found[index]]));
}

function missingToken(name: string, field: string): ChannelctlError {
  return new ChannelctlError('not_allowed', `What stands at Meta for ${name} is not known.`, {
    reason: `Its ${field} is nowhere: neither in a variable nor stored.`,
    hint: `Store it: channelctl accounts update ${name} --config ${field}=@file`,
  });
}

/** Reads the remote state of each account; a failure of one does not stop the others. */
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

/** True for an error that concerns one account only, as a refusal of Meta does and a full disk does not. */
export function isAccountError(error: unknown): error is ChannelctlError {
  return error instanceof ChannelctlError && ['graph', 'not_allowed'].includes(error.kind);
}
