import type { Credentials } from '../../graph/graph.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import type { StoredAccount } from '../../state/types.ts';
import { lostSecret } from '../lost-secret.ts';

/** The ids at Meta of one number. */
export interface NumberIds {
  phoneNumberId: string;
  wabaId: string;
}

/** An account of a number, and what it takes to speak for it. */
export interface WhatsAppAccount {
  account: StoredAccount;
  /** `whatsapp/wa-1065`. */
  name: string;
  ids: NumberIds;
  /** Null where its token is gone. */
  credentials: Credentials | null;
}

/** The error for an account whose token is gone. */
export function lostToken(name: string): ChannelctlError {
  return lostSecret(
    `The access token of ${name}`,
    `channelctl accounts update ${name} --config access_token=@file`,
  );
}
