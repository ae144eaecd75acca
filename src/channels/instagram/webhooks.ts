import { ownerName } from '../../accounts/secrets.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { type Result, resultOf } from '../../shared/problem.ts';
import {
  type ChannelWebhooks,
  fieldsOf,
  type SubscribedAccount,
  type Subscription,
  sampleMessage,
} from '../meta/webhooks.ts';

/** The permissions that answering the messages of a profile needs. */
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
    'comments',
  ],
  levels: ['app'],
  part: 'subscription',
  // Meta may show it only to the app of the App Dashboard, which has another secret.
  requiresAppLevel: false,
  subscribeHint: (account) => `Subscribe it: channelctl instagram subscribe ${ownerName(account)}`,
  fieldsHint: (account) => {
    const name = ownerName(account);
    return `For the app: channelctl webhooks set ${name}; for the account: channelctl instagram subscribe ${name}`;
  },
  sample: (config, now) => sampleMessage('instagram', config.ig_user_id, now),
  readSubscription: (account) => readProfileSubscription(account, readTokenOwner(account)),
};

type TokenOwner = Result<AnswerOf<'getInstagramProfile'>>;

/** The profile that a token belongs to. */
export function readTokenOwner({
  graph,
  credentials,
}: Pick<SubscribedAccount, 'graph' | 'credentials'>): Promise<TokenOwner> {
  return resultOf(graph.call('getInstagramProfile', { fields: 'user_id,username' }, credentials));
}

/**
 * The token belongs to one app and one profile: Meta shows no other subscription, whatever the
 * account.
 *
 * @throws ChannelctlError `not_allowed` if the profile is not the account's
 */
export async function readProfileSubscription(
  { graph, credentials, config }: SubscribedAccount,
  reading: Promise<TokenOwner>,
): Promise<Subscription> {
  const [{ data }, owner] = await Promise.all([
    graph.call('listInstagramSubscriptions', {}, credentials),
    reading,
  ]);
  const mismatch = owner.value && profileMismatch(owner.value.user_id, config);
  if (mismatch) throw mismatch;
  const fields = fieldsOf(data);
  return { subscribed: fields.length > 0, fields, override: null };
}

/** Null if the token of an account is that of its profile. */
export function profileMismatch(
  userId: string,
  { ig_user_id }: SubscribedAccount['config'],
): ChannelctlError | null {
  if (String(ig_user_id) === userId) return null;
  const message = `The token is that of the profile ${userId}, not of ${ig_user_id}.`;
  return new ChannelctlError('not_allowed', message, {
    hint: 'Connect the right profile: channelctl instagram connect',
  });
}
