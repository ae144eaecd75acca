import { createServer, request as httpRequest } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../src/graph/http/proxy.ts';
import { client, declared, failureOf, inTurn, listen, meta, reply, user } from './support.ts';

const page = { page_id: '1065' };

async function proxy(authorization?: string) {
  const seen: string[] = [];
  const denied = (given: string | undefined) =>
    authorization !== undefined && given !== authorization;
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (denied(request.headers['proxy-authorization'])) {
      return reply(response, { status: 407, body: '<p>Sign in</p>' });
    }
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = httpRequest(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    return request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.on('error', () => {});
    if (denied(request.headers['proxy-authorization'])) {
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    return onward.on('error', () => socket.destroy());
  });
  const host = await listen(server);
  return { host, seen };
}

test('sends http: requests with their body through HTTP_PROXY', async () => {
  const server = await meta(inTurn({ body: { success: true } }));
  const office = await proxy();
  const { call, lines } = client(server.url, { env: { HTTP_PROXY: `http://${office.host}` } });
  const write = declared({ method: 'DELETE', sends: 'json' });
  expect(await call(write, { ...page, a: 'é' }, user)).toEqual({ success: true });
  expect(office.seen).toEqual([`DELETE ${server.url}/v26.0/1065`]);
  expect(server.requests[0]).toMatchObject({
    body: '{"a":"é"}',
    headers: { authorization: `Bearer ${user.token}`, 'user-agent': 'channelctl/1.2.3' },
  });
  expect(lines).toContain(`> via proxy ${office.host}`);
});

test('tunnels https: requests through HTTPS_PROXY, so that the proxy sees no token', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const host = await listen(createTlsServer({ key, cert }, (_, response) => response.end('{}')));
  const office = await proxy();
  const { call } = client(`https://${host}`, { env: { HTTPS_PROXY: office.host } });
  const error = await failureOf(call(declared(), page, user));
  expect(office.seen).toEqual([`CONNECT ${host}`]);
  // The tunnel reached the server, whose certificate is untrusted.
  expect(error.reason).toMatch(/Could not establish a secure connection .*CERT/);
});

describe('a proxy that requires a password', () => {
  const basic = `Basic ${Buffer.from('clerk:p@ss word').toString('base64')}`;

  test('receives the password from its URL, which is never printed', async () => {
    const server = await meta(inTurn({ body: { id: '1' } }));
    const office = await proxy(basic);
    const env = { http_proxy: `http://clerk:p%40ss%20word@${office.host}` };
    const { call, lines } = client(server.url, { env });
    expect(await call(declared(), page, user)).toEqual({ id: '1' });
    const shown = lines.join('\n');
    for (const secret of ['p%40ss', 'p@ss word', basic.slice(6)])
      expect(shown).not.toContain(secret);
  });

  test.each(['http', 'https'])('is reported if no password is set (%s)', async (scheme) => {
    const office = await proxy(basic);
    const env = { [`${scheme}_proxy`]: `http://${office.host}` };
    const { call } = client(`${scheme}://graph.example`, { env });
    const error = await failureOf(call(declared(), page, user));
    expect(error.reason).toBe(
      `The proxy ${office.host} refused to connect to graph.example (HTTP 407).`,
    );
    expect(error.hint).toContain('username and password');
    expect(office.seen).toHaveLength(1);
  });
});

test('reports an unreachable proxy', async () => {
  const { call } = client('https://graph.example', { env: { HTTPS_PROXY: 'http://127.0.0.1:1' } });
  const error = await failureOf(call(declared(), page, user));
  expect(error.reason).toContain('the proxy 127.0.0.1:1');
  expect(error.hint).toContain('HTTPS_PROXY');
});

test('reports a proxy that closes the connection, after four attempts', async () => {
  let connects = 0;
  const server = createServer().on('connect', (_, socket) => {
    connects += 1;
    socket.destroy();
  });
  const host = await listen(server);
  const { call } = client('https://graph.example', { env: { HTTPS_PROXY: host } });
  const error = await failureOf(call(declared(), page, user));
  expect(error.reason).toContain(`the proxy ${host} was closed`);
  expect(connects).toBe(4);
});

test('times out on a stalled proxy and disconnects from it', async () => {
  const closed: Promise<void>[] = [];
  const server = createServer().on('connect', (_, socket) => {
    closed.push(new Promise((resolve) => socket.on('end', resolve).resume()));
  });
  const host = await listen(server);
  const { call } = client('https://graph.example', { env: { HTTPS_PROXY: host }, timeLimit: 50 });
  expect((await failureOf(call(declared(), page, user))).reason).toContain(
    'did not send a complete response',
  );
  expect(closed).toHaveLength(4);
  await Promise.all(closed);
});

test('sends a non-repeatable call only once through a proxy', async () => {
  const server = await meta(inTurn({ status: 421, body: {} }));
  const office = await proxy();
  const { call } = client(server.url, { env: { HTTP_PROXY: office.host } });
  await failureOf(call(declared({ method: 'POST', sends: 'json', repeatable: false }), page, user));
  expect(server.requests).toHaveLength(1);
});

describe('choosing a proxy', () => {
  const chosen = (target: string, env: Record<string, string>) =>
    proxyFor(new URL(target), env)?.host ?? null;

  test('uses the variable for the scheme, lower case first', () => {
    const env = { HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'b:2', https_proxy: 'http://c:3' };
    expect(chosen('https://graph.facebook.com', env)).toBe('c:3');
    expect(chosen('http://localhost:4000', env)).toBe('b:2');
    expect(chosen('https://graph.facebook.com', { HTTP_PROXY: 'b:2' })).toBeNull();
    expect(chosen('https://graph.facebook.com', { https_proxy: '', HTTPS_PROXY: 'a:1' })).toBe(
      'a:1',
    );
    expect(chosen('https://graph.facebook.com', {})).toBeNull();
  });

  test.each([
    ['facebook.com', 'https://graph.facebook.com', true],
    ['.facebook.com', 'https://graph.facebook.com', true],
    ['*.facebook.com', 'https://graph.facebook.com', true],
    ['.facebook.com', 'https://facebook.com', true],
    ['FaceBook.com', 'https://graph.facebook.com', true],
    ['graph.facebook.com', 'https://graph.facebook.com', true],
    ['graph.facebook.com.', 'https://graph.facebook.com', true],
    ['other.example, facebook.com', 'https://graph.facebook.com', true],
    ['other.example facebook.com', 'https://graph.facebook.com', true],
    ['*', 'https://graph.facebook.com', true],
    ['book.com', 'https://graph.facebook.com', false],
    ['api.graph.facebook.com', 'https://graph.facebook.com', false],
    ['facebook.com:443', 'https://graph.facebook.com', true],
    ['facebook.com:8443', 'https://graph.facebook.com', false],
    ['127.0.0.1', 'http://127.0.0.1:4000', true],
    ['127.0.0.1:4000', 'http://127.0.0.1:4000', true],
    ['127.0.0.1:4001', 'http://127.0.0.1:4000', false],
    ['0.0.1', 'http://127.0.0.1:4000', false],
    ['127.0.0.0/8', 'http://127.0.0.1:4000', true],
    ['10.0.0.0/8', 'http://127.0.0.1:4000', false],
    ['10.0.0.0/99', 'http://127.0.0.1:4000', false],
    ['::1', 'http://[::1]:4000', true],
    ['[::1]:4000', 'http://[::1]:4000', true],
    ['fe80::/10', 'http://[fe80::7]', true],
    ['', 'http://127.0.0.1:4000', false],
    ['localhost', 'http://127.0.0.1:4000', false],
  ])('NO_PROXY=%j exempts %s: %s', (noProxy, target, isExempt) => {
    const env = { HTTP_PROXY: 'proxy:1', HTTPS_PROXY: 'proxy:1', NO_PROXY: noProxy };
    expect(chosen(target, env) === null).toBe(isExempt);
  });

  test.each([
    'http://u:12#hunter22@proxy:1',
    'u:hunter22/x@proxy',
    'u:a@b#hunter22@proxy',
    'https://a?b:hunter22@proxy',
  ])('rejects the unencoded password in %s, and shows how to encode it', async (value) => {
    const { call } = client('https://graph.example', { env: { HTTPS_PROXY: value } });
    const error = await failureOf(call(declared(), page, user));
    expect(error).toMatchObject({ kind: 'usage', hint: expect.stringContaining('%23') });
    expect(`${error.message}${error.reason}${error.hint}`).not.toContain('hunter22');
  });

  test.each(['socks5://u:hunter22@proxy:1', 'http://', 'http://u:hunter22@:x'])(
    'rejects %s without showing the value',
    async (value) => {
      const { call } = client('https://graph.example', { env: { HTTPS_PROXY: value } });
      const error = await failureOf(call(declared(), page, user));
      expect(error.kind).toBe('usage');
      expect(error.message).toContain('HTTPS_PROXY');
      expect(`${error.message}${error.reason}${error.hint}`).not.toContain('hunter22');
    },
  );
});
