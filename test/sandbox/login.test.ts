import { describe, expect, it } from 'vitest';
import {
  exchange,
  extend,
  get,
  REDIRECT,
  SMALL_SEED,
  sandbox,
  signInCode,
  stoppedClock,
  userToken,
} from './support.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const fields = 'id,name,category,tasks';

describe('the code exchange', () => {
  it('returns a bearer token that expires after one to two hours', async () => {
    const running = await sandbox();
    const { status, body } = await exchange(running, await signInCode(running));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: 'bearer',
      access_token: expect.stringMatching(/^EAA/),
    });
    expect(body.expires_in).toBeGreaterThanOrEqual(3600);
    expect(body.expires_in).toBeLessThanOrEqual(7200);
  });

  it('accepts a code once', async () => {
    const running = await sandbox();
    const code = await signInCode(running);
    await exchange(running, code);
    const { status, body } = await exchange(running, code);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      type: 'OAuthException',
      code: 100,
      error_subcode: 36009,
      message: 'This authorization code has been used.',
    });
  });

  it('accepts a code for ten minutes', async () => {
    const clock = stoppedClock();
    const running = await sandbox(SMALL_SEED, clock.now);
    const [early, late] = [await signInCode(running), await signInCode(running)];
    clock.pass(10 * MINUTE - 1);
    expect((await exchange(running, early)).status).toBe(200);
    clock.pass(1);
    const { body } = await exchange(running, late);
    expect(body.error).toMatchObject({ code: 100, error_subcode: 36007 });
  });

  it('requires the exact redirect URI of the dialog, and otherwise leaves the code unused', async () => {
    const running = await sandbox();
    const code = await signInCode(running);
    const { body } = await exchange(running, code, { redirect_uri: `${REDIRECT}/` });
    expect(body.error).toMatchObject({ code: 100, error_subcode: 36008 });
    expect((await exchange(running, code)).status).toBe(200);
  });

  it('requires a redirect URI, and otherwise leaves the code unused', async () => {
    const running = await sandbox();
    const code = await signInCode(running);
    const { app_id: client_id, app_secret: client_secret } = running.description;
    const query = { client_id, client_secret, code };
    const { body } = await get(running, '/oauth/access_token', null, query);
    expect(body.error).toMatchObject({ code: 100, error_subcode: 36008 });
    expect((await exchange(running, code)).status).toBe(200);
  });

  it('rejects a code of another app', async () => {
    const running = await sandbox();
    const code = await signInCode(running);
    const other = { client_id: '701', client_secret: 'app-secret-701' };
    const { body } = await exchange(running, code, other);
    expect(body.error).toMatchObject({ code: 100, error_subcode: 36007 });
  });

  it('returns code 1 for an incorrect app secret, and leaves the code unused', async () => {
    const running = await sandbox();
    const code = await signInCode(running);
    const { status, body } = await exchange(running, code, { client_secret: 'wrong' });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ type: 'OAuthException', code: 1 });
    expect(body.error?.fbtrace_id).toMatch(/^A[\w-]{22}$/);
    expect((await exchange(running, code)).status).toBe(200);
  });

  it('returns code 101 for an unknown app', async () => {
    const running = await sandbox();
    const { body } = await exchange(running, 'any', { client_id: '1' });
    expect(body.error?.code).toBe(101);
  });

  it('grants only the requested permissions', async () => {
    const running = await sandbox();
    const token = await userToken(running, { scope: 'pages_messaging' });
    const { status, body } = await get(running, '/me/accounts', token, { fields });
    expect(status).toBe(403);
    expect(body.error).toMatchObject({ code: 200, type: 'OAuthException' });
    expect(body.error?.message).toContain('pages_show_list');
  });

  it('returns the token of the chosen user', async () => {
    const running = await sandbox();
    const token = await userToken(running, {}, '92');
    const { body } = await get(running, '/me/accounts', token, { fields });
    expect(body.data).toEqual([
      { id: '81', name: 'Alder Books', category: 'Bookstore', tasks: ['ANALYZE'] },
    ]);
  });
});

describe('extending a user token', () => {
  it('returns a token that expires after 60 days', async () => {
    const clock = stoppedClock();
    const running = await sandbox(SMALL_SEED, clock.now);
    const { body } = await extend(running, await userToken(running));
    const token = String(body.access_token);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 5_184_000 });
    clock.pass(60 * DAY - 1);
    expect((await get(running, '/me/accounts', token, { fields })).status).toBe(200);
    clock.pass(1);
    const late = await get(running, '/me/accounts', token, { fields });
    expect(late.status).toBe(401);
    expect(late.body.error).toMatchObject({ code: 190, error_subcode: 463 });
  });

  it('fails if the token has expired', async () => {
    const clock = stoppedClock();
    const running = await sandbox(SMALL_SEED, clock.now);
    const token = await userToken(running);
    clock.pass(2 * 60 * MINUTE);
    const { body } = await extend(running, token);
    expect(body.error).toMatchObject({ code: 190, error_subcode: 463 });
  });

  it('fails if the token belongs to another sandbox or another app', async () => {
    const running = await sandbox();
    expect((await extend(running, 'EAAfromElsewhere')).body.error?.code).toBe(190);
    const other = { client_id: '701', client_secret: 'app-secret-701' };
    const foreign = await extend(running, await userToken(running), other);
    expect(foreign.body.error?.code).toBe(190);
  });

  it('returns code 1 for an incorrect app secret', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    const { body } = await extend(running, token, { client_secret: 'wrong' });
    expect(body.error?.code).toBe(1);
  });
});
