import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Delivered } from '../support/webhook-desk.ts';
import {
  INSTAGRAM_APP,
  receiver,
  rightAnswer,
  signed,
  WEBHOOK_APP,
  webhookDesks,
} from '../support/webhook-desk.ts';

const desk = webhookDesks();

type Desk = Awaited<ReturnType<typeof desk>>;

async function testing(own: Desk, account: string, url: string) {
  const { code, stdout, stderr } = await own.cli(
    'webhooks',
    'test',
    account,
    '--url',
    url,
    '--json',
  );
  return { code, stderr, result: JSON.parse(stdout) };
}

function rightSaveFor(own: Desk, change: (asked: Delivered, response: ServerResponse) => boolean) {
  const right = rightAnswer(own.verifyTokens['wa-61'] ?? '', WEBHOOK_APP.secret);
  return receiver((asked, response) => {
    if (!change(asked, response)) right(asked, response);
  });
}

const isHandshake = ({ method }: Delivered) => method === 'GET';

describe('webhooks test', () => {
  test('finds no problem in a correct receiver', async () => {
    const own = await desk();
    const hook = await rightSaveFor(own, () => false);
    const { code, stderr, result } = await testing(own, 'wa-61', hook.url);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const check = (name: string, http_status: number) => ({
      name,
      result: 'ok',
      http_status,
      milliseconds: expect.any(Number),
    });
    expect(result).toEqual({
      account_id: expect.any(String),
      channel: 'whatsapp',
      account_key: 'wa-61',
      url: hook.url,
      healthy: true,
      checks: [
        check('handshake', 200),
        check('wrong_token', 403),
        check('delivery', 200),
        check('wrong_signature', 401),
      ],
      problems: [],
    });
    expect(own.meta.requests).toEqual([]);
  });

  test('shows every request with --debug, without the verify token', async () => {
    const own = await desk();
    const hook = await rightSaveFor(own, () => false);
    const { stderr } = await own.cli('webhooks', 'test', 'wa-61', '--url', hook.url, '--debug');
    expect(stderr.match(/^> (GET|POST) /gm)).toHaveLength(4);
    expect(stderr.match(/^< (200|401|403) /gm)).toHaveLength(4);
    expect(stderr).toContain('whatsapp_business_account');
    expect(stderr).not.toContain(own.verifyTokens['wa-61']);
  });

  test('skips the invalid requests if the receiver rejects everything', async () => {
    const own = await desk();
    const hook = await receiver((_asked, response) => void response.writeHead(404).end());
    const { code, result } = await testing(own, 'wa-61', hook.url);
    expect(code).toBe(6);
    expect(result.checks.map(({ result: verdict }: { result: string }) => verdict)).toEqual([
      'error',
      'skipped',
      'error',
      'skipped',
    ]);
  });

  test.each([
    ['wa-61', 'whatsapp_business_account', '51', WEBHOOK_APP.secret],
    ['fb-81', 'page', '81', WEBHOOK_APP.secret],
    ['ig-71', 'instagram', '71', INSTAGRAM_APP.secret],
  ])(
    'sends %s a sample of its channel, signed with the app secret',
    async (account, object, id, secret) => {
      const own = await desk();
      const hook = await receiver(rightAnswer(own.verifyTokens[account] ?? '', secret));
      const { code } = await testing(own, account, hook.url);
      expect(code).toBe(0);
      const [delivery, forgery] = hook.received.filter(({ method }) => method === 'POST');
      expect(delivery?.headers).toMatchObject({
        'content-type': 'application/json',
        'x-hub-signature-256': signed(delivery?.body ?? '', secret),
        'user-agent': expect.stringMatching(/^channelctl\/\d/),
      });
      expect(forgery?.headers['x-hub-signature-256']).not.toBe(signed(forgery?.body ?? '', secret));
      const body = JSON.parse(delivery?.body ?? '');
      expect(body).toMatchObject({ object, entry: [{ id }] });
      expect(delivery?.body).toContain('channelctl');
    },
  );

  test('sends the escapes that Meta uses, and signs the escaped bytes', async () => {
    const own = await desk();
    const hook = await rightSaveFor(own, () => false);
    expect((await testing(own, 'wa-61', hook.url)).code).toBe(0);
    const deliveries = hook.received.filter(({ method }) => method === 'POST');
    expect(deliveries).toHaveLength(2);
    for (const { body } of deliveries) {
      expect(body).toMatch(/^[ -~]+$/);
      for (const written of ['\\u00e9', '\\ud83d\\ude00', '\\/', '\\u003C', '\\u0025', '\\u0040']) {
        expect(body).toContain(written);
      }
      const { text } = JSON.parse(body).entry[0].changes[0].value.messages[0];
      expect(text.body).toContain('é 世 😀 / < % @');
    }
  });

  test('preserves the query of the URL', async () => {
    const own = await desk();
    const hook = await rightSaveFor(own, () => false);
    const { code } = await testing(own, 'wa-61', `${hook.url}?tenant=7`);
    expect(code).toBe(0);
    expect(hook.received.every(({ url }) => url.searchParams.get('tenant') === '7')).toBe(true);
  });

  test('warns about a receiver that accepts wrong signatures and wrong verify tokens', async () => {
    const own = await desk();
    const hook = await receiver(({ url }, response) =>
      response.writeHead(200).end(url.searchParams.get('hub.challenge') ?? ''),
    );
    const { code, result } = await testing(own, 'wa-61', hook.url);
    expect(code).toBe(0);
    expect(result.healthy).toBe(true);
    expect(result.problems).toMatchObject([
      { part: 'wrong_token', kind: 'verify_token', severity: 'warning' },
      { part: 'wrong_signature', kind: 'signature', severity: 'warning' },
    ]);
  });
});

/** The errors of a receiver: a name, the part and kind of the reported problem, and a `change`. */
const FAULTS: [string, string, string, (asked: Delivered, response: ServerResponse) => boolean][] =
  [
    [
      'a handshake with a wrong status',
      'handshake',
      'status',
      (asked, response) => isHandshake(asked) && Boolean(response.writeHead(500).end()),
    ],
    [
      'a handshake that does not return the challenge',
      'handshake',
      'body',
      (asked, response) =>
        isHandshake(asked) &&
        asked.url.searchParams.get('hub.verify_token') !== null &&
        Boolean(response.writeHead(200).end('"ok"')),
    ],
    [
      'a byte order mark before the challenge',
      'handshake',
      'body',
      (asked, response) =>
        isHandshake(asked) &&
        Boolean(
          response.writeHead(200).end(`\ufeff${asked.url.searchParams.get('hub.challenge')}`),
        ),
    ],
    [
      'a receiver that verifies the signature of JSON it has written again',
      'delivery',
      'encoding',
      (asked, response) => {
        if (isHandshake(asked)) return false;
        const again = JSON.stringify(JSON.parse(asked.body));
        const isSigned = asked.headers['x-hub-signature-256'] === signed(again, WEBHOOK_APP.secret);
        return Boolean(response.writeHead(isSigned ? 200 : 401).end());
      },
    ],
    [
      'a receiver that accepts only ASCII text',
      'delivery',
      'encoding',
      (asked, response) => {
        if (isHandshake(asked)) return false;
        const { text } = JSON.parse(asked.body).entry[0].changes[0].value.messages[0];
        if (/^[ -~]*$/.test(text.body)) return false;
        return Boolean(response.writeHead(500).end());
      },
    ],
    [
      'a redirect',
      'handshake',
      'redirect',
      (_asked, response) =>
        Boolean(response.writeHead(301, { Location: 'https://desk.example.com/new' }).end()),
    ],
    [
      'a rejected signed delivery',
      'delivery',
      'status',
      (asked, response) => !isHandshake(asked) && Boolean(response.writeHead(401).end()),
    ],
    [
      'a closed connection',
      'handshake',
      'connection',
      (_asked, response) => Boolean(response.destroy()),
    ],
  ];

describe('webhooks test exits with 6 and reports', () => {
  test.each(FAULTS)('%s', async (_name, part, kind, change) => {
    const own = await desk();
    const hook = await rightSaveFor(own, change);
    const { code, result } = await testing(own, 'wa-61', hook.url);
    expect(code).toBe(6);
    expect(result.healthy).toBe(false);
    expect(result.problems).toMatchObject([{ part, kind, severity: 'error' }]);
  });

  test('a byte order mark by name', async () => {
    const own = await desk();
    const hook = await rightSaveFor(
      own,
      (asked, response) =>
        isHandshake(asked) &&
        Boolean(
          response.writeHead(200).end(`\ufeff${asked.url.searchParams.get('hub.challenge')}`),
        ),
    );
    const { result } = await testing(own, 'wa-61', hook.url);
    expect(result.problems[0].message).toContain('byte order mark');
  });

  test('a redirect without following it, and skips the rest', async () => {
    const own = await desk();
    const hook = await receiver((_asked, response) =>
      response.writeHead(302, { Location: '/elsewhere?secret=1' }).end(),
    );
    const { result } = await testing(own, 'wa-61', hook.url);
    expect(hook.received).toHaveLength(1);
    expect(result.checks.map(({ result: one }: { result: string }) => one)).toEqual([
      ...['error', 'skipped', 'skipped', 'skipped'],
    ]);
    expect(result.problems[0].message).not.toContain('secret=1');
  });

  test('an unknown host', async () => {
    const own = await desk();
    const { code, result } = await testing(own, 'wa-61', 'https://desk.invalid/webhook');
    expect(code).toBe(6);
    expect(result.problems).toMatchObject([{ part: 'handshake', kind: 'dns' }]);
  });

  test('a closed port', async () => {
    const own = await desk();
    const { result } = await testing(own, 'wa-61', 'http://127.0.0.1:9/webhook');
    expect(result.problems).toMatchObject([{ part: 'handshake', kind: 'connection' }]);
  });

  test('a receiver without TLS', async () => {
    const own = await desk();
    const hook = await rightSaveFor(own, () => false);
    const { result } = await testing(own, 'wa-61', hook.url.replace('http:', 'https:'));
    expect(result.problems).toMatchObject([{ part: 'handshake', kind: 'tls' }]);
  });
});

test('webhooks test prints one line per check and no secret', async () => {
  const own = await desk();
  const hook = await receiver((_asked, response) => response.writeHead(200).end('no'));
  const args = ['webhooks', 'test', 'wa-61', '--url', hook.url];
  const { stdout, stderr } = await own.cli(...args);
  expect(stdout).toMatch(/^ {2}✗ handshake \(HTTP 200, \d+ ms\)$/m);
  expect(stdout).toMatch(/^ {2}error {4}The handshake did not return the challenge/m);
  expect(stdout + stderr).not.toContain(WEBHOOK_APP.secret);
});

test('webhooks test shows a response without the verify token that it repeats', async () => {
  const own = await desk();
  const hook = await receiver(({ url }, response) => {
    const token = url.searchParams.get('hub.verify_token') ?? '';
    response.writeHead(200).end(`Hello ${token.slice(0, 20).toUpperCase()}!`);
  });
  const { result } = await testing(own, 'wa-61', hook.url);
  expect(result.problems[0].message).toBe(
    'The handshake did not return the challenge: the body begins with "Hello [redacted]!".',
  );
});

test('webhooks test shows a redirect without the verify token in its path', async () => {
  const own = await desk();
  const hook = await receiver(({ url }, response) => {
    const token = url.searchParams.get('hub.verify_token') ?? '';
    response.writeHead(302, { location: `https://x.example/${token}?${token}` }).end();
  });
  const { result } = await testing(own, 'wa-61', hook.url);
  expect(result.problems[0].message).toContain('redirects to https://x.example/[redacted] (');
});

test('webhooks test uses the webhook_url of the account without --url', async () => {
  const own = await desk({ extra: { CHANNELCTL_WEBHOOK_BASE_URL: 'http://127.0.0.1:9/base' } });
  const { stdout, code } = await own.cli('webhooks', 'test', 'fb-81', '--json');
  expect(code).toBe(6);
  expect(JSON.parse(stdout).url).toBe('http://127.0.0.1:9/base/messenger/fb-81');
});
