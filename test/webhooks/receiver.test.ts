import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type ReceivedWebhook, startReceiver } from '../../src/webhooks/receiver.ts';
import { signatureOf } from '../../src/webhooks/signature.ts';

const SECRET = 'app-secret-of-the-receiver';
const MEGABYTE = 1024 * 1024;

async function receiver() {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const { port, received, dropped } = await startReceiver({
    port: 0,
    accounts: [{ channel: 'messenger', account_key: 'fb-81', verifyToken: 'v', metaId: '81' }],
    appSecrets: [SECRET],
    now: () => new Date('2026-08-01T12:00:00Z'),
    onTls: () => {},
    signal: controller.signal,
  });
  const reader = received[Symbol.asyncIterator]();
  return {
    dropped,
    async next() {
      return (await reader.next()).value as ReceivedWebhook;
    },
    async handshake() {
      const response = await fetch(`http://127.0.0.1:${port}/?hub.mode=subscribe`);
      return response.status;
    },
    get: (query: string) => fetch(`http://127.0.0.1:${port}/${query}`),
    /** Begins a signed delivery, and resolves when its bytes are sent or the receiver cuts it off. */
    async begin(bytes: number) {
      const headers = { 'x-hub-signature-256': 'sha256=0', 'transfer-encoding': 'chunked' };
      const sent = request({ port, host: '127.0.0.1', method: 'POST', headers });
      sent.on('error', () => {});
      onTestFinished(() => void sent.destroy());
      const closed = new Promise((resolve) => sent.once('close', resolve));
      const piece = Buffer.alloc(MEGABYTE);
      for (let at = 0; at < bytes && !sent.destroyed; at += MEGABYTE) {
        await Promise.race([closed, new Promise((resolve) => sent.write(piece, resolve))]);
      }
      return sent;
    },
    async deliver(body: string | Buffer, secret: string | null = SECRET) {
      const headers: Record<string, string> =
        secret === null ? {} : { 'x-hub-signature-256': signatureOf(body, secret) };
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers });
      return response.status;
    },
    async rest() {
      controller.abort();
      const webhooks: ReceivedWebhook[] = [];
      for await (const webhook of received) webhooks.push(webhook);
      return webhooks;
    },
  };
}

const messageOf = (text: string) => JSON.stringify({ object: 'page', entry: [{ id: '81' }], text });

test.each([
  ['missing', null],
  ['wrong', 'another secret'],
])('does not parse a body whose signature is %s', async (signature, secret) => {
  const own = await receiver();
  const short = messageOf('short');
  const long = messageOf('long'.repeat(1_000));
  for (const body of [short, long]) expect(await own.deliver(body, secret)).toBe(401);
  const unknown = { channel: null, account_key: null, object: null, accepted: false, signature };
  expect(await own.rest()).toMatchObject([
    { ...unknown, body: short, bytes: short.length },
    { ...unknown, body: long.slice(0, 1024), bytes: long.length },
  ]);
});

test('returns the challenge of a handshake as text, so that no browser runs it as a script', async () => {
  const own = await receiver();
  const challenge = '<script>alert(1)</script>';
  const query = new URLSearchParams({
    'hub.mode': 'subscribe',
    'hub.verify_token': 'v',
    'hub.challenge': challenge,
  });
  for (const [asked, status, text] of [
    [`?${query}`, 200, challenge],
    ['?hub.mode=subscribe', 403, 'Unknown verify token.'],
    ['', 404, 'This URL receives webhooks.'],
  ] as const) {
    const response = await own.get(asked);
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  }
});

test('does not split a character when it cuts an unsigned body', async () => {
  const own = await receiver();
  await own.deliver(`x${'é'.repeat(1_000)}`, null);
  expect(await own.rest()).toMatchObject([{ body: `x${'é'.repeat(511)}`, bytes: 2_001 }]);
});

test('drops and counts what exceeds 20 MB while the output is not read', async () => {
  const own = await receiver();
  const body = messageOf('x'.repeat(3 * MEGABYTE));
  const statuses = [];
  for (let sent = 0; sent < 8; sent += 1) statuses.push(await own.deliver(body));
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 503, 503]);
  expect(own.dropped()).toBe(2);
  const rest = await own.rest();
  expect(rest).toHaveLength(6);
  expect(rest[5]).toMatchObject({ account_key: 'fb-81', bytes: body.length, accepted: true });
});

test('stores only the beginning of each unsigned body', async () => {
  const own = await receiver();
  const body = 'x'.repeat(3 * MEGABYTE);
  for (let sent = 0; sent < 8; sent += 1) expect(await own.deliver(body, 'another')).toBe(401);
  expect(own.dropped()).toBe(0);
  expect(await own.rest()).toHaveLength(8);
});

test('receives again when the reader has caught up', async () => {
  const own = await receiver();
  const body = messageOf('x'.repeat(3 * MEGABYTE));
  for (let sent = 0; sent < 12; sent += 1) {
    expect(await own.deliver(body)).toBe(200);
    expect(await own.next()).toMatchObject({ bytes: body.length });
  }
  expect(own.dropped()).toBe(0);
});

test('drops and counts a handshake if the queue is full', async () => {
  const own = await receiver();
  const body = messageOf('x'.repeat(3 * MEGABYTE));
  for (let sent = 0; sent < 6; sent += 1) await own.deliver(body);
  expect(await own.deliver(messageOf('x'.repeat(2_089_000)))).toBe(200);
  expect(await own.handshake()).toBe(403);
  expect(own.dropped()).toBe(1);
  expect(await own.rest()).toHaveLength(7);
});

test('a body that is too large takes no room while it is received', async () => {
  const own = await receiver();
  await own.begin(12 * MEGABYTE);
  const body = messageOf('x'.repeat(3 * MEGABYTE));
  for (let sent = 0; sent < 6; sent += 1) expect(await own.deliver(body)).toBe(200);
});

test('a body whose client disconnects takes no room', async () => {
  const own = await receiver();
  const begun = await Promise.all(Array.from({ length: 5 }, () => own.begin(3 * MEGABYTE)));
  const body = messageOf('x'.repeat(3 * MEGABYTE));
  const deliverAndRead = async () => {
    const status = await own.deliver(body);
    if (status === 200) await own.next();
    return status;
  };
  await own.deliver(body);
  // The receiver may still be reading the bodies that have begun.
  await expect.poll(deliverAndRead, { timeout: 10_000 }).toBe(503);
  for (const sent of begun) sent.destroy();
  // The receiver may notice the disconnections one by one.
  for (let sent = 0; sent < 5; sent += 1) {
    await expect.poll(() => own.deliver(body), { timeout: 10_000 }).toBe(200);
  }
  expect(own.dropped()).toBeGreaterThan(0);
});

test('cuts off and counts a body of more than 256 MB', async () => {
  const own = await receiver();
  const sent = await own.begin(300 * MEGABYTE);
  await expect.poll(() => sent.destroyed).toBe(true);
  expect(own.dropped()).toBe(1);
});
