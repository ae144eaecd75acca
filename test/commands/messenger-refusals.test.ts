import { describe, expect, test } from 'vitest';
import { meta } from '../graph/support.ts';
import { REDIRECT, signInCode, stoppedClock } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import { type Desk, desks, withCode } from '../support/desk.ts';

const desk = desks();

const ALDER = { id: '81', name: 'Alder Books', account_key: 'fb-81' };
const BIRCH = { id: '82', name: 'Birch & Co', account_key: 'fb-82' };

describe('errors from Meta', () => {
  test("connects no Page if one of them is not the user's", async () => {
    const own = await desk();
    const { code, stdout, error } = await own.failure(
      ...(await withCode(own, '--page', '81', '--page', '83')),
    );
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 3, stdout: '', kind: 'not_found' });
    expect(error.message).toContain('83');
    expect(error.message).not.toContain('81');
    expect(own.meta.requests.map(({ operation }) => operation)).not.toContain('subscribePage');
    expect(await own.json('accounts', 'list')).toEqual([]);
  });

  test('connects the other Pages if one fails, and reports which', async () => {
    const own = await desk();
    own.meta.inject({ operation: '/81/subscribed_apps', code: 200, message: 'No permission' });
    const { code, stdout, stderr } = await own.cli(
      ...(await withCode(own, '--page', '81', '--page', '82', '--json')),
    );
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      success: false,
      pages: [
        {
          ...ALDER,
          connected: false,
          error: {
            message: expect.stringContaining('No permission'),
            hint: expect.stringContaining('pages_manage_metadata'),
            graph: expect.objectContaining({ status: 403, code: 200, message: 'No permission' }),
          },
        },
        { ...BIRCH, connected: true, error: null },
      ],
    });
    expect(await own.json('accounts', 'list', '--fields', 'account_key')).toEqual([
      { account_key: 'fb-82' },
    ]);
  });

  test('does not connect a Page if Meta does not subscribe the app, or returns no token', async () => {
    const stub = await meta(({ method, url }) => ({
      body: url.pathname.endsWith('/me/accounts')
        ? {
            data: ['81', '82', '84'].map((id) => ({
              id,
              name: id,
              tasks: ['MESSAGING', 'MANAGE'],
            })),
          }
        : method === 'POST'
          ? { success: !url.pathname.includes('/81/') }
          : { id: '8', ...(url.pathname.endsWith('/84') ? {} : { access_token: 'EAA-page' }) },
    }));
    const own = await desk({ extra: { CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: 'EAA-a-user' } });
    const env = { ...own.env, CHANNELCTL_GRAPH_URL: stub.url };
    const { code, stdout } = await run(['messenger', 'pages', '--all-pages', '--json'], env);
    const [unsubscribed, connected, tokenless] = JSON.parse(stdout).pages;
    expect({ code, connected: connected.connected }).toEqual({ code: 5, connected: true });
    expect(unsubscribed).toMatchObject({
      connected: false,
      error: { message: expect.stringContaining('success: false'), graph: null },
    });
    expect(tokenless).toMatchObject({
      connected: false,
      error: {
        message: expect.stringContaining('Meta returned no access token for this Page'),
        hint: expect.stringMatching(/Grant access to the Page when you sign in/),
      },
    });
    expect(await own.json('accounts', 'list', '--fields', 'account_key')).toEqual([
      { account_key: 'fb-82' },
    ]);
  });

  test('exits with 4 if the user token becomes invalid before any Page is connected', async () => {
    const own = await desk();
    own.meta.inject({ operation: 'getPageToken', code: 190, subcode: 460, times: 2 });
    const { code, stdout, error } = await own.failure(
      ...(await withCode(own, '--page', '81', '--page', '82')),
    );
    expect({ code, stdout, kind: error.kind }).toEqual({
      ...{ code: 4, stdout: '', kind: 'not_allowed' },
    });
    expect(error.graph).toMatchObject({ code: 190, subcode: 460 });
    expect(error.hint).toContain('channelctl messenger connect');
  });

  test.each([
    ['a user token that becomes invalid after a Page is connected', { code: 190 }, ['82']],
    ['a role on the Page that was removed', { code: 190, subcode: 492 }, []],
    ['a Page token that becomes invalid', { code: 190, operation: '/81/subscribed_apps' }, []],
  ])('reports %s in the result and exits with 5', async (_, fault, others) => {
    const own = await desk();
    own.meta.inject({ operation: '/81', ...fault });
    const ids = ['81', ...others];
    const { code, stdout } = await own.cli(
      ...(await withCode(own, ...ids.flatMap((id) => ['--page', id]), '--json')),
    );
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 5,
      success: false,
      pages: [
        { id: '81', connected: false, error: { graph: { code: 190 } } },
        ...others.map((id) => ({ id, connected: true })),
      ],
    });
  });

  test('reports a wrong app secret without retrying', async () => {
    const own = await desk({ extra: { CHANNELCTL_SECRET_MESSENGER_APP_SECRET: 'wrong' } });
    const { code, error } = await own.failure(...(await withCode(own, '--list-only')));
    expect({ code, kind: error.kind, graph: error.graph.code }).toEqual({
      ...{ code: 5, kind: 'graph', graph: 1 },
    });
    expect(error.hint).toContain('channelctl integrations set messenger --config app_secret=@file');
    const tries = own.meta.requests.filter(({ operation }) => operation === 'exchangeLoginCode');
    expect(tries).toHaveLength(1);
  });

  test('rejects a used code', async () => {
    const own = await desk();
    const args = await withCode(own, '--list-only');
    await own.json(...args);
    const { code, error } = await own.failure(...args);
    expect({ code, kind: error.kind }).toEqual({ code: 5, kind: 'graph' });
    expect(error.graph).toMatchObject({ status: 400, code: 100, subcode: 36009 });
    expect(error.hint).toMatch(/works only once.*sign in again/);
  });

  test('rejects an expired code', async () => {
    const clock = stoppedClock();
    const own = await desk({ now: clock.now });
    const args = await withCode(own, '--list-only');
    clock.pass(11 * 60 * 1000);
    const { code, error } = await own.failure(...args);
    expect({ code, subcode: error.graph.subcode }).toEqual({ code: 5, subcode: 36007 });
  });

  test('rejects a redirect URI that differs from that of the dialog', async () => {
    const own = await desk();
    const { code, error } = await own.failure(
      ...(await withCode(own, '--list-only', '--redirect-uri', `${REDIRECT}/`)),
    );
    expect({ code, subcode: error.graph.subcode }).toEqual({ code: 5, subcode: 36008 });
    expect(error.hint).toContain('--redirect-uri');
  });

  test('names a permission that the user did not grant', async () => {
    const own = await desk();
    const code = await signInCode(own.meta, { scope: 'pages_messaging' });
    const { code: exit, error } = await own.failure(
      ...['messenger', 'connect', '--code', code, '--list-only'],
    );
    expect({ exit, kind: error.kind }).toEqual({ exit: 4, kind: 'not_allowed' });
    expect(error.hint).toContain('pages_show_list');
  });
});

describe('retries', () => {
  const made = (own: Desk, name: string) =>
    own.meta.requests.filter(({ operation }) => operation === name).length;

  test('repeats the calls that are safe to repeat: the second token exchange, and every read', async () => {
    const own = await desk();
    own.meta.inject({ operation: 'extendUserToken', code: 2 });
    own.meta.inject({ operation: 'listPages', status: 429, headers: { 'Retry-After': '0' } });
    own.meta.inject({ operation: 'subscribePage', cut: 'before' });
    expect(await own.json(...(await withCode(own, '--page', '81')))).toMatchObject({
      success: true,
    });
    expect(made(own, 'extendUserToken')).toBe(2);
    expect(made(own, 'listPages')).toBe(2);
    expect(made(own, 'subscribePage')).toBe(2);
  });

  test('exchanges a code once, even if the response is lost', async () => {
    const own = await desk();
    own.meta.inject({ operation: 'exchangeLoginCode', cut: 'before' });
    const { code, error } = await own.failure(...(await withCode(own, '--list-only')));
    expect({ code, kind: error.kind, graph: error.graph }).toEqual({
      ...{ code: 5, kind: 'graph', graph: null },
    });
    expect(made(own, 'exchangeLoginCode')).toBe(1);
  });

  test('gives up after four attempts', async () => {
    const own = await desk();
    own.meta.inject({
      operation: 'listPages',
      status: 503,
      times: 9,
      headers: { 'Retry-After': '0' },
    });
    const { code, error } = await own.failure(...(await withCode(own, '--list-only')));
    expect({ code, status: error.graph.status }).toEqual({ code: 5, status: 503 });
    expect(made(own, 'listPages')).toBe(4);
  });

  test('ends with 4 if the user token is no longer valid, even if a Page is found by its ID', async () => {
    const own = await desk();
    own.meta.inject({
      operation: 'listPages',
      times: 9,
      code: 190,
      message: 'Session has expired',
    });
    const { code, error } = await own.failure(...(await withCode(own, '--page', '81')));
    expect(code).toBe(4);
    expect(error.message).toContain('Session has expired');
    expect(error.hint).toContain('messenger connect');
    expect(await own.json('accounts', 'list')).toEqual([]);
  });

  test('connects the Pages concurrently', async () => {
    const own = await desk();
    own.meta.inject({ operation: 'getPageToken', times: 2, delay_ms: 300 });
    await own.json(...(await withCode(own, '--all-pages')));
    expect(own.meta.requests.slice(-4).map(({ operation }) => operation)).toEqual([
      ...['getPageToken', 'getPageToken', 'subscribePage', 'subscribePage'],
    ]);
  });
});
