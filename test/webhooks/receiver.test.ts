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
    signal: controller.signal,
  });
  return {
    dropped,
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
