import type { Credentials, Graph } from '../../graph/graph.ts';
import type { Json } from '../../shared/json.ts';

/** The menu and the Get Started button of a Page; null where they are not set. */
export interface StandingMenu {
  persistent_menu: readonly Json[] | null;
  /** The payload of the button. */
  get_started: string | null;
}

/** Where the webhooks of an account go. */
export interface StandingSubscription {
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

/** What stands at Meta for one account. */
export interface Standing {
  /** Meta's name of the account; null where it is of no use. */
  displayName: string | null;
  subscription: StandingSubscription;
  /** Null where the channel has no menus. */
  menu: StandingMenu | null;
  /** Whether the number is registered; null where there is nothing to register. */
  registered: boolean | null;
}

/** One account as its calls need it. */
export interface MetaAccount {
  graph: Graph;
  credentials: Credentials;
  config: Readonly<Record<string, Json>>;
  /** Our app; null where it is not known: then any app is taken for it. */
  appId: string | null;
}

export interface WantedSubscription {
  fields: readonly string[];
  override: { address: string; verifyToken: string } | null;
}

/** How a channel reads what stands at Meta, and mends it. Doing any of it twice does no harm. */
export interface AtMeta {
  /** The secret that speaks for an account: `access_token`. */
  token: string;
  read(account: MetaAccount): Promise<Standing>;
  subscribe(account: MetaAccount, wanted: WantedSubscription): Promise<void>;
  /** Sets what is given and leaves the rest. */
  setMenu?(account: MetaAccount, menu: StandingMenu): Promise<void>;
  deleteMenu?(account: MetaAccount): Promise<void>;
  /** @param pin six digits */
  register?(account: MetaAccount, pin: string): Promise<void>;
}
