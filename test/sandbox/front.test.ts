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

async function occupiedPort(host: string, port = 0): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve, reject) => {
    other.once('error', reject).listen(port, host, resolve);
  });
  onTestFinished(() => void other.close());
  const address = other.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

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

describe('the sandbox URLs', () => {
  it('have one loopback origin and one prefix per service', async () => {
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

  it.skipIf(!HAS_IPV6)('work on ::1 too, if the machine has IPv6', async () => {
    const running = await sandbox();
    const onSix = running.urls.graph_url.replace('127.0.0.1', '[::1]');
    const { body } = await answerOf(await fetch(`${onSix}/v26.0/me/accounts`));
    expect(body.error?.code).toBe(2500);
  });

  it('fail with a conflict if the port is in use', async () => {
    const port = await occupiedPort('127.0.0.1');
    await expect(startSandbox({ port })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(String(port)),
    });
  });

  it.skipIf(!HAS_IPV6)(
    'fail with a conflict if the port is in use on ::1 only, and release 127.0.0.1',
    async () => {
      const port = await occupiedPort('::1');
      await expect(startSandbox({ port })).rejects.toMatchObject({ kind: 'conflict' });
      expect(await occupiedPort('127.0.0.1', port)).toBe(port);
    },
  );

  it('release the port immediately on close, even with open connections', async () => {
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

describe('the description of a sandbox', () => {
  it('contains the IDs and working tokens that a script needs', async () => {
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

  it('has new secrets but the same IDs at each start', async () => {
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

describe('a request path', () => {
  it('accepts any well-formed version, and serves a retired one as the oldest supported version', async () => {
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

  it('can omit the version, as at Meta', async () => {
    const running = await sandbox();
    const headers = authorization(await userToken(running));
    const { graph_url } = running.urls;
    expect((await fetch(`${graph_url}/me/accounts`, { headers })).status).toBe(200);
    const { body } = await answerOf(await fetch(`${graph_url}/oauth/access_token?client_id=1`));
    expect(body.error?.code).toBe(100);
  });

  it('returns error 2500 if Graph does not have it', async () => {
    const running = await sandbox();
    const { status, body } = await get(running, '/me/accounts/friends', 'any');
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      type: 'OAuthException',
      code: 2500,
      message: 'Unknown path components: /me/accounts/friends',
    });
  });

  it('returns error 100/33 if it does not support the method', async () => {
    const running = await sandbox();
    const { body } = await send(running, 'POST', '/me/accounts', 'any', {});
    expect(body.error).toMatchObject({
      code: 100,
      error_subcode: 33,
      type: 'GraphMethodException',
    });
    expect(body.error?.message).toMatch(/^Unsupported post request/);
  });

  it('returns error 100 if its encoding is invalid', async () => {
    const running = await sandbox();
    const { status, body } = await get(running, '/%E0%A4%A', 'any', { fields });
    expect([status, body.error?.code]).toEqual([400, 100]);
  });

  it('returns 404 for a path outside the services', async () => {
    const running = await sandbox();
    const { origin } = new URL(running.urls.graph_url);
    for (const path of ['/', '/graphics/v26.0/me', '/favicon.ico']) {
      const response = await fetch(origin + path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toHaveProperty('error');
    }
  });

  it('of Instagram’s code exchange returns errors in its own format', async () => {
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

describe('the HTTP server', () => {
  it('rejects a Host that is not loopback, because a web page could have sent the request', async () => {
    const running = await sandbox();
    expect(await statusWithHost(running, 'desk.example')).toBe(403);
    expect(await statusWithHost(running, '127.0.0.1.desk.example')).toBe(403);
    expect(await statusWithHost(running, 'localhost:8976')).toBe(400);
    expect(await statusWithHost(running, '[::1]:8976')).toBe(400);
  });

  it.each([
    ['malformed JSON', 'application/json', '{"a":'],
    ['JSON that is not an object', 'application/json', '[1]'],
    ['an unsupported content type', 'text/plain', 'a=1'],
  ])('returns error 100 for %s', async (_, type, body) => {
    const running = await sandbox();
    const address = `${running.urls.graph_url}/v26.0/81/subscribed_apps`;
    const headers = { 'Content-Type': type };
    const answer = await answerOf(await fetch(address, { method: 'POST', headers, body }));
    expect([answer.status, answer.body.error?.code]).toEqual([400, 100]);
  });

  it('rejects a body larger than 1 MiB', async () => {
    const running = await sandbox();
    const post = async (size: number) => {
      const body = `a=${'x'.repeat(size - 2)}`;
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      return (await fetch(running.urls.graph_url, { method: 'POST', headers, body })).status;
    };
    expect(await post(1024 * 1024)).toBe(401);
    expect(await post(1024 * 1024 + 1)).toBe(413);
  });

  it('responds to OPTIONS without side effects, and to HEAD like GET without the body', async () => {
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
    ['an absolute URL as its target', 'http://127.0.0.1/graph/v26.0/me', '127.0.0.1'],
    ['a target that is not a path', '*', '127.0.0.1'],
    ['a user in its Host', '/graph/v26.0/me', 'desk@127.0.0.1'],
    ['a path in its Host', '/graph/v26.0/me', '127.0.0.1/graph'],
  ])('rejects a request with %s: 400', async (_, target, host) => {
    const running = await sandbox();
    const { hostname, port } = new URL(running.urls.graph_url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('malformed');
    expect(running.requests).toEqual([]);
  });

  it('records the last thousand requests', async () => {
    const running = await sandbox();
    const { origin } = new URL(running.urls.graph_url);
    for (let batch = 0; batch < 21; batch += 1) {
      const asked = Array.from({ length: 50 }, () => fetch(`${origin}/${batch}`));
      for (const response of await Promise.all(asked)) await response.text();
    }
    expect(running.requests).toHaveLength(1_000);
    expect(running.requests[0]?.path).toBe('/1');
  });

  it('records every request, and logs a line without secrets', async () => {
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

describe('a response of the sandbox', () => {
  it('is validated against the table of operations', async () => {
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
      servicePath: '/graph',
      path: '/v26.0/me/accounts',
      query: new URLSearchParams({ fields, access_token: token }),
      headers: {},
      body: '',
    });
    await expect(route.run(async () => null)).rejects.toThrow(
      /invalid response to listPages at paging/,
    );
  });
});
