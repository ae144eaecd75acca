import { accountName } from '../../accounts/accounts.ts';
import type { SecretSources } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { loadAccountCredentials, loadCredentials } from '../meta/credentials.ts';
import type { NumberIds, WhatsAppAccount } from './number.ts';

const CHANNEL = 'whatsapp';

export async function loadWhatsAppAccounts(
  accounts: readonly StoredAccount[],
  sources: SecretSources,
): Promise<WhatsAppAccount[]> {
  const owners = accounts.map((account) => ({ owner: account, stored: account }));
  const loaded = await loadCredentials(owners, sources);
  return accounts.map((account, index) => {
    const credentials = loaded[index];
    return {
      account,
      name: accountName(account),
      ids: numberIds(account),
      credentials: credentials ? { ...credentials, accountId: account.id } : null,
    };
  });
}

export async function loadWhatsAppAccount(
  named: string,
  sources: SecretSources,
): Promise<WhatsAppAccount & { credentials: Credentials }> {
  const { account, credentials } = await loadAccountCredentials(named, sources, CHANNEL);
  return { account, name: accountName(account), ids: numberIds(account), credentials };
}

function numberIds({ config }: StoredAccount): NumberIds {
  return { phoneNumberId: String(config.phone_number_id), wabaId: String(config.waba_id) };
}
