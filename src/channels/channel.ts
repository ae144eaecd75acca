import type { KnownKey } from '../accounts/config.ts';
import type { Credentials, Graph } from '../graph/graph.ts';
import type { Service, TokenKind } from '../graph/operations/operation.ts';
import type { StoredAccount } from '../profile/types.ts';
import type { ChannelctlError, GraphErrorBody } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import { isMetaId } from '../shared/meta-id.ts';
import { type CheckResult, type Problem, problem } from '../shared/problem.ts';
import { metaValueProblem } from '../shared/secrets.ts';
import type { AppCredentials, AppKeys } from './meta/app-credentials.ts';
import type { TokenExpiry } from './meta/inspect-token.ts';
import type { RemoteApi } from './meta/remote.ts';
import type { AppLevelReading, ChannelWebhooks, Delivery } from './meta/webhooks.ts';

export interface NewToken {
  token: string;
  /** ISO 8601; null if it is unknown or the token never expires. */
  expiresAt: string | null;
}

/**
 * Returns the expiry of a token that Meta has just issued; null if it is unknown or out of range.
 */
export function expiryOf(
  { expires_in }: { expires_in?: number | undefined },
  now: Date,
): string | null {
  if (expires_in === undefined) return null;
  const end = new Date(now.getTime() + expires_in * 1000);
  return Number.isNaN(end.getTime()) ? null : end.toISOString();
}

interface RenewalContext {
  graph: Graph;
  app(): Promise<AppCredentials>;
  now: Date;
}

export interface ChannelToken {
  field: string;
  kind: TokenKind;
  /** The server that accepts the token; `graph` if omitted. */
  service?: Service;
  expiryKey?: string;
  permissions: readonly string[];
  /** If permissions are granted per object, the configuration key that contains the object's ID. */
  target?: string;
  isTooYoung?(error: GraphErrorBody): boolean;
  /** Whether some tokens of this kind never expire. If so, an unknown expiry is read from Meta. */
  mayNotExpire?: true;
  /**
   * Whether the new token may have the same expiry. If so, the expiry of both tokens is read from
   * Meta, and the new token is stored only if it expires later.
   */
  renewalMayKeepExpiry?: true;
  /** Exchanges a token for a new one; absent if tokens of this kind do not expire. */
  renew?(token: string, context: RenewalContext): Promise<NewToken>;
  /**
   * Returns the command that gets a new token. `account` is null for a token of the integration.
   */
  renewCommand(account: Pick<StoredAccount, 'account_key' | 'config'> | null): string;
}

export type CheckedAccount = Pick<AccountCheckContext, 'account' | 'credentials'>;

export interface AccountCheckContext {
  account: StoredAccount;
  accounts: readonly StoredAccount[];
  checked(): Promise<readonly CheckedAccount[]>;
  secrets: ReadonlyMap<string, string>;
  /** The app of the channel's integration; null if its ID or secret is unknown. */
  app: AppCredentials | null;
  /** The app that graph.facebook.com accepts; null if its ID or secret is unknown. */
  graphApp: AppCredentials | null;
  /** The ID of the configured app; null if unknown, in which case any app is accepted. */
  appId: string | null;
  appSecret: string | undefined;
  /** The token of the account; null if it is missing or the channel has no tokens. */
  credentials: Credentials | null;
  /** The stored expiry of the account's token, in ISO 8601; null if unknown. */
  tokenExpiresAt: string | null;
  /** Returns the app-level webhook subscription, which is read once for all accounts. */
  appLevel(): Promise<AppLevelReading>;
  graph(): Promise<Graph>;
  /** Returns the desired webhook URL of an account; null if no base URL is set. */
  webhookUrl(account: StoredAccount): string | null;
  baseUrl: string | null;
  now: Date;
  /** Makes text from a server safe to print: on one line, without secrets. */
  sanitize(text: string): string;
}

const EXPIRY_WARNING_MS = 14 * 24 * 60 * 60 * 1000;

export function expiryProblem(expiresAt: string, hint: string, now: Date): Problem | null {
  const left = Date.parse(expiresAt) - now.getTime();
  if (left <= 0) return problem('token', 'error', `The token expired at ${expiresAt}.`, hint);
  if (!isExpiringSoon(expiresAt, now)) return null;
  return problem('token', 'warning', `The token expires at ${expiresAt}.`, hint);
}

export function isExpiringSoon(expiresAt: string, now: Date): boolean {
  return Date.parse(expiresAt) - now.getTime() <= EXPIRY_WARNING_MS;
}

export interface AccountCheckResult extends CheckResult {
  tokenExpiry?: TokenExpiry | null;
  /** Null if it is unknown or the channel has no webhooks. */
  delivery: Delivery | null;
}

export type AccountCheck = (checking: AccountCheckContext) => Promise<AccountCheckResult>;

/** The definition of one channel. The keys that match `isSecretKey` are secrets. */
export interface Channel {
  /** The name on the command line and in the state: `messenger`. */
  name: string;
  label: string;
  integrationKeys: readonly KnownKey[];
  accountKeys: readonly KnownKey[];
  /** How the account key is derived from a configuration key, such as `wa-` + `phone_number_id`. */
  derivedAccountKey?: { from: string; prefix: string };
  /** Proposes an account key, if it is not derived; undefined if the configuration has no ID. */
  proposedAccountKey?(config: Readonly<Record<string, Json>>): string | undefined;
  /** The configuration keys that contain the Meta IDs used in calls to identify the account. */
  idKeys: readonly string[];
  /** The configuration keys that contain an account's own servers, if it has any. */
  serverKeys?: readonly string[];
  isNeverRegistered?(config: Readonly<Record<string, Json>>): boolean;
  documentSections: readonly DocumentSection[];
  /**
   * Whether the channel's app is a Meta app. If so, Meta can confirm that its ID and secret match.
   */
  usesMetaApp: boolean;
  /**
   * The keys of the Meta app that contains the channel's app: graph.facebook.com accepts only that
   * app. Absent if both are the same app.
   */
  metaAppKeys?: AppKeys;
  /** The default redirect URI of a sign-in; absent if the channel has no sign-in. */
  defaultRedirect?: string;
  connectCommand?(config: Readonly<Record<string, Json>>): string | undefined;
  createOptions?: Readonly<Partial<Record<`--no-${ConnectStepName}`, string>>>;
  /** Loads the connector for new accounts; absent if accounts need not be connected at Meta. */
  connector?(): Promise<Connector>;
  token?: ChannelToken;
  /** The token of the integration, from the last sign-in. */
  integrationToken?: ChannelToken;
  webhooks?: ChannelWebhooks;
  /**
   * Loads the account check for one run. The check may cache reads across accounts. The loaded
   * module must not import the list of channels: that would be a circular import.
   */
  check?(): Promise<AccountCheck>;
  /** Loads the API for the remote state for one run; absent if the channel has no remote state. */
  remoteApi?(): Promise<RemoteApi>;
}

export type DocumentSection =
  | 'menu'
  | 'subscribed'
  | 'subscribed_fields'
  | 'override'
  | 'registered';

export interface Connector {
  /**
   * Determines the steps without changing anything. Throws if Meta denies access to the account.
   */
  plan(target: ConnectTarget): Promise<ConnectPlan>;
}

export interface ConnectTarget {
  graph: Graph;
  credentials: Credentials;
  config: Readonly<Record<string, Json>>;
  /** The ID of the configured app; null if unknown, in which case any app is accepted. */
  appId: string | null;
  accounts: readonly StoredAccount[];
  steps: ReadonlySet<ConnectStepName>;
}

export type ConnectStepName = 'register' | 'subscribe';

export interface ConnectPlan {
  displayName: string | null;
  config: Readonly<Record<string, Json>>;
  /** The secret that the steps send, which is generated if not provided; null if they send none. */
  secret: ConnectSecret | null;
  /**
   * The question to ask before the first step if the steps affect other accounts; otherwise null.
   */
  question: string | null;
  /** The `done` phrases of the steps that are already complete at Meta. */
  done: readonly string[];
  steps: readonly ConnectStep[];
}

export interface ConnectSecret {
  field: string;
  label: string;
  make(): string;
  isRefused(error: ChannelctlError): boolean;
}

export interface ConnectStep {
  /** A phrase that completes "Meta has already …", such as `registered the number`. */
  done: string;
  run(secret: string): Promise<void>;
}

export const TOKEN_EXPIRY_KEY: KnownKey = {
  name: 'token_expires_at',
  label: 'Token expiry',
  problem: (value) =>
    /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))
      ? undefined
      : 'is not an ISO 8601 time such as 2027-01-31T12:00:00Z',
};

/** Returns why a value is not a Meta ID; undefined if it is one. */
export function graphIdProblem(value: string): string | undefined {
  if (isMetaId(value)) return undefined;
  return metaValueProblem(value) ?? 'is not a Meta ID, which has 1 to 20 digits and nothing else';
}

/** Like `graphIdProblem`, but accepts an empty value: an unset key. */
export function optionalIdProblem(value: string): string | undefined {
  return value === '' ? undefined : graphIdProblem(value);
}
