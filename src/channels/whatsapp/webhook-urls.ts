import type { StoredAccount } from '../../profile/types.ts';

/**
 * Where webhooks of an account's WABA may arrive: at the account itself, first, or at another
 * number of the WABA. Empty where no base address is set.
 */
export function webhookUrlsOf(
  account: StoredAccount,
  accounts: readonly StoredAccount[],
  webhookUrl: (account: StoredAccount) => string | null,
): string[] {
  const { waba_id } = account.config;
  const siblings = accounts.filter(
    ({ channel, config }) => channel === account.channel && config.waba_id === waba_id,
  );
  return [account, ...siblings].map(webhookUrl).filter((address) => address !== null);
}
