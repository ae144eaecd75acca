import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { answerOf, authorization, proofOf, sandbox, send, VERSION } from './support.ts';
import { SEED, TOKEN } from './whatsapp-support.ts';

interface Entry {
  code: number;
  headers?: { name: string; value: string }[];
  body: string;
}

const read = (relative_url: string) => ({ method: 'GET', relative_url });

async function batch(
  on: Sandbox,
  calls: unknown,
  more: Record<string, string> = {},
  token: string | null = TOKEN,
) {
  const response = await fetch(`${on.urls.graph_url}/${VERSION}/`, {
    method: 'POST',
    headers: authorization(token),
    body: new URLSearchParams({ batch: JSON.stringify(calls), ...more }),
  });
  const { status, headers, body } = await answerOf(response);
  const entries: (Entry | null)[] = Array.isArray(body) ? body : [];
  return { status, headers, body, entries };
}

const bodyOf = (entry: Entry | null | undefined) => JSON.parse(entry?.body ?? 'null');
const statusOf = (id: string) => read(`${id}?fields=status`);

describe('a batch request', () => {
  it('returns code, headers and body of each call, in order', async () => {
    const on = await sandbox(SEED);
    const calls = [
      statusOf('13'),
      read('4711?fields=status'),
      read(`/${VERSION}/10?fields=name`),
      { method: 'POST', relative_url: '11/register', body: 'messaging_product=whatsapp&pin=1' },
    ];
    const { status, entries } = await batch(on, calls);
    expect(status).toBe(200);
    expect(entries.map((entry) => [entry?.code, bodyOf(entry)])).toEqual([
      [200, { id: '13', status: 'CONNECTED' }],
      [400, { error: expect.objectContaining({ code: 100, error_subcode: 33 }) }],
      [200, { id: '10', name: 'Alder WABA' }],
      [400, { error: expect.objectContaining({ code: 100 }) }],
    ]);
    expect(entries[0]?.headers).toContainEqual({ name: 'facebook-api-version', value: VERSION });
  });

  it('can be sent as JSON, and without headers in the response', async () => {
    const on = await sandbox(SEED);
    const request = { batch: [statusOf('13')], include_headers: false };
    const { body } = await send(on, 'POST', '/', TOKEN, request);
    expect(body).toEqual([{ code: 200, body: '{"status":"CONNECTED","id":"13"}' }]);
  });

  it('makes each call with its own token, or else with that of the request', async () => {
    const on = await sandbox(SEED);
    const own = read('21?fields=status&access_token=EAAown');
    const { entries } = await batch(on, [statusOf('21'), own]);
    expect(entries.map((entry) => entry?.code)).toEqual([403, 200]);
    const { status, body } = await batch(on, [own], {}, null);
    expect([status, body.error?.code]).toEqual([401, 104]);
  });

  it('requires appsecret_proof in each call if the app requires it', async () => {
    const on = await sandbox(SEED.replace('id: "700",', 'id: "700", require_proof: true,'));
    const appsecret_proof = proofOf(TOKEN, 'app-secret-700');
    const proven = read(`13?fields=status&appsecret_proof=${appsecret_proof}`);
    const { entries } = await batch(on, [statusOf('13'), proven], { appsecret_proof });
    expect(entries.map((entry) => entry?.code)).toEqual([400, 200]);
    expect((await batch(on, [proven])).body.error?.message).toContain('appsecret_proof');
  });

  it('returns null for a call that times out, and is affected by faults', async () => {
    const on = await sandbox(SEED);
    on.inject({ operation: 'getPhoneNumber', cut: 'before' });
    on.inject({ operation: 'getPhoneNumber', code: 2 });
    const { entries } = await batch(on, ['13', '13', '13'].map(statusOf));
    expect(entries.map((entry) => entry?.code ?? null)).toEqual([null, 500, 200]);
    on.inject({ operation: 'sendBatch', code: 3 });
    const { status, body } = await batch(on, [statusOf('13')]);
    expect([status, body.error?.code]).toEqual([400, 3]);
  });

  it.each([
    ['more than 50 calls', Array.from({ length: 51 }, () => statusOf('13')), 'batch size is 50'],
    ['no calls', [], 'batch'],
    ['something other than a list', 'all', 'batch'],
    ['an unsupported key', [{ ...statusOf('13'), depends_on: 'first' }], 'depends_on'],
  ])('is rejected with %s', async (_what, calls, words) => {
    const on = await sandbox(SEED);
    const { status, body } = await batch(on, calls);
    expect([status, body.error?.code]).toEqual([400, 100]);
    expect(body.error?.message).toContain(words);
  });

  it('cannot contain another batch request', async () => {
    const on = await sandbox(SEED);
    const inner = { method: 'POST', relative_url: '', body: 'batch=[]' };
    const nested = { ...inner, body: `batch=${JSON.stringify([statusOf('13')])}` };
    const { entries } = await batch(on, [inner, nested]);
    expect(entries.map((entry) => entry?.code)).toEqual([400, 400]);
  });

  it('counts each of its calls against the rate limit of the app', async () => {
    const on = await sandbox(SEED.replace('id: "700",', 'id: "700", calls_per_hour: 4,'));
    const { entries } = await batch(on, ['13', '13', '13'].map(statusOf));
    const usage = entries.map(
      (entry) => entry?.headers?.find(({ name }) => name === 'X-App-Usage')?.value,
    );
    expect(usage.map((text) => JSON.parse(text ?? '{}').call_count)).toEqual([25, 50, 75]);
    const more = await batch(on, ['13', '13'].map(statusOf));
    expect(more.entries.map((entry) => entry?.code)).toEqual([200, 403]);
    expect(bodyOf(more.entries[1]).error).toMatchObject({ code: 4 });
  });

  it('is recorded, followed by its calls', async () => {
    const on = await sandbox(SEED);
    await batch(on, [statusOf('13')]);
    const recorded = on.requests.map((one) => [one.operation, one.path, one.is_in_batch]);
    expect(recorded).toEqual([
      ['sendBatch', `/graph/${VERSION}/`, false],
      ['getPhoneNumber', `/graph/${VERSION}/13`, true],
    ]);
  });
});
