import { accountName } from '../../accounts/accounts.ts';
import { ownerName } from '../../accounts/secrets.ts';
import { loadGraphApp, loadKnownApp } from '../../channels/meta/app.ts';
import { type AppCredentials, appToken } from '../../channels/meta/app-credentials.ts';
import { loadWebhookAccount, type WebhookAccount } from '../../channels/meta/credentials.ts';
import {
  type AppLevel,
  LEVEL_LABELS,
  LEVELS,
  type LevelReading,
  type LevelsApi,
  NO_NUMBER_LEVEL,
  nearestUrl,
  type OverrideLevel,
  readAppLevel,
  type SubscribedAccount,
  sharesOverride,
  subscriptionQuestion,
  type WebhookLevel,
} from '../../channels/meta/webhooks.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { afterSteps } from '../../shared/continuation.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { listNames } from '../../shared/text.ts';
import { sameUrl } from '../../shared/url.ts';
import type { CommandContext } from './command-context.ts';
import { CANNOT_PROMPT, confirm } from './confirm.ts';

interface Subject extends WebhookAccount {
  remote: SubscribedAccount;
  /** Null if the channel has only an app-level URL. */
  api: LevelsApi | null;
  levels: LevelReading;
  /** Null unless the app level is changed. */
  app: { credentials: AppCredentials; before: AppLevel | null } | null;
  accounts: readonly StoredAccount[];
}

export interface RequestedUrl {
  url: string;
  /** The level to change; if undefined, the channel's usual level. */
  level: WebhookLevel | undefined;
  /** The fields to subscribe the app to; if undefined, the fields that a desk needs. */
  fields?: readonly string[] | undefined;
}

export interface ChangedWebhook {
  account: StoredAccount;
  level: WebhookLevel;
  called_url: string | null;
  source: WebhookLevel | null;
  /** The subscribed fields of the app; null unless the app level was changed. */
  fields: string[] | null;
  isChanged: boolean;
}

const FINISH = 'To finish, run the same command again.';

/**
 * Sets the webhook URL of a level, and subscribes the app if it is not subscribed. Asks for
 * confirmation if the URL of the app changes or other accounts are affected.
 *
 * @throws ChannelctlError `usage` if the channel has no such level, or if the URL of a nearer level
 *   overrides the new one
 */
export async function setWebhookUrl(
  named: string,
  { url, level: requested, fields }: RequestedUrl,
  context: CommandContext,
): Promise<ChangedWebhook> {
  const found = await loadWebhookAccount(named, context);
  const usual = found.webhooks.override?.level ?? 'app';
  const level = checkLevel(found, requested ?? usual);
  const subject = await readSubject(found, level, context);
  assertNotHidden(subject, level, url);
  if (level === 'app') return setAppUrl(subject, url, fields, context);
  const chosen = await confirmOverride(subject, level, url, context);
  const { api, remote, levels, account } = subject;
  const { verify_token: verifyToken } = account;
  const set = async () => api?.set(withPrevious(subject, chosen), chosen, { url, verifyToken });
  if (levels.subscribed) await set();
  else {
    await api?.subscribe(remote);
    await afterSteps({ done: 'The app is now subscribed to the webhooks.', next: FINISH }, set);
  }
  return changed(subject, chosen, { ...levels.urls, [chosen]: url });
}

/**
 * Clears the webhook URL of a level after asking for confirmation. Does nothing if the level has no
 * URL.
 *
 * @throws ChannelctlError `usage` if the channel has no such level
 */
export async function unsetWebhookUrl(
  named: string,
  requested: WebhookLevel,
  context: CommandContext,
): Promise<ChangedWebhook> {
  const found = await loadWebhookAccount(named, context);
  const level = checkLevel(found, requested);
  const subject = await readSubject(found, level, context);
  const { urls } = subject.levels;
  const url = urls[level];
  if (url === null) return { ...changed(subject, level, urls), isChanged: false };
  const after = { ...urls, [level]: null };
  const { url: next } = nearestUrl(after);
  const others = await affectedBy(subject, level);
  const then = next === null ? 'call no URL' : `call ${next}`;
  const also = others.length === 0 ? '' : ` This also affects ${namesOf(others)}.`;
  await confirm(
    context,
    `Delete the webhook URL ${url} of the ${objectOf(subject, level)}? Meta will then ${then} for ${ownerName(subject.account)}.${also}`,
  );
  if (level !== 'app') await subject.api?.clear(withPrevious(subject, level), level);
  else await deleteAppUrl(subject);
  return changed(subject, level, after);
}

function checkLevel({ account, webhooks }: WebhookAccount, level: WebhookLevel): WebhookLevel {
  if (webhooks.levels.includes(level)) return level;
  throw usageError(`--level ${level} does not apply to ${accountName(account)}.`, {
    reason: `Levels supported for ${account.channel} accounts: ${webhooks.levels.join(', ')}.`,
    hint: `Pass --level ${webhooks.levels[0]}.`,
  });
}

async function readSubject(
  found: WebhookAccount,
  level: WebhookLevel,
  context: CommandContext,
): Promise<Subject> {
  const { account, credentials, webhooks } = found;
  const { channel, config } = account;
  const [graph, { accounts }, known, api] = await Promise.all([
    context.graph(),
    context.profile.read(),
    level === 'app' ? loadGraphApp(channel, context) : loadKnownApp(channel, context),
    webhooks.levelsApi?.() ?? null,
  ]);
  const remote = { graph, credentials, config, appId: known.id };
  const [before, levels] = await Promise.all([
    'channel' in known ? readAppLevel(graph, known, webhooks.object) : null,
    api?.read(remote) ?? { subscribed: true, urls: NO_NUMBER_LEVEL },
  ]);
  const urls = 'channel' in known ? { ...levels.urls, app: before?.url ?? null } : levels.urls;
  const app = 'channel' in known ? { credentials: known, before } : null;
  return { ...found, remote, api, levels: { ...levels, urls }, app, accounts };
}

/**
 * @throws ChannelctlError `usage` if a nearer level has another URL: Meta would call only that one
 */
function assertNotHidden(
  { account, levels: { urls } }: Subject,
  level: WebhookLevel,
  url: string,
): void {
  const nearer = LEVELS.slice(0, LEVELS.indexOf(level));
  const hiding = nearer.filter((one) => urls[one] !== null);
  const [nearest] = hiding;
  const called = nearest === undefined ? null : urls[nearest];
  if (nearest === undefined || called === null || sameUrl(called, url)) return;
  const name = ownerName(account);
  const unset = hiding.map((one) => `channelctl webhooks unset ${name} --level ${one}`);
  throw usageError(`Meta would not call ${url} for ${name}.`, {
    reason: `The ${LEVEL_LABELS[nearest]} has its own webhook URL, ${called}, which overrides that of the ${LEVEL_LABELS[level]}.`,
    hint: `Clear it first: ${unset.join(', then ')}. Or change it: ${setCommand(account, nearest, url)}`,
  });
}

async function confirmOverride(
  subject: Subject,
  level: OverrideLevel,
  url: string,
  context: CommandContext,
): Promise<OverrideLevel> {
  const { levels, account } = subject;
  const before = levels.urls[level];
  const others = await othersAffected(subject, level, url);
  if (others.length === 0 || context.assumeYes) return level;
  const names = namesOf(others);
  const object = objectOf(subject, level);
  if (level === 'number') {
    await confirm(context, subscriptionQuestion(String(account.config.waba_id), names));
    return level;
  }
  const replaced = before === null ? '' : ` instead of ${before}`;
  const question = `Send the webhooks of the ${object} to ${url}${replaced}? This also affects ${names}.`;
  if (!context.terminal.interactive) {
    throw usageError(`Confirmation required: ${question}`, {
      reason: CANNOT_PROMPT,
      hint: `Pass --yes to confirm, or set the URL for this number only: ${setCommand(account, 'number', url)}`,
    });
  }
  const chosen = await context.terminal.chooseOne(question, [
    { value: 'number', label: 'Only those of this number', note: '--level number' },
    { value: 'waba', label: 'All of them', note: '--level waba' },
    { value: 'cancel', label: 'Cancel' },
  ]);
  if (chosen === 'number' || chosen === 'waba') return chosen;
  throw new ChannelctlError('cancelled', 'Cancelled; nothing was changed.');
}

async function othersAffected(
  subject: Subject,
  level: OverrideLevel,
  url: string,
): Promise<StoredAccount[]> {
  const { subscribed, urls } = subject.levels;
  if (!subscribed) return sharing(subject, 'waba');
  const before = urls[level];
  if (level === 'number' || (before !== null && sameUrl(before, url))) return [];
  return affectedBy(subject, level);
}

/** Returns the other accounts for which a change of this level changes the URL that Meta calls. */
async function affectedBy(subject: Subject, level: WebhookLevel): Promise<StoredAccount[]> {
  const others = level === 'number' ? [] : sharing(subject, level);
  // An app can have so many accounts that reading the URLs of each would take too long.
  if (level !== 'waba') return others;
  const hasOwnUrl = await mapLimited(others, 8, async ({ config }) => {
    const { api, remote } = subject;
    // The token of the account is valid for the whole WABA. Accounts that cannot be read count as
    // affected.
    const read = await api?.read({ ...remote, config }).catch(() => null);
    return typeof read?.urls.number === 'string';
  });
  return others.filter((_, index) => hasOwnUrl[index] !== true);
}

function sharing(
  { account, accounts, webhooks: { override } }: Subject,
  level: 'waba' | 'app',
): StoredAccount[] {
  return accounts.filter((other) => {
    if (other.id === account.id) return false;
    if (level === 'app') return other.channel === account.channel;
    return sharesOverride(account, other, override);
  });
}

/**
 * Sets the app's URL, and asks for confirmation if it changes. The app's subscribed fields remain.
 */
async function setAppUrl(
  subject: Subject,
  url: string,
  requested: readonly string[] | undefined,
  context: CommandContext,
): Promise<ChangedWebhook> {
  const { account, api, remote, levels, webhooks, app } = subject;
  if (app === null) throw new TypeError('The app was not loaded.');
  const { before, credentials } = app;
  const wanted = requested ?? [...webhooks.fields, ...(webhooks.moreAppFields ?? [])];
  const fields = [...new Set([...(before?.fields ?? []), ...wanted])];
  const isSame =
    before?.active === true &&
    before.url !== null &&
    sameUrl(before.url, url) &&
    fields.length === before.fields.length;
  const others = sharing(subject, isSame ? 'waba' : 'app');
  if (!isSame || (!levels.subscribed && others.length > 0)) {
    const replaced = before?.url ? ` instead of ${before.url}` : '';
    const also = others.length === 0 ? '' : `, including ${namesOf(others)}`;
    await confirm(
      context,
      `Send all ${webhooks.object} webhooks of app ${credentials.id} to ${url}${replaced}? This affects all accounts of the app${also}.`,
    );
  }
  await remote.graph.call(
    'setAppSubscription',
    {
      app_id: credentials.id,
      object: webhooks.object,
      callback_url: url,
      verify_token: account.verify_token,
      fields: fields.join(','),
    },
    {
      ...appToken(credentials),
      accountId: account.id,
      accountName: ownerName(account),
      before: {
        callback_url: before?.url ?? null,
        fields: before === null ? null : before.fields.join(','),
      },
    },
  );
  const done = `The app's webhook URL is set.`;
  const after = await afterSteps({ done, next: FINISH }, async () => {
    if (!levels.subscribed) await api?.subscribe(remote);
    return readAppLevel(remote.graph, credentials, webhooks.object);
  });
  if (after === null || after.url === null || !sameUrl(after.url, url)) {
    throw new ChannelctlError('graph', `Meta accepted ${url} but did not store it.`, {
      reason: `The app's webhook URL is still ${after?.url ?? 'not set'}.`,
      hint: 'Check the URL in the App Dashboard, then try again.',
    });
  }
  const result = changed(subject, 'app', { ...levels.urls, app: url });
  return { ...result, fields: [...after.fields] };
}

async function deleteAppUrl({ account, remote, webhooks, app }: Subject): Promise<void> {
  if (app === null) throw new TypeError('The app was not loaded.');
  const { credentials, before } = app;
  await remote.graph.call(
    'deleteAppSubscription',
    { app_id: credentials.id, object: webhooks.object },
    {
      ...appToken(credentials),
      accountId: account.id,
      accountName: ownerName(account),
      before: { callback_url: before?.url ?? null },
    },
  );
}

function withPrevious({ remote, levels }: Subject, level: OverrideLevel): SubscribedAccount {
  const override_callback_uri = levels.urls[level];
  const before =
    level === 'waba'
      ? { override_callback_uri }
      : { webhook_configuration: { override_callback_uri } };
  return { ...remote, credentials: { ...remote.credentials, before } };
}

function setCommand(account: StoredAccount, level: WebhookLevel, url: string): string {
  return `channelctl webhooks set ${ownerName(account)} --level ${level} --url ${url}`;
}

function changed({ account }: Subject, level: WebhookLevel, after: LevelReading['urls']) {
  const { url, source } = nearestUrl(after);
  return { account, level, called_url: url, source, fields: null, isChanged: true };
}

function objectOf({ account, app }: Subject, level: WebhookLevel): string {
  const { phone_number_id, waba_id } = account.config;
  const id = { number: phone_number_id, waba: waba_id, app: app?.credentials.id }[level];
  return `${LEVEL_LABELS[level]} ${id}`;
}

function namesOf(accounts: readonly StoredAccount[]): string {
  return listNames(accounts.map(ownerName));
}
