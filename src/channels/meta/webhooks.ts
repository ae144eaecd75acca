import type { Credentials, Graph } from '../../graph/graph.ts';
import type { ParametersOf } from '../../graph/operations/index.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { type Result, resultOf } from '../../shared/problem.ts';
import { joinSentences } from '../../shared/text.ts';
import { type AppCredentials, appToken } from './app-credentials.ts';

/**
 * The levels that can have a webhook URL at Meta, the nearest to the account first. The URL of the
 * nearest one applies.
 */
export const LEVELS = ['number', 'waba', 'app'] as const;
export type WebhookLevel = (typeof LEVELS)[number];

export const LEVEL_LABELS: Readonly<Record<WebhookLevel, string>> = {
  number: 'number',
  waba: 'WABA',
  app: 'app',
};

/**
 * Whether Meta delivers the fields that the desk needs: all of them, some, or not even messages.
 */
export type Delivery = 'subscribed' | 'incomplete' | 'missing';

type Config = Readonly<Record<string, Json>>;

export interface ChannelWebhooks {
  object: ParametersOf<'setAppSubscription'>['object'];
  fields: readonly string[];
  /** Optional fields to subscribe the app to; it is not a problem if Meta does not send them. */
  moreAppFields?: readonly string[];
  /** Whether an account that is subscribed to one field gets all fields of the app. */
  sendsAllAppFields?: boolean;
  levels: readonly WebhookLevel[];
  /** The object at Meta whose URL can override the app's; absent if there is none. */
  override?: OverrideObject;
  /** The warning to show once the app's URL is set; absent if Meta always uses the URL. */
  setWarning?: { message: string; hint: string };
  part: 'subscription' | 'subscribed_apps';
  /** Whether an unreadable app-level subscription is an error instead of a warning. */
  requiresAppLevel: boolean;
  /** Whether the checks learn which app issued the token, if the secret of the app is known. */
  inspectsIssuer: boolean;
  subscribeHint(account: StoredAccount): string;
  tokenCommand(account: StoredAccount): string;
  fieldsHint(account: StoredAccount, missing: MissingFields): string;
  /** The body that Meta sends when a customer writes a message, marked as a test. */
  sample(config: Config, now: number): Json;
  readSubscription(account: SubscribedAccount): Promise<Subscription>;
  readNumberLevel?(account: SubscribedAccount): Promise<NumberLevel>;
  /** Loads the API for the levels below the app; absent if only the app can have a URL. */
  levelsApi?(): Promise<LevelsApi>;
}

export type OverrideLevel = Exclude<WebhookLevel, 'app'>;

export interface LevelReading {
  /** Whether the app is subscribed to the account's webhooks; otherwise, it receives none. */
  subscribed: boolean;
  urls: NumberLevel;
}

/** Reads and changes the levels below the app. Every call can be repeated. */
export interface LevelsApi {
  read(account: SubscribedAccount): Promise<LevelReading>;
  /** Subscribes the app to the account's webhooks. An existing override is removed. */
  subscribe(account: SubscribedAccount): Promise<void>;
  set(account: SubscribedAccount, level: OverrideLevel, target: WebhookTarget): Promise<void>;
  clear(account: SubscribedAccount, level: OverrideLevel): Promise<void>;
}

export interface WebhookTarget {
  url: string;
  verifyToken: string;
}

interface OverrideObject {
  level: Exclude<OverrideLevel, 'number'>;
  idKey: string;
  label: string;
}

export function sharesOverride(
  one: { channel: string; config: Config },
  other: { channel: string; config: Config },
  override: OverrideObject | undefined,
): boolean {
  if (override === undefined || one.channel !== other.channel) return false;
  return String(one.config[override.idKey]) === String(other.config[override.idKey]);
}

export function subscriptionQuestion(wabaId: string, names: string): string {
  return `Subscribe the app to the webhooks of WABA ${wabaId}? Webhooks for ${names} will also be sent.`;
}

export interface MissingFields {
  fields: readonly string[];
  appId: string | null;
  app: AppLevel | null;
  webhookUrl: string | null;
  lacking: { app: boolean; account: boolean };
  setCommand: string;
}

export function subscribeToFieldsHint(
  { lacking, setCommand }: MissingFields,
  subscribeCommand: string,
): string {
  return joinSentences(
    lacking.account ? `Subscribe the account to the missing fields: ${subscribeCommand}` : '',
    lacking.app ? `Subscribe the app to the missing fields: ${setCommand}` : '',
  );
}

export interface SubscribedAccount {
  graph: Graph;
  credentials: Credentials;
  config: Config;
  /** The ID of the configured app; null if unknown, in which case any app is accepted. */
  appId: string | null;
}

export interface Subscription {
  subscribed: boolean;
  /** Null if the channel has no fields per account. */
  fields: readonly string[] | null;
  /** The URL that overrides the app's; null for none. */
  override: string | null;
  /** The IDs of the other subscribed apps; empty if any app is accepted. */
  otherApps: readonly string[];
}

export interface AppLevel {
  url: string | null;
  fields: readonly string[];
  active: boolean;
}

export type NumberLevel = Readonly<Record<WebhookLevel, string | null>>;

export function nearestUrl(urls: NumberLevel): {
  url: string | null;
  source: WebhookLevel | null;
} {
  for (const source of LEVELS) {
    const url = urls[source];
    if (url !== null && url !== '') return { url, source };
  }
  return { url: null, source: null };
}

/** No URLs: Meta does not report them, or the channel has no numbers. */
export const NO_NUMBER_LEVEL: NumberLevel = { number: null, waba: null, app: null };

/** Returns the entries of the configured app; all entries if its ID is unknown. */
export function ownApps<App extends { id?: string | null | undefined }>(
  apps: readonly App[],
  appId: string | null,
): App[] {
  return apps.filter(({ id }) => appId === null || id === appId);
}

/** Returns the IDs of the other apps, each once; none if the configured app's ID is unknown. */
export function otherApps(
  apps: readonly { id?: string | null | undefined }[],
  appId: string | null,
): string[] {
  if (appId === null) return [];
  return [...new Set(apps.flatMap(({ id }) => (id && id !== appId ? [id] : [])))];
}

export function fieldsOf(
  apps: readonly { subscribed_fields?: string[] | null | undefined }[],
): string[] {
  return [...new Set(apps.flatMap(({ subscribed_fields }) => subscribed_fields ?? []))];
}

/** Returns null if the app has no subscription for this object. */
export async function readAppLevel(
  graph: Graph,
  app: AppCredentials,
  object: ChannelWebhooks['object'],
): Promise<AppLevel | null> {
  const { data } = await graph.call('listAppSubscriptions', { app_id: app.id }, appToken(app));
  const found = data.find((subscription) => subscription.object === object);
  if (found === undefined) return null;
  return {
    url: found.callback_url || null,
    fields: (found.fields ?? []).map((field) => (typeof field === 'string' ? field : field.name)),
    active: found.active !== false,
  };
}

/** The app-level subscription; null if the app's ID or secret is unknown. */
export type AppLevelReading = Result<AppLevel | null> | null;

export function appLevelReader(
  graph: () => Promise<Graph>,
  loadKnownApp: () => Promise<{ app: AppCredentials | null }>,
  object: ChannelWebhooks['object'] | undefined,
): () => Promise<AppLevelReading> {
  let reading: Promise<AppLevelReading> | undefined;
  const read = async () => {
    const { app } = await loadKnownApp();
    if (app === null || object === undefined) return null;
    return resultOf(readAppLevel(await graph(), app, object));
  };
  return () => {
    reading ??= read();
    return reading;
  };
}

/** Ends with characters that Meta escapes. */
export const SAMPLE_TEXT =
  'Test message from channelctl, not from a customer. Characters: é 世 😀 / < % @';

/** Creates the webhook of a message to a Page or an Instagram profile, as in Meta's reference. */
export function sampleMessage(
  object: ChannelWebhooks['object'],
  account: Json | undefined,
  now: number,
): Json {
  const id = String(account);
  const messaging = {
    sender: { id: '1000000000000000' },
    recipient: { id },
    timestamp: now,
    message: { mid: `channelctl-test-${now}`, text: SAMPLE_TEXT },
  };
  return { object, entry: [{ id, time: now, messaging: [messaging] }] };
}
