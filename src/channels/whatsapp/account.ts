import { accountName } from '../../accounts/accounts.ts';
import type { SecretSources } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { configText, integrationOf } from '../meta/app.ts';
import { accountCredentials, loadCredentials } from '../meta/credentials.ts';
import type { NumberIds, WhatsAppAccount } from './number.ts';

const CHANNEL = 'whatsapp';

/** Accounts with their credentials, and the app that should be subscribed to their webhooks. */
export async function whatsappAccounts(
  accounts: readonly StoredAccount[],
  sources: SecretSources,
): Promise<{ accounts: WhatsAppAccount[]; appId: string | null }> {
  const owners = accounts.map((account) => ({ owner: account, stored: account }));
  const [integration, loaded] = await Promise.all([
    integrationOf(CHANNEL, sources.profile),
    loadCredentials(owners, sources),
  ]);
  return {
    appId: configText(integration, 'app_id'),
    accounts: accounts.map((account, index) => {
      const credentials = loaded[index];
      return {
        account,
        name: accountName(account),
        ids: numberIds(account),
        credentials: credentials ? { ...credentials, accountId: account.id } : null,
      };
    }),
  };
}

/** The named WhatsApp account; see `accountCredentials`. */
export async function whatsappAccount(
  named: string,
  sources: SecretSources,
): Promise<WhatsAppAccount & { credentials: Credentials }> {
  const { account, credentials } = await accountCredentials(named, sources, CHANNEL);
  return { account, name: accountName(account), ids: numberIds(account), credentials };
}

function numberIds({ config }: StoredAccount): NumberIds {
  return { phoneNumberId: String(config.phone_number_id), wabaId: String(config.waba_id) };
}
