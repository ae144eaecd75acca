import type { MetaApp } from '../channels/meta/app.ts';
import type { MetaAccount } from '../channels/meta/credentials.ts';
import type { Part } from '../channels/whatsapp/findings.ts';
import type { Graph } from '../graph/graph.ts';
import type { AnswerOf } from '../graph/operations/index.ts';
import { ChannelctlError } from '../shared/errors.ts';

/** What an app has subscribed to for all of its accounts. */
export interface AppLevel {
  address: string | null;
  fields: readonly string[];
  active: boolean;
}

/** What stands for the account itself: for its WABA, its Page or its profile. */
interface OwnLevel {
  subscribed: boolean;
  /** The address in place of the app's; null for none. */
  override: string | null;
  /** Null where the account has none of its own to choose. */
  fields: readonly string[] | null;
}

/** The addresses as Meta tells them for a number, level by level. */
interface NumberLevel {
  number: string | null;
  waba: string | null;
  app: string | null;
}

export interface Levels {
  /** Null for the app: it has no subscription for this kind of account. */
  app: Part<AppLevel | null>;
  own: Part<OwnLevel>;
  number: Part<NumberLevel>;
}

const NO_NUMBER: NumberLevel = { number: null, waba: null, app: null };

/** Reads every level at once. What Meta refuses becomes a part that failed. */
export async function readLevels(
  graph: Graph,
  { account, rules, credentials }: MetaAccount,
  app: Part<MetaApp>,
): Promise<Levels> {
  const appId = 'value' in app ? app.value.id : null;
  const [ofApp, own, number] = await Promise.all([
    'value' in app ? partOf(readAppLevel(graph, app.value, rules.object)) : app,
    partOf<OwnLevel>(OWN[rules.object](graph, { account, rules, credentials }, appId)),
    rules.object === 'whatsapp_business_account'
      ? partOf(readNumberLevel(graph, { account, rules, credentials }))
      : { value: NO_NUMBER },
  ]);
  return { app: ofApp, own, number };
}

/** What an app has subscribed to for one kind of account; null for nothing. */
export async function readAppLevel(
  graph: Graph,
  app: MetaApp,
  object: string,
): Promise<AppLevel | null> {
  const { data } = await graph.call('listAppSubscriptions', { app_id: app.id }, appToken(app));
  const found = data.find((subscription) => subscription.object === object);
  if (found === undefined) return null;
  return {
    address: found.callback_url || null,
    fields: (found.fields ?? []).map((field) => (typeof field === 'string' ? field : field.name)),
    active: found.active !== false,
  };
}

/** The token of an app itself, which nobody has to issue. */
export function appToken({ id, secret }: MetaApp) {
  return { token: `${id}|${secret}`, appSecret: secret };
}

const OWN = {
  async whatsapp_business_account(graph: Graph, { account, credentials }: MetaAccount, appId) {
    const waba_id = String(account.config.waba_id);
    const { data } = await graph.call('listWabaSubscriptions', { waba_id }, credentials);
    const own = data.find(
      ({ whatsapp_business_api_data: app }) => appId === null || app?.id === appId,
    );
    const override = own?.override_callback_uri || null;
    return { subscribed: own !== undefined, override, fields: null };
  },
  async page(graph: Graph, { account, credentials }: MetaAccount, appId) {
    const parameters = { page_id: String(account.config.page_id), fields: 'id,subscribed_fields' };
    const apps = await graph.list('listPageSubscriptions', parameters, credentials);
    const own = apps.filter(({ id }) => appId === null || id === appId);
    return { subscribed: own.length > 0, override: null, fields: fieldsOf(own) };
  },
  async instagram(graph: Graph, { credentials }: MetaAccount) {
    const { data } = await graph.call('listInstagramSubscriptions', {}, credentials);
    return { subscribed: data.length > 0, override: null, fields: fieldsOf(data) };
  },
} satisfies Record<
  MetaAccount['rules']['object'],
  (graph: Graph, account: MetaAccount, appId: string | null) => Promise<OwnLevel>
>;

function fieldsOf(apps: AnswerOf<'listInstagramSubscriptions'>['data']): string[] {
  return [...new Set(apps.flatMap(({ subscribed_fields }) => subscribed_fields ?? []))];
}

async function readNumberLevel(
  graph: Graph,
  { account, credentials }: MetaAccount,
): Promise<NumberLevel> {
  const phone_number_id = String(account.config.phone_number_id);
  try {
    const { webhook_configuration: addresses } = await graph.call(
      'getPhoneNumber',
      { phone_number_id, fields: 'id,webhook_configuration' },
      credentials,
    );
    return {
      number: addresses?.phone_number || null,
      waba: addresses?.whatsapp_business_account || null,
      app: addresses?.application || null,
    };
  } catch (error) {
    // Older Graph versions do not know the field, and then there is no override either.
    if (error instanceof ChannelctlError && isUnknownField(error)) return NO_NUMBER;
    throw error;
  }
}

function isUnknownField({ graph }: ChannelctlError): boolean {
  return graph?.code === 100 && /nonexisting field/.test(graph.message ?? '');
}

/** @throws what is no failure of the call: an interruption */
export async function partOf<Value>(work: Promise<Value>): Promise<Part<Value>> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind === 'cancelled') throw error;
    return { error };
  }
}
