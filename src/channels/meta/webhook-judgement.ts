import { ownerName } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import {
  isHealthy,
  type Problem,
  type Result,
  resultOf,
  type Severity,
} from '../../shared/problem.ts';
import { isBelowUrl, sameUrl } from '../../shared/url.ts';
import type { AccountCheckContext } from '../channel.ts';
import {
  type AppLevelReading,
  type ChannelWebhooks,
  type Delivery,
  NO_NUMBER_LEVEL,
  type NumberLevel,
  type Subscription,
  type WebhookLevel,
} from './webhooks.ts';

/** A problem of one level, or of the URL or the fields that result from all of them. */
export interface WebhookProblem extends Omit<Problem, 'part'> {
  part: 'app' | 'account' | 'number' | 'address' | 'fields';
}

/** The webhook configuration of an account at Meta, on all levels. */
export interface WebhookReading {
  app: AppLevelReading;
  own: Result<Subscription>;
  number: Result<NumberLevel>;
}

/** The desired webhook configuration. */
export interface WebhookExpectation {
  account: StoredAccount;
  webhooks: ChannelWebhooks;
  appId: string | null;
  /** Null if no base URL is set. */
  webhookUrl(account: StoredAccount): string | null;
  baseUrl: string | null;
  /** All accounts of the profile. */
  accounts: readonly StoredAccount[];
}

export interface WebhookJudgement {
  /** Null if Meta calls no URL, or does not say which. */
  calledUrl: string | null;
  source: WebhookLevel | null;
  /** The fields that Meta sends; null if they are not known. */
  fields: string[] | null;
  missing: string[];
  /** Null if it is not known. */
  delivery: Delivery | null;
  problems: WebhookProblem[];
}

/** Judges the webhooks of an account. Every command that reports on webhooks uses this. */
export function judgeWebhooks(
  reading: WebhookReading,
  expected: WebhookExpectation,
): WebhookJudgement {
  const called = calledUrl(reading);
  const fields = sentFields(reading);
  const missing = missingFields(expected.webhooks, fields);
  const unread = failures(reading, expected);
  const found = [
    ...subscriptionProblems(reading, expected),
    ...urlProblems(called, reading, expected),
    ...fieldProblems(missing, reading, expected),
  ];
  return {
    calledUrl: called.url,
    source: called.source,
    fields,
    missing,
    delivery: deliveryOf(unread, found, called),
    problems: [...unread, ...found],
  };
}

/** A level that was not read may have another URL, or lack fields. */
function deliveryOf(
  unread: readonly WebhookProblem[],
  found: readonly WebhookProblem[],
  { url }: CalledUrl,
): Delivery | null {
  if (!isHealthy(unread)) return null;
  if (!isHealthy(found)) return 'missing';
  if (unread.length + found.length > 0) return 'incomplete';
  return url === null ? null : 'subscribed';
}

/**
 * The problems as those of one part of an account check. Problems that follow from another problem
 * are left out, and so is a number that could not be read, which has a part of its own.
 */
export function subscriptionPart<Part extends string>(
  part: Part,
  { problems }: WebhookJudgement,
  { own }: WebhookReading,
): Problem<Part>[] {
  const lacksSubscription = problems.some((one) => one.part === 'account');
  return problems
    .filter((one) => own.error === null || one.part === 'account')
    .filter((one) => one.part !== 'number' && !(lacksSubscription && one.part === 'fields'))
    .map((one) => ({ ...one, part }));
}

interface CalledUrl {
  url: string | null;
  source: WebhookLevel | null;
}

/** The nearest URL applies: the number's, then the WABA's, then the app's. */
function calledUrl({ app, own, number }: WebhookReading): CalledUrl {
  const urls = [
    ['number', number.value?.number],
    ['waba', own.value?.override ?? number.value?.waba],
    ['app', app?.value?.url ?? number.value?.app],
  ] as const;
  for (const [source, url] of urls) if (url) return { url, source };
  return { url: null, source: null };
}

/** The fields that the desk needs and that are not sent; none if those sent are not known. */
export function missingFields(
  { fields }: ChannelWebhooks,
  sent: readonly string[] | null,
): string[] {
  return sent === null ? [] : fields.filter((field) => !sent.includes(field));
}

/** Meta sends the fields that both the app and the account are subscribed to. */
function sentFields({ app, own }: WebhookReading): string[] | null {
  const ofApp = app === null || app.error !== null ? null : (app.value?.fields ?? []);
  const ofOwn = own.value?.fields ?? null;
  if (ofApp === null) return ofOwn === null ? null : [...ofOwn];
  return ofOwn === null ? [...ofApp] : ofOwn.filter((field) => ofApp.includes(field));
}

function failures(
  { app, own, number }: WebhookReading,
  { webhooks }: WebhookExpectation,
): WebhookProblem[] {
  const severityOfApp = webhooks.requiresAppLevel ? 'error' : 'warning';
  return [
    ...(app?.error ? [webhookFailure('app', severityOfApp, app.error)] : []),
    ...(own.error ? [webhookFailure('account', 'error', own.error)] : []),
    ...(number.error ? [webhookFailure('number', 'error', number.error)] : []),
  ];
}

/** A level that could not be read. */
export function webhookFailure(
  part: WebhookProblem['part'],
  severity: Severity,
  { description, hint, graph }: ChannelctlError,
): WebhookProblem {
  return { part, severity, message: description, hint, graph };
}

function subscriptionProblems(
  { app, own }: WebhookReading,
  { account, webhooks, appId }: WebhookExpectation,
): WebhookProblem[] {
  const name = ownerName(account);
  const problems: WebhookProblem[] = [];
  if (own.value?.subscribed === false) {
    const who = appId === null ? 'No app is' : `The app ${appId} is not`;
    const message = `${who} subscribed to the webhooks of ${name}, so that no message arrives.`;
    problems.push(found('account', 'error', message, webhooks.subscribeHint(account)));
  }
  if (app?.value?.active === false) {
    problems.push(
      found(
        'app',
        'error',
        "Meta has switched the app's webhooks off: the address failed for too long.",
        `Fix the receiver, then set the address again: channelctl webhooks set ${name}`,
      ),
    );
  }
  return problems;
}

function urlProblems(
  { url, source }: CalledUrl,
  { app, own }: WebhookReading,
  expected: WebhookExpectation,
): WebhookProblem[] {
  const { account, baseUrl } = expected;
  const set = `channelctl webhooks set ${ownerName(account)}`;
  if (url === null) {
    // A level that is not known may have the URL.
    if (app === null || app.error !== null || own.error !== null) return [];
    const message = 'Meta has no address to call for this account.';
    return [found('address', 'error', message, `Set one: ${set}`)];
  }
  const urls = acceptedUrls(source, expected);
  const [webhookUrl] = urls;
  if (baseUrl === null || webhookUrl === undefined) return [];
  if (urls.some((accepted) => sameUrl(accepted, url))) return [];
  if (isBelowUrl(url, baseUrl)) {
    const message = `Meta calls ${url}, which is yours, but not the webhook_url of this account.`;
    return [found('address', 'warning', message, `If it should be this account's: ${set}`)];
  }
  const message = `Meta calls ${url}, which is not under ${baseUrl}.`;
  return [found('address', 'error', message, `Have ${webhookUrl} called: ${set}`)];
}

/** The account's own URL first, then those of accounts here that share the level. */
function acceptedUrls(
  source: WebhookLevel | null,
  { account, accounts, webhooks: { override }, webhookUrl }: WebhookExpectation,
): string[] {
  const sharing = accounts.filter(({ channel, config }) => {
    if (channel !== account.channel) return false;
    if (source === 'app') return true;
    if (override === undefined || source !== override.level) return false;
    return String(config[override.idKey]) === String(account.config[override.idKey]);
  });
  return [account, ...sharing].map(webhookUrl).filter((url) => url !== null);
}

function fieldProblems(
  missing: readonly string[],
  { app }: WebhookReading,
  { account, webhooks, appId, webhookUrl }: WebhookExpectation,
): WebhookProblem[] {
  if (missing.length === 0) return [];
  const severity = missing.includes('messages') ? 'error' : 'warning';
  const message = `Meta does not send ${missing.join(', ')}: the app and the account must both be subscribed.`;
  const hint = webhooks.fieldsHint(account, {
    fields: missing,
    appId,
    app: app?.value ?? null,
    webhookUrl: webhookUrl(account),
  });
  return [found('fields', severity, message, hint)];
}

function found(
  part: WebhookProblem['part'],
  severity: Severity,
  message: string,
  hint: string,
): WebhookProblem {
  return { part, severity, message, hint, graph: null };
}

/** Checks the webhooks of a channel that has no URL per number. */
export async function checkWebhooks(
  webhooks: ChannelWebhooks,
  checking: AccountCheckContext,
  credentials: Credentials,
): Promise<{
  subscription: Subscription | null;
  delivery: Delivery | null;
  problems: Problem[];
}> {
  const { account, appId, appLevel } = checking;
  const graph = await checking.graph();
  const [app, own] = await Promise.all([
    appLevel(),
    resultOf(webhooks.readSubscription({ graph, credentials, config: account.config, appId })),
  ]);
  const reading = { app, own, number: { value: NO_NUMBER_LEVEL, error: null } };
  const judgement = judgeWebhooks(reading, { ...checking, webhooks });
  return {
    subscription: own.value,
    delivery: judgement.delivery,
    problems: subscriptionPart(webhooks.part, judgement, reading),
  };
}
