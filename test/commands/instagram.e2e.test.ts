import { get } from 'node:https';
import { expect, test } from 'vitest';
import { decide } from '../sandbox/support.ts';
import { signingIn } from '../support/desk.ts';
import { freePorts } from '../support/mail-server.ts';
import { ADA, allowed, HTTPS_REDIRECT, INSTAGRAM_APP, metaDesks } from '../support/meta-desk.ts';

const desk = metaDesks();

function visit(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

test('connects in the browser, through the authorization page to the HTTPS listener', async () => {
  const [port = 0] = await freePorts(1);
  const redirect = `https://localhost:${port}/callback`;
  const { env } = await desk({ redirects: [redirect] });
  const args = ['instagram', 'connect', '--no-browser', '--redirect-uri', redirect, '--json'];
  const { address, ended } = await signingIn(args, env);
  const query = Object.fromEntries(new URL(address).searchParams);
  expect(query).toEqual({
    client_id: INSTAGRAM_APP.id,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'instagram_business_basic,instagram_business_manage_messages',
    state: expect.stringMatching(/^.{20,}$/),
  });
  expect(await visit((await allowed(address)).replace(query.state ?? '', 'another'))).toBe(400);
  await visit(await allowed(address));
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ success: true, account_key: `ig-${ADA.user_id}` });
});

test('connects by --manual with the default HTTPS redirect URI, and removes #_ from the code', async () => {
  const { env } = await desk();
  const args = ['instagram', 'connect', '--manual', '--json'];
  const { address, ended, type } = await signingIn(args, env);
  expect(new URL(address).searchParams.get('redirect_uri')).toBe(HTTPS_REDIRECT);
  const redirected = await allowed(address);
  expect(redirected).toMatch(/#_$/);
  type(redirected);
  expect(await ended).toMatchObject({ code: 0 });
});

test('exits with 4 if the user declines the sign-in', async () => {
  const { env, calls } = await desk();
  const { address, ended, type } = await signingIn(['instagram', 'connect', '--manual'], env);
  const response = await decide(address, 'cancel', ADA.user_id);
  type(response.headers.get('location') ?? '');
  const { code, stderr } = await ended;
  expect(code).toBe(4);
  expect(stderr).toContain('Instagram denied access');
  expect(calls()).toEqual([]);
});
