import { ownerName } from '../../accounts/secrets.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { joinSentences, listNames } from '../../shared/text.ts';
import type { ChannelWebhooks } from './webhooks.ts';

export interface MissingSubscription {
  account: StoredAccount;
  webhooks: ChannelWebhooks;
  appId: string | null;
  otherApps: readonly string[];
  isIssuerKnown: boolean;
}

/**
 * Returns the message and the hint for an app that is not subscribed. If other apps are subscribed,
 * the token may belong to one of them: subscribing with it would subscribe that app.
 */
export function describeMissingSubscription({
  account,
  webhooks,
  appId,
  otherApps,
  isIssuerKnown,
}: MissingSubscription): { message: string; hint: string } {
  const who = appId === null ? 'No app is' : `App ${appId} is not`;
  const message = `${who} subscribed to the webhooks of ${ownerName(account)}, so no messages arrive.`;
  if (appId === null || isIssuerKnown || otherApps.length === 0) {
    return { message, hint: webhooks.subscribeHint(account) };
  }
  const set = `channelctl integrations set ${account.channel} --config`;
  const newAppId = otherApps.length === 1 ? otherApps[0] : '…';
  return {
    message: `${message} ${possibleIssuers(otherApps)}`,
    hint: joinSentences(
      webhooks.inspectsIssuer
        ? `To find out which app issued the token, store the app secret and check the account again: ${set} app_secret=@file`
        : '',
      `If another app issued the token, get one of app ${appId}: ${webhooks.tokenCommand(account)}`,
      `Or correct the app ID: ${set} app_id=${newAppId}`,
    ),
  };
}

function possibleIssuers(otherApps: readonly string[]): string {
  return otherApps.length === 1
    ? `App ${otherApps[0]} is subscribed: the access token may belong to it.`
    : `The apps ${listNames(otherApps)} are subscribed: the access token may belong to one of them.`;
}
