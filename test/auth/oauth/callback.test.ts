import { connect } from 'node:net';
import { connect as secureConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { accepts, isWaiting, send, startSignIn } from './support.ts';

/** Sends one request exactly as written, because HTTP clients normalize paths. */
async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(text);
  let response = '';
  for await (const chunk of socket) response += chunk;
  return response;
}

test('TLS to a plain listener is explained in the terminal, once', async () => {
  const { answer, redirectUri, state, said } = await startSignIn({ scheme: 'http' });
  const secure = `${redirectUri.replace('http:', 'https:')}?code=AQB-code&state=${state}`;
  for (const _ of [1, 2]) await expect(send(secure)).rejects.toThrow();
  const reports = said.filter((line) => line.includes('change https:// to http://'));
  expect(reports).toEqual([expect.stringContaining(new URL(redirectUri).host)]);
  expect(await isWaiting(answer)).toBe(true);
  await send(`${redirectUri}?code=AQB-code&state=${state}`);
  expect((await answer).code).toBe('AQB-code');
});

test('plain HTTP to a TLS listener is explained in the browser and in the terminal', async () => {
  const { answer, redirectUri, state, said } = await startSignIn({ scheme: 'https' });
  const plain = await send(redirectUri.replace('https:', 'http:'));
  expect(plain.status).toBe(400);
  expect(plain.body).toContain('change http:// to https://');
  expect(said.at(-1)).toContain('change http:// to https://');
  await send(`${redirectUri}?code=AQB-code&state=${state}`);
  expect((await answer).code).toBe('AQB-code');
});

test('the callback of an older tab is explained in the browser and, once, in the terminal', async () => {
  const { answer, redirectUri, state, said } = await startSignIn();
  for (const _ of [1, 2]) {
    const page = await send(`${redirectUri}?code=AQB-old-code&state=of-an-older-tab`);
    expect(page.status).toBe(400);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.body).toContain('<h1>This tab belongs to another sign-in</h1>');
    expect(page.body).toContain('continue in the newest one');
    expect(page.body).not.toContain('AQB-old-code');
  }
  expect(said.filter((line) => line.includes('an older tab'))).toEqual([
    expect.stringContaining('open the URL above again'),
  ]);
  expect(await isWaiting(answer)).toBe(true);
  await send(`${redirectUri}?code=AQB-code&state=${state}`);
  expect((await answer).code).toBe('AQB-code');
});

test('an incomplete callback is explained in the browser only', async () => {
  const { redirectUri, state, said } = await startSignIn();
  const lines = said.length;
  const page = await send(`${redirectUri}?state=${state}`);
  expect(page.body).toContain('It contains neither a code nor an error.');
  expect(page.body).toContain('still waiting');
  expect(said).toHaveLength(lines);
});

describe.each(['http', 'https'] as const)('a callback over %s', (scheme) => {
  test('returns the code, and redirects the browser to a page without it', async () => {
    const { answer, redirectUri, state } = await startSignIn({ scheme });
    const callback = await send(`${redirectUri}?code=AQB-code&state=${state}`);
    expect(callback.status).toBe(303);
    expect(callback.headers.location).toMatch(/^\/callback\/done\/[\w-]{22}$/);
    expect(callback.headers['referrer-policy']).toBe('no-referrer');
    const { code, resultPageSent } = await answer;
    expect(code).toBe('AQB-code');

    const page = await send(new URL(String(callback.headers.location), redirectUri).href);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<title>Signed in to Facebook · channelctl</title>');
    expect(page.body).toContain('Return to the terminal');
    expect(page.body).not.toContain('AQB-code');
    expect(page.body).not.toContain(state);
    expect(page.body).not.toMatch(/<script|https?:/);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringMatching(/default-src 'none'; style-src 'sha256-/),
    });
    await resultPageSent;
  });

  test('survives clients that send garbage, stall or disconnect', async () => {
    const { answer, port, redirectUri, state } = await startSignIn({ scheme });
    for (const nonsense of ['\x16\x03\x01garbage\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '']) {
      const socket = connect({ host: '127.0.0.1', port }).on('error', () => {});
      await new Promise<void>((resolve) => socket.write(`${nonsense} `, () => resolve()));
      socket.resetAndDestroy();
    }
    const stalled = connect({ host: '127.0.0.1', port })
      .on('error', () => {})
      .resume();
    stalled.write('GET /callback?code=');
    const untrusting = secureConnect({ host: '127.0.0.1', port }).on('error', () => {});
    await new Promise((resolve) => untrusting.once('close', resolve));
    expect(await isWaiting(answer)).toBe(true);

    await send(`${redirectUri}?code=AQB-code&state=${state}`);
    const { code, resultPageSent } = await answer;
    await resultPageSent;
    expect(code).toBe('AQB-code');
    await new Promise((resolve) =>
      stalled.closed ? resolve(null) : stalled.once('close', resolve),
    );
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });
});

describe('an invalid callback is rejected and changes nothing', () => {
  test.each<[string, string, number, { method?: string; headers?: Record<string, string> }]>([
    ['a favicon', '/favicon.ico', 404, {}],
    ['the root', '/', 404, {}],
    ['a path below', '/callback/?code=c&state=STATE', 404, {}],
    ['a guessed result page', '/callback/done/1', 404, {}],
    ['no parameters', '/callback', 400, {}],
    ['no state', '/callback?code=c', 400, {}],
    ['an empty state', '/callback?code=c&state=', 400, {}],
    ['a wrong state', '/callback?code=c&state=wrong', 400, {}],
    ['an error with a wrong state', '/callback?error=access_denied&state=wrong', 400, {}],
    ['only the state', '/callback?state=STATE', 400, {}],
    ['an empty code', '/callback?code=&state=STATE', 400, {}],
    ['two codes', '/callback?code=c&code=d&state=STATE', 400, {}],
    ['two states', '/callback?code=c&state=wrong&state=STATE', 400, {}],
    ['HEAD', '/callback?code=c&state=STATE', 405, { method: 'HEAD' }],
    ['POST', '/callback?code=c&state=STATE', 405, { method: 'POST' }],
    ['OPTIONS', '/callback?code=c&state=STATE', 405, { method: 'OPTIONS' }],
    ['a foreign Host', '/callback?code=c&state=STATE', 400, { headers: { Host: 'evil.example' } }],
    ['another port', '/callback?code=c&state=STATE', 400, { headers: { Host: 'localhost:1' } }],
    [
      "another site's script",
      '/callback?code=c&state=STATE',
      400,
      { headers: { Origin: 'https://evil.example' } },
    ],
  ])('%s', async (_what, target, status, options) => {
    const { answer, redirectUri, state } = await startSignIn();
    const path = target.replace('STATE', state);
    const response = await send(new URL(path, redirectUri).href, options);
    expect(response.status).toBe(status);
    expect(
      Object.keys(response.headers).filter((name) => name.startsWith('access-control')),
    ).toEqual([]);
    expect(await isWaiting(answer)).toBe(true);

    await send(`${redirectUri}?code=the-real-one&state=${state}`);
    expect((await answer).code).toBe('the-real-one');
  });

  test('a path that resolves to the callback path', async () => {
    const { answer, port, state } = await startSignIn();
    const target = `/x/../callback?code=c&state=${state}`;
    const response = await sendRaw(
      port,
      `GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`,
    );
    expect(response).toMatch(/^HTTP\/1.1 404 /);
    expect(await isWaiting(answer)).toBe(true);
  });

  test('returns 410 for a second callback', async () => {
    const { answer, redirectUri, state } = await startSignIn();
    const both = await Promise.all(
      ['one', 'two'].map((code) => send(`${redirectUri}?code=${code}&state=${state}`)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([303, 410]);
    const first = both[0]?.status === 303 ? 'one' : 'two';
    expect((await answer).code).toBe(first);
  });
});

describe('an error reported by the provider', () => {
  test('reports the missing tester role, which Instagram reports as denied access', async () => {
    const { answer, redirectUri, state } = await startSignIn({ provider: 'Instagram' });
    const failed = expect(answer).rejects.toMatchObject({
      kind: 'not_allowed',
      reason: expect.stringContaining('tester role'),
      hint: expect.stringContaining('Tester invites'),
    });
    const description = 'error_description=Insufficient+developer+role';
    await send(`${redirectUri}?error=access_denied&${description}&state=${state}`);
    await failed;
  });

  test('ends with not_allowed if access was denied, after showing it in the browser', async () => {
    const { answer, redirectUri, state } = await startSignIn();
    const callback = await send(
      `${redirectUri}?error=access_denied&error_code=200&error_reason=user_denied&state=${state}`,
    );
    const page = await send(new URL(String(callback.headers.location), redirectUri).href);
    expect(page.body).toContain('Facebook denied access');
    await expect(answer).rejects.toMatchObject({
      kind: 'not_allowed',
      message: 'Facebook denied access.',
    });
  });

  test("shows Meta's error description without control characters or markup", async () => {
    const { answer, redirectUri, state } = await startSignIn();
    const query = new URLSearchParams({
      error: 'server_error',
      error_code: '1349048',
      error_description: 'Can’t load\u001b[31m <b>URL</b>',
      state,
    });
    const callback = await send(`${redirectUri}?${query}`);
    const page = await send(new URL(String(callback.headers.location), redirectUri).href);
    expect(page.body).toContain('Can’t load[31m &lt;b&gt;URL&lt;/b&gt;');
    await expect(answer).rejects.toMatchObject({
      kind: 'graph',
      reason: 'Facebook reported: Can’t load[31m <b>URL</b>',
      graph: { code: 1349048, type: 'server_error', message: 'Can’t load[31m <b>URL</b>' },
    });
  });

  test("reports an error in the app's settings, which has no error parameter", async () => {
    const { answer, redirectUri, state } = await startSignIn();
    await send(`${redirectUri}?error_code=191&error_message=Domain+not+allowed&state=${state}`);
    await expect(answer).rejects.toMatchObject({
      kind: 'graph',
      reason: 'Facebook reported: Domain not allowed',
    });
  });
});
