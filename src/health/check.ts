import { buildWebhookUrl } from '../accounts/account-view.ts';
import {
  readSecrets,
  type SecretSources,
  secretKeys,
  secretVariables,
} from '../accounts/secrets.ts';
import { findSharedVariables, sharedVariableError } from '../accounts/shared-variables.ts';
import type { AccountCheck, AccountCheckContext, AccountCheckResult } from '../channels/channel.ts';
import { channelNamed, knownSecrets } from '../channels/index.ts';
import { type KnownApp, loadKnownApp, loadKnownGraphApp } from '../channels/meta/app.ts';
import { type AppLevelReading, appLevelReader } from '../channels/meta/webhooks.ts';
import type { Graph } from '../graph/graph.ts';
import type { Environment, Settings } from '../profile/settings.ts';
import type { StoredAccount } from '../profile/types.ts';
import { mapLimited } from '../shared/concurrency.ts';
import { sanitize } from '../shared/foreign/sanitize.ts';
import {
  isHealthy,
  isLocalError,
  type Problem,
  problem,
  problemOf,
  resultOf,
} from '../shared/problem.ts';
import type { Redactor } from '../shared/redactor.ts';
import { accountTokens } from '../tokens/stored-tokens.ts';

export interface AccountHealth extends Omit<AccountCheckResult, 'tokenExpiry'> {
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

const CONCURRENCY = 20;

/**
 * Runs the checks of each account's channel, and stores the expiries of tokens that they read. The
 * results are in the order of the accounts.
 *
 * @throws ChannelctlError `usage` if a URL setting is invalid, so that Meta cannot be called
 */
export async function checkAccounts(
  accounts: readonly StoredAccount[],
  context: CheckContext,
  onDone: (account: StoredAccount, health: AccountHealth) => void,
): Promise<AccountHealth[]> {
  if (accounts.some(({ channel }) => channelNamed(channel).remoteApi !== undefined)) {
    await context.graph();
  }
  const channels = new Map<string, SharedChannel>();
  const channelOf = ({ channel }: StoredAccount) => {
    const shared = channels.get(channel) ?? new SharedChannel(channel, accounts, context);
    channels.set(channel, shared);
    return shared;
  };
  const checked = await mapLimited(accounts, CONCURRENCY, async (account) => {
    const { tokenExpiry, ...result } = await checkAccount(account, channelOf(account));
    const health = {
      account_id: account.id,
      channel: account.channel,
      account_key: account.account_key,
      healthy: isHealthy(result.problems),
      ...result,
    };
    onDone(account, health);
    return { account, health, tokenExpiry };
  });
  const { storeExpiries } = await import('../tokens/store-expiries.ts');
  await storeExpiries(checked, context);
  return checked.map(({ health }) => health);
}

async function checkAccount(
  account: StoredAccount,
  channel: SharedChannel,
): Promise<AccountCheckResult> {
  const check = await channel.check();
  if (check === undefined) {
    const { label } = channelNamed(account.channel);
    const message = `This version of channelctl cannot check ${label} accounts.`;
    const hint = 'Check the other accounts individually with channelctl accounts check.';
    return unchecked(problem('account', 'error', message, hint));
  }
  try {
    return await check(await channel.prepare(account));
  } catch (error) {
    if (!isLocalError(error)) throw error;
    return unchecked(problemOf('account', error));
  }
}

function unchecked(why: Problem): AccountCheckResult {
  return { problems: [why], delivery: null, details: {} };
}

export function prepareCheck(
  account: StoredAccount,
  context: CheckContext,
): Promise<AccountCheckContext> {
  return new SharedChannel(account.channel, [account], context).prepare(account);
}

async function readCheckData(
  account: StoredAccount,
  channel: SharedChannel,
  context: CheckContext,
): Promise<AccountCheckContext> {
  const { env, profile, redactor, settings, graph } = context;
  const [{ accounts }, secrets, { app, id, secret }, { app: graphApp }] = await Promise.all([
    profile.read(),
    // All secrets are read, because some accounts have a password instead of a token.
    readSecrets(env, profile, account, account, secretKeys(knownSecrets(account), account)),
    channel.app(),
    channel.graphApp(),
  ]);
  assertOwnServer(account, accounts, env);
  const baseUrl = settings.value('webhook_base_url');
  const webhookUrl = (one: StoredAccount) => buildWebhookUrl(baseUrl, one);
  for (const one of secrets.values()) redactor.add(one);
  const { appLevel } = channel;
  const ofApp = { app, graphApp, appId: id, appSecret: secret, appLevel };
  const field = channelNamed(account.channel).token?.field ?? '';
  const token = secrets.get(field);
  const credentials =
    token === undefined ? null : { token, appSecret: secret, channel: account.channel };
  const own = accountTokens(env, account).find((one) => one.field === field);
  const now = context.now();
  return {
    account,
    accounts,
    checked: () => channel.checked(),
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

/** @throws ChannelctlError `usage` if a variable would send a secret to another account's server */
function assertOwnServer(
  account: StoredAccount,
  accounts: readonly StoredAccount[],
  env: Environment,
): void {
  const { serverKeys } = channelNamed(account.channel);
  if (serverKeys === undefined) return;
  const own = accounts.filter(({ channel }) => channel === account.channel);
  const fieldsOf = (one: StoredAccount) => secretKeys(knownSecrets(one), one);
  const shared = findSharedVariables(secretVariables(env), own, fieldsOf);
  const stored = own.find(({ id }) => id === account.id) ?? account;
  const error = sharedVariableError(shared, stored, serverKeys);
  if (error !== null) throw error;
}

class SharedChannel {
  readonly #name: string;
  readonly #accounts: readonly StoredAccount[];
  readonly #context: CheckContext;
  readonly #prepared = new Map<string, Promise<AccountCheckContext>>();
  #check: Promise<AccountCheck> | undefined;
  #app: Promise<KnownApp> | undefined;
  #graphApp: Promise<KnownApp> | undefined;
  readonly appLevel: () => Promise<AppLevelReading>;

  constructor(name: string, accounts: readonly StoredAccount[], context: CheckContext) {
    this.#name = name;
    this.#accounts = accounts.filter(({ channel }) => channel === name);
    this.#context = context;
    const { webhooks } = channelNamed(name);
    this.appLevel = appLevelReader(context.graph, () => this.graphApp(), webhooks?.object);
  }

  /** Returns undefined if this version of channelctl cannot check the channel's accounts. */
  check(): Promise<AccountCheck> | undefined {
    this.#check ??= channelNamed(this.#name).check?.();
    return this.#check;
  }

  prepare(account: StoredAccount): Promise<AccountCheckContext> {
    const prepared = this.#prepared.get(account.id) ?? readCheckData(account, this, this.#context);
    this.#prepared.set(account.id, prepared);
    return prepared;
  }

  async checked(): Promise<AccountCheckContext[]> {
    const results = await mapLimited(this.#accounts, CONCURRENCY, (account) =>
      resultOf(this.prepare(account)),
    );
    return results.flatMap(({ value }) => value ?? []);
  }

  app(): Promise<KnownApp> {
    this.#app ??= loadKnownApp(this.#name, this.#context);
    return this.#app;
  }

  graphApp(): Promise<KnownApp> {
    if (channelNamed(this.#name).metaAppKeys === undefined) return this.app();
    this.#graphApp ??= loadKnownGraphApp(this.#name, this.#context);
    return this.#graphApp;
  }
}
