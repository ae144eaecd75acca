import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';

/** A number's IDs at Meta. */
export interface NumberIds {
  phoneNumberId: string;
  wabaId: string;
}

/** The account of a number, and the credentials for its calls. */
export interface WhatsAppAccount {
  account: StoredAccount;
  /** For example `whatsapp/wa-1065`. */
  name: string;
  ids: NumberIds;
  /** Null if the account's token is missing. */
  credentials: Credentials | null;
}

/** An account whose token is known. */
export interface ConnectedAccount extends WhatsAppAccount {
  credentials: Credentials;
}

export function isConnected(account: WhatsAppAccount): account is ConnectedAccount {
  return account.credentials !== null;
}

/** Returns the command that stores a new access token for an account. */
export function renewCommand(account: Pick<StoredAccount, 'account_key'> | null): string {
  return `channelctl accounts update whatsapp/${account?.account_key ?? '<key>'} --config access_token=@file`;
}
