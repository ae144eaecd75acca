import {
  type Owner,
  ownerName,
  readSecretsOfMany,
  secretInEnvironment,
} from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import type { AtMeta, MetaAccount, Standing } from '../../channels/meta/remote.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Environment } from '../../profile/settings.ts';
import type { Profile, StoredAccount, StoredConfig } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { type SecretValues, secretKey } from '../document/references.ts';

/** An account that may have something at Meta, as it will be. */
export interface Candidate {
  name: string;
  account: { channel: string; account_key: string };
  config: Readonly<Record<string, Json>>;
  stored: StoredAccount | undefined;
}

/** Where tokens come from. */
export interface TokenSources {
  env: Environment;
  profile: Profile;
  graph(): Promise<Graph>;
  /** What a document's references stand for. */
  values: SecretValues;
  /** The id of the app of a channel, as it will be. */
  appIdOf(channel: string): string | null;
}

/** An account that can be asked for, and mended, at Meta. */
export interface Reachable {
  name: string;
  side: AtMeta;
  account: MetaAccount;
}

/** What could not be found out, or done, for one account. */
export interface Problem {
  name: string;
  error: ChannelctlError;
}

const AT_A_TIME = 8;

/** Those of the accounts that Meta can be asked about, and why the others can't. */
export async function reachAccounts(
  candidates: readonly Candidate[],
  sources: TokenSources,
): Promise<{ reachable: Reachable[]; problems: Problem[] }> {
  const sides = await sidesOf(candidates);
  const concerned = candidates.flatMap((candidate) => {
    const side = sides.get(candidate.account.channel);
    return side === undefined ? [] : [{ candidate, side }];
  });
  if (concerned.length === 0) return { reachable: [], problems: [] };
  const wanted = concerned.map(({ candidate: { account, stored }, side }) => ({
    owner: account,
    stored,
    field: side.token,
  }));
  const tokens = await lookUp(wanted, sources);
  const appSecrets = await appSecretsOf([...sides.keys()], sources);
  const graph = await sources.graph();
  const reachable: Reachable[] = [];
  const problems: Problem[] = [];
  for (const [index, { candidate, side }] of concerned.entries()) {
    const { name, config } = candidate;
    const { channel } = candidate.account;
    const token = tokens[index];
    if (token === undefined) {
      problems.push({ name, error: noToken(name, side.token) });
      continue;
    }
    const credentials = { token, appSecret: appSecrets.get(channel) };
    const account = { graph, credentials, config, appId: sources.appIdOf(channel) };
    reachable.push({ name, side, account });
  }
  return { reachable, problems };
}

async function sidesOf(candidates: readonly Candidate[]): Promise<Map<string, AtMeta>> {
  const channels = [...new Set(candidates.map(({ account }) => account.channel))];
  const sides = new Map<string, AtMeta>();
  for (const channel of channels) {
    const side = await channelNamed(channel).atMeta?.();
    if (side !== undefined) sides.set(channel, side);
  }
  return sides;
}

/** One secret of one owner. */
interface Wanted {
  owner: Owner;
  stored: StoredConfig | undefined;
  field: string;
}

/** A variable beats what the document refers to, and that beats what is stored. */
async function lookUp(
  wanted: readonly Wanted[],
  { env, profile, values }: TokenSources,
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
  sources: TokenSources,
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

function noToken(name: string, field: string): ChannelctlError {
  return new ChannelctlError('not_allowed', `What stands at Meta for ${name} is not known.`, {
    reason: `Its ${field} is nowhere: neither in a variable nor stored.`,
    hint: `Store it: channelctl accounts update ${name} --config ${field}=@file`,
  });
}

/** What stands at Meta for each account; what fails for one does not stop the others. */
export async function readStanding(
  reachable: readonly Reachable[],
  onDone: () => void,
): Promise<{ standing: Map<string, Standing>; problems: Problem[] }> {
  const standing = new Map<string, Standing>();
  const found = await mapLimited(reachable, AT_A_TIME, async ({ name, side, account }) => {
    try {
      standing.set(name, await side.read(account));
      return [];
    } catch (error) {
      if (!isOfThisAccount(error)) throw error;
      return [{ name, error }];
    } finally {
      onDone();
    }
  });
  return { standing, problems: found.flat() };
}

/** What Meta refuses for one account says nothing of the others; a full disk does. */
export function isOfThisAccount(error: unknown): error is ChannelctlError {
  return error instanceof ChannelctlError && ['graph', 'not_allowed'].includes(error.kind);
}
