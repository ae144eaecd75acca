import type { KnownKey } from '../accounts/config.ts';
import type { Credentials, Graph } from '../graph/graph.ts';
import type { Service, TokenKind } from '../graph/operations/operation.ts';
import type { StoredAccount } from '../profile/types.ts';
import type { ChannelctlError, GraphErrorBody } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import { type CheckResult, type Problem, problem } from '../shared/problem.ts';
import type { AppCredentials } from './meta/app-credentials.ts';
import type { RemoteApi } from './meta/remote.ts';
import type { AppLevelReading, ChannelWebhooks, Delivery } from './meta/webhooks.ts';

/** A token that Meta has just issued. */
export interface NewToken {
  token: string;
  /** ISO 8601; null if Meta did not report it. */
  expiresAt: string | null;
}

/** The expiry of a token that Meta has just issued; null if Meta did not report it. */
export function expiryOf(
  { expires_in }: { expires_in?: number | undefined },
  now: Date,
): string | null {
  if (expires_in === undefined) return null;
  const end = new Date(now.getTime() + expires_in * 1000);
  return Number.isNaN(end.getTime()) ? null : end.toISOString(); // NaN: too large for a Date.
}

interface RenewalContext {
  graph: Graph;
  /** The app of the channel's integration. */
  app(): Promise<AppCredentials>;
  now: Date;
}

/** A token of the accounts of a channel, or of its integration. */
export interface ChannelToken {
  /** The key of the secret. */
  field: string;
  kind: TokenKind;
  /** The server that accepts it; `graph` if omitted. */
  service?: Service;
  /** The configuration key with its expiry, if there is one. */
  expiryKey?: string;
  /** The required permissions, by Meta's names. */
  permissions: readonly string[];
  /** The configuration key of the object for which they are granted, if they are granted per object. */
  target?: string;
  /** Whether the error means that Meta does not renew the token yet. */
  isTooYoung?(error: GraphErrorBody): boolean;
  /** Whether some tokens of this kind never expire, so that Meta is asked if the expiry is unknown. */
  mayNotExpire?: true;
  /** Exchanges it for a new token; absent if tokens of this kind do not expire. */
  renew?(token: string, context: RenewalContext): Promise<NewToken>;
  /** The command that gets a new token. `account` is null for a token of the integration. */
  renewCommand(account: Pick<StoredAccount, 'account_key' | 'config'> | null): string;
}

/** The account to check, and the data for its check. */
export interface AccountCheckContext {
  account: StoredAccount;
  /** All accounts of the profile. */
  accounts: readonly StoredAccount[];
  /** The account's secrets, by key. */
  secrets: ReadonlyMap<string, string>;
  /** The app of the channel's integration; null if its ID or secret is unknown. */
  app: AppCredentials | null;
  /** Null if unknown; then any app is accepted as ours. */
  appId: string | null;
  appSecret: string | undefined;
  /** The token of the account; null if it is missing, or the channel has no tokens. */
  credentials: Credentials | null;
  /** The stored expiry of that token, in ISO 8601; null if unknown. */
  tokenExpiresAt: string | null;
  /** The app-level webhook subscription, read once for all accounts. */
  appLevel(): Promise<AppLevelReading>;
  graph(): Promise<Graph>;
  /** The desired webhook URL of an account; null if no base URL is set. */
  webhookUrl(account: StoredAccount): string | null;
  /** The setting webhook_base_url. */
  baseUrl: string | null;
  now: Date;
  /** Makes text from a server safe to print: on one line, without secrets. */
  sanitize(text: string): string;
}

/** Tokens with less time left than this are reported. */
const EXPIRY_WARNING_MS = 14 * 24 * 60 * 60 * 1000;

/**
 * The problem of a token that has expired or expires soon; otherwise null.
 *
 * @param expiresAt ISO 8601
 */
export function expiryProblem(expiresAt: string, hint: string, now: Date): Problem | null {
  const left = Date.parse(expiresAt) - now.getTime();
  if (left <= 0) return problem('token', 'error', `The token expired at ${expiresAt}.`, hint);
  if (left > EXPIRY_WARNING_MS) return null;
  return problem('token', 'warning', `The token expires at ${expiresAt}.`, hint);
}

export interface AccountCheckResult extends CheckResult {
  /** Null if unknown, or if the channel has no webhooks. */
  delivery: Delivery | null;
}

export type AccountCheck = (checking: AccountCheckContext) => Promise<AccountCheckResult>;

/** The definition of one channel. The name of a key decides whether it is a secret: `isSecretKey`. */
export interface Channel {
  /** The name on the command line and in the state: `messenger`. */
  name: string;
  /** The brand name: `Messenger`. */
  label: string;
  integrationKeys: readonly KnownKey[];
  accountKeys: readonly KnownKey[];
  /** Derives the account key from a configuration key: `wa-` + phone_number_id. */
  derivedAccountKey?: { from: string; prefix: string };
  /** The configuration keys with the Meta IDs that identify the account in calls. */
  idKeys: readonly string[];
  /** The parts of an account, besides its configuration, that a document can contain. */
  documentSections: readonly DocumentSection[];
  /** Whether its app is a Meta app, so that Meta can confirm that the ID and secret match. */
  usesMetaApp: boolean;
  /** The redirect URI of a sign-in if the setting is not set; absent if there is no sign-in. */
  defaultRedirect?: string;
  /** The command that connects an account once this configuration of the integration is stored. */
  connectCommand?(config: Readonly<Record<string, Json>>): string | undefined;
  /** The options of `accounts create` that skip a step of the connector. */
  createOptions?: Readonly<Partial<Record<`--no-${ConnectStepName}`, string>>>;
  /** Loads the connector of new accounts; absent if they need no connection at Meta. */
  connector?(): Promise<Connector>;
  /** The token of an account; absent if the channel has none. */
  token?: ChannelToken;
  /** The token of the integration, from the last sign-in. */
  integrationToken?: ChannelToken;
  webhooks?: ChannelWebhooks;
  /**
   * Loads the check of accounts for one run. It may cache its reads across accounts. The loaded
   * module must not import the list of channels, which imports this one.
   */
  check?(): Promise<AccountCheck>;
  /** Loads the API for the remote state, for one run; absent if there is no remote state. */
  remoteApi?(): Promise<RemoteApi>;
}

/** A part of a document that only some channels have. */
export type DocumentSection =
  | 'menu'
  | 'subscribed'
  | 'subscribed_fields'
  | 'override'
  | 'registered';

export interface Connector {
  /** Determines the steps without changing anything. Throws if Meta denies access to the account. */
  plan(target: ConnectTarget): Promise<ConnectPlan>;
}

export interface ConnectTarget {
  graph: Graph;
  credentials: Credentials;
  config: Readonly<Record<string, Json>>;
  /** The ID of our app. Null if unknown; then any app counts. */
  appId: string | null;
  /** The accounts of the profile. */
  accounts: readonly StoredAccount[];
  /** The requested steps, by name. */
  steps: ReadonlySet<ConnectStepName>;
}

export type ConnectStepName = 'register' | 'subscribe';

export interface ConnectPlan {
  /** Meta's name for the account. */
  displayName: string | null;
  /** The secret that the steps send; generated if not provided. */
  secret: ConnectSecret | null;
  /** To ask before the first step, because it affects other accounts; null if it does not. */
  question: string | null;
  /** The `done` phrases of the steps that are already complete at Meta. */
  done: readonly string[];
  steps: readonly ConnectStep[];
}

export interface ConnectSecret {
  /** Its key: `pin`. */
  field: string;
  /** Its name in a sentence: `PIN`. */
  label: string;
  make(): string;
  /** Whether a step failed because the secret is wrong. */
  isRefused(error: ChannelctlError): boolean;
}

export interface ConnectStep {
  /** The completed step, to follow "Meta has already": `registered the number`. */
  done: string;
  /** @param secret the one that the plan requires */
  run(secret: string): Promise<void>;
}

/** The key with the expiry of an account's token. */
export const TOKEN_EXPIRY_KEY: KnownKey = {
  name: 'token_expires_at',
  label: 'Token expiry',
  problem: (value) =>
    /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))
      ? undefined
      : 'is not an ISO 8601 time such as 2027-01-31T12:00:00Z',
};

/** Meta's IDs are digits. Letters are accepted too, but no character that would alter a URL path. */
export function graphIdProblem(value: string): string | undefined {
  return /^[A-Za-z0-9_]{1,64}$/.test(value) ? undefined : 'is not a valid Meta ID';
}
