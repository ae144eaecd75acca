import { ownerName } from '../../accounts/secrets.ts';
import { type ChannelWebhooks, fieldsOf, sampleMessage } from '../meta/webhooks.ts';

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
  /** The token belongs to one app, so that Meta shows the subscription of that app only. */
  async readSubscription({ graph, credentials }) {
    const { data } = await graph.call('listInstagramSubscriptions', {}, credentials);
    const fields = fieldsOf(data);
    return { subscribed: fields.length > 0, fields, override: null };
  },
};
