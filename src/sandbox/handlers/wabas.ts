import { z } from 'zod';
import {
  malformedParameter,
  notSubscribed,
  wabaPermissionDenied,
} from '../graph/errors-whatsapp.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { type BusinessToken, requireToken, type Token } from '../state/token.ts';
import type { PhoneNumber, Waba } from '../state/whatsapp.ts';
import { appLink } from './apps.ts';
import { checkFields, selectFields, splitNames } from './fields.ts';
import type { Handler } from './handler.ts';
import { verifyOverride, webhookConfiguration } from './overrides.ts';
import { paginate } from './paging.ts';
import { listedNumberNode, wabaNode } from './whatsapp-nodes.ts';

const filterSchema = z.array(
  z.strictObject({
    field: z.enum(['account_mode', 'messaging_limit_tier', 'is_official_business_account']),
    operator: z.enum(['EQUAL', 'NOT_EQUAL', 'IN', 'NOT_IN']),
    value: z.json(),
  }),
);

type Condition = z.output<typeof filterSchema>[number];

export const getWaba: Handler<'getWaba'> = ({ parameters, token, state }) => {
  const { waba, app } = requireWaba(state, token, parameters.waba_id);
  const node = wabaNode(waba, app.id);
  const shown = selectFields(
    node,
    parameters.fields,
    'WhatsAppBusinessAccount',
    ['id', 'name'],
    state.whatsapp.removedFields,
  );
  return { ...shown, id: node.id };
};

export const listPhoneNumbers: Handler<'listPhoneNumbers'> = (call) => {
  const { parameters, token, state, url } = call;
  const { waba, app, value } = requireWaba(state, token, parameters.waba_id);
  const { removedFields, numbers } = state.whatsapp;
  const conditions = parseFilter(parameters.filtering);
  const nodeOf = (number: PhoneNumber) => ({
    ...listedNumberNode(number, app.id),
    webhook_configuration: webhookConfiguration(state, number, app.id),
  });
  const [example] = numbers.values();
  const known = example === undefined ? [] : Object.keys(nodeOf(example));
  checkFields(splitNames(parameters.fields ?? ''), known, NUMBER_TYPE, removedFields);
  const nodes = waba.numbers
    .map(nodeOf)
    .filter((node) => conditions.every((condition) => matches(node, condition)));
  if (parameters.sort?.endsWith('.desc')) nodes.reverse();
  const { items, ...paging } = paginate(nodes, parameters, value, url);
  const data = items.map((node) => {
    const fields = selectFields(
      node,
      parameters.fields,
      NUMBER_TYPE,
      LISTED_BY_DEFAULT,
      removedFields,
    );
    return { ...fields, id: node.id };
  });
  return { data, ...paging };
};

const NUMBER_TYPE = 'WhatsAppBusinessPhoneNumber';

/** The fields of a listed number if none are requested (source: Meta, "Manage phone numbers"). */
const LISTED_BY_DEFAULT = [
  ...(['id', 'verified_name', 'display_phone_number', 'quality_rating'] as const),
  ...(['code_verification_status', 'platform_type', 'throughput'] as const),
  'webhook_configuration',
] as const;

export const listWabaSubscriptions: Handler<'listWabaSubscriptions'> = (call) => {
  const { waba } = requireWaba(call.state, call.token, call.parameters.waba_id);
  const { fields } = call.parameters;
  const known = ['id', 'name', 'link'] as const;
  checkFields(splitNames(fields ?? ''), known, 'Application');
  return {
    data: [...waba.subscriptions].map(([id, { name, override }]) => ({
      whatsapp_business_api_data: selectFields(
        { id, name, link: appLink(id) },
        fields,
        'Application',
        known,
      ),
      ...(override !== null && { override_callback_uri: override }),
    })),
  };
};

/**
 * Subscribes the app, after verifying the override if there is one. Without an override, an
 * earlier one is removed.
 *
 * @throws MetaError 200 if the token is not valid for the WABA, and the errors of `verifyOverride`
 */
export const subscribeWaba: Handler<'subscribeWaba'> = async ({ parameters, token, state }) => {
  const { waba, app } = requireWaba(state, token, parameters.waba_id);
  const { override_callback_uri: override = null, verify_token } = parameters;
  if (override !== null) await verifyOverride(override, verify_token, { waba, app, state });
  waba.subscriptions.set(app.id, { name: app.name, override });
  return { success: true };
};

/** @throws MetaError 200 (not valid for the WABA), 803 (not subscribed) */
export const unsubscribeWaba: Handler<'unsubscribeWaba'> = ({ parameters, token, state }) => {
  const { waba, app } = requireWaba(state, token, parameters.waba_id);
  if (!waba.subscriptions.delete(app.id)) throw notSubscribed();
  return { success: true };
};

function requireWaba(
  state: SandboxState,
  token: Token | null,
  id: string,
): { waba: Waba } & Pick<BusinessToken, 'app' | 'value'> {
  const { wabas, app, value } = requireToken('business', token);
  const waba = state.whatsapp.wabas.get(id);
  if (waba === undefined || !wabas.has(id)) throw wabaPermissionDenied();
  return { waba, app, value };
}

function parseFilter(filtering: string | undefined): Condition[] {
  if (filtering === undefined) return [];
  const { data, error } = filterSchema.safeParse(parseJson(filtering));
  if (data !== undefined) return data;
  const place = z.core.toDotPath(error.issues[0]?.path ?? []);
  throw malformedParameter(`Invalid parameter: filtering${place}: ${error.issues[0]?.message}`);
}

/** Compares values as strings, so that `true` and `"true"` are equal. */
function matches(
  node: Readonly<Record<Condition['field'], unknown>>,
  { field, operator, value }: Condition,
): boolean {
  const isListed = [value].flat().map(String).includes(String(node[field]));
  return isListed === (operator === 'EQUAL' || operator === 'IN');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformedParameter('Invalid parameter: filtering must be valid JSON');
  }
}
