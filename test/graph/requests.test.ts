import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { client, declared, failureOf, inTurn, meta, user } from './support.ts';

const ok = inTurn({ body: { success: true } });

test('sends the version, the parameters, the token in a header and a user agent', async () => {
  const server = await meta(inTurn({ body: { id: '1065', access_token: 'EAApage' } }));
  const { graph } = client(server.url);

  await graph.call('getPageToken', { page_id: '1065', fields: 'name,access_token' }, user);

  const [request] = server.requests;
  expect(request?.method).toBe('GET');
  expect(request?.url.pathname).toBe('/v26.0/1065');
  expect(Object.fromEntries(request?.url.searchParams ?? [])).toEqual({
    fields: 'name,access_token',
  });
  expect(request?.headers.authorization).toBe(`Bearer ${user.token}`);
  expect(request?.headers['user-agent']).toBe('channelctl/1.2.3');
});

test('sends appsecret_proof in the query of a read and the body of a write', async () => {
  const server = await meta(ok);
  const { call } = client(server.url);
  const credentials = { token: 'EAAtoken', appSecret: 'the-app-secret' };
  const proof = createHmac('sha256', 'the-app-secret').update('EAAtoken').digest('hex');

  await call(declared(), { page_id: '1' }, credentials);
  await call(declared({ method: 'POST', sends: 'json' }), { page_id: '1', a: 1 }, credentials);
  await call(declared({ method: 'POST', sends: 'form' }), { page_id: '1', a: 'b c' }, credentials);

  const [read, json, form] = server.requests;
  expect(read?.url.searchParams.get('appsecret_proof')).toBe(proof);
  expect(JSON.parse(json?.body ?? '')).toEqual({ a: 1, appsecret_proof: proof });
  expect(json?.headers['content-type']).toBe('application/json');
  expect(form?.body).toBe(`a=b+c&appsecret_proof=${proof}`);
  expect(form?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  expect(json?.url.search).toBe('');
});

test.each(['instagram_api', 'instagram_graph'] as const)(
  'sends no appsecret_proof to %s',
  async (service) => {
    const server = await meta(ok);
    const { call } = client(server.url);
    await call(declared({ service }), { page_id: '1' }, { token: 'IGtoken', appSecret: 'secret' });
    expect(server.requests[0]?.url.search).toBe('');
  },
);

test('sends no token if the parameters authenticate the call', async () => {
  const server = await meta(inTurn({ body: { access_token: 'EAAnew' } }));
  const { graph } = client(server.url);
  const parameters = {
    client_id: '1',
    client_secret: 's3cret',
    redirect_uri: 'http://localhost:8976/callback',
    code: 'AQD#_',
  };
  await graph.call('exchangeLoginCode', parameters, null);
  expect(server.requests[0]?.headers.authorization).toBeUndefined();
  expect(Object.fromEntries(server.requests[0]?.url.searchParams ?? [])).toEqual(parameters);
});

test('calls each service at its own base URL, including its path', async () => {
  const server = await meta(ok);
  const urls = {
    graph: `${server.url}/graph`,
    instagram_api: `${server.url}/api`,
    instagram_graph: `${server.url}/ig`,
  };
  const { call } = client(server.url, { urls });
  await call(declared(), { page_id: '1' }, user);
  await call(declared({ service: 'instagram_api', versioned: false }), { page_id: '1' }, user);
  await call(declared({ service: 'instagram_graph' }), { page_id: '1' }, user);
  expect(server.requests.map(({ url }) => url.pathname)).toEqual([
    '/graph/v26.0/1',
    '/api/1',
    '/ig/v26.0/1',
  ]);
});

test('omits undefined parameters, and sends structured ones as JSON', async () => {
  const server = await meta(ok);
  const { call } = client(server.url);
  await call(declared(), { page_id: '1', after: undefined, limit: 5, list: ['a', 'b'] }, user);
  expect(server.requests[0]?.url.search).toBe('?limit=5&list=%5B%22a%22%2C%22b%22%5D');
});

test('sends no body for a write without parameters, and a body with a DELETE', async () => {
  const server = await meta(inTurn({ body: { result: 'success', success: true } }));
  const { call, graph } = client(server.url);
  await call(declared({ method: 'POST', sends: 'json' }), { page_id: '1' }, user);
  await graph.call(
    'deregisterPhoneNumber',
    { phone_number_id: '1' },
    { token: 'EAAtoken', appSecret: 'the-app-secret' },
  );
  await graph.call('deleteMessengerProfile', { fields: ['persistent_menu'] }, user);
  const [plain, deregistered] = server.requests;
  expect(deregistered?.url.searchParams.get('appsecret_proof')).toMatch(/^[0-9a-f]{64}$/);
  for (const request of [plain, deregistered]) {
    expect(request).toMatchObject({ body: '', headers: { 'content-length': '0' } });
    expect(request?.headers).not.toHaveProperty('content-type');
  }
  expect(server.requests[2]).toMatchObject({
    method: 'DELETE',
    body: '{"fields":["persistent_menu"]}',
  });
});

test('accepts only digits, or "me", in the path', async () => {
  const server = await meta(ok);
  const { call } = client(server.url);
  const invalid = [
    '',
    '.',
    '..',
    '../me',
    'me/accounts',
    '81?x=1',
    '81#y',
    '%2e',
    '12x3',
    'Me',
    '１',
  ];
  for (const page_id of [...invalid, '-1', '8.1', '1e3', '81\n', '1'.repeat(21)]) {
    const error = await failureOf(call(declared(), { page_id }, user));
    expect(error).toMatchObject({
      kind: 'usage',
      reason: expect.stringContaining(`${JSON.stringify(page_id)} is not a valid page_id`),
      hint: expect.stringContaining('channelctl doctor'),
    });
  }
  expect(server.requests).toEqual([]);
  for (const page_id of ['0', '18446744073709551615', 'me']) {
    await call(declared(), { page_id }, user);
    expect(server.requests.at(-1)?.url.pathname).toBe(`/v26.0/${page_id}`);
  }
});

test('rejects a token that is not valid in a header, without sending anything', async () => {
  const server = await meta(ok);
  const { call } = client(server.url);
  for (const token of ['EAA\r\nX-Other: 1', 'two words', '“EAAquoted”']) {
    const error = await failureOf(call(declared(), { page_id: '1' }, { token }));
    expect(error.kind).toBe('not_allowed');
    expect(error.reason).toContain('that tokens cannot contain');
    expect(`${error.message} ${error.reason} ${error.hint}`).not.toContain(token);
  }
  expect(server.requests).toHaveLength(0);
});

test('reports undeclared parameters as an internal error, without sending anything', async () => {
  const server = await meta(ok);
  const { call } = client(server.url);
  const strict = declared({ parameters: z.strictObject({ page_id: z.string() }) });

  const wrong = await failureOf(call(strict, { page_id: 7 }, user));
  expect(wrong.kind).toBe('internal');
  expect(wrong.reason).toContain('page_id');
  expect((await failureOf(call(declared(), { page_id: '1' }, null))).kind).toBe('internal');
  expect(server.requests).toHaveLength(0);
});
