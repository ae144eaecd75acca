import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { send } from '../auth/oauth/support.ts';
import { start } from '../support/cli.ts';
import { INSTAGRAM_APP, signed, WEBHOOK_APP, webhookDesks } from '../support/webhook-desk.ts';

const desk = webhookDesks();

type Desk = Awaited<ReturnType<typeof desk>>;

async function listening(own: Desk, ...args: string[]) {
  const child = start(['webhooks', 'listen', '--port', '0', ...args], own.env);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
      const found = /Listening on (http:\S+)/.exec(said.stderr)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on('close', () => reject(new Error(said.stderr)));
  });
  return {
    address,
    said,
    async lines(number: number): Promise<string[]> {
      await expect.poll(() => said.stdout.split('\n').length).toBeGreaterThan(number);
      return said.stdout.split('\n').slice(0, number);
    },
    interrupt() {
      child.kill('SIGINT');
      return ended;
    },
  };
}

function deliver(address: string, body: string, secret: string | null) {
  const headers = secret === null ? {} : { 'X-Hub-Signature-256': signed(body, secret) };
  return fetch(address, { method: 'POST', body, headers });
}

/** A delivery with the escapes that Meta uses. */
const ESCAPED_MESSAGE =
  '{"object":"page","entry":[{"id":"81","time":1,"messaging":[{"message":{"text":"H\\u00e9llo \\ud83d\\ude00 <\\/b> \\u003C\\u0025\\u0040"}}]}]}';

const MESSAGE = JSON.stringify({
  object: 'page',
  entry: [{ id: '81', time: 1, messaging: [{ message: { text: 'Hëllo' } }] }],
});

describe('webhooks listen', () => {
  test('responds to handshakes and deliveries, and prints one line of JSON for each', async () => {
    const own = await desk();
    const listener = await listening(own, '--json');
    const shake = (token = '') =>
      fetch(
        `${listener.address}/hook?hub.mode=subscribe&hub.challenge=1234&hub.verify_token=${token}`,
      );

    const right = await shake(own.verifyTokens['fb-81']);
    expect([right.status, await right.text()]).toEqual([200, '1234']);
    expect((await shake('0'.repeat(32))).status).toBe(403);
    expect((await fetch(`${listener.address}//?hub.mode=x`)).status).toBe(403);
    expect((await deliver(`${listener.address}/a/b`, MESSAGE, WEBHOOK_APP.secret)).status).toBe(
      200,
    );
    expect((await deliver(listener.address, MESSAGE, 'another secret')).status).toBe(401);
    expect((await deliver(listener.address, 'not JSON', null)).status).toBe(401);

    const lines = (await listener.lines(6)).map((line) => JSON.parse(line));
    expect(lines.splice(2, 1)).toMatchObject([{ path: '//', accepted: false }]);
    const handshake = {
      event: 'handshake',
      path: '/hook',
      object: null,
      signature: null,
      body: null,
      bytes: null,
    };
    const ours = { channel: 'messenger', account_key: 'fb-81' };
    const unknown = { channel: null, account_key: null };
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    const delivery = { event: 'delivery', bytes: Buffer.byteLength(MESSAGE) };
    const parsed = { object: 'page', body: JSON.parse(MESSAGE) };
    const text = { object: null, body: MESSAGE };
    expect(lines).toEqual([
      { time, ...handshake, ...ours, accepted: true },
      { time, ...handshake, ...unknown, accepted: false },
      { time, ...delivery, ...ours, ...parsed, path: '/a/b', signature: 'ok', accepted: true },
      { time, ...delivery, ...unknown, ...text, path: '/', signature: 'wrong', accepted: false },
      {
        ...{ time, event: 'delivery', ...unknown, path: '/', object: null },
        ...{ signature: 'missing', accepted: false, body: 'not JSON', bytes: 8 },
      },
    ]);
    expect(await listener.interrupt()).toBe(0);
    expect(listener.said.stderr).not.toContain(own.verifyTokens['fb-81']);
  });

  test('verifies the signature over the escapes that Meta uses, and prints the characters', async () => {
    const own = await desk();
    const listener = await listening(own, '--json', '--fields', 'signature,body');
    const { status } = await deliver(listener.address, ESCAPED_MESSAGE, WEBHOOK_APP.secret);
    expect(status).toBe(200);
    const [line = ''] = await listener.lines(1);
    const { signature, body } = JSON.parse(line);
    expect(signature).toBe('ok');
    expect(body.entry[0].messaging[0].message.text).toBe('Héllo 😀 </b> <%@');
    await listener.interrupt();
  });

  test('prints text without --json', async () => {
    const own = await desk();
    const listener = await listening(own);
    await deliver(listener.address, MESSAGE, WEBHOOK_APP.secret);
    const [head = '', next] = await listener.lines(2);
    expect(head).toMatch(/^✓ \S+Z {2}delivery {2}messenger\/fb-81 {2}\/ {2}signature ok$/);
    expect(next).toBe('  {');
    expect(await listener.interrupt()).toBe(0);
  });

  test('accepts only the verify token of the account given with --account', async () => {
    const own = await desk();
    const listener = await listening(
      own,
      '--account',
      'wa-61',
      '--fields',
      'accepted,account_key',
      '--json',
    );
    for (const account of ['fb-81', 'wa-61']) {
      const query = `hub.mode=subscribe&hub.challenge=1&hub.verify_token=${own.verifyTokens[account]}`;
      await fetch(`${listener.address}/?${query}`);
    }
    expect(await listener.lines(2)).toEqual([
      '{"accepted":false,"account_key":null}',
      '{"accepted":true,"account_key":"wa-61"}',
    ]);
    await listener.interrupt();
  });

  test('prints a body without an app secret that it contains', async () => {
    const own = await desk();
    const listener = await listening(own, '--json', '--fields', 'body');
    const text = `Your secret is ${WEBHOOK_APP.secret.toUpperCase()}`;
    const body = JSON.stringify({ object: 'page', entry: [{ id: '71', text }] });
    await deliver(listener.address, body, WEBHOOK_APP.secret);
    const [line = ''] = await listener.lines(1);
    expect(JSON.parse(line).body.entry[0].text).toBe('Your secret is [redacted]');
    await listener.interrupt();
  });

  test('passes webhooks test', async () => {
    const own = await desk();
    const listener = await listening(own, '--json');
    const result = await own.json('webhooks', 'test', 'ig-71', '--url', listener.address);
    expect(result.problems).toEqual([]);
    const deliveries = (await listener.lines(4)).map((line) => JSON.parse(line));
    expect(deliveries.map(({ account_key, accepted }) => [account_key, accepted])).toEqual([
      ['ig-71', true],
      [null, false],
      ['ig-71', true],
      [null, false],
    ]);
    await listener.interrupt();
  });

  test.each([[], ['--account', 'ig-71']])(
    'accepts a delivery of Instagram signed with either app secret %j',
    async (...args) => {
      const own = await desk();
      const listener = await listening(own, '--json', ...args);
      const body = JSON.stringify({ object: 'instagram', entry: [{ id: '71', messaging: [] }] });
      for (const { secret } of [INSTAGRAM_APP, WEBHOOK_APP]) {
        expect((await deliver(listener.address, body, secret)).status).toBe(200);
      }
      expect((await deliver(listener.address, body, 'another secret')).status).toBe(401);
      await listener.interrupt();
    },
  );

  test.each([[], ['--json']])(
    'survives a delivery that is nested too deeply %j',
    async (...flags) => {
      const own = await desk();
      const listener = await listening(own, ...flags);
      const deep = '['.repeat(6_000) + ']'.repeat(6_000);
      expect((await deliver(listener.address, deep, null)).status).toBe(401);
      await listener.lines(1);
      expect((await deliver(listener.address, MESSAGE, WEBHOOK_APP.secret)).status).toBe(200);
    },
  );

  test('rejects a body that is too large, and returns 404 to a browser', async () => {
    const own = await desk();
    const listener = await listening(own, '--json');
    expect((await fetch(listener.address)).status).toBe(404);
    const large = 'x'.repeat(5 * 1024 * 1024);
    expect((await deliver(listener.address, large, WEBHOOK_APP.secret)).status).toBe(413);
    await listener.interrupt();
    expect(listener.said.stdout).toBe('');
    expect(JSON.parse(listener.said.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      warning: { message: '1 webhook was not printed.' },
    });
  });

  test('prints an unsigned body of 128 KB at once, cut at 1 KB', async () => {
    const own = await desk();
    const listener = await listening(own);
    const quotes = '\\"'.repeat(64 * 1024);
    const started = performance.now();
    expect((await deliver(listener.address, quotes, null)).status).toBe(401);
    const lines = await listener.lines(3);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(lines[0]).toMatch(/ {2}unknown account {2}\/ {2}signature missing$/);
    expect(lines[1]).toBe(`  ${JSON.stringify(quotes.slice(0, 1024))}`);
    expect(lines[2]).toBe('  (131072 bytes)');
    expect(await listener.interrupt()).toBe(0);
  });

  test('ends if the reader closes the pipe while the output waits for it', async () => {
    const own = await desk();
    const child = start(['webhooks', 'listen', '--port', '0', '--json'], own.env);
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stderr.setEncoding('utf8');
    const [said] = await once(child.stderr, 'data');
    const [address = ''] = /http:\S+/.exec(said) ?? [];
    // More than a pipe holds.
    const long = JSON.stringify({ object: 'page', text: 'x'.repeat(1024 * 1024) });
    expect((await deliver(address, long, WEBHOOK_APP.secret)).status).toBe(200);
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  test('explains on stderr at once, and once, that a client used HTTPS', async () => {
    const own = await desk();
    const listener = await listening(own);
    for (const _ of [1, 2]) {
      await expect(send(listener.address.replace('http:', 'https:'))).rejects.toThrow();
    }
    const warning = 'A client used HTTPS, but webhooks listen accepts only plain HTTP.';
    await expect.poll(() => listener.said.stderr).toContain(warning);
    expect((await deliver(listener.address, MESSAGE, WEBHOOK_APP.secret)).status).toBe(200);
    expect(await listener.interrupt()).toBe(0);
    expect(listener.said.stderr.split(warning)).toHaveLength(2);
  });

  test('exits with 7 if the port is in use, and with 2 for formats that cannot be streamed', async () => {
    const own = await desk();
    const { port } = new URL(own.meta.urls.graph_url);
    const taken = await own.failure('webhooks', 'listen', '--port', port);
    expect(taken).toMatchObject({ code: 7, error: { kind: 'conflict' } });
    expect(taken.error.hint).toContain('--port');
    expect(await own.cli('webhooks', 'listen', '-o', 'yaml')).toMatchObject({
      code: 2,
      stdout: '',
    });
  });

  test('exits with 2 if no app secret is stored', async () => {
    const own = await desk({ extra: { CHANNELCTL_PROFILE: 'empty' } });
    await own.json('config', 'set', 'output', 'json');
    const { code, error } = await own.failure('webhooks', 'listen', '--port', '0');
    expect(code).toBe(2);
    expect(error.message).toContain('app_secret');
  });
});
