import { ownerName } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import {
  isHealthy,
  markOutage,
  type Problem,
  type Result,
  resultOf,
  type Severity,
} from '../../shared/problem.ts';
import { joinSentences } from '../../shared/text.ts';
import { isBelowUrl, sameUrl } from '../../shared/url.ts';
import type { AccountCheckContext } from '../channel.ts';
import { describeMissingSubscription } from './missing-subscription.ts';
import {
  type AppLevelReading,
  type ChannelWebhooks,
  type Delivery,
  type MissingFields,
  NO_NUMBER_LEVEL,
  type NumberLevel,
  nearestUrl,
  type Subscription,
  sharesOverride,
  type WebhookLevel,
} from './webhooks.ts';

export interface WebhookProblem extends Omit<Problem, 'part'> {
  part: 'app' | 'account' | 'number' | 'address' | 'fields';
}

export interface WebhookReading {
  app: AppLevelReading;
  own: Result<Subscription>;
  number: Result<NumberLevel>;
}

export interface WebhookExpectation {
  account: StoredAccount;
  webhooks: ChannelWebhooks;
  appId: string | null;
  webhookUrl(account: StoredAccount): string | null;
  baseUrl: string | null;
  accounts: readonly StoredAccount[];
}

export interface WebhookJudgement {
  /** Null if Meta calls no URL, or does not report which one it calls. */
  calledUrl: string | null;
  source: WebhookLevel | null;
  fields: string[] | null;
  missing: string[];
  delivery: Delivery | null;
  problems: WebhookProblem[];
}

export function judgeWebhooks(
  reading: WebhookReading,
  expected: WebhookExpectation,
): WebhookJudgement {
  const called = calledUrl(reading);
  const subscribed = subscribedFields(reading, expected.webhooks);
  const fields = sentFields(subscribed);
  const missing = missingFields(expected.webhooks, fields);
  const unread = failures(reading, expected);
  const found = [
    ...subscriptionProblems(reading, expected),
    ...urlProblems(called, reading, expected),
    ...fieldProblems(missing, subscribed, reading, expected),
  ];
  return {
    calledUrl: called.url,
    source: called.source,
    fields,
    missing,
    delivery: deliveryOf(unread, found, called),
    problems: [...unread, ...found, ...listingProblems(reading, expected)],
  };
}

/** Returns null if the delivery is unknown: a required level is unreadable or has no URL. */
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
 * Returns the problems, assigned to one part of an account check. Omits problems that follow from
 * another one, and a failure to read the number, which has its own part.
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

function calledUrl({ app, own, number }: WebhookReading): CalledUrl {
  return nearestUrl({
    number: number.value?.number ?? null,
    waba: own.value?.override ?? number.value?.waba ?? null,
    app: app?.value?.url ?? number.value?.app ?? null,
  });
}

/** Returns the fields that a desk needs but Meta does not send; empty if `sent` is null. */
export function missingFields(
  { fields }: ChannelWebhooks,
  sent: readonly string[] | null,
): string[] {
  return sent === null ? [] : fields.filter((field) => !sent.includes(field));
}

interface SubscribedFields {
  app: readonly string[] | null;
  /** Null if unknown, or if the account cannot have fewer fields than the app. */
  account: readonly string[] | null;
}

function subscribedFields(
  { app, own }: WebhookReading,
  { sendsAllAppFields }: ChannelWebhooks,
): SubscribedFields {
  const hasAllFields = sendsAllAppFields === true && own.value?.subscribed === true;
  return {
    app: app === null || app.error !== null ? null : (app.value?.fields ?? []),
    account: hasAllFields ? null : (own.value?.fields ?? null),
  };
}

/** Meta sends the fields that both the app and the account are subscribed to. */
function sentFields({ app, account }: SubscribedFields): string[] | null {
  if (app === null) return account === null ? null : [...account];
  return account === null ? [...app] : account.filter((field) => app.includes(field));
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

export function webhookFailure(
  part: WebhookProblem['part'],
  severity: Severity,
  error: ChannelctlError,
): WebhookProblem {
  const { description, hint, graph } = error;
  const problem: WebhookProblem = { part, severity, message: description, hint, graph };
  return markOutage(problem, error);
}

function subscriptionProblems(
  { app, own }: WebhookReading,
  expected: WebhookExpectation,
): WebhookProblem[] {
  const { account, webhooks, appId } = expected;
  const problems: WebhookProblem[] = [];
  if (own.value?.subscribed === false) {
    const { message, hint } = describeMissingSubscription({
      account,
      webhooks,
      appId,
      otherApps: own.value.otherApps,
      isIssuerKnown: webhooks.inspectsIssuer && app !== null,
    });
    problems.push(found('account', 'error', message, hint));
  }
  if (app?.value?.active === false) {
    problems.push(
      found(
        'app',
        'error',
        "Meta has disabled the app's webhooks because deliveries to the URL failed for too long.",
        `Fix the receiver, then run: ${setCommand(expected, 'app')}`,
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
  const { baseUrl } = expected;
  const set = setCommand(expected, source === 'number' ? source : undefined);
  if (url === null) {
    // A level that could not be read may have the URL.
    if (app === null || app.error !== null || own.error !== null) return [];
    const message = 'Meta has no webhook URL for this account.';
    return [found('address', 'error', message, `To set it, run: ${set}`)];
  }
  const urls = acceptedUrls(source, expected);
  const [webhookUrl] = urls;
  if (baseUrl === null || webhookUrl === undefined) return [];
  if (urls.some((accepted) => sameUrl(accepted, url))) return [];
  if (isBelowUrl(url, baseUrl)) {
    const message = `Meta calls ${url}, which is under ${baseUrl} but is not the webhook_url of this account.`;
    return [
      found('address', 'warning', message, `To use the webhook_url of this account, run: ${set}`),
    ];
  }
  const whose = source === 'number' ? ", the number's own URL," : ',';
  const message = `Meta calls ${url}${whose} which is not under ${baseUrl}.`;
  const unset = `To use the URL of the WABA or the app, run: ${unsetCommand(expected)}`;
  const hint = `To use ${webhookUrl} instead, run: ${set}`;
  return [
    found('address', 'error', message, joinSentences(hint, source === 'number' ? unset : '')),
  ];
}

function acceptedUrls(
  source: WebhookLevel | null,
  { account, accounts, webhooks: { override }, webhookUrl }: WebhookExpectation,
): string[] {
  const sharing = accounts.filter((other) => {
    if (source === 'app') return other.channel === account.channel;
    return source === override?.level && sharesOverride(account, other, override);
  });
  return [account, ...sharing].map(webhookUrl).filter((url) => url !== null);
}

function fieldProblems(
  missing: readonly string[],
  { app, account: own }: SubscribedFields,
  reading: WebhookReading,
  expected: WebhookExpectation,
): WebhookProblem[] {
  if (missing.length === 0) return [];
  const severity = missing.includes('messages') ? 'error' : 'warning';
  const lacks = (fields: readonly string[] | null) =>
    fields !== null && missing.some((field) => !fields.includes(field));
  const lacking = { app: lacks(app), account: lacks(own) };
  const hint = fieldsHint(lacking, missing, reading.app, expected);
  const sides = [lacking.app ? 'app' : null, lacking.account ? 'account' : null];
  const who = sides.filter((side) => side !== null).join(' and the ');
  const verb = lacking.app && lacking.account ? 'are' : 'is';
  const [noun, them] = missing.length === 1 ? ['field', 'it'] : ['fields', 'them'];
  const message = `Meta does not send the ${noun} ${missing.join(', ')}: the ${who} ${verb} not subscribed to ${them}.`;
  return [found('fields', severity, message, hint)];
}

/** Warns that the account's subscription omits fields that Meta sends anyway. */
function listingProblems(
  { app, own }: WebhookReading,
  expected: WebhookExpectation,
): WebhookProblem[] {
  const { account, webhooks } = expected;
  if (webhooks.sendsAllAppFields !== true || own.value?.subscribed !== true) return [];
  const fields = missingFields(webhooks, own.value.fields);
  if (fields.length === 0) return [];
  const message = `The subscription of ${ownerName(account)} does not list ${fields.join(', ')}; according to Meta, the account gets all fields of the app anyway.`;
  const hint = fieldsHint({ app: false, account: true }, fields, app, expected);
  return [found('fields', 'warning', message, hint)];
}

function fieldsHint(
  lacking: MissingFields['lacking'],
  fields: readonly string[],
  app: AppLevelReading,
  expected: WebhookExpectation,
): string {
  const { account, webhooks, appId, webhookUrl } = expected;
  return webhooks.fieldsHint(account, {
    fields,
    appId,
    app: app?.value ?? null,
    webhookUrl: webhookUrl(account),
    lacking,
    setCommand: setCommand(expected, 'app'),
  });
}

/**
 * Returns the command that registers the account's webhook_url, after the command that sets the
 * base URL if there is none.
 *
 * @param level the channel's usual level if omitted
 */
function setCommand(
  { account, webhooks, baseUrl }: WebhookExpectation,
  level?: WebhookLevel,
): string {
  const isUsual = level === undefined || webhooks.levels.length === 1;
  const set = `channelctl webhooks set ${ownerName(account)}${isUsual ? '' : ` --level ${level}`}`;
  return baseUrl === null ? `channelctl config set webhook_base_url https://…, then ${set}` : set;
}

function unsetCommand({ account }: WebhookExpectation): string {
  return `channelctl webhooks unset ${ownerName(account)} --level number`;
}

function found(
  part: WebhookProblem['part'],
  severity: Severity,
  message: string,
  hint: string,
): WebhookProblem {
  return { part, severity, message, hint, graph: null };
}

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
