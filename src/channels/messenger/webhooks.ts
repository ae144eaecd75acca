import { ownerName } from '../../accounts/secrets.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { type ChannelWebhooks, fieldsOf, ownApps, sampleMessage } from '../meta/webhooks.ts';

/** The permissions that a Page's token needs for the menu and the webhooks. */
export const PAGE_PERMISSIONS = ['pages_messaging', 'pages_manage_metadata'] as const;

export const messengerWebhooks: ChannelWebhooks = {
  object: 'page',
  fields: [
    'messages',
    'messaging_postbacks',
    'messaging_optins',
    'messaging_referrals',
    'message_deliveries',
    'message_reads',
    'message_echoes',
    'messaging_handovers',
  ],
  levels: ['app'],
  part: 'subscription',
  requiresAppLevel: true,
  subscribeHint: (account) => `Connect the Page again: channelctl ${connectPage(account)}`,
  fieldsHint: (account) =>
    `For the app: channelctl webhooks set ${ownerName(account)}; for the account: channelctl ${connectPage(account)}`,
  sample: (config, now) => sampleMessage('page', config.page_id, now),
  async readSubscription({ graph, credentials, config, appId }) {
    const parameters = { page_id: String(config.page_id), fields: 'id,subscribed_fields' };
    const apps = await graph.list('listPageSubscriptions', parameters, credentials);
    const own = ownApps(apps, appId);
    return { subscribed: own.length > 0, fields: fieldsOf(own), override: null };
  },
};

function connectPage({ config }: StoredAccount): string {
  return `messenger connect --page ${config.page_id}`;
}
