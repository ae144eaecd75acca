import { findAccount } from '../../channels/accounts.ts';
import { ownerName } from '../../channels/secrets.ts';
import type { Deps } from '../deps.ts';

/** Keeps the PIN of an account, in place of the one it had. */
export async function keepPin(accountId: string, pin: string, deps: Deps): Promise<void> {
  await deps.profile.change((draft, secrets) => {
    const account = findAccount(draft, accountId);
    account.secrets.pin = secrets.put(ownerName(account), 'pin', pin);
    account.updated_at = deps.now().toISOString();
  });
}
