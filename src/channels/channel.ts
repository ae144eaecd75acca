import type { KnownKey } from '../accounts/config.ts';
import type { Credentials, Graph } from '../graph/graph.ts';
import type { Service, TokenKind } from '../graph/operations/operation.ts';
import type { StoredAccount } from '../profile/types.ts';
import type { ChannelctlError, GraphErrorBody } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import type { CheckResult } from '../shared/problem.ts';
import type { RemoteApi } from './meta/remote.ts';
import type { AppLevelReading, ChannelWebhooks, Delivery } from './meta/webhooks.ts';

/** A token as Meta has just given it. */
export interface NewToken {
  token: string;
  /** ISO 8601; null where Meta did not say. */
  expiresAt: string | null;
}

/** When a token that Meta has just given expires; null where Meta does not say. */
export function expiryOf(
  { expires_in }: { expires_in?: number | undefined },
  now: Date,
): string | null {
  if (expires_in === undefined) return null;
  const end = new Date(now.getTime() + expires_in * 1000);
  return Number.isNaN(end.getTime()) ? null : end.toISOString(); // Beyond what a date can be.
}

/** What the renewal of a token needs. */
interface RenewalContext {
  graph: Graph;
  /** The app of the channel's integration. */
  app(): Promise<{ id: string; secret: string }>;
  now: Date;
}

/** A token of the accounts of a channel, or of its integration. */
export interface ChannelToken {
  /** The key of the secret. */
  field: string;
  kind: TokenKind;
  /** The server that takes it; `graph` if omitted. */
  service?: Service;
  /** The configuration key beside it that says when it expires, where there is one. */
  expiryKey?: string;
  /** The permissions without which channelctl can't do its work with it, by Meta's names. */
  permissions: readonly string[];
  /** The configuration key of the object at Meta that they have to be granted for, where they are granted so. */
  target?: string;
  /** Whether Meta does not renew a token yet, by what it says. */
  isTooYoung?(error: GraphErrorBody): boolean;
  /** Gets a new token for it; absent if tokens of the kind do not expire. */
  renew?(token: string, context: RenewalContext): Promise<NewToken>;
  /** The command that gets a new token. `account` is null for a token of the integration. */
  renewCommand(account: Pick<StoredAccount, 'account_key' | 'config'> | null): string;
}

/** The account that is checked, and what its check reads. */
export interface AccountCheckContext {
  account: StoredAccount;
  /** All accounts of the profile. */
  accounts: readonly StoredAccount[];
  /** The account's secrets, by key. */
  secrets: ReadonlyMap<string, string>;
  /** The app of the channel's integration; null if its ID or secret is not known. */
  app: { id: string; secret: string } | null;
  /** Null if it is not known: then any app counts. */
  appId: string | null;
  appSecret: string | undefined;
  /** The token of the account; null if it is missing, or the channel has no tokens. */
  credentials: Credentials | null;
  /** The app-level webhook subscription, which is read once for all accounts. */
  appLevel(): Promise<AppLevelReading>;
  graph(): Promise<Graph>;
  /** The desired webhook URL of an account; null if no base URL is set. */
  webhookUrl(account: StoredAccount): string | null;
  /** The setting webhook_base_url. */
  baseUrl: string | null;
  now: Date;
  /** Makes foreign text safe to print: on one line, without secrets. */
  sanitize(text: string): string;
}

export interface AccountCheckResult extends CheckResult {
  /** Null if it is not known, or the channel has no webhooks. */
  delivery: Delivery | null;
}

export type AccountCheck = (checking: AccountCheckContext) => Promise<AccountCheckResult>;

/** What is particular to one channel. Whether a key holds a secret is told by its name. */
export interface Channel {
  /** The name on the command line and in the state: `messenger`. */
  name: string;
  /** The name as its owner writes it: `Messenger`. */
  label: string;
  integrationKeys: readonly KnownKey[];
  accountKeys: readonly KnownKey[];
  /** The key that names an account, derived from this configuration key: `wa-` + phone_number_id. */
  derivedAccountKey?: { from: string; prefix: string };
  /** Those of its account keys that are IDs at Meta. Calls name the account by them. */
  idKeys: readonly string[];
  /** What a document says of an account beyond its configuration. */
  documentSections: readonly DocumentSection[];
  /** Whether its app is a Meta app, so that Meta can be asked whether ID and secret belong together. */
  usesMetaApp: boolean;
  /** The redirect URI of a sign-in if the setting is not set; absent if there is no sign-in. */
  defaultRedirect?: string;
  /** The command that connects an account once this configuration of the integration is stored. */
  connectCommand?(config: Readonly<Record<string, Json>>): string | undefined;
  /** The options of `accounts create` that omit a step of the connector. */
  createOptions?: Readonly<Partial<Record<`--no-${ConnectStepName}`, string>>>;
  /** How a new account is connected at Meta before it is stored; absent where nothing is to be done. */
  connector?(): Promise<Connector>;
  /** The token of an account; absent if Meta gives none. */
  token?: ChannelToken;
  /** The token of the integration, of the last sign-in. */
  integrationToken?: ChannelToken;
  webhooks?: ChannelWebhooks;
  /**
   * Loads the check of accounts for one run, which may share what it reads between accounts. What
   * it loads imports no list of channels, which imports this.
   */
  check?(): Promise<AccountCheck>;
  /** How what stands at Meta is read and mended, for one run; absent where nothing stands there. */
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
  /** Finds out what is to be done, and changes nothing. Throws where Meta refuses to tell. */
  plan(target: ConnectTarget): Promise<ConnectPlan>;
}

/** The account that is to be connected. */
export interface ConnectTarget {
  graph: Graph;
  credentials: Credentials;
  config: Readonly<Record<string, Json>>;
  /** The steps that the person wants, by name. */
  steps: ReadonlySet<ConnectStepName>;
}

export type ConnectStepName = 'register' | 'subscribe';

export interface ConnectPlan {
  /** Meta's name of the account. */
  displayName: string | null;
  /** The secret that the steps send, made where the person gave none. */
  secret: ConnectSecret | null;
  /** What Meta shows as done already, in the words of the steps. */
  done: readonly string[];
  steps: readonly ConnectStep[];
}

export interface ConnectSecret {
  /** Its key: `pin`. */
  field: string;
  /** Its name in a sentence: `PIN`. */
  label: string;
  make(): string;
  /** Whether a step failed because the secret is not the right one. */
  isRefused(error: ChannelctlError): boolean;
}

export interface ConnectStep {
  /** What Meta has done when it is over: `registered the number`. */
  done: string;
  /** @param secret the one that the plan asks for */
  run(secret: string): Promise<void>;
}

/** A Graph id: Meta's are digits; letters are let through, what would change a path is not. */
export function graphIdProblem(value: string): string | undefined {
  return /^[A-Za-z0-9_]{1,64}$/.test(value) ? undefined : 'is not an id as Meta gives it';
}
