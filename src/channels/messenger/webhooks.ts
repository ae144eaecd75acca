import type { StoredAccount } from '../../profile/types.ts';
import {
  type ChannelWebhooks,
  fieldsOf,
  otherApps,
  ownApps,
  sampleMessage,
  subscribeToFieldsHint,
} from '../meta/webhooks.ts';

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
  inspectsIssuer: true,
  subscribeHint: (account) => `Connect the Page again: ${connectCommand(account)}`,
  tokenCommand: connectCommand,
  fieldsHint: (account, missing) => subscribeToFieldsHint(missing, connectCommand(account)),
  sample: (config, now) => sampleMessage('page', config.page_id, now),
  async readSubscription({ graph, credentials, config, appId }) {
    const parameters = { page_id: String(config.page_id), fields: 'id,subscribed_fields' };
    const apps = await graph.list('listPageSubscriptions', parameters, credentials);
    const own = ownApps(apps, appId);
    return {
      subscribed: own.length > 0,
      fields: fieldsOf(own),
      override: null,
      otherApps: otherApps(apps, appId),
    };
  },
};

function connectCommand({ config }: StoredAccount): string {
  return `channelctl messenger connect --page ${config.page_id}`;
}
