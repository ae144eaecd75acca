import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { client, declared, failureOf, listen, meta, user } from './support.ts';

const page = { page_id: '1065' };
const register = declared({ method: 'POST', sends: 'json', repeatable: false });

test('reports a refused connection with the host and the variable for its URL', async () => {
  const { call, slept } = client('http://127.0.0.1:1');
  const error = await failureOf(call(declared(), page, user));
  expect(error).toMatchObject({ kind: 'graph', graph: null });
  expect(error.reason).toBe('The connection to 127.0.0.1:1 was refused (ECONNREFUSED).');
  expect(error.hint).toContain('CHANNELCTL_GRAPH_URL');
  expect(slept).toHaveLength(3);
});

test('reports an unknown host name', async () => {
  const { call } = client('http://graph.invalid');
  const error = await failureOf(call(declared({ service: 'instagram_api' }), page, user));
  expect(error.reason).toMatch(/^Could not resolve graph\.invalid \((ENOTFOUND|EAI_AGAIN)\)/);
  expect(error.hint).toContain('CHANNELCTL_INSTAGRAM_API_URL');
});

test('does not retry after an untrusted certificate', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const host = await listen(createTlsServer({ key, cert }, (_, response) => response.end('{}')));
  const { call, slept } = client(`https://${host}`);
  const error = await failureOf(call(declared(), page, user));
  expect(error.reason).toContain(`Could not establish a secure connection to ${host}`);
  expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
  expect(slept).toEqual([]);
});

test.each(['before the response', 'during the response'])(
  'times out if the server stalls %s',
  async (when) => {
    const server = await meta((_, response) => {
      if (when !== 'before the response') response.writeHead(200).write('{"id":');
      return undefined;
    });
    const { call } = client(server.url, { timeLimit: 100 });
    const error = await failureOf(call(declared(), page, user));
    expect(server.requests).toHaveLength(4);
    expect(error.reason).toBe(
      `${server.host} did not send a complete response within 0.1 seconds.`,
    );
  },
);

test('reports that a write may have been processed', async () => {
  const server = await meta((_, response) => {
    response.socket?.destroy();
    return undefined;
  });
  const { call } = client(server.url);
  const error = await failureOf(call(register, page, user));
  expect(error.reason).toContain('closed');
  expect(error.hint).toContain('Meta may have processed the request');
});

test('reports a server that does not speak HTTP', async () => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.end('SSH-2.0-OpenSSH_9.2\r\n');
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const { call } = client(`http://127.0.0.1:${port}`);
  const error = await failureOf(call(declared(), page, user));
  server.close();
  expect(error.reason).toContain('not valid HTTP');
});
