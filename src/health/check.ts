import { buildWebhookUrl } from '../accounts/account-view.ts';
import { readSecrets, type SecretSources, secretKeys } from '../accounts/secrets.ts';
import type { AccountCheck, AccountCheckContext, AccountCheckResult } from '../channels/channel.ts';
import { channelNamed, knownSecrets } from '../channels/index.ts';
import { type KnownApp, loadKnownApp, loadKnownGraphApp } from '../channels/meta/app.ts';
import { type AppLevelReading, appLevelReader } from '../channels/meta/webhooks.ts';
import type { Graph } from '../graph/graph.ts';
import type { Settings } from '../profile/settings.ts';
import type { StoredAccount } from '../profile/types.ts';
import { mapLimited } from '../shared/concurrency.ts';
import { isHealthy, isLocalError, type Problem, problem, problemOf } from '../shared/problem.ts';
import { type Redactor, sanitize } from '../shared/redactor.ts';
import { accountTokens } from '../tokens/stored-tokens.ts';

/** The result of checking one account. */
export interface AccountHealth extends AccountCheckResult {
  account_id: string;
  channel: string;
  account_key: string;
  healthy: boolean;
}

export interface CheckContext extends SecretSources {
  graph(): Promise<Graph>;
  redactor: Redactor;
  settings: Pick<Settings, 'value'>;
  now(): Date;
}

/** The number of accounts that are checked concurrently. */
const CONCURRENCY = 20;

/**
 * Runs the checks of each account's channel. The results are in the order of the accounts.
 *
 * @throws ChannelctlError of kind `usage` if a URL setting is invalid, so that Meta cannot be
 *   called
 */
export async function checkAccounts(
  accounts: readonly StoredAccount[],
  context: CheckContext,
  onDone: () => void,
): Promise<AccountHealth[]> {
  if (accounts.some(({ channel }) => channelNamed(channel).remoteApi !== undefined)) {
    await context.graph();
  }
  const channels = new Map<string, SharedChannel>();
  const channelOf = ({ channel }: StoredAccount) => {
    const shared = channels.get(channel) ?? new SharedChannel(channel, context);
    channels.set(channel, shared);
    return shared;
  };
  return mapLimited(accounts, CONCURRENCY, async (account) => {
    const result = await checkAccount(account, channelOf(account), context);
    onDone();
    return {
      account_id: account.id,
      channel: account.channel,
      account_key: account.account_key,
      healthy: isHealthy(result.problems),
      ...result,
    };
  });
}

async function checkAccount(
  account: StoredAccount,
  channel: SharedChannel,
  context: CheckContext,
): Promise<AccountCheckResult> {
  const check = await channel.check();
  if (check === undefined) {
    const { label } = channelNamed(account.channel);
    const message = `This version of channelctl cannot check ${label} accounts.`;
    const hint = 'Check the other accounts individually with channelctl accounts check.';
    return unchecked(problem('account', 'error', message, hint));
  }
  try {
    return await check(await prepareCheck(account, context, channel));
  } catch (error) {
    if (!isLocalError(error)) throw error;
    return unchecked(problemOf('account', error));
  }
}

function unchecked(why: Problem): AccountCheckResult {
  return { problems: [why], delivery: null, details: {} };
}

/** Reads the data for the check of one account. */
export async function prepareCheck(
  account: StoredAccount,
  context: CheckContext,
  channel = new SharedChannel(account.channel, context),
): Promise<AccountCheckContext> {
  const { env, profile, redactor, settings, graph } = context;
  const [{ accounts }, secrets, { app, id, secret }] = await Promise.all([
    profile.read(),
    // All secrets are read, because some accounts have a password instead of a token.
    readSecrets(env, profile, account, account, secretKeys(knownSecrets(account), account)),
    channel.app(),
  ]);
  const baseUrl = settings.value('webhook_base_url');
  const webhookUrl = (one: StoredAccount) => buildWebhookUrl(baseUrl, one);
  for (const one of secrets.values()) redactor.add(one);
  const { appLevel } = channel;
  const ofApp = { app, appId: id, appSecret: secret, appLevel };
  const field = channelNamed(account.channel).token?.field ?? '';
  const token = secrets.get(field);
  const credentials =
    token === undefined ? null : { token, appSecret: secret, channel: account.channel };
  const own = accountTokens(env, account).find((one) => one.field === field);
  const now = context.now();
  return {
    account,
    accounts,
    secrets,
    ...ofApp,
    credentials,
    tokenExpiresAt: own?.expiresAt ?? null,
    graph,
    webhookUrl,
    baseUrl,
    now,
    sanitize: (text) => sanitize(text, redactor),
  };
}

/** Data that the accounts of a channel share in one run. */
class SharedChannel {
  readonly #name: string;
  readonly #context: CheckContext;
  #check: Promise<AccountCheck> | undefined;
  #app: Promise<KnownApp> | undefined;
  readonly appLevel: () => Promise<AppLevelReading>;

  constructor(name: string, context: CheckContext) {
    this.#name = name;
    this.#context = context;
    const { webhooks, metaAppKeys } = channelNamed(name);
    const graphApp = () =>
      metaAppKeys === undefined ? this.app() : loadKnownGraphApp(name, context);
    this.appLevel = appLevelReader(context.graph, graphApp, webhooks?.object);
  }

  /** Returns undefined if this version of channelctl cannot check the channel's accounts. */
  check(): Promise<AccountCheck> | undefined {
    this.#check ??= channelNamed(this.#name).check?.();
    return this.#check;
  }

  app(): Promise<KnownApp> {
    this.#app ??= loadKnownApp(this.#name, this.#context);
    return this.#app;
  }
}
