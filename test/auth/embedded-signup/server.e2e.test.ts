import { request } from 'node:https';
import { describe, expect, test } from 'vitest';
import { browserNote, hasChromium, openPage } from '../../support/browser.ts';
import { accepts, isWaiting, send } from '../oauth/support.ts';
import {
  errorOf,
  exchanged,
  messageOf,
  NUMBER,
  openFacebook,
  postResult,
  settingsIn,
  signupCode,
  startSignup,
  WABA,
} from './support.ts';

const OTHER = '1045390276615529';

describe('the page', () => {
  test('has its URL printed on its own line, and the browser warning explained', async () => {
    const { said, address } = await startSignup();
    expect(said().split('\n')).toContain(address);
    expect(said()).toMatch(/certificate for https:\/\/localhost:\d+/);
    expect(said()).toMatch(/fingerprint .*([0-9A-F]{2}:){31}[0-9A-F]{2}/);
  });

  test('can access Facebook, but cannot be framed or cached', async () => {
    const { address, on } = await startSignup();
    const { status, headers, body } = await send(address);
    const { origin } = new URL(on.urls.facebook_sdk_url);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
    });
    const policy = String(headers['content-security-policy']).split('; ');
    const nonce = /<script type="module" nonce="([\w-]{43})">/.exec(body)?.[1];
    expect(policy).toEqual([
      "default-src 'none'",
      `script-src 'nonce-${nonce}' ${origin}`,
      expect.stringMatching(/^style-src 'sha256-[\w+/=]+'$/),
      `connect-src 'self' ${origin}`,
      `frame-src ${origin}`,
      `img-src data: ${origin}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    const again = await send(address);
    expect(again.body).not.toContain(nonce);
  });

  test("uses Meta's servers and accepts their messages by default", async () => {
    const { address } = await startSignup({
      env: { CHANNELCTL_FACEBOOK_SDK_URL: '', CHANNELCTL_FACEBOOK_URL: '' },
    });
    const policy = String((await send(address)).headers['content-security-policy']);
    expect(policy).toMatch(/script-src 'nonce-[\w-]+' https:\/\/\*\.facebook\.net;/);
    expect(policy).toContain("connect-src 'self' https://*.facebook.com;");
    expect(await settingsIn(address)).toMatchObject({
      sdkUrl: 'https://connect.facebook.net/en_US/sdk.js',
      origin: null,
      login: {
        extras: { setup: {}, featureType: '', sessionInfoVersion: '3', version: 'v4' },
      },
    });
  });

  test('removes a query from the address bar', async () => {
    const { address } = await startSignup();
    const { status, headers } = await send(`${address}?fbclid=s`);
    expect({ status, location: headers.location }).toEqual({ status: 303, location: '/callback' });
  });
});

describe('a request from an older tab is explained, and the sign-up continues:', () => {
  const OLDER = 'result from an older tab; it was ignored';

  test('the callback of a sign-in', async () => {
    const signup = await startSignup();
    const { status, headers } = await send(`${signup.address}?code=AQB-code&state=s`);
    expect(status).toBe(303);
    const page = await send(new URL(String(headers.location), signup.address).href);
    expect(page.status).toBe(400);
    expect(page.body).toContain('<h1>This tab belongs to another sign-in</h1>');
    await expect.poll(signup.said).toContain(OLDER);
    expect(await isWaiting(signup.ended)).toBe(true);
  });

  test('plain HTTP, in the browser and in the terminal', async () => {
    const signup = await startSignup();
    const page = await send(signup.address.replace('https:', 'http:'));
    expect(page.body).toContain('<h1>This address requires https</h1>');
    expect(page.headers['content-type']).toContain('text/html');
    await expect.poll(signup.said).toContain('change http:// to https://');
    expect(await isWaiting(signup.ended)).toBe(true);
  });

  test.skipIf(!hasChromium)(
    `the page of an earlier sign-up, which can be loaded again${browserNote}`,
    async () => {
      const page = await openPage({ ignoreHTTPSErrors: true });
      const first = await startSignup();
      const window = await openFacebook(page, first.address);
      first.child.kill('SIGINT');
      await first.ended;
      const second = await startSignup({ at: first });
      await window.selectOption('select', NUMBER);
      await window.click('text=Finish');
      await page.waitForSelector('[data-state=stale]');
      expect(await page.textContent('h1')).toBe('This page belongs to an earlier sign-up');
      await expect.poll(second.said).toContain(OLDER);
      expect(await isWaiting(second.ended)).toBe(true);
      await page.click('text=Try again');
      await page.waitForSelector('#go:enabled');
      const again = page.waitForEvent('popup');
      await page.click('#go');
      const popup = await again;
      await popup.selectOption('select', NUMBER);
      await popup.click('text=Finish');
      expect((await second.ended).code).toBe(0);
    },
  );
});

describe('an invalid result is rejected and changes nothing', () => {
  test('checks the CSRF token, origin, host, content type, body and path', async () => {
    const signup = await startSignup();
    const { origin } = new URL(signup.address);
    const refused = async (
      status: number,
      body: Record<string, unknown>,
      headers: Record<string, string> = {},
    ) => {
      const answer = await postResult(signup, body, headers);
      expect(answer.status, JSON.stringify({ body, headers })).toBe(status);
      expect(Object.keys(answer.headers).join()).not.toContain('access-control');
      expect(answer.headers['content-type']).toContain('text/plain');
    };
    await refused(403, { csrfToken: 'wrong' });
    await refused(403, { csrfToken: '' });
    await refused(400, { csrfToken: 7 });
    await refused(400, {}, { Origin: 'https://evil.example' });
    await refused(400, {}, { Origin: 'null' });
    await refused(400, {}, { Origin: origin.replace('https:', 'http:') });
    await refused(400, {}, { Host: 'evil.example' });
    await refused(415, {}, { 'Content-Type': 'text/plain' });
    await refused(400, { code: 7 });
    await refused(400, { code: '' });
    await refused(400, { code: 'two words' });
    await refused(400, { message: '{}' });
    await refused(400, { message: 'nonsense' });
    await refused(413, { message: 'x'.repeat(17_000) });
    for (const [status, path, method] of [
      [404, '/favicon.ico', 'GET'],
      [404, '/callback/', 'GET'],
      [405, '/callback', 'POST'],
      [405, '/callback/result', 'GET'],
      [405, '/callback/result', 'OPTIONS'],
    ] as const) {
      expect((await send(origin + path, { method })).status, `${method} ${path}`).toBe(status);
    }
    expect((await send(`${origin}/callback/result`, { method: 'POST', body: '{}' })).status).toBe(
      400,
    );
    expect(await isWaiting(signup.ended)).toBe(true);
    expect(exchanged(signup.on)).toEqual([]);

    const code = await signupCode(signup.on);
    expect((await postResult(signup, { code })).status).toBe(200);
    expect((await signup.ended).code).toBe(0);
  });

  test('aborts an endless body', async () => {
    const signup = await startSignup();
    const { origin } = new URL(signup.address);
    const body = 'x'.repeat(3_000_000);
    const headers = { Origin: origin, 'Content-Type': 'application/json' };
    await expect(
      send(`${origin}/callback/result`, { method: 'POST', headers, body }),
    ).rejects.toThrow();
    expect(await isWaiting(signup.ended)).toBe(true);
  });
});

describe('the posted result', () => {
  test('is accepted once, with a response after the account is connected', async () => {
    const signup = await startSignup();
    const { on, address } = signup;
    const { csrfToken, resultPath } = await settingsIn(address);
    const { origin } = new URL(address);
    const code = await signupCode(on);
    on.inject({ operation: 'exchangeSignupCode', delay_ms: 300 });
    const post = (given: string) =>
      send(origin + resultPath, {
        method: 'POST',
        headers: { Origin: origin, 'Content-Type': 'application/json' },
        body: JSON.stringify({ csrfToken, code: given, message: messageOf('FINISH') }),
      });
    const first = post(code);
    await expect.poll(() => exchanged(on)).toEqual([code]);
    expect((await post('AQB-other')).status).toBe(410);
    expect((await send(address)).status).toBe(410);
    expect(JSON.parse((await first).body)).toMatchObject({ tone: 'good' });
    expect((await signup.ended).code).toBe(0);
    expect(exchanged(on)).toEqual([code]);
    expect(await accepts('127.0.0.1', signup.port)).toBe(false);
  });

  test('is processed even if the browser disconnects', async () => {
    const { on, address, port, ended } = await startSignup();
    const { csrfToken, resultPath } = await settingsIn(address);
    const code = await signupCode(on);
    on.inject({ operation: 'exchangeSignupCode', delay_ms: 300 });
    const { origin } = new URL(address);
    const posted = request(origin + resultPath, {
      method: 'POST',
      headers: { Origin: origin, 'Content-Type': 'application/json' },
      rejectUnauthorized: false,
    }).on('error', () => {});
    posted.end(JSON.stringify({ csrfToken, code, message: messageOf('FINISH') }));
    await expect.poll(() => exchanged(on)).toEqual([code]);
    posted.destroy();
    expect((await ended).code).toBe(0);
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test("is a failure if a CANCEL message contains Meta's error", async () => {
    const { address, ended } = await startSignup();
    const data = { error_message: 'No\nluck\u001b[31m', error_id: 524126, session_id: 'f00' };
    await postResult({ address }, { code: null, message: messageOf('CANCEL', data) });
    const run = await ended;
    expect(run.code).toBe(5);
    expect(errorOf(run).message).toBe(
      'WhatsApp sign-up failed. Meta reported: No luck[31m (error_id 524126, session_id f00).',
    );
  });

  test('shows no reason and no IDs if Meta sends none', async () => {
    const { address, ended } = await startSignup();
    await postResult({ address }, { code: null, message: messageOf('ERROR', {}) });
    const { message, hint, graph } = errorOf(await ended);
    expect(message).toBe('WhatsApp sign-up failed. Meta gave no reason.');
    expect(graph).toBeNull();
    expect(hint).not.toContain('IDs');
  });

  test('preserves every digit of IDs that are sent as numbers', async () => {
    const { on, address, ended } = await startSignup();
    const code = await signupCode(on);
    const data = `{"waba_id":${WABA},"phone_number_id":98765432109876543210}`;
    const message = `{"type":"WA_EMBEDDED_SIGNUP","event":"FINISH","data":${data}}`;
    await postResult({ address }, { code, message });
    const run = await ended;
    expect(run.code).toBe(5);
    expect(errorOf(run).message).toContain('wa-98765432109876543210');
  });

  test('shows no secret on stderr, even with --debug', async () => {
    const { on, address, ended } = await startSignup({ args: ['--debug'] });
    const code = await signupCode(on);
    const { csrfToken } = await settingsIn(address);
    await postResult({ address }, { code });
    const { code: exit, stderr } = await ended;
    expect(exit).toBe(0);
    expect(stderr).toContain('/oauth/access_token');
    for (const secret of [code, csrfToken]) expect(stderr).not.toContain(secret);
  });
});

describe('a WABA with several numbers, if none was chosen on Facebook', () => {
  const message = messageOf('FINISH_ONLY_WABA', { waba_id: WABA });

  test('is a usage error that lists them if there is no terminal', async () => {
    const { on, address, ended, json } = await startSignup();
    const answer = await postResult({ address }, { code: await signupCode(on), message });
    expect(JSON.parse(answer.body)).toMatchObject({ tone: 'bad', quote: expect.any(String) });
    const run = await ended;
    expect(run.code).toBe(2);
    expect(errorOf(run).message).toMatch(new RegExp(`${OTHER}.*${NUMBER}`));
    expect(errorOf(run).hint).toContain('--phone-number-id');
    expect(await json('accounts', 'list')).toEqual([]);
  });

  test.each([
    ['without a terminal', null, 2],
    ['if Meta does not list them', 'listPhoneNumbers', 5],
  ])('stores the token, to continue without another signup: %s', async (_what, operation, exit) => {
    const { on, address, ended, json, failure, state } = await startSignup({
      args: ['--no-register'],
    });
    if (operation !== null) on.inject({ operation, code: 100 });
    await postResult({ address }, { code: await signupCode(on), message });
    const run = await ended;
    expect(run.code).toBe(exit);
    const line = /channelctl (whatsapp signup .*)$/.exec(errorOf(run).hint)?.[1] ?? '';
    expect(line).toBe(`whatsapp signup --waba-id ${WABA} --phone-number-id <id> --no-register`);
    const args = line.replace('<id>', OTHER).split(' ');
    expect(await json(...args)).toMatchObject({ success: true, phone_number_id: OTHER });
    const { config } = await json('accounts', 'get', `wa-${OTHER}`, '--reveal');
    const subscribed = on.requests.find((one) => one.operation === 'subscribeWaba');
    expect(subscribed?.headers.authorization).toBe(`Bearer ${config.access_token}`);
    expect(exchanged(on)).toHaveLength(1);
    expect(JSON.parse((await state()) ?? '')).not.toHaveProperty('pending');
    expect((await failure(...args)).error.message).toContain('Missing: --code');
  });

  test('--phone-number-id chooses one of them', async () => {
    const { on, address, ended } = await startSignup({ args: ['--phone-number-id', OTHER] });
    await postResult({ address }, { code: await signupCode(on), message });
    const run = await ended;
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ phone_number_id: OTHER });
  });

  test('--phone-number-id must be one of them', async () => {
    const { on, address, ended } = await startSignup({ args: ['--phone-number-id', '77'] });
    await postResult({ address }, { code: await signupCode(on), message });
    const run = await ended;
    expect(run.code).toBe(2);
    expect(errorOf(run).message).toContain('Number 77 does not belong to');
  });

  test('a number chosen on Facebook overrides the option, with a warning', async () => {
    const { on, address, ended } = await startSignup({ args: ['--phone-number-id', OTHER] });
    await postResult({ address }, { code: await signupCode(on) });
    const run = await ended;
    expect(JSON.parse(run.stdout)).toMatchObject({ phone_number_id: NUMBER });
    expect(run.stderr).toContain(`{"warning":{"message":"Ignored --phone-number-id ${OTHER}`);
  });
});

describe('the IDs in the message', () => {
  test.each([
    ['a list with one WABA', { waba_ids: [WABA], phone_number_id: NUMBER }],
    ['a list with several WABAs', { waba_ids: ['1', WABA], phone_number_id: NUMBER }],
    ['no WABA', { phone_number_id: NUMBER }],
  ])('may be %s', async (_what, data) => {
    const { on, address, ended } = await startSignup();
    const message = messageOf('FINISH', data);
    await postResult({ address }, { code: await signupCode(on), message });
    const run = await ended;
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ waba_id: WABA, phone_number_id: NUMBER });
  });

  const seed = `whatsapp:
  signup_grants_all: true
  wabas:
    - { id: "6000", business_id: "9001", numbers: [{ id: "2001" }] }
    - { id: "${WABA}", business_id: "9001", numbers: [{ id: "${NUMBER}", pin: null, registered: false }] }`;

  test('may be lost: the newest WABA is chosen, with a warning, and its only number', async () => {
    const { on, address, ended } = await startSignup({ seed });
    await postResult({ address }, { code: await signupCode(on), message: null });
    const run = await ended;
    expect(JSON.parse(run.stdout)).toMatchObject({ waba_id: WABA, phone_number_id: NUMBER });
    expect(run.stderr).toContain(`{"warning":{"message":"Facebook did not name the WABA`);
  });

  test.each([
    ['with a number', NUMBER],
    ['without a number', undefined],
  ])('may contain a business portfolio instead of a WABA: %s', async (_, phone_number_id) => {
    const { on, address, ended } = await startSignup({ seed });
    const message = messageOf('FINISH', { waba_id: '9001', phone_number_id });
    await postResult({ address }, { code: await signupCode(on), message });
    const run = await ended;
    if (phone_number_id === undefined) {
      expect(JSON.parse(run.stdout)).toMatchObject({ waba_id: WABA, phone_number_id: NUMBER });
    } else {
      expect(errorOf(run).hint).toContain(`whatsapp/wa-${NUMBER} --config waba_id=${WABA}`);
    }
  });

  test('store the token if the WABA cannot be found, to continue without another signup', async () => {
    const { on, address, ended, json } = await startSignup();
    on.inject({ operation: 'debugToken', code: 100 });
    const message = messageOf('FINISH', { phone_number_id: NUMBER });
    await postResult({ address }, { code: await signupCode(on), message });
    const run = await ended;
    expect(run.code).toBe(5);
    const line = /channelctl (whatsapp signup .*)$/.exec(errorOf(run).hint)?.[1] ?? '';
    expect(line).toBe(`whatsapp signup --waba-id <id> --phone-number-id ${NUMBER}`);
    expect(await json(...line.replace('<id>', WABA).split(' '))).toMatchObject({ success: true });
    expect(exchanged(on)).toHaveLength(1);
  });

  test.each([
    ['FINISH', { waba_id: WABA, phone_number_id: NUMBER, is_wa_login_user: true }],
    ['FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', { waba_id: WABA, phone_number_id: NUMBER }],
  ])('of a number that stays in the WhatsApp Business app: %s', async (event, data) => {
    const { on, address, ended, json } = await startSignup();
    const message = messageOf(event, data);
    await postResult({ address }, { code: await signupCode(on), message });
    expect((await ended).code).toBe(0);
    const { config } = await json('accounts', 'get', `wa-${NUMBER}`);
    expect(config.is_on_biz_app).toBe(true);
    expect(on.requests.map(({ operation }) => operation)).not.toContain('registerPhoneNumber');
  });
});
