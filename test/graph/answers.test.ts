import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { operations } from '../../src/graph/operations/index.ts';
import {
  client,
  declared,
  failureOf,
  fault,
  inTurn,
  meta,
  type Scripted,
  user,
} from './support.ts';

const page = { page_id: '1065' };

async function failure(answer: Scripted, operation = declared()) {
  const server = await meta(inTurn(answer));
  const { call } = client(server.url);
  return { error: await failureOf(call(operation, page, user)), server };
}

test('ids keep their digits, above 2^53 too, and other numbers stay numbers', async () => {
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

describe('a redirect is refused', () => {
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

describe('an answer that is not JSON is named', () => {
  const rows: [string, Scripted][] = [
    ['HTML', { body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['broken JSON', { body: '{"data":[' }],
    ['an empty answer', { body: '' }],
    ['no content', { status: 204, body: '' }],
    ['HTML with an error status', { status: 404, body: '<html>' }],
  ];
  test.each(rows)('%s', async (_, answer) => {
    const { error } = await failure(answer);
    expect(error.kind).toBe('graph');
    expect(error.reason).toContain('did not answer with JSON');
    expect(error.reason).toContain(`HTTP ${answer.status ?? 200}`);
    expect(error.graph).toMatchObject({ status: answer.status ?? 200, code: null });
  });
});

test('an answer of another shape is refused, naming the first place that differs', async () => {
  const operation = declared({ answer: z.object({ data: z.array(z.object({ id: z.string() })) }) });
  const { error, server } = await failure({ body: { data: [{ id: '1' }, { id: 2 }] } }, operation);
  expect(error.kind).toBe('graph');
  expect(error.reason).toContain('data[1].id');
  expect(error.hint).toContain('--debug');
  expect(server.requests).toHaveLength(1);
});

test('what Meta newly adds to an answer is kept', async () => {
  const body = { id: '1', access_token: 'EAApage', new_field: { a: [1] } };
  const server = await meta(inTurn({ body }));
  const { graph } = client(server.url);
  expect(
    await graph.call('getPageToken', { page_id: '1', fields: 'name,access_token' }, user),
  ).toEqual(body);
});

test('an answer of endless size is given up', async () => {
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

test('text in several bytes survives being cut anywhere', async () => {
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

test('a connection cut in the middle of the answer is tried again', async () => {
  const server = await meta((_, response) => {
    if (server.requests.length > 1) return { body: { id: '1' } };
    response.writeHead(200, { 'content-length': '100' }).write('{"id":');
    setTimeout(() => response.socket?.destroy(), 10);
    return undefined;
  });
  const { call } = client(server.url);
  expect(await call(declared(), page, user)).toEqual({ id: '1' });
});

describe('a list is read to its end by cursor', () => {
  const listed = (ids: number[], paging: object): Scripted => ({
    body: { data: ids.map((id) => ({ id: String(id), name: `Page ${id}` })), paging },
  });
  const fields = { fields: 'id,name' };
  const next = 'https://elsewhere.example/me/accounts?access_token=EAAx&after=evil';

  test('asking for 100 items at a time', async () => {
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

  test('empty or without paging', async () => {
    const server = await meta(inTurn({ body: { data: [] } }));
    const { graph } = client(server.url);
    expect(await graph.list('listPages', fields, user)).toEqual([]);
  });

  test('taking the cursor from the next address, where that is of the same server', async () => {
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
    ['of another server', next],
    ['without a cursor', 'http://127.0.0.1:1/me/accounts'],
    ['that is no address', 'nonsense'],
  ])('failing where there is only a next address %s', async (_, address) => {
    const server = await meta(inTurn(listed([1], { next: address })));
    const { graph } = client(server.url);
    const error = await failureOf(graph.list('listPages', fields, user));
    expect(error.kind).toBe('graph');
    expect(server.requests).toHaveLength(1);
  });

  test('failing where the cursors go round in a circle', async () => {
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

  test('failing as a whole where one page of it fails', async () => {
    const server = await meta(
      inTurn(listed([1], { cursors: { after: 'B' }, next }), fault(190, { error_subcode: 463 })),
    );
    const { graph } = client(server.url);
    expect((await failureOf(graph.list('listPages', fields, user))).kind).toBe('not_allowed');
  });
});

describe('an answer of success: false is an error', () => {
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
    expect(error.reason).toContain('did not succeed');
    expect(error.hint).toContain(hint);
    expect(changed).not.toHaveBeenCalled();
    expect(server.requests).toHaveLength(1);
    await expect(graph.call(name, parameters, user)).resolves.toEqual({ success: true });
  });
});
