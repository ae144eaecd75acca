import { ownerName } from '../../accounts/secrets.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import {
  type ChannelWebhooks,
  type MissingFields,
  NO_NUMBER_LEVEL,
  type NumberLevel,
  ownApps,
  SAMPLE_TEXT,
  type Subscription,
} from '../meta/webhooks.ts';

/** An app that is subscribed to the webhooks of a WABA. */
export interface SubscribedApp {
  id: string | null;
  name: string | null;
  link: string | null;
  override_callback_uri: string | null;
}

export const whatsappWebhooks: ChannelWebhooks = {
  object: 'whatsapp_business_account',
  fields: ['messages'],
  levels: ['number', 'waba', 'app'],
  override: { level: 'waba', idKey: 'waba_id', label: 'WABA' },
  part: 'subscribed_apps',
  requiresAppLevel: true,
  subscribeHint: (account) =>
    `Subscribe the app: channelctl whatsapp subscribe ${ownerName(account)}`,
  fieldsHint: subscribeAppHint,
  sample: sampleMessage,
  async readSubscription({ graph, credentials, config, appId }) {
    return ownSubscription(
      await readSubscribedApps(graph, String(config.waba_id), credentials),
      appId,
    );
  },
  async readNumberLevel({ graph, credentials, config }) {
    const phone_number_id = String(config.phone_number_id);
    const parameters = { phone_number_id, fields: 'id,webhook_configuration' };
    try {
      return numberLevel(await graph.call('getPhoneNumber', parameters, credentials));
    } catch (error) {
      if (lacksWebhookField(error)) return NO_NUMBER_LEVEL;
      throw error;
    }
  },
};

export async function readSubscribedApps(
  graph: Graph,
  waba_id: string,
  credentials: Credentials,
): Promise<SubscribedApp[]> {
  const { data } = await graph.call('listWabaSubscriptions', { waba_id }, credentials);
  return data.map(({ whatsapp_business_api_data: app, override_callback_uri }) => ({
    id: app?.id ?? null,
    name: app?.name ?? null,
    link: app?.link ?? null,
    override_callback_uri: override_callback_uri ?? null,
  }));
}

export function ownSubscription(
  apps: readonly SubscribedApp[],
  appId: string | null,
): Subscription {
  const [own] = ownApps(apps, appId);
  const override = own?.override_callback_uri || null;
  return { subscribed: own !== undefined, fields: null, override };
}

export function numberLevel({
  webhook_configuration: urls,
}: Pick<AnswerOf<'getPhoneNumber'>, 'webhook_configuration'>): NumberLevel {
  return {
    number: urls?.phone_number || null,
    waba: urls?.whatsapp_business_account || null,
    app: urls?.application || null,
  };
}

/** Whether the Graph version has no webhook_configuration, and so no override for a number. */
export function lacksWebhookField(error: unknown): boolean {
  if (!(error instanceof ChannelctlError)) return false;
  return error.graph?.code === 100 && /nonexisting field/.test(error.graph.message ?? '');
}

/** Fields are subscribed per app, not per WABA; no other command makes this call. */
function subscribeAppHint(
  { verify_token }: StoredAccount,
  { fields, appId, app, webhookUrl }: MissingFields,
): string {
  const callbackUrl = app?.url ?? webhookUrl ?? '<url>';
  const parameters = {
    object: 'whatsapp_business_account',
    callback_url: callbackUrl,
    verify_token: callbackUrl === webhookUrl ? verify_token : '<verify-token>',
    fields: [...(app?.fields ?? []), ...fields].join(','),
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
