import { describe, expect, test } from 'vitest';
import {
  client,
  declared,
  failureOf,
  inTurn,
  meta,
  metaError,
  type Script,
  type Scripted,
  user,
} from './support.ts';

const page = { page_id: '1065' };
const read = declared();
const harmlessWrite = declared({
  method: 'POST',
  sends: 'json',
  path: '/{page_id}/subscribed_apps',
});
const _register = declared({
  method: 'POST',
  sends: 'json',
  path: '/{page_id}/register',
  repeatable: false,
});

const cut: Script = (_, response) => {
  response.socket?.destroy();
  return undefined;
};

describe('makes four attempts, about 0.5, 1 and 2 seconds apart, after a temporary error', () => {
  const retryable: [string, Script][] = [
    ['a closed connection', cut],
    ['HTTP 500', inTurn({ status: 500, body: '<html>' })],
    ['HTTP 503 with an error body', inTurn(metaError(99, {}, 503))],
    ['HTTP 429', inTurn({ status: 429, body: {} })],
    ['is_transient', inTurn(metaError(99, { is_transient: true }))],
    ...[1, 2, 130429].map((code): [string, Script] => [`code ${code}`, inTurn(metaError(code))]),
  ];
  test.each(retryable)('%s', async (_, script) => {
    const server = await meta(script);
    const { call, slept } = client(server.url);
    await failureOf(call(read, page, user));
    expect(server.requests).toHaveLength(4);
    expect(slept).toEqual([500, 1000, 2000]);
  });
});

describe('an hourly rate limit', () => {
  const limits = [4, 17, 32, 341, 613, 80001, 80002, 80006, 80007, 80008];

  test.each(limits)('is not retried within seconds, although Meta says so: %i', async (code) => {
    const server = await meta(inTurn(metaError(code, { is_transient: true }, 500)));
    const { call, slept } = client(server.url);
    await failureOf(call(read, page, user));
    expect(server.requests).toHaveLength(1);
    expect(slept).toEqual([]);
  });

  test.each(limits)('is retried after a Retry-After of up to 60 seconds: %i', async (code) => {
    const limited = { ...metaError(code), headers: { 'retry-after': '60' } };
    const server = await meta(inTurn(limited, { body: { id: '1' } }));
    const { call, slept } = client(server.url);
    expect(await call(read, page, user)).toEqual({ id: '1' });
    expect(slept).toEqual([60_000]);
  });
});

describe('makes one attempt after a permanent error', () => {
  const lasting: [string, Script][] = [
    ['a wrong parameter', inTurn(metaError(100))],
    ['a wrong parameter with HTTP 500', inTurn(metaError(100, {}, 500))],
    ['an expired token', inTurn(metaError(190, { error_subcode: 463 }, 401))],
    ['HTTP 404', inTurn({ status: 404, body: {} })],
    ['a page of HTML', inTurn({ body: '<html>Welcome to the Wi-Fi</html>' })],
    ['a redirect', inTurn({ status: 302, headers: { location: 'http://127.0.0.1:9/' } })],
  ];
  test.each(lasting)('%s', async (_, script) => {
    const server = await meta(script);
    const { call, slept } = client(server.url);
    await failureOf(call(read, page, user));
    expect(server.requests).toHaveLength(1);
    expect(slept).toEqual([]);
  });
});

test('stops at the first successful attempt', async () => {
  const server = await meta(
    inTurn(metaError(2, {}, 500), { status: 502, body: 'oops' }, { body: { id: '1' } }),
  );
  const { call, slept } = client(server.url);
  expect(await call(read, page, user)).toEqual({ id: '1' });
  expect(slept).toEqual([500, 1000]);
});

test('varies waits by up to 25%, so that clients do not retry in step', async () => {
  const server = await meta(inTurn(metaError(2)));
  const soonest = client(server.url, { random: () => 0 });
  const latest = client(server.url, { random: () => 0.999999 });
  await failureOf(soonest.call(read, page, user));
  await failureOf(latest.call(read, page, user));
  expect(soonest.slept).toEqual([375, 750, 1500]);
  expect(latest.slept).toEqual([625, 1250, 2500]);
});

test('retries a repeatable write like a read', async () => {
  const server = await meta(inTurn(metaError(2, {}, 500), { body: { success: true } }));
  const { call } = client(server.url);
  expect(await call(harmlessWrite, page, user)).toEqual({ success: true });
  expect(server.requests).toHaveLength(2);
});

describe('a write that reaches a rate limit', () => {
  const limits: [string, Scripted][] = [
    ['HTTP 429', { status: 429, body: {} }],
    ...[4, 17, 32, 341, 613, 80007].map((code): [string, Scripted] => [
      `code ${code}`,
      metaError(code, { is_transient: true }),
    ]),
  ];

  test.each(limits)(
    'is not retried, because retries count against the limit: %s',
    async (_, answer) => {
      const server = await meta(inTurn(answer));
      const { call, slept } = client(server.url);
      await failureOf(call(harmlessWrite, page, user));
      expect(server.requests).toHaveLength(1);
      expect(slept).toEqual([]);
    },
  );

  test.each(limits)('is retried after the time in Retry-After: %s', async (_, answer) => {
    const headers = { 'retry-after': '20' };
    const server = await meta(inTurn({ ...answer, headers }, { body: { success: true } }));
    const { call, slept } = client(server.url);
    expect(await call(harmlessWrite, page, user)).toEqual({ success: true });
    expect(slept).toEqual([20_000]);
  });
});

describe('Retry-After', () => {
  test('is respected in seconds, and a long wait is announced', async () => {
    const server = await meta(
      inTurn({ status: 429, body: {}, headers: { 'retry-after': '20' } }, { body: {} }),
    );
    const { call, slept, warnings } = client(server.url);
    await call(read, page, user);
    expect(slept).toEqual([20_000]);
    expect(warnings[0]?.message).toContain('20 seconds');
  });

  test('is respected as a date', async () => {
    const date = 'Sat, 01 Aug 2026 12:00:07 GMT'; // The clock of the client starts at noon.
    const server = await meta(
      inTurn({ status: 503, body: '', headers: { 'retry-after': date } }, { body: {} }),
    );
    const { call, slept } = client(server.url);
    await call(read, page, user);
    expect(slept).toEqual([7_000]);
  });

  test('of more than a minute fails the call, and the hint states the time', async () => {
    const server = await meta(inTurn({ ...metaError(4), headers: { 'retry-after': '300' } }));
    const { call, slept } = client(server.url);
    const error = await failureOf(call(read, page, user));
    expect(server.requests).toHaveLength(1);
    expect(slept).toEqual([]);
    expect(error.hint).toContain('about 5 minutes');
  });

  test('is ignored if it is invalid', async () => {
    const server = await meta(
      inTurn({ status: 503, body: '', headers: { 'retry-after': 'soon' } }, { body: {} }),
    );
    const { call, slept } = client(server.url);
    await call(read, page, user);
    expect(slept).toEqual([500]);
  });

  test('does not lead to attempts more than 90 seconds after the first', async () => {
    const server = await meta(inTurn({ status: 429, body: {}, headers: { 'retry-after': '40' } }));
    const { call, slept } = client(server.url);
    await failureOf(call(read, page, user));
    expect(slept).toEqual([40_000, 40_000]);
    expect(server.requests).toHaveLength(3);
  });
});

test('does not wait minutes for a business limit; the hint states the time', async () => {
  const usage = JSON.stringify({
    '102290129340398': [
      { type: 'messenger', call_count: 100, estimated_time_to_regain_access: 12 },
      { type: 'pages', call_count: 5, estimated_time_to_regain_access: 0 },
    ],
  });
  const server = await meta(
    inTurn({ ...metaError(80007), headers: { 'x-business-use-case-usage': usage } }),
  );
  const { call } = client(server.url);
  const error = await failureOf(call(read, page, user));
  expect(server.requests).toHaveLength(1);
  expect(error.hint).toContain('about 12 minutes');
});

test('shows the usage of a rate limit in the hint', async () => {
  const usage = JSON.stringify({ call_count: 101, total_cputime: 25, total_time: 30 });
  const server = await meta(inTurn({ ...metaError(4), headers: { 'x-app-usage': usage } }));
  const { call } = client(server.url);
  expect((await failureOf(call(read, page, user))).hint).toContain('101%');
});

describe('code 1 from a token exchange', () => {
  test('is reported as a wrong app secret and not retried', async () => {
    const server = await meta(inTurn(metaError(1, { is_transient: true }, 500)));
    const { graph } = client(server.url);
    const parameters = {
      grant_type: 'fb_exchange_token',
      client_id: '1',
      client_secret: 'wrong',
      fb_exchange_token: 'EAAshort',
    } as const;
    const error = await failureOf(graph.call('extendUserToken', parameters, null));
    expect(server.requests).toHaveLength(1);
    expect(error.kind).toBe('graph');
    expect(error.hint).toContain('channelctl integrations set messenger --config app_secret=@file');
  });
});

describe('an interruption ends a call immediately', () => {
  test('while it waits for the response', async () => {
    const stop = new AbortController();
    const server = await meta(() => {
      setTimeout(() => stop.abort(), 20);
      return undefined;
    });
    const { call } = client(server.url, { signal: stop.signal });
    expect((await failureOf(call(read, page, user))).kind).toBe('cancelled');
    expect(server.requests).toHaveLength(1);
  });

  test('while it waits for the next attempt', async () => {
    const stop = new AbortController();
    const server = await meta(inTurn(metaError(2)));
    const sleep = (_: number, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        stop.abort();
      });
    const { call } = client(server.url, { signal: stop.signal, sleep });
    expect((await failureOf(call(read, page, user))).kind).toBe('cancelled');
    expect(server.requests).toHaveLength(1);
  });

  test('before it is sent', async () => {
    const server = await meta(inTurn({ body: {} }));
    const { call } = client(server.url, { signal: AbortSignal.abort() });
    expect((await failureOf(call(read, page, user))).kind).toBe('cancelled');
    expect(server.requests).toHaveLength(0);
  });
});
