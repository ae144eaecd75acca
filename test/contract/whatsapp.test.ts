import { describe, expect, test } from 'vitest';
import { whatsappCalls } from '../../scripts/contract/whatsapp-calls.js';
import { CORRECTIONS } from './corrections.ts';
import type { Fact, Facts } from './facts.ts';
import { GENERATED } from './table.ts';

const rows = CORRECTIONS.flatMap(({ calls, ...correction }) =>
  calls.map((call) => ({ call, ...correction })),
);

function generatedFacts(call: string, of: 'parameters' | 'fields'): Facts {
  const { query, body, answer } = GENERATED[call] ?? {};
  const item = answer?.properties?.data?.items ?? answer;
  return of === 'fields' ? { ...item?.properties } : { ...query?.properties, ...body?.properties };
}

describe.each(rows)('the correction of $call ($reason)', ({ call, of, facts, removed = [] }) => {
  const generated = generatedFacts(call, of);

  test('concerns a generated call', () => {
    expect(Object.keys(GENERATED)).toContain(call);
  });

  test('changes something', () => {
    for (const [name, fact] of Object.entries(facts ?? {})) {
      expect(sorted(generated[name]), name).not.toEqual(sorted(fact));
    }
    expect(Object.keys(generated)).toEqual(expect.arrayContaining([...removed]));
  });
});

function sorted(fact: Fact | undefined): unknown {
  if (fact?.enum === undefined) return fact;
  return [...fact.enum].sort();
}

describe('the generator', () => {
  const text = { type: 'string', description: 'Prose.', example: 'an example' };
  const call = {
    summary: 'Prose.',
    parameters: [
      { name: 'Version', in: 'path', required: true, schema: text },
      { $ref: '#/components/parameters/Fields' },
    ],
    responses: {
      200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Node' } } } },
      400: { description: 'Prose.' },
    },
  };
  const node = {
    type: 'object',
    required: ['name', 'id'],
    properties: {
      status: { type: 'string', enum: ['B', 'A'], nullable: true },
      id: text,
      name: { ...text, minLength: 1, maxLength: 100, title: 'Prose.' },
    },
  };
  const pathsOf = (paths: readonly string[]) =>
    Object.fromEntries(paths.map((p) => [p, { get: call }]));
  const described = Object.keys(GENERATED).map((key) =>
    key
      .replace(/^\w+ graph\.facebook\.com/, '')
      .replace('{version}', '{Version}')
      .replace('{phone_number_id}', '{Phone-Number-ID}')
      .replace('{waba_id}', '{WABA-ID}')
      .replace('{business_id}', '{Business-ID}'),
  );
  const description = {
    servers: [{ url: 'https://graph.facebook.com' }],
    paths: pathsOf(described),
    components: {
      parameters: { Fields: { name: 'fields', in: 'query', schema: text } },
      schemas: { Node: node },
    },
  };

  test('extracts names, types and enumerations, without prose, in a fixed order', () => {
    const calls = whatsappCalls(description);
    expect(Object.keys(calls)).toEqual(Object.keys(calls).sort());
    expect(JSON.stringify(calls['GET graph.facebook.com/{version}/{waba_id}'])).toBe(
      JSON.stringify({
        answer: {
          properties: {
            id: { type: 'string' },
            name: { maxLength: 100, minLength: 1, type: 'string' },
            status: { enum: ['A', 'B'], type: ['string', 'null'] },
          },
          required: ['id', 'name'],
          type: 'object',
        },
        query: { properties: { fields: { type: 'string' } }, type: 'object' },
      }),
    );
  });

  test('names a path that the description does not have', () => {
    const { '/{Version}/{WABA-ID}': _, ...paths } = description.paths;
    expect(() => whatsappCalls({ ...description, paths })).toThrow('/{Version}/{WABA-ID}');
  });
});
