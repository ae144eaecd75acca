import type { Credentials, Graph } from '../../graph/graph.ts';
import type { Json } from '../../shared/json.ts';
import type { NumberLevel, Subscription, WebhookTarget } from './webhooks.ts';

export interface RemoteMenu {
  persistent_menu: readonly Json[] | null;
  get_started: string | null;
}

export interface RemoteSubscription extends Subscription {
  /** The subscribed object at Meta. All accounts of a WABA share one subscription. */
  of: string;
}

export interface RemoteState {
  /** Meta's name for the account; null if channelctl does not use it. */
  displayName: string | null;
  subscription: RemoteSubscription;
  /** The URLs that Meta reports for a number; absent if the channel has no numbers. */
  urls?: NumberLevel;
  /** Null if the channel has no menus. */
  menu: RemoteMenu | null;
  /**
   * The Page's `whitelisted_domains`, which buttons with `messenger_extensions` can open; absent if
   * the channel has no menus.
   */
  whitelistedDomains?: readonly string[];
  registered: boolean | null;
  /** Whether the number must not be registered because it stays in the WhatsApp Business app. */
  isNeverRegistered?: boolean;
}

export interface RemoteAccount {
  graph: Graph;
  credentials: Credentials;
  config: Readonly<Record<string, Json>>;
  /** The ID of the configured app; null if unknown, in which case any app is accepted. */
  appId: string | null;
}

export interface DesiredSubscription {
  fields: readonly string[];
  /** Null removes the override; undefined leaves it unchanged. */
  override: WebhookTarget | null | undefined;
}

export interface RemoteApi {
  read(account: RemoteAccount): Promise<RemoteState>;
  /**
   * Checks, in one round trip, that the token works and is valid for the account. If absent, `read`
   * checks it.
   */
  tryToken?(account: RemoteAccount): Promise<void>;
  subscribe(account: RemoteAccount, wanted: DesiredSubscription): Promise<void>;
  /**
   * Sets the webhook URL of the account itself.
   *
   * @param subscribeFirst whether to subscribe the app first, if it is not yet subscribed
   */
  setOwnUrl?(account: RemoteAccount, target: WebhookTarget, subscribeFirst: boolean): Promise<void>;
  /** Sets the parts of the menu that are not null. */
  setMenu?(account: RemoteAccount, menu: RemoteMenu): Promise<void>;
  deleteMenu?(account: RemoteAccount): Promise<void>;
  register?(account: RemoteAccount, pin: string): Promise<void>;
}
