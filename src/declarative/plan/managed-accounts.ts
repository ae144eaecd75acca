import { ownerName } from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import type { ProfileState, StoredAccount } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { plainConfig } from '../document/config.ts';
import type { Document, DocumentAccount, DocumentSubscription } from '../document/schema.ts';

export interface ManagedAccount {
  name: string;
  account: { channel: string; account_key: string };
  listed: boolean;
  /** The configuration keys that the document contains. */
  givenKeys: readonly string[];
  /** The account's future configuration, without secrets. */
  config: Readonly<Record<string, Json>>;
  stored: StoredAccount | undefined;
  subscription: DocumentSubscription | undefined;
  subscribed: boolean;
  registered: boolean;
}

/**
 * Returns the accounts that a document lists, and those that its menus and subscriptions refer to.
 * For a listed, active account without an entry in the subscriptions, the app is subscribed to its
 * webhooks and its number is registered, as with `accounts create`.
 */
export function managedAccounts(document: Document, { accounts }: ProfileState): ManagedAccount[] {
  const stored = new Map(accounts.map((one) => [ownerName(one), one]));
  const listed = new Map((document.accounts ?? []).map((one) => [ownerName(one), one]));
  const { menus = {}, subscriptions = {} } = document;
  const names = new Set([...listed.keys(), ...Object.keys(menus), ...Object.keys(subscriptions)]);
  return [...names].flatMap((name) => {
    const wanted = listed.get(name);
    const before = stored.get(name);
    const account = wanted ?? before;
    if (account === undefined) return [];
    return [managedAccount(name, wanted, before, account, subscriptions[name])];
  });
}

function managedAccount(
  name: string,
  wanted: DocumentAccount | undefined,
  stored: StoredAccount | undefined,
  { channel, account_key }: { channel: string; account_key: string },
  subscription: DocumentSubscription | undefined,
): ManagedAccount {
  const active = wanted?.is_active ?? stored?.is_active ?? true;
  const subscribed =
    subscription === undefined ? wanted !== undefined && active : (subscription.subscribed ?? true);
  const config = { ...stored?.config, ...plainConfig(wanted?.config) };
  return {
    name,
    account: { channel, account_key },
    listed: wanted !== undefined,
    givenKeys: Object.keys(wanted?.config ?? {}),
    config,
    stored,
    subscription,
    subscribed,
    registered:
      (subscription?.registered ?? subscribed) &&
      channelNamed(channel).isNeverRegistered?.(config) !== true,
  };
}
