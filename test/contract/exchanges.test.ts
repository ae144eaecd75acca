import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OperationName, operations } from '../../src/graph/operations/index.ts';
import { answerDifferences, requestDifferences, shortest } from './check.ts';
import { recordCommands } from './commands.ts';
import type { Exchange } from './exchanges.ts';
import { type Call, USER_AGENT } from './facts.ts';
import { mutationsOf, UNEXPECTED } from './mutations.ts';
import { callsOf } from './table.ts';

let recorded: Awaited<ReturnType<typeof recordCommands>>;
beforeAll(async () => {
  recorded = await recordCommands();
});
afterAll(() => recorded.close());

const names = Object.keys(operations).filter((name): name is OperationName =>
  Object.hasOwn(operations, name),
);

function exchangesOf(name: OperationName): Exchange[] {
  return recorded.exchanges.filter(({ operation }) => operation === name);
}

function successOf(name: OperationName): { exchange: Exchange; call: Call } {
  const exchange = exchangesOf(name).find(({ status }) => status === 200);
  if (exchange === undefined) throw new Error(`No command calls ${name} with success.`);
  const calls = callsOf(operations[name]);
  const call = calls.find((one) => requestDifferences(exchange, one).length === 0);
  if (call === undefined) throw new Error(`The request of ${name} does not match the contract.`);
  return { exchange, call };
}

describe.each(names)('%s', (name) => {
  test('is called by a command, with success', () => {
    const statuses = exchangesOf(name).map(({ status }) => status);
    expect(statuses, `add a command that calls ${name} to test/contract/commands.ts`).toContain(
      200,
    );
  });

  test('sends only parameters, fields and values that Meta accepts', () => {
    for (const exchange of exchangesOf(name)) {
      const { query, body } = exchange.request;
      const calls = callsOf(operations[name]);
      const differences = shortest(calls.map((call) => requestDifferences(exchange, call)));
      expect(differences, JSON.stringify({ query, body })).toEqual([]);
    }
  });

  test('gets only fields and values from the sandbox that Meta returns', () => {
    for (const exchange of exchangesOf(name)) {
      const calls = callsOf(operations[name]);
      const differences = shortest(calls.map((call) => answerDifferences(exchange, call)));
      expect(differences, JSON.stringify(exchange.answer)).toEqual([]);
    }
  });

  test('is refused by the sandbox with a parameter or value that Meta does not accept', async () => {
    const { exchange, call } = successOf(name);
    const { query, body } = exchange.request;
    const sent: Record<string, unknown> = { ...query, ...body?.fields };
    const mutations = Object.entries(call.parameters).flatMap(([parameter, fact]) =>
      mutationsOf(sent[parameter], fact).map((value) => ({ parameter, value })),
    );
    // A code works only once, so even the unchanged request can be refused.
    const unchanged = await exchange.repeat({});
    for (const { parameter, value } of mutations) {
      const { status, message } = await exchange.repeat({ [parameter]: value });
      const request = JSON.stringify({ [parameter]: value });
      expect(status, request).toBe(400);
      expect(message, request).not.toBe(unchanged.message);
    }
    const { status, message } = await exchange.repeat({ [UNEXPECTED]: '1' });
    expect([status, message]).toEqual([400, expect.stringContaining(UNEXPECTED)]);
  });
});

const selectable = names.filter((name) => callsOf(operations[name]).some(({ fields }) => fields));

describe.each(selectable)('the fields of %s', (name) => {
  test('are those of the contract', async () => {
    const { exchange, call } = successOf(name);
    const allowed = Object.keys(call.fields ?? {});
    const accepted: string[] = [];
    for (const fields of groupsOf(CONCURRENCY, candidates())) {
      const found = await Promise.all(fields.map((field) => withFields(exchange, field)));
      for (const { request, ...one } of found) {
        const { fields: field = '' } = request.query;
        if (one.status === 200) accepted.push(field);
        expect(answerDifferences({ request, ...one }, call), field).toEqual([]);
      }
    }
    expect(accepted.filter((field) => !allowed.includes(field))).toEqual([]);
    const all = await withFields(exchange, accepted.join(','));
    expect([all.status, ...answerDifferences(all, call)]).toEqual([200]);
  });
});

/** Less than the number of calls that Meta allows at once. */
const CONCURRENCY = 5;

function groupsOf<Item>(size: number, items: readonly Item[]): Item[][] {
  return items.length === 0 ? [] : [items.slice(0, size), ...groupsOf(size, items.slice(size))];
}

async function withFields(exchange: Exchange, fields: string): Promise<Exchange> {
  const { status, answer } = await exchange.repeat({ fields });
  const request = { ...exchange.request, query: { ...exchange.request.query, fields } };
  return { ...exchange, request, status, answer };
}

function candidates(): string[] {
  const seed = readFileSync(new URL('../../src/sandbox/seed/schema.ts', import.meta.url), 'utf8');
  const inSeed = [...seed.matchAll(/^\s*(\w+):/gm)].flatMap(([, key]) => key ?? []);
  const inTable = names
    .flatMap((name) => callsOf(operations[name]))
    .flatMap(({ fields }) => Object.keys(fields ?? {}));
  return [...new Set([...inTable, ...inSeed])];
}

test('commands fail only if Meta refuses the call', () => {
  expect(recorded.failures).toEqual([]);
});

test('every request has the User-Agent that Meta asks for', () => {
  for (const { request } of recorded.exchanges) expect(request.userAgent).toMatch(USER_AGENT);
});

test('no command sends a request that is not an operation', () => {
  const unknown = recorded.exchanges
    .filter(({ operation, request }) => operation === null && !isTimeRequest(request))
    .map(({ request }) => `${request.method} ${request.path}`);
  expect(unknown).toEqual([]);
});

/** `doctor` reads the Date header of any response. */
function isTimeRequest({ path, query, body, hasToken }: Exchange['request']): boolean {
  const isEmpty = Object.keys(query).length === 0 && body === null;
  return /^\/graph\/v[\d.]+\/$/.test(path) && isEmpty && !hasToken;
}
