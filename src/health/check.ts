import { webhookAddress } from '../accounts/account-view.ts';
import { readSecrets, type SecretSources, secretKeys } from '../accounts/secrets.ts';
import type { Checking, Findings, Problem } from '../channels/channel.ts';
import { channelNamed, knownSecrets } from '../channels/index.ts';
import { metaApp } from '../channels/meta/app.ts';
import { problem, problemOf } from '../channels/problems.ts';
import type { Graph } from '../graph/graph.ts';
import type { Settings } from '../profile/settings.ts';
import type { StoredAccount } from '../profile/types.ts';
import { mapLimited } from '../shared/concurrency.ts';
import { ChannelctlError } from '../shared/errors.ts';
import type { Redactor } from '../shared/redactor.ts';
import { plainText } from '../shared/text.ts';

/** What a check of one account says. */
export interface AccountHealth {
  account_id: string;
  channel: string;
  account_key: string;
  healthy: boolean;
  problems: Problem[];
  /** Facts particular to the channel. */
  details: Readonly<Record<string, unknown>>;
}

export interface CheckWorld extends SecretSources {
  graph(): Promise<Graph>;
  redactor: Redactor;
  settings: Pick<Settings, 'value'>;
  now(): Date;
}

/** How many accounts are checked at a time. */
const AT_A_TIME = 20;

/**
 * Checks accounts as their channels do; results come in the order of the accounts.
 *
 * @throws ChannelctlError of kind `usage` where Meta can't be asked at all: an address is wrong
 */
export async function checkAccounts(
  accounts: readonly StoredAccount[],
  world: CheckWorld,
  onDone: () => void,
): Promise<AccountHealth[]> {
  if (accounts.some(({ channel }) => channelNamed(channel).remoteApi !== undefined)) {
    await world.graph();
  }
  return mapLimited(accounts, AT_A_TIME, async (account) => {
    const { problems, details } = await findingsOf(account, world);
    onDone();
    return {
      account_id: account.id,
      channel: account.channel,
      account_key: account.account_key,
      healthy: problems.every(({ severity }) => severity !== 'error'),
      problems,
      details,
    };
  });
}

async function findingsOf(account: StoredAccount, world: CheckWorld): Promise<Findings> {
  const check = await channelNamed(account.channel).check?.();
  if (check === undefined) return { problems: [noCheck(account)], details: {} };
  try {
    return await check(await checkingOf(account, world));
  } catch (error) {
    if (!(error instanceof ChannelctlError) || !isOfThisAccount(error)) throw error;
    return { problems: [problemOf('account', error)], details: {} };
  }
}

/** What the check of one account works with. */
export async function checkingOf(account: StoredAccount, world: CheckWorld): Promise<Checking> {
  const { env, profile, redactor, settings, graph } = world;
  const [{ accounts }, secrets, app] = await Promise.all([
    profile.read(),
    readSecrets(env, profile, account, account, secretKeys(knownSecrets(account), account)),
    knownApp(account.channel, world),
  ]);
  const base = settings.value('webhook_base_url');
  const webhookUrl = (one: StoredAccount) => webhookAddress(base, one);
  for (const secret of secrets.values()) redactor.add(secret);
  const clean = (text: string) => redactor.redact(plainText(redactor.redact(text)));
  return { account, accounts, secrets, app, graph, webhookUrl, now: world.now(), clean };
}

/** The app of a channel; null where the channel has none, or its settings are incomplete. */
async function knownApp(channel: string, world: CheckWorld): Promise<Checking['app']> {
  if (!channelNamed(channel).integrationKeys.some(({ name }) => name === 'app_id')) return null;
  try {
    return await metaApp(channel, world);
  } catch (error) {
    if (error instanceof ChannelctlError && isOfThisAccount(error)) return null;
    throw error;
  }
}

/** What one account lacks, or Meta refuses it, says nothing of the others; a locked keychain does. */
function isOfThisAccount({ kind }: ChannelctlError): boolean {
  return ['usage', 'not_allowed', 'graph'].includes(kind);
}

function noCheck({ channel }: StoredAccount): Problem {
  const { label } = channelNamed(channel);
  return problem(
    'account',
    'error',
    `This version of channelctl can't check ${label} accounts.`,
    'Leave it out: name the accounts to check one by one.',
  );
}
