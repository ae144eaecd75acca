import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { ChannelctlError } from '../../shared/errors.ts';

export interface NumberIds {
  phoneNumberId: string;
  wabaId: string;
}

export interface WhatsAppAccount {
  account: StoredAccount;
  name: string;
  ids: NumberIds;
  /** Null if the account's token is missing or must not be read. */
  credentials: Credentials | null;
  /** Why the token must not be read. */
  tokenError: ChannelctlError | null;
}

export interface ConnectedAccount extends WhatsAppAccount {
  credentials: Credentials;
}

export function isConnected(account: WhatsAppAccount): account is ConnectedAccount {
  return account.credentials !== null;
}

export function renewCommand(account: Pick<StoredAccount, 'account_key'> | null): string {
  return `channelctl accounts update whatsapp/${account?.account_key ?? '<key>'} --config access_token=@file`;
}
