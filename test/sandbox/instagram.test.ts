import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { parseJsonKeepingDigits } from '../../src/shared/parse-json.ts';
import {
  authorizeAddress,
  exchangeInstagram,
  IG_REDIRECT,
  INSTAGRAM_SEED,
  instagramCode,
  onInstagram,
  shortInstagramToken,
} from './instagram-support.ts';
import { answerOf, decide, sandbox, stoppedClock } from './support.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function shown(address: string) {
  const response = await fetch(address, { redirect: 'manual' });
  const location = response.headers.get('location');
  return { status: response.status, location, page: await response.text() };
}

describe('the authorization page', () => {
  it('shows the app, the permissions and the account', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const { status, page } = await shown(authorizeAddress(on));
    expect(status).toBe(200);
    expect(page).toContain('Small Desk-IG is requesting access');
    expect(page).toContain('instagram_business_basic');
    expect(page).toMatch(/<select name="person">.*ada\.alder.*bo\.birch.*<\/select>/);
    expect(page).not.toMatch(/(?:src|href)=|url\(|@import/);
  });

  it('redirects with code and state, followed by #_', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const response = await decide(authorizeAddress(on, { state: 'a b&c' }), 'allow');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toMatch(
      /^https:\/\/localhost:8976\/callback\?code=AQ[\w-]+&state=a\+b%26c#_$/,
    );
  });

  it('redirects with an error when the user cancels', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const response = await decide(authorizeAddress(on), 'cancel');
    expect(response.headers.get('location')).toBe(
      `${IG_REDIRECT}?error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request.&state=state-1#_`,
    );
  });

  it.each([
    ['an unknown app', { client_id: '700' }, 'Invalid platform app'],
    ['a redirect URI with an extra slash', { redirect_uri: `${IG_REDIRECT}/` }, 'redirect'],
    [
      'a listed redirect URI with plain http',
      { redirect_uri: 'http://localhost/cb' },
      'redirect_uri',
    ],
    ['no redirect URI', { redirect_uri: null }, 'redirect_uri'],
    ['an unsupported response type', { response_type: 'token' }, 'response_type'],
    ['no scope', { scope: null }, 'scope'],
    ['a Facebook permission', { scope: 'pages_messaging' }, 'pages_messaging'],
    ['no state', { state: null }, 'state'],
  ])('shows an error page instead of redirecting: %s', async (_, changed, words) => {
    const on = await sandbox(INSTAGRAM_SEED);
    const { status, location, page } = await shown(authorizeAddress(on, changed));
    expect(status).toBe(400);
    expect(location).toBeNull();
    expect(page).toContain(words);
  });
});

describe('the default Instagram app', () => {
  it('accepts any loopback HTTPS redirect URI', async () => {
    const on = await sandbox('{}');
    const status = async (redirect_uri: string) =>
      (await shown(authorizeAddress(on, { redirect_uri }))).status;
    expect(await status('https://localhost:41234/back')).toBe(200);
    expect(await status('https://127.0.0.1:1/')).toBe(200);
    expect(await status('http://localhost:8976/callback')).toBe(400);
    expect(await status('https://desk.example/callback')).toBe(400);
  });
});

describe('an Instagram token of the seed', () => {
  const seeded = (dates: string) =>
    sandbox(
      INSTAGRAM_SEED.replace('access_token: IGAAready', `access_token: IGAAready, ${dates}`),
      stoppedClock(Date.UTC(2026, 7, 1)).now,
    );
  const refresh = (on: Sandbox) =>
    onInstagram(on, 'GET', '/refresh_access_token', null, {
      ...{ grant_type: 'ig_refresh_token', access_token: 'IGAAready' },
    });

  it.each([
    [
      'can be refreshed if it is one day old',
      'token_issued_at: "2026-07-31T00:00:00Z"',
      200,
      undefined,
    ],
    [
      'accepts an issue time with an offset',
      'token_issued_at: "2026-07-31T02:00:00+02:00"',
      200,
      undefined,
    ],
    [
      'cannot be refreshed if it was issued within the hour',
      'token_issued_at: "2026-07-31T23:30:00Z"',
      400,
      100,
    ],
    [
      'is expired if it is older than sixty days',
      'token_issued_at: "2026-05-01T00:00:00Z"',
      400,
      190,
    ],
    ['is expired after its token_expires_at', 'token_expires_at: "2026-07-31T23:59:59Z"', 400, 190],
  ])('%s', async (_, dates, status, code) => {
    const answer = await refresh(await seeded(dates));
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    if (code === 190) expect(answer.body.error?.error_subcode).toBe(463);
  });
});

describe('the Instagram code exchange', () => {
  it('returns a token, the app-scoped ID and the permissions', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const { body } = await exchangeInstagram(on, await instagramCode(on));
    expect(body).toEqual({
      access_token: expect.stringMatching(/^IGAA/),
      user_id: '27134509918264417',
      permissions: ['instagram_business_basic', 'instagram_business_manage_messages'],
    });
  });

  it('returns them inside data if the seed says so', async () => {
    const on = await sandbox(INSTAGRAM_SEED.replace('plain', 'data'));
    const { body } = await exchangeInstagram(on, await instagramCode(on));
    expect(body).toEqual({ data: [expect.objectContaining({ user_id: '27134509918264417' })] });
  });

  it('returns the ID as a bare number above 2^53 if the seed says so, and by default', async () => {
    for (const seed of [INSTAGRAM_SEED.replace('bare_user_id: false', ''), '{}']) {
      const on = await sandbox(seed);
      const code = await instagramCode(on);
      const text = await (await postCode(on, code)).text();
      expect(text).toContain('"user_id":27134509918264417,');
      expect(String(JSON.parse(text).user_id)).not.toBe('27134509918264417');
      expect(parseJsonKeepingDigits(text)).toMatchObject({ user_id: '27134509918264417' });
    }
  });

  function postCode(on: Sandbox, code: string) {
    return fetch(`${on.urls.instagram_api_url}/oauth/access_token`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: on.description.instagram_app_id,
        client_secret: on.description.instagram_app_secret,
        grant_type: 'authorization_code',
        redirect_uri: IG_REDIRECT,
        code,
      }),
    });
  }

  it('accepts a code once', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const code = await instagramCode(on);
    expect((await exchangeInstagram(on, code)).status).toBe(200);
    const { status, body } = await exchangeInstagram(on, code);
    expect(status).toBe(400);
    expect(body).toEqual({
      error_type: 'OAuthException',
      code: 400,
      error_message: 'This authorization code has been used',
    });
  });

  it.each([
    ['an unknown code', { code: 'AQmade-up' }, 'Invalid authorization code'],
    ['an unknown app', { client_id: '700' }, 'Invalid platform app'],
    ['an incorrect secret', { client_secret: 'wrong' }, 'client secret'],
    ['a different redirect URI', { redirect_uri: `${IG_REDIRECT}/` }, 'redirect_uri'],
    ['an unsupported grant type', { grant_type: 'password' }, 'grant_type'],
  ])(
    'rejects %s in Instagram’s error format and leaves the code unused',
    async (_, changed, words) => {
      const on = await sandbox(INSTAGRAM_SEED);
      const code = await instagramCode(on);
      const { status, body } = await exchangeInstagram(on, code, changed);
      expect(status).toBe(400);
      expect(body).toMatchObject({ error_type: 'OAuthException', code: 400 });
      expect(body).not.toHaveProperty('error');
      expect(body.error_message).toContain(words);
      expect((await exchangeInstagram(on, code)).status).toBe(200);
    },
  );

  it('rejects a code one hour after the user gave consent', async () => {
    const clock = stoppedClock();
    const on = await sandbox(INSTAGRAM_SEED, clock.now);
    const code = await instagramCode(on);
    clock.pass(HOUR);
    expect((await exchangeInstagram(on, code)).body.error_message).toContain('expired');
  });
});

describe('Instagram tokens', () => {
  const me = (on: Sandbox, token: string) =>
    onInstagram(on, 'GET', '/v26.0/me', token, { fields: 'user_id' });
  const extend = (on: Sandbox, access_token: string, client_secret = 'ig-secret') =>
    onInstagram(on, 'GET', '/access_token', null, {
      grant_type: 'ig_exchange_token',
      client_secret,
      access_token,
    });
  const refresh = (on: Sandbox, access_token: string) =>
    onInstagram(on, 'GET', '/refresh_access_token', null, {
      grant_type: 'ig_refresh_token',
      access_token,
    });
  const expired = { code: 190, error_subcode: 463 };

  it('expire after an hour, or after 60 days once exchanged', async () => {
    const clock = stoppedClock();
    const on = await sandbox(INSTAGRAM_SEED, clock.now);
    const short = await shortInstagramToken(on);
    const { body } = await extend(on, short);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 5_184_000 });
    const long = String(body.access_token);
    clock.pass(HOUR);
    expect((await me(on, short)).body.error).toMatchObject(expired);
    expect((await extend(on, short)).body.error).toMatchObject(expired);
    clock.pass(60 * DAY - HOUR - 1);
    expect((await me(on, long)).status).toBe(200);
    clock.pass(1);
    expect((await me(on, long)).body.error).toMatchObject(expired);
  });

  it('can be refreshed for 60 days once they are 24 hours old', async () => {
    const clock = stoppedClock();
    const on = await sandbox(INSTAGRAM_SEED, clock.now);
    const long = String((await extend(on, await shortInstagramToken(on))).body.access_token);
    clock.pass(DAY - 1);
    const early = await refresh(on, long);
    expect(early.status).toBe(400);
    expect(early.body.error?.message).toContain('24 hours');
    clock.pass(1);
    const { body } = await refresh(on, long);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 5_184_000 });
    clock.pass(59 * DAY);
    expect((await me(on, long)).body.error).toMatchObject(expired);
    expect((await refresh(on, long)).body.error).toMatchObject(expired);
    expect((await me(on, String(body.access_token))).status).toBe(200);
  });

  it('are not refreshed if short-lived, and not exchanged again if long-lived', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const short = await shortInstagramToken(on);
    expect((await refresh(on, short)).body.error?.message).toContain('long-lived');
    const long = String((await extend(on, short)).body.access_token);
    expect((await extend(on, long)).body.error).toMatchObject({ code: 452 });
  });

  it('are exchanged only with the correct app secret: code 100', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const { status, body } = await extend(on, await shortInstagramToken(on), 'wrong');
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100, message: 'Error validating client secret.' });
  });

  it.each([
    ['has no tester role', 'tester_refusal: calls, ', {}],
    ['did not grant basic access', '', { scope: 'instagram_business_manage_messages' }],
  ])('are refused as if the method were wrong if the account %s', async (_, key, changed) => {
    const on = await sandbox(INSTAGRAM_SEED.replace('username: ada', `${key}username: ada`));
    const token = await shortInstagramToken(on, changed);
    const query = { subscribed_fields: 'messages' };
    for (const [method, { status, body }] of [
      ['get', await me(on, token)],
      ['get', await extend(on, token)],
      ['post', await onInstagram(on, 'POST', '/v26.0/me/subscribed_apps', token, query)],
    ] as const) {
      expect(status).toBe(400);
      expect(body.error).toMatchObject({
        code: 100,
        type: 'IGApiException',
        message: `Unsupported request - method type: ${method}`,
      });
    }
  });

  it('allow only what was granted', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const token = await shortInstagramToken(on, { scope: 'instagram_business_basic' });
    const { status, body } = await onInstagram(on, 'POST', '/v26.0/me/subscribed_apps', token, {
      subscribed_fields: 'messages',
    });
    expect(status).toBe(403);
    expect(body.error).toMatchObject({ code: 200 });
    expect(body.error?.message).toContain('instagram_business_manage_messages');
  });

  it('are not valid at Facebook, nor Facebook tokens at Instagram', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const { body } = await me(on, on.description.business_token);
    expect(body.error).toMatchObject({ code: 190 });
    const address = `${on.urls.graph_url}/v26.0/${on.description.waba_id}`;
    const Authorization = `Bearer ${await shortInstagramToken(on)}`;
    const atFacebook = await answerOf(await fetch(address, { headers: { Authorization } }));
    expect(atFacebook.body.error).toMatchObject({ code: 190 });
  });

  it('can be valid from the start', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    expect((await me(on, 'IGAAready')).body).toMatchObject({ user_id: '17841445902716039' });
  });
});

describe('the account of an Instagram token', () => {
  it('has the ID of the professional account in addition to the app-scoped ID', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const fields = 'user_id,username,name,account_type';
    const { body } = await onInstagram(on, 'GET', '/v26.0/me', 'IGAAready', { fields });
    expect(body).toEqual({
      id: '27134509918264418',
      user_id: '17841445902716039',
      username: 'bo.birch',
      name: 'Bo Birch',
      account_type: 'BUSINESS',
    });
  });

  it('is the account that the user chose', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const token = await shortInstagramToken(on, {}, '17841445902716039');
    const { body } = await onInstagram(on, 'GET', '/v26.0/me', token, { fields: 'username' });
    expect(body).toMatchObject({ username: 'bo.birch' });
  });

  it('rejects an unknown field, and a call without a token', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const unknown = await onInstagram(on, 'GET', '/v26.0/me', 'IGAAready', { fields: 'mood' });
    expect(unknown.body.error).toMatchObject({ code: 100 });
    const bare = await onInstagram(on, 'GET', '/v26.0/me', null, { fields: 'username' });
    expect(bare.body.error).toMatchObject({ code: 2500 });
  });
});

describe('webhooks of an Instagram account', () => {
  const subscribe = (on: Sandbox, subscribed_fields: string) =>
    onInstagram(on, 'POST', '/v26.0/me/subscribed_apps', 'IGAAready', { subscribed_fields });
  const subscriptions = async (on: Sandbox) =>
    (await onInstagram(on, 'GET', '/v26.0/me/subscribed_apps', 'IGAAready')).body.data;

  it('are the fields of the last subscription', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    expect(await subscriptions(on)).toEqual([]);
    expect((await subscribe(on, 'messages,message_reactions')).body).toEqual({ success: true });
    await subscribe(on, 'messages,messaging_seen');
    expect(await subscriptions(on)).toMatchObject([
      { subscribed_fields: ['messages', 'messaging_seen'] },
    ]);
  });

  it('are not available to an account without a tester role', async () => {
    const refusing = (where: string) =>
      sandbox(
        INSTAGRAM_SEED.replace('name: Ada Alder', `name: Ada Alder, tester_refusal: ${where}`),
      );
    const callback = await decide(authorizeAddress(await refusing('callback')), 'allow');
    expect(callback.headers.get('location')).toContain(
      'error=access_denied&error_description=Insufficient+developer+role',
    );
    const page = await decide(authorizeAddress(await refusing('page')), 'allow');
    expect(page.headers.get('location')).toBeNull();
    expect(await page.text()).toContain('Insufficient developer role');
  });

  it('reject comments without their permission', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const token = await shortInstagramToken(on);
    const query = { subscribed_fields: 'messages,comments' };
    const { body } = await onInstagram(on, 'POST', '/v26.0/me/subscribed_apps', token, query);
    expect(body.error).toMatchObject({
      code: 200,
      message: expect.stringContaining('instagram_business_manage_comments'),
    });
    expect(await subscriptions(on)).toEqual([]);
  });

  it('list every app that is subscribed', async () => {
    const seed = INSTAGRAM_SEED.replace(
      'access_token: IGAAready',
      'access_token: IGAAready, subscribed_apps: [{ id: "801", subscribed_fields: [messages] }]',
    );
    const on = await sandbox(seed);
    await subscribe(on, 'messaging_seen');
    expect(await subscriptions(on)).toMatchObject([
      { id: '801', subscribed_fields: ['messages'] },
      { id: '800', subscribed_fields: ['messaging_seen'] },
    ]);
  });

  it('reject a field that Instagram does not have', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const { body } = await subscribe(on, 'messages,message_deliveries');
    expect(body.error?.code).toBe(100);
    expect(body.error?.message).toContain('message_deliveries');
    expect(await subscriptions(on)).toEqual([]);
  });
});
