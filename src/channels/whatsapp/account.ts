import { accountName, findAccount } from '../../accounts/accounts.ts';
import { readSecretsOfMany } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { configText, integrationOf, type Place } from '../meta/app.ts';
import { lostToken, type WhatsAppAccount } from './number.ts';

const CHANNEL = 'whatsapp';

/** Accounts with their tokens, all read at once, and the app that is to be subscribed to their webhooks. */
export async function whatsappAccounts(
  accounts: readonly StoredAccount[],
  { env, profile }: Place,
): Promise<{ accounts: WhatsAppAccount[]; appId: string | null }> {
  const integration = await integrationOf(CHANNEL, profile);
  const [app, ...secrets] = await readSecretsOfMany(env, profile, [
    { owner: { channel: CHANNEL }, stored: integration, fields: ['app_secret'] },
    ...accounts.map((account) => ({ owner: account, stored: account, fields: ['access_token'] })),
  ] as const);
  const appSecret = app.get('app_secret');
  return {
    appId: configText(integration, 'app_id'),
    accounts: accounts.map((account, index) => {
      const token = secrets[index]?.get('access_token');
      return {
        account,
        name: accountName(account),
        ids: {
          phoneNumberId: String(account.config.phone_number_id),
          wabaId: String(account.config.waba_id),
        },
        credentials: token === undefined ? null : { token, appSecret, accountId: account.id },
      };
    }),
  };
}

/**
 * The WhatsApp account that a person named.
 *
 * @throws ChannelctlError `not_found`, `usage`, or `not_allowed` where its stored token is gone
 */
export async function whatsappAccount(
  named: string,
  place: Place,
): Promise<WhatsAppAccount & { credentials: Credentials }> {
  const stored = findAccount(await place.profile.read(), named, CHANNEL);
  const { accounts } = await whatsappAccounts([stored], place);
  const [found] = accounts;
  const name = accountName(stored);
  if (!found?.credentials) throw lostToken({ account: stored, name });
  return { ...found, credentials: { ...found.credentials, accountName: name } };
}
