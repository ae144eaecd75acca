import type { Credentials, Graph } from '../../graph/graph.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';
import {
  NO_NUMBER_LEVEL,
  type NumberLevel,
  otherApps,
  ownApps,
  type SubscribedAccount,
  type Subscription,
} from '../meta/webhooks.ts';
import { KnownFields } from './known-fields.ts';

export interface SubscribedApp {
  id: string | null;
  name: string | null;
  link: string | null;
  override_callback_uri: string | null;
}

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
  return {
    subscribed: own !== undefined,
    fields: null,
    override,
    otherApps: otherApps(apps, appId),
  };
}

export function numberLevel({
  webhook_configuration: urls,
}: Pick<AnswerOf<'getPhoneNumber'>, 'webhook_configuration'>): NumberLevel {
  if (!urls) return NO_NUMBER_LEVEL;
  return {
    number: urls.phone_number || null,
    waba: urls.whatsapp_business_account || null,
    app: urls.application || null,
  };
}

/**
 * Returns the URLs that Meta reports for a number. In old Graph API versions, the field is missing,
 * and numbers have no URL of their own; the result is then `NO_NUMBER_LEVEL`.
 */
export async function readNumberLevel({
  graph,
  credentials,
  config,
}: SubscribedAccount): Promise<NumberLevel> {
  const phone_number_id = String(config.phone_number_id);
  const fields = new KnownFields(['id', 'webhook_configuration']);
  return numberLevel(
    await fields.read((known) =>
      graph.call('getPhoneNumber', { phone_number_id, fields: known }, credentials),
    ),
  );
}
