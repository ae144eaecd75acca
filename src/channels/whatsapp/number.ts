import { lostSecret } from '../../accounts/missing-secret.ts';
import { secretVariable } from '../../accounts/secret-owner.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';

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
export function lostToken({ account, name }: Pick<WhatsAppAccount, 'account' | 'name'>) {
  return lostSecret(
    `The access token of ${name}`,
    secretVariable(account, 'access_token'),
    `channelctl accounts update ${name} --config access_token=@file`,
  );
}
