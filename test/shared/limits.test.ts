import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { deferred } from '../../src/shared/concurrency.ts';
import { readBody } from '../../src/shared/loopback/body.ts';
import { readInput } from '../../src/shared/read-input.ts';
import { home, run } from '../support/cli.ts';

const MEGABYTE = 1024 * 1024;

async function* megabytes(count: number) {
  const block = Buffer.alloc(MEGABYTE, 'a');
  for (let sent = 0; sent < count; sent += 1) yield block;
}

test('a file or stdin of exactly 32 MB is read, one that is larger is a usage error', async () => {
  expect(await readInput(megabytes(32), 'The input')).toHaveLength(32 * MEGABYTE);
  await expect(readInput(megabytes(33), 'The input')).rejects.toMatchObject({
    kind: 'usage',
    message: 'The input is larger than 32 MB.',
  });
});

test('a file that never ends is refused, naming the option and the path', async () => {
  const { env } = await home();
  const given = ['integrations', 'set', 'messenger', '--config', 'app_id=@/dev/zero'];
  const { code, stderr } = await run(given, env);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--config app_id: "\/dev\/zero" is larger than 32 MB/),
  });
});

test('reading ends with a cancellation if it is interrupted', async () => {
  const controller = new AbortController();
  async function* interrupted() {
    yield Buffer.from('a');
    controller.abort();
    yield Buffer.from('b');
  }
  await expect(readInput(interrupted(), 'The input', controller.signal)).rejects.toMatchObject({
    kind: 'cancelled',
  });
});

/** Returns the length of the body, or null, and the number of bytes that the server has received. */
async function received(bytes: number, maxBytes: number) {
  const { promise, resolve } = deferred<{ length: number | null; read: number }>();
  const server = createServer(async (message, response) => {
    const { socket } = message;
    const body = await readBody(message, maxBytes).catch(() => null);
    resolve({ length: body?.length ?? null, read: socket.bytesRead });
    response.end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, method: 'POST' }, (response) =>
    response.resume(),
  );
  sent.on('error', () => {});
  sent.end(Buffer.alloc(bytes, 'a'));
  return promise;
}

test.each([
  [1_000, 1_000],
  [1_001, null],
  [64_000, null],
])('of a limit of 1,000 bytes, a body of %i bytes is read to the end', async (bytes, length) => {
  const result = await received(bytes, 1_000);
  expect(result.length).toBe(length);
  expect(result.read).toBeGreaterThan(bytes);
});

test('a body that is far larger than the limit is not read to the end', async () => {
  const { length, read } = await received(50 * MEGABYTE, 1_000);
  expect(length).toBeNull();
  expect(read).toBeLessThan(10 * MEGABYTE);
});
