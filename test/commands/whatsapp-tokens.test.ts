import { describe, expect, test } from 'vitest';
import { get, stoppedClock } from '../sandbox/support.ts';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { run } from '../support/cli.ts';
import { APP_ID, APP_SECRET, WABA, type WhatsAppDesk, whatsappDesk } from '../support/whatsapp.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns an ISO 8601 time in whole seconds, as Meta counts them. */
function inDays(days: number): string {
  const time = Math.floor((Date.now() + days * DAY_MS) / 1000) * 1000;
  return new Date(time).toISOString();
}

async function signedUp(clock = stoppedClock(Date.now())) {
  const desk = await whatsappDesk({
    wabas: [{ ...WABA, subscribed_apps: [] }],
    whatsapp: { signup_tokens_expire: true },
    now: clock.now,
  });
  const ids = ['--waba-id', '5000', '--phone-number-id', '1003'];
  await desk.json('whatsapp', 'signup', '--code', await signupCode(desk.meta, '1003'), ...ids);
  return { ...desk, clock };
}

async function storedConfig({ json }: Pick<WhatsAppDesk, 'json'>, account = 'wa-1003') {
  return (await json('accounts', 'get', account, '--reveal')).config;
}

describe('a business token that expires', () => {
  test('is stored and listed with its expiry', async () => {
    const desk = await signedUp();
    const { token_expires_at } = await storedConfig(desk);
    expect(Date.parse(token_expires_at) - Date.now()).toBeGreaterThan(59 * DAY_MS);
    const [token] = await desk.json('tokens', 'list');
    expect(token).toMatchObject({ account_key: 'wa-1003', expires_at: token_expires_at });
  });

  test('is renewed by tokens refresh for another 60 days', async () => {
    const desk = await signedUp();
    const before = await storedConfig(desk);
    desk.clock.pass(50 * DAY_MS);
    const [result] = await desk.json('tokens', 'refresh', 'wa-1003');
    expect(result).toMatchObject({ refreshed: true, error: null, note: null });
    const after = await storedConfig(desk);
    expect(after.access_token).not.toBe(before.access_token);
    expect(after.token_expires_at).toBe(result.expires_at);
    const [request] = desk.calls('renewBusinessToken');
    expect(request?.query).toMatchObject({
      set_token_expires_in_60_days: 'true',
      client_id: APP_ID,
    });
    expect((await desk.json('whatsapp', 'health', 'wa-1003')).healthy).toBe(true);
  });

  test('stays stored if Meta refuses to renew it, as it does once it has expired', async () => {
    const desk = await signedUp();
    const before = await storedConfig(desk);
    desk.clock.pass(61 * DAY_MS);
    const { code, stdout } = await run(['tokens', 'refresh', 'wa-1003', '--json'], desk.env);
    expect(code).toBe(6);
    expect(JSON.parse(stdout)[0].error.hint).toContain(
      'channelctl accounts update whatsapp/wa-1003 --config access_token=@file',
    );
    expect(await storedConfig(desk)).toEqual(before);
  });

  test('loses its stored expiry if another token is stored', async () => {
    const desk = await signedUp();
    const args = ['accounts', 'update', 'wa-1003', '--config', 'access_token=env:TOKEN'];
    const { config } = await desk.json(...args);
    expect(config).not.toHaveProperty('token_expires_at');
  });
});

/**
 * Creates a desk with a number whose token was stored without its expiry, as by an earlier version.
 */
async function withoutExpiry(business_token_expires_at?: string) {
  const desk = await whatsappDesk({
    wabas: [{ ...WABA, subscribed_apps: [{ id: APP_ID }] }],
    whatsapp: business_token_expires_at === undefined ? {} : { business_token_expires_at },
  });
  await desk.json(
    ...['accounts', 'create', '--channel', 'whatsapp', '--config', 'phone_number_id=1002'],
    ...['--config', 'waba_id=5000', '--config', 'access_token=env:TOKEN'],
    ...['--no-register', '--no-subscribe'],
  );
  return desk;
}

describe('a business token with an unknown expiry', () => {
  test('is inspected, and left alone if it never expires', async () => {
    const desk = await withoutExpiry();
    const [result] = await desk.json('tokens', 'refresh', 'wa-1002');
    expect(result).toMatchObject({ refreshed: false, note: 'The token does not expire.' });
    expect(desk.calls('renewBusinessToken')).toEqual([]);
  });

  test('is left alone, but not called permanent, if Meta does not report the expiry', async () => {
    const desk = await withoutExpiry();
    const data = { is_valid: true, app_id: APP_ID, type: 'SYSTEM_USER', scopes: [] };
    desk.meta.inject({ operation: 'debugToken', body: { data } });
    const [result] = await desk.json('tokens', 'refresh', 'wa-1002');
    const note = 'Meta does not report when the token expires.';
    expect(result).toMatchObject({ refreshed: false, expires_at: null, error: null, note });
    expect(desk.calls('renewBusinessToken')).toEqual([]);
  });

  test('is reported if Meta no longer accepts it', async () => {
    const desk = await withoutExpiry();
    desk.env.OTHER = 'EAA-not-a-token-of-meta';
    await desk.json('accounts', 'update', 'wa-1002', '--config', 'access_token=env:OTHER');
    const { code, stdout } = await run(['tokens', 'refresh', 'wa-1002', '--json'], desk.env);
    const [{ refreshed, error }] = JSON.parse(stdout);
    expect({ code, refreshed, message: error.message }).toMatchObject({
      code: 6,
      refreshed: false,
      message: expect.stringContaining('no longer valid'),
    });
    expect(error.hint).toContain('accounts update whatsapp/wa-1002 --config access_token=@file');
  });

  test('is not reported as invalid if the app secret is wrong', async () => {
    const desk = await withoutExpiry();
    const wrong = { CHANNELCTL_SECRET_WHATSAPP_APP_SECRET: 'another-secret' };
    const { stdout } = await run(['tokens', 'refresh', 'wa-1002', '--json'], {
      ...desk.env,
      ...wrong,
    });
    const [{ error }] = JSON.parse(stdout);
    expect(error.hint).toMatch(/integrations set whatsapp --config app_secret=@file/);
    expect(error.hint).not.toContain('accounts update');
  });

  test('is inspected in a variable too, and left alone if it never expires', async () => {
    const desk = await whatsappDesk({ accounts: ['1002'] });
    const [result] = await desk.json('tokens', 'refresh', 'wa-1002');
    expect(result).toMatchObject({ error: null, note: 'The token does not expire.' });
  });

  test('gets its expiry, and is renewed only if it is due', async () => {
    const expires = inDays(40);
    const desk = await withoutExpiry(expires);
    const later = await desk.json('tokens', 'refresh', '--expiring-within', '14d');
    expect(later[0]).toMatchObject({ refreshed: false, expires_at: expires });
    expect(desk.calls('renewBusinessToken')).toEqual([]);
    expect((await storedConfig(desk, 'wa-1002')).token_expires_at).toBe(expires);
    const due = await desk.json('tokens', 'refresh', '--expiring-within', '50d');
    expect(due[0]).toMatchObject({ refreshed: true });
  });

  test.each([
    [15, true, undefined],
    [13, true, 'warning'],
  ])('%i days before its expiry, health is %s with %s', async (days, healthy, severity) => {
    const desk = await withoutExpiry(inDays(days));
    const { stdout } = await run(['whatsapp', 'health', 'wa-1002', '--json'], desk.env);
    const health = JSON.parse(stdout);
    const [found] = health.problems.filter(({ part }: { part: string }) => part === 'waba');
    expect({ healthy: health.healthy, severity: found?.severity }).toEqual({ healthy, severity });
    if (severity !== undefined) {
      expect(found.hint).toContain('channelctl tokens refresh whatsapp/wa-1002');
    }
    const [status] = await desk.json('status');
    expect(status.token_expires_at).not.toBeNull();
  });
});

test('health reports a token of another app, and does not suggest to subscribe with it', async () => {
  const desk = await withoutExpiry();
  desk.meta.inject({
    operation: 'debugToken',
    status: 400,
    code: 100,
    message: '(#100) The App_id in the input_token did not match the Viewing App',
  });
  desk.meta.inject({ operation: 'listWabaSubscriptions', status: 200, body: { data: [] } });
  const { code, stdout } = await run(['whatsapp', 'health', 'wa-1002', '--json'], desk.env);
  const { problems } = JSON.parse(stdout);
  expect(code).toBe(6);
  expect(problems).toMatchObject([
    { part: 'waba', severity: 'error', message: expect.stringContaining('belongs to another app') },
  ]);
  expect(problems[0].hint).not.toContain('whatsapp subscribe');
});

test('the sandbox renews a business token only for its own app, and only before it expires', async () => {
  const clock = stoppedClock(Date.now());
  const { meta, ...desk } = await signedUp(clock);
  const { access_token } = await storedConfig(desk);
  const renew = (changed = {}) =>
    get(meta, '/oauth/access_token', null, {
      grant_type: 'fb_exchange_token',
      client_id: APP_ID,
      client_secret: APP_SECRET,
      set_token_expires_in_60_days: 'true',
      fb_exchange_token: access_token,
      ...changed,
    });
  expect((await renew()).body).toMatchObject({ expires_in: 5_184_000 });
  expect((await renew({ client_secret: 'wrong' })).body.error?.code).toBe(1);
  expect((await renew({ fb_exchange_token: 'EAAunknown' })).body.error?.code).toBe(190);
  clock.pass(60 * DAY_MS);
  expect((await renew()).body.error).toMatchObject({ code: 190, error_subcode: 463 });
});
