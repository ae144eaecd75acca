import { ownerName } from '../../accounts/secrets.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { sameUrl } from '../../shared/url.ts';
import { type ChannelWebhooks, type MissingFields, SAMPLE_TEXT } from '../meta/webhooks.ts';
import { renewCommand } from './number.ts';

export const whatsappWebhooks: ChannelWebhooks = {
  object: 'whatsapp_business_account',
  fields: ['messages'],
  // Source: Meta, "Webhook overrides": these are always sent to the app's URL.
  moreAppFields: [
    ...['account_alerts', 'account_review_update', 'account_update', 'security'],
    ...['business_capability_update', 'phone_number_name_update', 'phone_number_quality_update'],
    ...['message_template_status_update', 'message_template_quality_update'],
    ...['message_template_components_update', 'template_category_update'],
  ],
  levels: ['number', 'waba', 'app'],
  override: { level: 'waba', idKey: 'waba_id', label: 'WABA' },
  part: 'subscribed_apps',
  requiresAppLevel: true,
  inspectsIssuer: true,
  subscribeHint: (account) =>
    `Subscribe the app: channelctl whatsapp subscribe ${ownerName(account)}`,
  tokenCommand: renewCommand,
  fieldsHint: subscribeAppHint,
  sample: sampleMessage,
  levelsApi: async () => (await import('./levels.ts')).whatsappLevels,
  async readSubscription({ graph, credentials, config, appId }) {
    const { ownSubscription, readSubscribedApps } = await import('./read-webhooks.ts');
    return ownSubscription(
      await readSubscribedApps(graph, String(config.waba_id), credentials),
      appId,
    );
  },
  readNumberLevel: async (account) => (await import('./read-webhooks.ts')).readNumberLevel(account),
};

/**
 * Fields are subscribed per app, not per WABA. `webhooks set` would replace a different URL of the
 * app, and the verify token of that URL is unknown.
 */
function subscribeAppHint(
  _: StoredAccount,
  { fields, appId, app, webhookUrl, setCommand }: MissingFields,
): string {
  const isOwn = webhookUrl !== null && app?.url && sameUrl(app.url, webhookUrl);
  if (!app?.url || isOwn) return `Subscribe the app to the missing fields: ${setCommand}`;
  const parameters = {
    object: 'whatsapp_business_account',
    callback_url: app.url,
    verify_token: '<verify-token>',
    fields: [...app.fields, ...fields].join(','),
  };
  const pairs = Object.entries(parameters).map(([key, value]) => `-f ${key}=${value}`);
  return `Subscribe the app to the missing fields: channelctl api POST ${appId ?? '<app-id>'}/subscriptions --app whatsapp ${pairs.join(' ')}`;
}

function sampleMessage(config: Readonly<Record<string, Json>>, now: number): Json {
  const from = '15550100000';
  const message = {
    from,
    id: `wamid.channelctl-test-${now}`,
    timestamp: String(Math.floor(now / 1000)),
    type: 'text',
    text: { body: SAMPLE_TEXT },
  };
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '', phone_number_id: String(config.phone_number_id) },
    contacts: [{ profile: { name: 'channelctl test' }, wa_id: from }],
    messages: [message],
  };
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: String(config.waba_id), changes: [{ field: 'messages', value }] }],
  };
}
