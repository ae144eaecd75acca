import { ownerName } from '../../accounts/secrets.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import { type Result, resultOf } from '../../shared/problem.ts';
import {
  type ChannelWebhooks,
  fieldsOf,
  otherApps,
  type SubscribedAccount,
  type Subscription,
  sampleMessage,
  subscribeToFieldsHint,
} from '../meta/webhooks.ts';
import { WrongOwnerError } from '../meta/wrong-owner.ts';

export const INSTAGRAM_PERMISSIONS = [
  'instagram_business_basic',
  'instagram_business_manage_messages',
] as const;

export const instagramWebhooks: ChannelWebhooks = {
  object: 'instagram',
  fields: [
    'messages',
    'messaging_postbacks',
    'messaging_seen',
    'message_reactions',
    'messaging_referral',
  ],
  // This field requires instagram_business_manage_comments, a permission that may be missing.
  moreAppFields: ['comments'],
  // Source: Meta, "Instagram Platform, webhooks": fields cannot be chosen per account.
  sendsAllAppFields: true,
  levels: ['app'],
  part: 'subscription',
  // Meta's reference says that `/subscriptions` does not support Instagram, but the call succeeds.
  setWarning: {
    message: 'Meta may still send webhooks to the URL in the App Dashboard.',
    hint: 'Check the URL in the App Dashboard: Instagram → API setup with Instagram login → Webhooks.',
  },
  // Meta may show the subscription only to the containing Meta app, which has a different secret.
  requiresAppLevel: false,
  // It is unknown which app Meta reports for a token of Instagram Login.
  inspectsIssuer: false,
  subscribeHint: (account) => `Subscribe the app: ${subscribeCommand(account)}`,
  // Connecting again gets a token of the configured app, and subscribes that app.
  tokenCommand: () => 'channelctl instagram connect',
  fieldsHint: (account, missing) => subscribeToFieldsHint(missing, subscribeCommand(account)),
  sample: (config, now) => sampleMessage('instagram', config.ig_user_id, now),
  readSubscription: (account) => readProfileSubscription(account, readTokenOwner(account)),
};

function subscribeCommand(account: StoredAccount): string {
  return `channelctl instagram subscribe ${ownerName(account)}`;
}

type TokenOwner = Result<AnswerOf<'getInstagramProfile'>>;

export function readTokenOwner({
  graph,
  credentials,
}: Pick<SubscribedAccount, 'graph' | 'credentials'>): Promise<TokenOwner> {
  return resultOf(graph.call('getInstagramProfile', { fields: 'user_id,username' }, credentials));
}

/**
 * Reads the subscription of the configured app to the token's profile. An entry without an ID
 * counts as that of the app.
 *
 * @throws ChannelctlError `not_allowed` if the profile is not the account's
 */
export async function readProfileSubscription(
  { graph, credentials, config, appId }: SubscribedAccount,
  reading: Promise<TokenOwner>,
): Promise<Subscription> {
  const [{ data }, owner] = await Promise.all([
    graph.call('listInstagramSubscriptions', {}, credentials),
    reading,
  ]);
  const mismatch = owner.value && profileMismatch(owner.value.user_id, config);
  if (mismatch) throw mismatch;
  const own = data.filter(({ id, app_id }) => {
    const subscribed = id ?? app_id ?? null;
    return appId === null || subscribed === null || subscribed === appId;
  });
  const fields = fieldsOf(own);
  const ids = data.map(({ id, app_id }) => ({ id: id ?? app_id }));
  return {
    subscribed: fields.length > 0,
    fields,
    override: null,
    otherApps: otherApps(ids, appId),
  };
}

export function profileMismatch(
  userId: string,
  { ig_user_id }: SubscribedAccount['config'],
): ChannelctlError | null {
  if (String(ig_user_id) === userId) return null;
  const message = `The token belongs to the profile ${userId}, not to ${ig_user_id}.`;
  return new WrongOwnerError(message, 'Connect the correct profile: channelctl instagram connect');
}
