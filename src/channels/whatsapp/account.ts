import { accountName } from '../../accounts/accounts.ts';
import type { SecretSources } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { loadAccountCredentials, loadCredentials, tokenBindingError } from '../meta/credentials.ts';
import type { NumberIds, WhatsAppAccount } from './number.ts';

const CHANNEL = 'whatsapp';

export async function loadWhatsAppAccounts(
  accounts: readonly StoredAccount[],
  sources: SecretSources,
): Promise<WhatsAppAccount[]> {
  const errors = await Promise.all(
    accounts.map((account) => tokenBindingError({ owner: account, stored: account }, sources)),
  );
  const owners = accounts.map((account, index) => ({
    owner: account,
    stored: errors[index] ? undefined : account,
  }));
  const loaded = await loadCredentials(owners, sources);
  return accounts.map((account, index) => {
    const credentials = loaded[index];
    return {
      account,
      name: accountName(account),
      ids: numberIds(account),
      credentials: credentials ? { ...credentials, accountId: account.id } : null,
      tokenError: errors[index] ?? null,
    };
  });
}

export async function loadWhatsAppAccount(
  named: string,
  sources: SecretSources,
): Promise<WhatsAppAccount & { credentials: Credentials }> {
  const { account, credentials } = await loadAccountCredentials(named, sources, CHANNEL);
  const ids = numberIds(account);
  return { account, name: accountName(account), ids, credentials, tokenError: null };
}

function numberIds({ config }: StoredAccount): NumberIds {
  return { phoneNumberId: String(config.phone_number_id), wabaId: String(config.waba_id) };
}
