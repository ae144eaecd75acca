import { describe, expect, it } from 'vitest';
import { INSTAGRAM_SEED, shortInstagramToken } from './instagram-support.ts';
import {
  extend,
  get,
  pageToken,
  proofOf,
  SMALL_SEED,
  sandbox,
  send,
  stoppedClock,
  userToken,
} from './support.ts';

const fields = 'id,name';

describe('the access token of a call', () => {
  it('is required', async () => {
    const running = await sandbox();
    const mine = await get(running, '/me/accounts', null, { fields });
    expect(mine.status).toBe(400);
    expect(mine.body.error?.code).toBe(2500);
    const other = await get(running, '/81', null, { fields: 'name,access_token' });
    expect(other.status).toBe(401);
    expect(other.body.error?.code).toBe(104);
  });

  it.each([
    ['is malformed', (token: string) => token.slice(1)],
    ['belongs to no sandbox', () => 'EAAGm0PX4ZCpsBAKZC'],
  ])('is rejected with 190 if it %s', async (_, spoil) => {
    const running = await sandbox();
    const token = spoil(await userToken(running));
    const { status, body } = await get(running, '/me/accounts', token, { fields });
    expect(status).toBe(401);
    expect(body.error).toMatchObject({ code: 190, type: 'OAuthException' });
  });

  it('is not valid in another sandbox', async () => {
    const [one, other] = [await sandbox(), await sandbox()];
    const { body } = await get(other, '/me/accounts', await userToken(one), { fields });
    expect(body.error?.code).toBe(190);
  });

  it('can be sent as a header or as a parameter', async () => {
    const running = await sandbox();
    const access_token = await userToken(running);
    expect((await get(running, '/me/accounts', access_token, { fields })).status).toBe(200);
    expect((await get(running, '/me/accounts', null, { fields, access_token })).status).toBe(200);
  });

  it('of a Page is invalid if its user has no role on the Page: 190/492', async () => {
    const running = await sandbox();
    const { body } = await send(running, 'POST', '/83/subscribed_apps', pageToken(running, '83'), {
      subscribed_fields: 'messages',
    });
    expect(body.error).toMatchObject({ code: 190, error_subcode: 492 });
  });
});

describe('the owner of an access token', () => {
  it('is returned by /me, with ID and name', async () => {
    const on = await sandbox();
    const { business_token } = on.description;
    const me = async (token: string, query = {}) => (await get(on, '/me', token, query)).body;
    expect(await me(await userToken(on))).toEqual({ id: '91', name: 'Ada Alder' });
    expect(await me(await userToken(on), { fields: 'name' })).toEqual({
      ...{ id: '91', name: 'Ada Alder' },
    });
    expect(await me(business_token)).toEqual({ id: expect.any(String), name: expect.any(String) });
    expect((await get(on, '/92', await userToken(on))).body.error?.error_subcode).toBe(33);
  });

  it('is the app for an app token, which has no /me', async () => {
    const on = await sandbox();
    const app = await get(on, '/700', '700|app-secret-700');
    expect(app.body).toMatchObject({ id: '700', name: 'Small Desk' });
    expect((await get(on, '/700', '701|app-secret-701')).body.error?.error_subcode).toBe(33);
    expect((await get(on, '/me', '700|app-secret-700')).body.error?.code).toBe(2500);
    expect((await get(on, '/me', null)).body.error?.code).toBe(2500);
  });

  it('is unknown if an app token has an extra part', async () => {
    const on = await sandbox();
    const { body } = await get(on, '/700', '700|app-secret-700|more');
    expect(body.error?.code).toBe(190);
  });
});

describe('an object that does not exist', () => {
  it.each(['user', 'page', 'app', 'business'])('returns 100/33 for a %s token', async (kind) => {
    const on = await sandbox();
    const tokens: Record<string, string> = {
      user: await userToken(on),
      page: pageToken(on, '81'),
      app: '700|app-secret-700',
      business: on.description.business_token,
    };
    for (const path of ['/4711', '/abc', '/4711/phone_numbers', '/4711/subscribed_apps']) {
      const { status, body } = await get(on, path, tokens[kind] ?? '');
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ code: 100, error_subcode: 33 });
    }
  });
});

describe('appsecret_proof', () => {
  it('is verified if it is sent', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    const call = (appsecret_proof: string) =>
      get(running, '/me/accounts', token, { fields, appsecret_proof });
    expect((await call(proofOf(token, 'app-secret-700'))).status).toBe(200);
    const { status, body } = await call(proofOf(token, 'app-secret-701'));
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 100,
      message: 'Invalid appsecret_proof provided in the API argument',
    });
  });

  it('can be sent in the body of a write', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    const call = (appsecret_proof: string) =>
      send(running, 'POST', '/81/subscribed_apps', token, {
        subscribed_fields: 'messages',
        appsecret_proof,
      });
    expect((await call(proofOf(token, 'app-secret-700'))).status).toBe(200);
    expect((await call('0'.repeat(64))).body.error?.code).toBe(100);
  });

  it('is required if the app requires it', async () => {
    const demanding = SMALL_SEED.replace(
      'name: Small Desk',
      'name: Small Desk, require_proof: true',
    );
    const running = await sandbox(demanding);
    const token = await userToken(running);
    const without = await get(running, '/me/accounts', token, { fields });
    expect(without.body.error).toMatchObject({
      code: 100,
      message: 'API calls from the server require an appsecret_proof argument',
    });
    const appsecret_proof = proofOf(token, 'app-secret-700');
    const proven = await get(running, '/me/accounts', token, { fields, appsecret_proof });
    expect(proven.status).toBe(200);
  });
});

describe('debug_token', () => {
  const start = Date.UTC(2026, 7, 1);
  const APP_TOKEN = '700|app-secret-700';
  const debug = async (
    on: Awaited<ReturnType<typeof sandbox>>,
    input_token: string,
    token: string | null = APP_TOKEN,
    query: Record<string, string> = {},
  ) => (await get(on, '/debug_token', token, { input_token, ...query })).body;

  it('returns the user of a user token, its expiry and its permissions', async () => {
    const on = await sandbox(SMALL_SEED, stoppedClock(start).now);
    const long = String((await extend(on, await userToken(on))).body.access_token);
    expect(await debug(on, long)).toEqual({
      data: {
        app_id: '700',
        type: 'USER',
        application: 'Small Desk',
        issued_at: start / 1000,
        expires_at: start / 1000 + 60 * 86_400,
        data_access_expires_at: start / 1000 + 90 * 86_400,
        is_valid: true,
        scopes: [
          ...['pages_show_list', 'pages_messaging', 'pages_manage_metadata'],
          'business_management',
        ],
        granular_scopes: [
          ...['pages_show_list', 'pages_messaging', 'pages_manage_metadata'].map((scope) => ({
            scope,
            target_ids: ['81', '82'],
          })),
          { scope: 'business_management' },
        ],
        user_id: '91',
      },
    });
  });

  it('returns the Page of a Page token and the WABAs of a business token, which do not expire', async () => {
    const on = await sandbox();
    expect(await debug(on, pageToken(on, '81'))).toMatchObject({
      data: { type: 'PAGE', profile_id: '81', user_id: '91', expires_at: 0, is_valid: true },
    });
    const { business_token, waba_id } = on.description;
    const scope = 'whatsapp_business_management';
    expect(await debug(on, business_token)).toMatchObject({
      data: {
        type: 'SYSTEM_USER',
        expires_at: 0,
        data_access_expires_at: 0,
        granular_scopes: expect.arrayContaining([{ scope, target_ids: [waba_id] }]),
      },
    });
  });

  it('shows Instagram tokens to the Meta app, and nothing to the Instagram app', async () => {
    const on = await sandbox(INSTAGRAM_SEED);
    const token = await shortInstagramToken(on);
    const { app_id, app_secret } = on.description;
    expect(await debug(on, token, `${app_id}|${app_secret}`)).toMatchObject({
      data: { app_id: '800', is_valid: true, user_id: '27134509918264417' },
    });
    expect(await debug(on, token, '800|ig-secret')).toMatchObject({ error: { code: 190 } });
  });

  it('accepts an app token', async () => {
    const on = await sandbox();
    expect(await debug(on, APP_TOKEN)).toMatchObject({
      data: { app_id: '700', type: 'APP', is_valid: true },
    });
  });

  it('reports why an expired token is invalid', async () => {
    const clock = stoppedClock();
    const on = await sandbox(SMALL_SEED, clock.now);
    const token = await userToken(on);
    clock.pass(2 * 3_600_000);
    expect(await debug(on, token)).toMatchObject({
      data: { is_valid: false, error: { code: 190, subcode: 463 } },
    });
  });

  it('reports a string that is not a token as invalid', async () => {
    const on = await sandbox();
    expect(await debug(on, 'EAAfromElsewhere')).toEqual({
      data: {
        error: { code: 190, message: 'Invalid OAuth access token.' },
        is_valid: false,
        scopes: [],
      },
    });
  });

  it('accepts the app token as a parameter', async () => {
    const on = await sandbox();
    const body = await debug(on, pageToken(on, '81'), null, { access_token: APP_TOKEN });
    expect(body).toMatchObject({ data: { is_valid: true } });
  });

  it.each([
    ['an incorrect app secret', '700|wrong', 190],
    ['another app', '701|app-secret-701', 100],
    ['the token itself instead of an app token', null, 190],
  ])('rejects %s', async (_, viewer, code) => {
    const on = await sandbox();
    const token = pageToken(on, '81');
    expect((await debug(on, token, viewer ?? token)).error).toMatchObject({ code });
  });
});
