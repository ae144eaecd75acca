import type { Operation, Service } from '../../src/graph/operations/operation.ts';
import { CORRECTIONS, type Correction } from './corrections.ts';
import type { Access, Call, Fact, Facts } from './facts.ts';
import { META_CALLS } from './meta.ts';
import generated from './whatsapp.json' with { type: 'json' };

interface Generated {
  query?: Fact;
  body?: Fact;
  answer?: Fact;
}

/** Source: Meta's reference of numbers and WABAs. */
const WHATSAPP: Access = { tokens: ['business'], permissions: ['whatsapp_business_management'] };

const PORTFOLIO: Access = {
  tokens: ['user', 'business'],
  permissions: ['whatsapp_business_management', 'business_management'],
};

/** Values of the parameter `fields` that are not fields of the response. */
const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  'GET graph.facebook.com/{version}/{waba_id}/subscribed_apps': ['id', 'name', 'link'],
};

const HOSTS: Readonly<Record<Service, string>> = {
  graph: 'graph.facebook.com',
  instagram_api: 'api.instagram.com',
  instagram_graph: 'graph.instagram.com',
};

export const GENERATED: Readonly<Record<string, Generated>> = generated;

const TABLE: Readonly<Record<string, Call | readonly Call[]>> = {
  ...Object.fromEntries(
    Object.entries(GENERATED).map(([key, facts]) => [key, whatsappCall(key, facts)]),
  ),
  ...META_CALLS,
};

function keyOf({ method, service, path, versioned }: Operation): string {
  return `${method} ${HOSTS[service]}${versioned === false ? '' : '/{version}'}${path}`;
}

export function callsOf(operation: Operation): readonly Call[] {
  const key = keyOf(operation);
  const found = TABLE[key];
  if (found !== undefined) return [found].flat();
  throw new Error(
    /phone_number_id|waba_id|whatsapp/.test(key)
      ? `The contract has no call "${key}". Add its path to PATHS in scripts/contract/whatsapp-calls.js and generate test/contract/whatsapp.json again (see CONTRIBUTING.md).`
      : `The contract has no call "${key}". Add it to META_CALLS in test/contract/meta.ts, from Meta's reference.`,
  );
}

function whatsappCall(key: string, { query = {}, body = {}, answer = {} }: Generated): Call {
  const item = itemOf(answer);
  const fields = corrected(key, 'fields', item.properties ?? {});
  const selectable = SELECTABLE[key] ?? Object.keys(fields);
  const parameters = corrected(key, 'parameters', { ...query.properties, ...body.properties });
  const hasFields = parameters.fields !== undefined;
  return {
    ...(key.includes('{business_id}') ? PORTFOLIO : WHATSAPP),
    sends: body.properties === undefined ? ['query'] : ['json'],
    parameters,
    required: [...(query.required ?? []), ...(body.required ?? [])],
    fields: hasFields ? Object.fromEntries(selectable.map((n) => [n, fields[n] ?? {}])) : null,
    answer: withItem(answer, { ...item, properties: fields, required: [] }),
  };
}

function itemOf(answer: Fact): Fact {
  return answer.properties?.data?.items ?? answer;
}

function withItem(answer: Fact, item: Fact): Fact {
  const data = answer.properties?.data;
  if (data?.items === undefined) return item;
  return { ...answer, properties: { ...answer.properties, data: { ...data, items: item } } };
}

function correctionsOf(key: string, of: Correction['of']): readonly Correction[] {
  return CORRECTIONS.filter((correction) => correction.of === of && correction.calls.includes(key));
}

function corrected(key: string, of: Correction['of'], facts: Facts): Facts {
  const corrections = correctionsOf(key, of);
  const removed = corrections.flatMap((correction) => correction.removed ?? []);
  const kept = Object.entries(facts).filter(([name]) => !removed.includes(name));
  return Object.assign(Object.fromEntries(kept), ...corrections.map((one) => one.facts));
}
