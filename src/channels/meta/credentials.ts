import { accountName, findAccount } from '../../accounts/accounts.ts';
import { lostSecret } from '../../accounts/missing-secret.ts';
import { secretVariable } from '../../accounts/secret-owner.ts';
import { readSecretsOfMany } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { type WebhookRules, webhookRules } from '../webhook-rules.ts';
import { integrationOf, type Place } from './app.ts';

/** An account at Meta, and what it takes to speak for it. */
export interface MetaAccount {
  account: StoredAccount;
  rules: WebhookRules;
  credentials: Credentials;
}

/**
 * The account of one of Meta's channels that a person named.
 *
 * @throws ChannelctlError `not_found`, `usage`, or `not_allowed` where its stored token is gone
 */
export async function metaAccount(named: string, { env, profile }: Place): Promise<MetaAccount> {
  const account = findAccount(await profile.read(), named);
  const rules = webhookRules(account);
  const { channel } = account;
  const [own, app] = await readSecretsOfMany(env, profile, [
    { owner: account, stored: account, fields: [rules.token] },
    {
      owner: { channel },
      stored: await integrationOf(channel, profile),
      fields: ['app_secret'],
    },
  ] as const);
  const token = own.get(rules.token);
  if (token !== undefined) {
    const credentials = { token, appSecret: app.get('app_secret'), accountId: account.id };
    return { account, rules, credentials };
  }
  const name = accountName(account);
  throw lostSecret(
    `The access token of ${name}`,
    secretVariable(account, rules.token),
    `channelctl accounts update ${name} --config ${rules.token}=@file`,
  );
}
