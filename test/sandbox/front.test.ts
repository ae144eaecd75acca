import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGraphService } from '../../src/sandbox/graph/graph-service.ts';
import { handlers } from '../../src/sandbox/handlers/index.ts';
import { completeSeed, parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { SandboxState } from '../../src/sandbox/state/sandbox-state.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import {
  answerOf,
  authorization,
  get,
  pageToken,
  SMALL_SEED,
  sandbox,
  send,
  userToken,
} from './support.ts';

const fields = 'id,name';

const HAS_IPV6 = Object.values(networkInterfaces())
  .flat()
  .some((network) => network?.address === '::1');

/** Takes a port, until the test ends. */
async function occupiedPort(host: string, port = 0): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve, reject) => {
    other.once('error', reject).listen(port, host, resolve);
  });
  onTestFinished(() => void other.close());
  const address = other.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A request with exactly this Host header. */
function statusWithHost(on: Sandbox, host: string): Promise<number | undefined> {
  const { hostname, port } = new URL(on.urls.graph_url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: '/graph/v26.0/me/accounts', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the addresses', () => {
  it('are one origin on loopback with a prefix for each service', async () => {
    const { urls } = await sandbox();
    const origin = new URL(urls.graph_url).origin;
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(urls).toEqual({
      graph_url: `${origin}/graph`,
      facebook_url: `${origin}/facebook`,
      instagram_url: `${origin}/instagram`,
      instagram_api_url: `${origin}/instagram-api`,
      instagram_graph_url: `${origin}/instagram-graph`,
      facebook_sdk_url: `${origin}/sdk.js`,
    });
  });

  it.skipIf(!HAS_IPV6)('answer on ::1 as well, where the machine has it', async () => {
    const running = await sandbox();
    const onSix = running.urls.graph_url.replace('127.0.0.1', '[::1]');
    const { body } = await answerOf(await fetch(`${onSix}/v26.0/me/accounts`));
    expect(body.error?.code).toBe(2500);
  });

  it('say so where the port is taken', async () => {
    const port = await occupiedPort('127.0.0.1');
    await expect(startSandbox({ port })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(String(port)),
    });
  });

  it.skipIf(!HAS_IPV6)('say so where the port is taken on ::1 only, and let it go', async () => {
    const port = await occupiedPort('::1');
    await expect(startSandbox({ port })).rejects.toMatchObject({ kind: 'conflict' });
    expect(await occupiedPort('127.0.0.1', port)).toBe(port);
  });

  it('are free again at once after close, whatever was open', async () => {
    const running = await sandbox();
    running.inject({ delay_ms: 60_000 });
    const pending = fetch(running.urls.graph_url).catch(() => 'cut');
    while (running.requests.length === 0) await new Promise(setImmediate);
    const started = performance.now();
    await running.close();
    expect(await pending).toBe('cut');
    expect(performance.now() - started).toBeLessThan(5_000);
    const again = await startSandbox({ port: Number(new URL(running.urls.graph_url).port) });
    await again.close();
  });
});

describe('the description', () => {
  it('holds what a script needs, with tokens that work', async () => {
    const running = await sandbox();
    const { description } = running;
    expect(description).toEqual({
      ...running.urls,
      app_id: '700',
      app_secret: 'app-secret-700',
      instagram_app_id: expect.stringMatching(/^\d{15,16}$/),
      instagram_app_secret: expect.stringMatching(/^[0-9a-f]{32}$/),
      waba_id: expect.stringMatching(/^\d{15,16}$/),
      phone_number_id: expect.stringMatching(/^\d{15,16}$/),
      business_token: expect.stringMatching(/^EAA/),
      pin: expect.stringMatching(/^\d{6}$/),
      pages: ['81', '82', '83'].map((id) => expect.objectContaining({ id })),
    });
    const { body } = await send(running, 'POST', '/82/subscribed_apps', pageToken(running, '82'), {
      subscribed_fields: 'messages',
    });
    expect(body).toEqual({ success: true });
  });

  it('has other secrets at each start, and the same ids', async () => {
    const [one, other] = [(await sandbox('{}')).description, (await sandbox('{}')).description];
    expect(one.app_id).toBe(other.app_id);
    expect(one.app_secret).not.toBe(other.app_secret);
    expect(one.pages.map(({ id, name }) => [id, name])).toEqual(
      other.pages.map(({ id, name }) => [id, name]),
    );
    const tokens = [...one.pages, ...other.pages].map(({ access_token }) => access_token);
    expect(new Set(tokens).size).toBe(140);
  });
});

describe('a path', () => {
  it('has a version: every well-formed one is taken, a retired one answered by the oldest living', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    const call = async (version: string) => {
      const address = `${running.urls.graph_url}/${version}/me/accounts?fields=id`;
      return answerOf(await fetch(address, { headers: { Authorization: `Bearer ${token}` } }));
    };
    expect((await call('v21.0')).status).toBe(200);
    expect((await call('v26.0')).headers.get('facebook-api-version')).toBe('v26.0');
    expect((await call('v9.0')).headers.get('facebook-api-version')).toBe('v21.0');
    for (const malformed of ['v26', '26.0', 'vv26.0', 'v26.0.1', 'latest']) {
      const { status, body } = await call(malformed);
      expect([malformed, status, body.error?.code]).toEqual([malformed, 400, 2500]);
    }
  });

  it('may have none, as at Meta', async () => {
    const running = await sandbox();
    const headers = authorization(await userToken(running));
    const { graph_url } = running.urls;
    expect((await fetch(`${graph_url}/me/accounts`, { headers })).status).toBe(200);
    const { body } = await answerOf(await fetch(`${graph_url}/oauth/access_token?client_id=1`));
    expect(body.error?.code).toBe(100);
  });

  it('that Graph does not have is error 2500, naming it', async () => {
    const running = await sandbox();
    const { status, body } = await get(running, '/me/accounts/friends', 'any');
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      type: 'OAuthException',
      code: 2500,
      message: 'Unknown path components: /me/accounts/friends',
    });
  });

  it('that has no such method is error 100/33', async () => {
    const running = await sandbox();
    const { body } = await send(running, 'POST', '/me/accounts', 'any', {});
    expect(body.error).toMatchObject({
      code: 100,
      error_subcode: 33,
      type: 'GraphMethodException',
    });
    expect(body.error?.message).toMatch(/^Unsupported post request/);
  });

  it('that is badly encoded is error 100', async () => {
    const running = await sandbox();
    const { status, body } = await get(running, '/%E0%A4%A', 'any', { fields });
    expect([status, body.error?.code]).toEqual([400, 100]);
  });

  it('of no service is 404', async () => {
    const running = await sandbox();
    const { origin } = new URL(running.urls.graph_url);
    for (const path of ['/', '/graphics/v26.0/me', '/favicon.ico']) {
      const response = await fetch(origin + path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toHaveProperty('error');
    }
  });

  it('of Instagram’s code exchange has errors of another shape', async () => {
    const running = await sandbox();
    const response = await fetch(`${running.urls.instagram_api_url}/oauth/nothing`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error_type: 'OAuthException',
      code: 400,
      error_message: 'Unknown path components: /oauth/nothing',
    });
  });
});

describe('the HTTP front', () => {
  it('refuses a Host that is not loopback, since a page elsewhere may have sent the request', async () => {
    const running = await sandbox();
    expect(await statusWithHost(running, 'desk.example')).toBe(403);
    expect(await statusWithHost(running, '127.0.0.1.desk.example')).toBe(403);
    expect(await statusWithHost(running, 'localhost:8976')).toBe(400);
    expect(await statusWithHost(running, '[::1]:8976')).toBe(400);
  });

  it.each([
    ['malformed JSON', 'application/json', '{"a":'],
    ['JSON that is no object', 'application/json', '[1]'],
    ['another content type', 'text/plain', 'a=1'],
  ])('answers error 100 to %s', async (_, type, body) => {
    const running = await sandbox();
    const address = `${running.urls.graph_url}/v26.0/81/subscribed_apps`;
    const headers = { 'Content-Type': type };
    const answer = await answerOf(await fetch(address, { method: 'POST', headers, body }));
    expect([answer.status, answer.body.error?.code]).toEqual([400, 100]);
  });

  it('refuses a body over one mebibyte', async () => {
    const running = await sandbox();
    const post = async (size: number) => {
      const body = `a=${'x'.repeat(size - 2)}`;
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      return (await fetch(running.urls.graph_url, { method: 'POST', headers, body })).status;
    };
    expect(await post(1024 * 1024)).toBe(400);
    expect(await post(1024 * 1024 + 1)).toBe(413);
  });

  it('answers OPTIONS without doing anything, and HEAD like GET without the body', async () => {
    const running = await sandbox();
    const address = `${running.urls.graph_url}/v26.0/me`;
    const headers = authorization(await userToken(running));
    const options = await fetch(address, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([
      ...[204, 'GET, HEAD, POST, DELETE'],
    ]);
    const [whole, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => fetch(address, { method, headers })),
    );
    expect([whole?.status, head?.status, await head?.text()]).toEqual([200, 200, '']);
    expect(head?.headers.get('content-length')).toBe(whole?.headers.get('content-length'));
  });

  it.each([
    ['a whole address as its target', 'http://127.0.0.1/graph/v26.0/me', '127.0.0.1'],
    ['no path as its target', '*', '127.0.0.1'],
    ['a user in its Host', '/graph/v26.0/me', 'desk@127.0.0.1'],
    ['a path in its Host', '/graph/v26.0/me', '127.0.0.1/graph'],
  ])('refuses a request with %s: 400', async (_, target, host) => {
    const running = await sandbox();
    const { hostname, port } = new URL(running.urls.graph_url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('malformed');
    expect(running.requests).toEqual([]);
  });

  it('remembers the last thousand requests', async () => {
    const running = await sandbox();
    const { origin } = new URL(running.urls.graph_url);
    for (let batch = 0; batch < 21; batch += 1) {
      const asked = Array.from({ length: 50 }, () => fetch(`${origin}/${batch}`));
      for (const response of await Promise.all(asked)) await response.text();
    }
    expect(running.requests).toHaveLength(1_000);
    expect(running.requests[0]?.path).toBe('/1');
  });

  it('records every request, and logs a line without what is secret', async () => {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const running = await startSandbox({ port: 0, seed: parseSeed(SMALL_SEED), log });
    onTestFinished(() => running.close());
    await send(running, 'POST', '/81/subscribed_apps', pageToken(running, '81'), {
      subscribed_fields: 'messages',
    });
    await get(running, '/nowhere/at/all', null, { access_token: 'EAAsecret' });
    expect(running.requests).toMatchObject([
      {
        method: 'POST',
        path: '/graph/v26.0/81/subscribed_apps',
        query: {},
        body: '{"subscribed_fields":"messages"}',
        headers: { authorization: `Bearer ${pageToken(running, '81')}` },
        operation: 'subscribePage',
      },
      { method: 'GET', query: { access_token: 'EAAsecret' }, operation: null },
    ]);
    expect(lines).toEqual([
      'POST /graph/v26.0/81/subscribed_apps 200',
      'GET /graph/v26.0/nowhere/at/all 400',
    ]);
  });
});

describe('the sandbox’s own answers', () => {
  it('are held against the table of operations', async () => {
    const state = new SandboxState(completeSeed(parseSeed(SMALL_SEED)), {
      now: () => 0,
      randomBytes: (bytes) => Buffer.alloc(bytes, 7),
    });
    const app = state.firstApp;
    const person = state.firstPerson;
    const token = state.issueToken({
      kind: 'user',
      app,
      person,
      scopes: ['pages_show_list'],
      isLongLived: true,
      expiresAt: null,
    });
    const serve = createGraphService({
      service: 'graph',
      state,
      handlers: {
        ...handlers,
        listPages: () => ({ data: [{ id: '1', name: 'x', tasks: null }], paging: JSON.parse('7') }),
      },
    });
    const route = serve({
      method: 'GET',
      url: 'http://127.0.0.1/graph/v26.0/me/accounts',
      path: '/v26.0/me/accounts',
      query: new URLSearchParams({ fields, access_token: token }),
      headers: {},
      body: '',
    });
    await expect(route.run()).rejects.toThrow(/its answer to listPages is not right at paging/);
  });
});
