import { describe, expect, it } from 'vitest';
import { client, inTurn, meta, metaError, type Scripted } from './support.ts';

const CREDENTIALS = { token: 'EAAtoken-of-the-batch-0001', appSecret: 'app-secret-of-the-batch' };

interface Sent {
  method: string;
  relative_url: string;
}

const callOf = (id: number | string, credentials = CREDENTIALS) => ({
  parameters: { phone_number_id: String(id), fields: 'status' },
  credentials,
});

const entry = (body: unknown, code = 200, headers: Record<string, string> = {}) => ({
  code,
  headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const failed = (code: number, status = 400, more: object = {}) =>
  entry({ error: { message: 'No', type: 'OAuthException', code, ...more } }, status);

const number = (id: number | string) => entry({ id: String(id), status: 'CONNECTED' });

const callsIn = ({ body }: { body: string }): Sent[] =>
  JSON.parse(new URLSearchParams(body).get('batch') ?? '[]');

const serverOf = (...answers: (Scripted | unknown[])[]) => {
  const script = inTurn(...answers.map((one) => (Array.isArray(one) ? { body: one } : one)));
  return meta((received, response) =>
    received.method === 'POST' ? script(received, response) : metaError(100),
  );
};

async function readTwo(...answers: (Scripted | unknown[])[]) {
  const server = await serverOf(...answers);
  const own = client(server.url);
  const results = await own.graph.readAll('getPhoneNumber', [callOf(1), callOf(2)]);
  return { ...own, requests: server.requests, results };
}

describe('a read of several objects', () => {
  it('sends at most 50 calls per request, and returns the results in order', async () => {
    const server = await meta((received) => ({
      body: callsIn(received).map(({ relative_url }) => number(relative_url.split('?')[0] ?? '')),
    }));
    const ids = Array.from({ length: 120 }, (_, index) => String(1000 + index));
    const { graph } = client(server.url);
    const results = await graph.readAll(
      'getPhoneNumber',
      ids.map((id) => callOf(id)),
    );
    expect(results.map(({ value }) => value?.id)).toEqual(ids);
    expect(server.requests.map((one) => callsIn(one).length)).toEqual([50, 50, 20]);
  });

  it('has the token in a header only, and a proof for each call', async () => {
    const { requests } = await readTwo([number(1), number(2)]);
    const [request] = requests;
    expect(request?.url.pathname).toBe('/v26.0/');
    expect(request?.headers.authorization).toBe(`Bearer ${CREDENTIALS.token}`);
    const proof = new URLSearchParams(request?.body).get('appsecret_proof');
    expect(proof).toMatch(/^[0-9a-f]{64}$/);
    expect(request === undefined ? [] : callsIn(request)).toEqual(
      ['1', '2'].map((id) => ({
        method: 'GET',
        relative_url: `${id}?fields=status&appsecret_proof=${proof}`,
      })),
    );
    expect(`${request?.url}${request?.body}`).not.toContain(CREDENTIALS.token);
  });

  it('sends one request per token, and a single call without a batch', async () => {
    const server = await meta(({ method, url }) =>
      method === 'GET'
        ? { body: { id: url.pathname.split('/')[2] } }
        : { body: [number(1), number(3)] },
    );
    const other = { ...CREDENTIALS, token: 'EAAtoken-of-another-0002' };
    const { graph } = client(server.url);
    const calls = [callOf(1), callOf(2, other), callOf(3)];
    const results = await graph.readAll('getPhoneNumber', calls);
    expect(results.map(({ value }) => value?.id)).toEqual(['1', '2', '3']);
    const sent = server.requests.map(({ method, headers }) => [method, headers.authorization]);
    expect(sent).toHaveLength(2);
    expect(sent).toContainEqual(['GET', `Bearer ${other.token}`]);
    expect(await graph.readAll('getPhoneNumber', [])).toEqual([]);
  });

  it('reports the error of each call as if it had been sent on its own', async () => {
    const denied = failed(100, 400, { error_subcode: 33, error_data: { details: 'Not yours' } });
    const { results, requests, slept } = await readTwo([denied, number(2)]);
    const [error, two] = results;
    expect(two?.value).toMatchObject({ id: '2', status: 'CONNECTED' });
    expect(error?.error).toMatchObject({
      kind: 'graph',
      message: 'Could not read the phone number.',
      reason: expect.stringContaining(
        'Meta returned HTTP 400, code 100, subcode 33: No. Not yours.',
      ),
      graph: { status: 400, code: 100, subcode: 33, details: 'Not yours' },
    });
    expect(error?.error?.hint).toContain('phone_number_id 1');
    expect([requests.length, slept]).toEqual([1, []]);
  });

  it('repeats only the calls that time out or fail temporarily', async () => {
    const first = [null, failed(2, 500)];
    const { results, requests, slept } = await readTwo(first, [number(1), null], [number(2)]);
    expect(results.map(({ value }) => value?.id)).toEqual(['1', '2']);
    expect(requests.map((one) => callsIn(one).map(({ relative_url }) => relative_url[0]))).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['2'],
    ]);
    expect(slept).toHaveLength(2);
  });

  it('reports a call that times out each time, and a missing entry', async () => {
    const { results, requests } = await readTwo([null]);
    expect(requests).toHaveLength(4);
    for (const { error } of results) {
      expect(error).toMatchObject({ kind: 'graph', reason: expect.stringContaining('in time') });
    }
  });

  it('waits as long as a call asks, but does not repeat one that exceeds an hourly limit', async () => {
    const short = { code: 130429, retry: { 'Retry-After': '7' } };
    const busy = entry({ error: { code: short.code, message: 'Slow' } }, 429, short.retry);
    const { results, slept } = await readTwo([failed(80008), busy], [number(2)]);
    expect(slept).toEqual([7000]);
    expect(results[0]?.error).toMatchObject({ graph: { code: 80008 } });
    expect(results[1]?.value?.id).toBe('2');
  });

  it('slows down by the usage of its calls, each of which counts', async () => {
    const usage = { 'X-App-Usage': JSON.stringify({ call_count: 90 }) };
    const server = await serverOf([entry({ id: '1' }, 200, usage), number(2)]);
    const { graph, slept, warnings } = client(server.url);
    const calls = [callOf(1), callOf(2)];
    await graph.readAll('getPhoneNumber', calls);
    expect(warnings).toHaveLength(1);
    await graph.readAll('getPhoneNumber', calls);
    await graph.readAll('getPhoneNumber', calls);
    expect(slept).toEqual([2000]);
  });

  it.each<[string, Scripted]>([
    ['an error', metaError(3)],
    ['a missing parameter', metaError(100)],
    ['an object', { body: { success: true } }],
    ['an error that remains', metaError(2, {}, 500)],
  ])('sends each call on its own if Meta refuses the batch with %s', async (_what, refusal) => {
    const server = await meta(({ method, url }) =>
      method === 'POST' ? refusal : { body: { id: url.pathname.split('/')[2] } },
    );
    const { graph } = client(server.url);
    const calls = [callOf(1), callOf(2)];
    const results = await graph.readAll('getPhoneNumber', calls);
    expect(results.map(({ value }) => value?.id)).toEqual(['1', '2']);
    const batches = () => server.requests.filter(({ method }) => method === 'POST').length;
    const before = batches();
    await graph.readAll('getPhoneNumber', calls);
    expect(batches()).toBe(before);
  });

  it.each<[string, number, string]>([
    ['an invalid token', 190, 'not_allowed'],
    ['a rate limit', 80008, 'graph'],
  ])('does not send each call on its own after %s', async (_what, code, kind) => {
    const { results, requests } = await readTwo(metaError(code));
    expect(requests).toHaveLength(1);
    for (const { error } of results) {
      expect(error).toMatchObject({
        kind,
        message: 'Could not read the phone number.',
        graph: { code },
      });
    }
  });

  it('reports a lost connection for each call', async () => {
    const server = await meta((_, response) => void response.destroy());
    const { graph } = client(server.url);
    const results = await graph.readAll('getPhoneNumber', [callOf(1), callOf(2)]);
    expect(server.requests).toHaveLength(4);
    const messages = results.map(({ error }) => error?.message);
    expect(messages).toEqual(Array(2).fill('Could not read the phone number.'));
  });

  it('reports a token that cannot be sent for its own call only', async () => {
    const server = await serverOf([number(1), number(3)]);
    const { graph } = client(server.url);
    const broken = callOf(2, { ...CREDENTIALS, token: 'EAA with blanks' });
    const results = await graph.readAll('getPhoneNumber', [callOf(1), broken, callOf(3)]);
    expect(results.map(({ error }) => error?.kind ?? null)).toEqual([null, 'not_allowed', null]);
  });

  it('hides secrets in the debug output and in errors', async () => {
    const secret = 'a-secret-in-the-body-of-a-call';
    const leaking = entry({ id: '1', access_token: secret });
    const url = `https://graph.example/next?access_token=${secret}&after=x`;
    const { lines, results } = await readTwo([
      leaking,
      failed(100, 400, { message: `Bad ${url}` }),
    ]);
    const shown = lines.join('\n');
    expect(shown).toContain('> POST');
    expect(shown).toContain('relative_url');
    const responses = lines.slice(lines.indexOf('< 200 (phone_number_id 1)'));
    expect(responses).toEqual([
      '< 200 (phone_number_id 1)',
      '< {"id":"1","access_token":"[redacted]"}',
      '< 400 (phone_number_id 2)',
      expect.stringMatching(/^< {"error":{"message":"Bad .*access_token=\[redacted\]&after=x/),
    ]);
    for (const hidden of [secret, CREDENTIALS.token]) expect(shown).not.toContain(hidden);
    expect(shown).not.toMatch(/appsecret_proof=[0-9a-f]/);
    expect(results[1]?.error?.reason).not.toContain(secret);
  });
});
