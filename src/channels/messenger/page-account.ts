import { accountName, findAccount } from '../../accounts/accounts.ts';
import { lostSecret } from '../../accounts/missing-secret.ts';
import { secretVariable } from '../../accounts/secret-owner.ts';
import { readSecrets } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { Environment } from '../../profile/settings.ts';
import type { Profile, StoredAccount } from '../../profile/types.ts';
import { messengerAppSecret } from './login.ts';

/**
 * The Messenger account that a person named, and the credentials to speak for its Page.
 *
 * @throws ChannelctlError `not_allowed` where its stored token is gone
 */
export async function pageAccount(
  name: string,
  place: { env: Environment; profile: Profile },
): Promise<{ account: StoredAccount; credentials: Credentials }> {
  const account = findAccount(await place.profile.read(), name, 'messenger');
  const [secrets, appSecret] = await Promise.all([
    readSecrets(place.env, place.profile, account, account, ['page_access_token']),
    messengerAppSecret(place),
  ]);
  const token = secrets.get('page_access_token');
  if (token !== undefined)
    return { account, credentials: { token, appSecret, accountId: account.id } };
  const page = String(account.config.page_id ?? '<id>');
  throw lostSecret(
    `The Page access token of ${accountName(account)}`,
    secretVariable(account, 'page_access_token'),
    `channelctl messenger connect --page ${page}`,
  );
}
