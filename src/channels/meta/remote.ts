import type { Credentials, Graph } from '../../graph/graph.ts';
import type { Json } from '../../shared/json.ts';

/** The menu and the Get Started button of a Page; null where they are not set. */
export interface RemoteMenu {
  persistent_menu: readonly Json[] | null;
  /** The payload of the button. */
  get_started: string | null;
}

/** Where the webhooks of an account go. */
export interface RemoteSubscription {
  /** What it belongs to: accounts that share a WABA share its subscription. */
  of: string;
  subscribed: boolean;
  /** The fields subscribed; null where the channel has none to choose. */
  fields: readonly string[] | null;
  /** The fields that a customer-service desk listens to. */
  usualFields: readonly string[];
  /** The address that is called in place of the app's; null for none. */
  override: string | null;
}

/** The configuration of one account at Meta. */
export interface RemoteState {
  /** Meta's name of the account; null if it is not used. */
  displayName: string | null;
  subscription: RemoteSubscription;
  /** Null where the channel has no menus. */
  menu: RemoteMenu | null;
  /** Whether the number is registered; null where there is nothing to register. */
  registered: boolean | null;
}

/** One account as its calls need it. */
export interface RemoteAccount {
  graph: Graph;
  credentials: Credentials;
  config: Readonly<Record<string, Json>>;
  /** Our app; null where it is not known: then any app is taken for it. */
  appId: string | null;
}

export interface DesiredSubscription {
  fields: readonly string[];
  override: { address: string; verifyToken: string } | null;
}

/** Reads and changes the remote state of a channel's accounts. Every call may be repeated. */
export interface RemoteApi {
  read(account: RemoteAccount): Promise<RemoteState>;
  subscribe(account: RemoteAccount, wanted: DesiredSubscription): Promise<void>;
  /** Sets what is given and leaves the rest. */
  setMenu?(account: RemoteAccount, menu: RemoteMenu): Promise<void>;
  deleteMenu?(account: RemoteAccount): Promise<void>;
  /** @param pin six digits */
  register?(account: RemoteAccount, pin: string): Promise<void>;
}
