import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { operations } from '../../src/graph/operations/index.ts';
import {
  client,
  declared,
  failureOf,
  inTurn,
  meta,
  metaError,
  type Scripted,
  user,
} from './support.ts';

const page = { page_id: '1065' };

async function failure(answer: Scripted, operation = declared()) {
  const server = await meta(inTurn(answer));
  const { call } = client(server.url);
  return { error: await failureOf(call(operation, page, user)), server };
}

test('preserves the digits of IDs above 2^53 and leaves other numbers unchanged', async () => {
  const server = await meta(
    inTurn({ body: '{"user_id":17841400000000000001,"ratio":0.30000000000000004,"expires_in":5}' }),
  );
  const { call } = client(server.url);
  expect(await call(declared(), page, user)).toEqual({
    user_id: '17841400000000000001',
    ratio: 0.30000000000000004,
    expires_in: 5,
  });
});

describe('does not follow a redirect', () => {
  test.each([301, 302, 303, 307, 308])('HTTP %i', async (status) => {
    const elsewhere = await meta(inTurn({ body: {} }));
    const location = `${elsewhere.url}/?access_token=EAAleak`;
    const { error } = await failure({ status, headers: { location } });
    expect(error).toMatchObject({ kind: 'graph', graph: { status, code: null } });
    expect(error.reason).toContain(`redirects to ${elsewhere.host}`);
    expect(error.reason).not.toContain('EAAleak');
    expect(elsewhere.requests).toHaveLength(0);
  });
});

describe('reports a response that is not JSON', () => {
  const rows: [string, Scripted][] = [
    ['HTML', { body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['broken JSON', { body: '{"data":[' }],
    ['an empty body', { body: '' }],
    ['no content', { status: 204, body: '' }],
    ['HTML with an error status', { status: 404, body: '<html>' }],
  ];
  test.each(rows)('%s', async (_, answer) => {
    const { error } = await failure(answer);
    expect(error.kind).toBe('graph');
    expect(error.reason).toContain('did not return JSON');
    expect(error.reason).toContain(`HTTP ${answer.status ?? 200}`);
    expect(error.graph).toMatchObject({ status: answer.status ?? 200, code: null });
  });
});

test('rejects a response of a different shape, with the first differing path', async () => {
  const operation = declared({ answer: z.object({ data: z.array(z.object({ id: z.string() })) }) });
  const { error, server } = await failure({ body: { data: [{ id: '1' }, { id: 2 }] } }, operation);
  expect(error.kind).toBe('graph');
  expect(error.reason).toContain('data[1].id');
  expect(error.hint).toContain('--debug');
  expect(server.requests).toHaveLength(1);
});

test('preserves fields that Meta adds to a response', async () => {
  const body = { id: '1', access_token: 'EAApage', new_field: { a: [1] } };
  const server = await meta(inTurn({ body }));
  const { graph } = client(server.url);
  expect(
    await graph.call('getPageToken', { page_id: '1', fields: 'name,access_token' }, user),
  ).toEqual(body);
});

test('aborts an endless response', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const server = await meta((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
    return undefined;
  });
  const { call } = client(server.url);
  const error = await failureOf(call(declared(), page, user));
  expect(error.reason).toContain('too large');
  expect(server.requests).toHaveLength(1);
});

test('decodes multi-byte characters that are split between chunks', async () => {
  const body = Buffer.from(JSON.stringify({ name: 'Größe 😀' }));
  const server = await meta((_, response) => {
    response.writeHead(200);
    const writeFrom = (at: number) => {
      if (at === body.length) return response.end();
      response.write(body.subarray(at, at + 1));
      return setImmediate(writeFrom, at + 1);
    };
    writeFrom(0);
    return undefined;
  });
  const { call } = client(server.url);
  expect(await call(declared(), page, user)).toEqual({ name: 'Größe 😀' });
});

test('retries if the connection is closed during the response', async () => {
  const server = await meta((_, response) => {
    if (server.requests.length > 1) return { body: { id: '1' } };
    response.writeHead(200, { 'content-length': '100' }).write('{"id":');
    setTimeout(() => response.socket?.destroy(), 10);
    return undefined;
  });
  const { call } = client(server.url);
  expect(await call(declared(), page, user)).toEqual({ id: '1' });
});

describe('a list', () => {
  const listed = (ids: number[], paging: object): Scripted => ({
    body: { data: ids.map((id) => ({ id: String(id), name: `Page ${id}` })), paging },
  });
  const fields = { fields: 'id,name' };
  const next = 'https://elsewhere.example/me/accounts?access_token=EAAx&after=evil';

  test('is read to its end by cursor, 100 items at a time', async () => {
    const server = await meta(
      inTurn(
        listed([1, 2], { cursors: { before: 'A', after: 'B' }, next }),
        listed([3], { cursors: { before: 'B', after: 'C' }, next }),
        listed([4], { cursors: { before: 'C', after: 'D' } }),
      ),
    );
    const { graph } = client(server.url);
    const pages = await graph.list('listPages', fields, user);
    expect(pages.map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
    expect(server.requests.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
      { fields: 'id,name', limit: '100' },
      { fields: 'id,name', limit: '100', after: 'B' },
      { fields: 'id,name', limit: '100', after: 'C' },
    ]);
    expect(new Set(server.requests.map(({ headers }) => headers.authorization)).size).toBe(1);
  });

  test('can be empty and without paging', async () => {
    const server = await meta(inTurn({ body: { data: [] } }));
    const { graph } = client(server.url);
    expect(await graph.list('listPages', fields, user)).toEqual([]);
  });

  test('takes the cursor from the next URL if that has the same origin', async () => {
    const server = await meta(() =>
      server.requests.length === 1
        ? listed([1], { next: `${server.url}/v26.0/me/accounts?limit=100&after=B` })
        : listed([2], {}),
    );
    const { graph } = client(server.url);
    expect(await graph.list('listPages', fields, user)).toHaveLength(2);
    expect(server.requests[1]?.url.searchParams.get('after')).toBe('B');
  });

  test.each([
    ['with another origin', next],
    ['without a cursor', 'http://127.0.0.1:1/me/accounts'],
    ['that is invalid', 'nonsense'],
  ])('fails if there is only a next URL %s', async (_, address) => {
    const server = await meta(inTurn(listed([1], { next: address })));
    const { graph } = client(server.url);
    const error = await failureOf(graph.list('listPages', fields, user));
    expect(error.kind).toBe('graph');
    expect(server.requests).toHaveLength(1);
  });

  test('fails if the cursors repeat', async () => {
    const server = await meta(
      inTurn(
        listed([1], { cursors: { after: 'B' }, next }),
        listed([2], { cursors: { after: 'C' }, next }),
        listed([1], { cursors: { after: 'B' }, next }),
      ),
    );
    const { graph } = client(server.url);
    expect((await failureOf(graph.list('listPages', fields, user))).kind).toBe('graph');
    expect(server.requests).toHaveLength(3);
  });

  test('fails if one of its pages fails', async () => {
    const server = await meta(
      inTurn(
        listed([1], { cursors: { after: 'B' }, next }),
        metaError(190, { error_subcode: 463 }),
      ),
    );
    const { graph } = client(server.url);
    expect((await failureOf(graph.list('listPages', fields, user))).kind).toBe('not_allowed');
  });
});

describe('reports success: false as an error', () => {
  const rows = [
    ['subscribePage', { page_id: '1', subscribed_fields: 'messages' }, 'permissions for the Page'],
    ['deregisterPhoneNumber', { phone_number_id: '1' }, 'WhatsApp Manager'],
    ['subscribeInstagram', { subscribed_fields: 'messages' }, "the app's permissions"],
    ['deleteAppSubscription', { app_id: '1', object: 'page' }, 'webhooks status'],
  ] as const;
  test.each(rows)('%s', async (name, parameters, hint) => {
    const changed = vi.fn();
    const server = await meta(inTurn({ body: { success: false } }, { body: { success: true } }));
    const { graph } = client(server.url, { changed });
    const error = await failureOf(graph.call(name, parameters, user));
    expect(error).toMatchObject({ kind: 'graph', graph: null });
    expect(error.message).toContain(operations[name].purpose);
    expect(error.reason).toContain('success: false');
    expect(error.hint).toContain(hint);
    expect(changed).not.toHaveBeenCalled();
    expect(server.requests).toHaveLength(1);
    await expect(graph.call(name, parameters, user)).resolves.toEqual({ success: true });
  });
});

describe('an unexpected value does not affect the rest of a response', () => {
  const app = { token: '700|secret' };
  async function answered(body: unknown) {
    const server = await meta(inTurn({ body }));
    return client(server.url).graph;
  }

  test.each(['3600', 3600, null, 'soon'])('expires_in is %j', async (expires_in) => {
    const graph = await answered({ access_token: 'EAAuser', token_type: 'bearer', expires_in });
    const parameters = { client_id: '700', client_secret: 's', code: 'c' };
    const token = await graph.call('exchangeSignupCode', parameters, null);
    expect(token.access_token).toBe('EAAuser');
    expect(token.expires_in).toBe(Number(expires_in) || undefined);
  });

  test.each([true, 'true'])('success is %j', async (success) => {
    const graph = await answered({ success });
    const result = await graph.call('deregisterPhoneNumber', { phone_number_id: '1065' }, user);
    expect(result.success).toBe(true);
  });

  test('success is "false"', async () => {
    const graph = await answered({ success: 'false' });
    const call = graph.call('deregisterPhoneNumber', { phone_number_id: '1065' }, user);
    expect((await failureOf(call)).reason).toBe('Meta returned success: false without a reason.');
  });

  test('a Page has no name, and another has unexpected tasks', async () => {
    const data = [{ id: '81' }, { id: 82, name: 'Birch', tasks: 'ALL' }];
    const graph = await answered({ data, paging: null });
    expect(await graph.list('listPages', {}, user)).toEqual([
      { id: '81' },
      { id: '82', name: 'Birch', tasks: undefined },
    ]);
  });

  test('an Instagram profile is in a data array', async () => {
    const graph = await answered({ data: [{ user_id: '17841400000000001', username: 'alder' }] });
    expect(await graph.call('getInstagramProfile', {}, user)).toEqual({
      user_id: '17841400000000001',
      username: 'alder',
    });
  });

  test('an inspected token has IDs as numbers, and an unexpected expiry', async () => {
    const graph = await answered(
      '{"data":{"app_id":700,"is_valid":true,"expires_at":"0","granular_scopes":[{"scope":"pages_messaging","target_ids":[17841400000000000002]}]}}',
    );
    const { data } = await graph.call('debugToken', { input_token: 'EAA' }, app);
    expect(data).toMatchObject({ app_id: '700', expires_at: 0 });
    expect(data.granular_scopes?.[0]?.target_ids).toEqual(['17841400000000000002']);
  });
});

describe('if Meta asks for less data', () => {
  const tooMuch = metaError(
    1,
    { message: "Please reduce the amount of data you're asking for, then retry your request" },
    500,
  );

  test('requests smaller pages', async () => {
    const server = await meta(({ url }) =>
      Number(url.searchParams.get('limit')) > 10 ? tooMuch : { body: { data: [{ id: '81' }] } },
    );
    const { graph, slept } = client(server.url);
    expect(await graph.list('listPages', {}, user)).toEqual([{ id: '81' }]);
    const limits = server.requests.map(({ url }) => url.searchParams.get('limit'));
    expect(limits).toEqual(['100', '25', '6']);
    expect(slept).toEqual([]);
  });

  test('gives up at five items per page', async () => {
    const server = await meta(inTurn(tooMuch));
    const error = await failureOf(client(server.url).graph.list('listPages', {}, user));
    expect(error.hint).toContain('too large for one response');
    expect(server.requests.at(-1)?.url.searchParams.get('limit')).toBe('5');
  });
});
