import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { get, userToken } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import { ADA, BO, MESSENGER_APP, type MetaDesk, metaDesks } from '../support/meta-desk.ts';

const desk = metaDesks();
const INSTAGRAM = `ig-${ADA.user_id}`;
const DAY = 24 * 60 * 60;

function movableClock() {
  let time = Date.now();
  return {
    now: () => time,
    pass: (days: number) => {
      time += days * DAY * 1000;
    },
  };
}

function createPage({ env, json }: MetaDesk, token: string, key = 'fb-81') {
  env.PAGE_TOKEN = token;
  const config = ['--config', 'page_id=81', '--config', 'page_access_token=env:PAGE_TOKEN'];
  return json('accounts', 'create', '--channel', 'messenger', '--account-key', key, ...config);
}

async function pageTokenWith(scope: string, { meta }: MetaDesk): Promise<string> {
  const token = await userToken(meta, { client_id: MESSENGER_APP.id, scope });
  const { body } = await get(meta, '/81', token, { fields: 'name,access_token' });
  return String(body.access_token);
}

async function storedToken({ json }: MetaDesk, key = INSTAGRAM): Promise<[string, string]> {
  const { config } = await json('accounts', 'get', key, '--reveal');
  return [config.access_token, config.token_expires_at];
}

const SCOPES = 'pages_show_list,pages_messaging,pages_manage_metadata';

async function inspected({ env }: MetaDesk, account: string) {
  const { code, stdout, stderr } = await run(['tokens', 'inspect', account, '--json'], env);
  return { code, stderr, result: JSON.parse(stdout || 'null') };
}

async function refreshed({ env }: MetaDesk, ...args: string[]) {
  const { code, stdout, stderr } = await run(['tokens', 'refresh', ...args, '--json'], env);
  return { code, stderr, rows: JSON.parse(stdout || 'null') };
}

test('lists every token with its expiry, without showing it or opening a secret store', async () => {
  const at = await desk();
  await at.connectPage();
  const { token_expires_at } = await at.connectInstagram();
  const number = ['--config', 'phone_number_id=1065', '--config', 'waba_id=1066'];
  at.env.CHANNELCTL_SECRET_WHATSAPP_WA_1065_ACCESS_TOKEN = 'EAA-token-in-a-variable';
  await at.json(
    ...['accounts', 'create', '--channel', 'whatsapp', '--no-register', '--no-subscribe'],
    ...number,
  );
  const accounts = await at.json('accounts', 'list');
  const ids = new Map(
    accounts.map((one: { channel: string; id: string }) => [one.channel, one.id]),
  );

  at.env.CHANNELCTL_PASSPHRASE = 'not the passphrase';
  at.env.CHANNELCTL_ROLE = 'supervisor';
  const rows = await at.json('tokens', 'list');
  const aboutSixtyDays = expect.closeTo(60 * DAY, -3);
  expect(rows).toEqual([
    {
      channel: 'messenger',
      account_key: null,
      account_id: null,
      field: 'user_token',
      kind: 'user',
      stored: 'file',
      expires_at: expect.stringMatching(/Z$/),
      expires_in: aboutSixtyDays,
    },
    {
      channel: 'messenger',
      account_key: 'fb-81',
      account_id: ids.get('messenger'),
      field: 'page_access_token',
      kind: 'page',
      stored: 'file',
      expires_at: null,
      expires_in: null,
    },
    {
      channel: 'instagram',
      account_key: INSTAGRAM,
      account_id: ids.get('instagram'),
      field: 'access_token',
      kind: 'instagram',
      stored: 'file',
      expires_at: token_expires_at,
      expires_in: aboutSixtyDays,
    },
    {
      channel: 'whatsapp',
      account_key: 'wa-1065',
      account_id: ids.get('whatsapp'),
      field: 'access_token',
      kind: 'business',
      stored: 'env',
      expires_at: null,
      expires_in: null,
    },
  ]);
  const table = (await at.cli('tokens', 'list')).stdout;
  expect(table).toMatch(/access_token +instagram +file +\S+Z +in 59 days\n/);
  expect(table).toMatch(/page_access_token +page +file +- +-\n/);
});

test('inspects a token with the credentials of its app', async () => {
  const at = await desk();
  const scopes = 'pages_show_list,pages_messaging,pages_manage_metadata';
  const account = await createPage(at, await pageTokenWith(scopes, at));
  expect(await at.json('tokens', 'inspect', 'fb-81')).toEqual({
    account_id: account.id,
    account_key: 'fb-81',
    channel: 'messenger',
    field: 'page_access_token',
    is_valid: true,
    app_id: MESSENGER_APP.id,
    application: 'Small Desk',
    type: 'PAGE',
    scopes: scopes.split(','),
    missing_scopes: [],
    fix: null,
    expires_at: expect.stringMatching(/Z$/),
    data_access_expires_at: expect.stringMatching(/Z$/),
    error: null,
  });
  const request = at.meta.requests.at(-1);
  expect(request?.operation).toBe('debugToken');
  expect(request?.headers.authorization).toBe(`Bearer ${MESSENGER_APP.id}|${MESSENGER_APP.secret}`);
});

test('shows the missing permissions of a token and the command that gets a new one', async () => {
  const at = await desk();
  await createPage(at, await pageTokenWith('pages_show_list,pages_messaging', at));
  expect(await inspected(at, 'fb-81')).toMatchObject({
    code: 6,
    stderr: '',
    result: {
      is_valid: true,
      missing_scopes: ['pages_manage_metadata'],
      fix: 'channelctl messenger connect --page 81',
    },
  });
});

test('reports a permission that was granted only for other Pages as missing', async () => {
  const at = await desk();
  await createPage(at, await pageTokenWith(SCOPES, at));
  await at.json('accounts', 'update', 'fb-81', '--config', 'page_id=99');
  const { code, stderr, result } = await inspected(at, 'fb-81');
  expect([code, result.missing_scopes]).toEqual([6, ['pages_messaging', 'pages_manage_metadata']]);
  expect(stderr).toContain('pages_messaging was not granted for page_id 99.');
});

test('reports expired data access', async () => {
  const at = await desk({ now: () => Date.now() - 91 * DAY * 1000 });
  await createPage(at, await pageTokenWith(SCOPES, at));
  const { code, stderr, result } = await inspected(at, 'fb-81');
  expect([code, result.is_valid, result.missing_scopes]).toEqual([6, true, []]);
  expect(result.fix).toBe('channelctl messenger connect --page 81');
  expect(stderr).toContain('Data access has expired');
});

test.each([
  ['reports a token of another app', { app_id: '701', scopes: SCOPES.split(',') }, 6, 'to app 701'],
  [
    'accepts a response with only granular scopes',
    { app_id: MESSENGER_APP.id, granular_scopes: SCOPES.split(',').map((scope) => ({ scope })) },
    0,
    '',
  ],
])('%s', async (_what, data, exit, words) => {
  const at = await desk();
  await createPage(at, 'EAApage-token');
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ data: { is_valid: true, expires_at: 0, ...data } }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  at.env.CHANNELCTL_GRAPH_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, stderr, result } = await inspected(at, 'fb-81');
  expect([code, result.scopes, result.missing_scopes]).toEqual([exit, SCOPES.split(','), []]);
  expect(stderr).toContain(words);
  expect(result.fix === null).toBe(exit === 0);
});

test('shows an expiry of null for a token that never expires', async () => {
  const at = await desk();
  await createPage(at, at.meta.description.pages[0]?.access_token ?? '');
  expect(await at.json('tokens', 'inspect', 'fb-81')).toMatchObject({ expires_at: null });
});

test('prints a result, not an error, for an invalid token', async () => {
  const clock = movableClock();
  const at = await desk({ now: clock.now });
  await at.connectInstagram();
  clock.pass(61);
  const { code, stdout, stderr } = await at.cli('tokens', 'inspect', INSTAGRAM, '--json');
  expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    is_valid: false,
    fix: 'channelctl instagram connect',
    error: { code: 190, subcode: 463, message: expect.stringContaining('expired') },
  });
});

test('cannot inspect an account without a Meta token', async () => {
  const { json, failure } = await desk();
  const address = ['--config', 'address=support@example.com'];
  await json('accounts', 'create', '--channel', 'email', '--account-key', 'support', ...address);
  expect(await failure('tokens', 'inspect', 'support')).toMatchObject({ code: 2, stdout: '' });
});

test('refreshes the token of an Instagram account and stores the new one', async () => {
  const clock = movableClock();
  const at = await desk({ now: clock.now });
  await at.connectInstagram();
  const [old] = await storedToken(at);
  clock.pass(2);
  const { code, rows } = await refreshed(at, INSTAGRAM);
  const [token, expires_at] = await storedToken(at);
  expect(code).toBe(0);
  expect(rows).toEqual([
    {
      channel: 'instagram',
      account_key: INSTAGRAM,
      field: 'access_token',
      refreshed: true,
      expires_at,
      error: null,
      note: null,
    },
  ]);
  expect(token).not.toBe(old);
  const [exchange, trial] = at.meta.requests.slice(-2);
  expect(exchange?.query).toEqual({ grant_type: 'ig_refresh_token', access_token: old });
  expect(trial?.headers.authorization).toBe(`Bearer ${token}`);
});

test('leaves a token that cannot be refreshed unchanged, and refreshes the others', async () => {
  const clock = movableClock();
  const at = await desk({ now: clock.now });
  await at.connectInstagram(ADA);
  clock.pass(2);
  await at.connectInstagram(BO); // This account's token is too new to be refreshed.
  const young = `ig-${BO.user_id}`;
  const before = await storedToken(at, young);
  const { code, rows, stderr } = await refreshed(at, '--expiring-within', '90d');
  expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
  expect(rows).toMatchObject([
    { account_key: INSTAGRAM, refreshed: true, error: null },
    {
      account_key: young,
      refreshed: false,
      expires_at: before[1],
      error: {
        message: expect.stringContaining('24 hours'),
        graph: { code: 100 },
      },
    },
  ]);
  expect(await storedToken(at, young)).toEqual(before);
});

test.each([
  [
    'a security check',
    { code: 190, subcode: 459, message: 'You cannot access the app till you log in to www.x' },
    'complete it',
  ],
  ['a blocked app', { code: 200, message: 'API access blocked.' }, 'a new token does not help'],
  ['a missing permission', { code: 10 }, 'the permission instagram_business_basic'],
  ['a deleted app', { code: 190, message: 'Application has been deleted' }, 'app_secret'],
])('reports %s, for which it is not enough to get a new token', async (_what, fault, hint) => {
  const at = await desk();
  await at.connectInstagram();
  at.meta.inject({ operation: 'refreshInstagramToken', ...fault });
  const { code, rows } = await refreshed(at, INSTAGRAM);
  expect(code).toBe(6);
  expect(rows[0].error.hint).toContain(hint);
  expect(rows[0].error.hint).not.toContain('can no longer be refreshed');
});

test('names the command that gets a new token if the old one has expired', async () => {
  const clock = movableClock();
  const at = await desk({ now: clock.now });
  await at.connectInstagram();
  clock.pass(61);
  const { code, rows } = await refreshed(at, INSTAGRAM);
  expect(code).toBe(6);
  expect(rows[0].error.hint).toContain('channelctl instagram connect');
});

test('--expiring-within skips tokens that expire later or never, with the reason', async () => {
  const at = await desk();
  await at.connectPage();
  await at.connectInstagram();
  const asked = at.calls().length;
  const { code, rows } = await refreshed(at, '--expiring-within', '14d');
  expect(code).toBe(0);
  expect(rows).toMatchObject([
    {
      account_key: null,
      field: 'user_token',
      refreshed: false,
      note: 'The token does not expire within the specified time.',
    },
    {
      account_key: 'fb-81',
      refreshed: false,
      note: expect.stringContaining('does not normally expire'),
    },
    {
      account_key: INSTAGRAM,
      refreshed: false,
      note: 'The token does not expire within the specified time.',
    },
  ]);
  expect(at.calls()).toHaveLength(asked);
  expect((await refreshed(at, 'fb-81')).rows).toMatchObject([
    { refreshed: false, error: null, note: expect.stringContaining('does not normally expire') },
  ]);
});

test('does not replace the user token if the new one has the same expiry, and names the sign-in', async () => {
  const at = await desk();
  await at.connectPage();
  const before = await at.json('integrations', 'get', 'messenger', '--reveal');
  const [{ expires_at }] = await at.json('tokens', 'list');
  const { code, rows } = await refreshed(at, '--expiring-within', '61d');
  expect(code).toBe(6);
  expect(rows[0]).toMatchObject({
    channel: 'messenger',
    field: 'user_token',
    refreshed: false,
    expires_at,
    error: {
      message: expect.stringContaining('same expiry'),
      hint: expect.stringContaining('channelctl messenger connect'),
    },
  });
  expect(await at.json('integrations', 'get', 'messenger', '--reveal')).toEqual(before);
});

test('stores the user token that Meta returns with a later expiry', async () => {
  const clock = movableClock();
  const at = await desk({ now: clock.now, renewals: { user: 'later_expiry' } });
  await at.connectPage();
  const { config: before } = await at.json('integrations', 'get', 'messenger', '--reveal');
  clock.pass(2);
  const { rows } = await refreshed(at, '--expiring-within', '61d');
  expect(rows[0]).toMatchObject({ channel: 'messenger', field: 'user_token', refreshed: true });
  const { config: after } = await at.json('integrations', 'get', 'messenger', '--reveal');
  expect(after).toEqual({ ...before, user_token: after.user_token });
  expect(after.user_token).not.toBe(before.user_token);
  expect((await at.json('tokens', 'list'))[0].expires_at).toBe(rows[0].expires_at);
});

test('cannot replace a token in a variable', async () => {
  const at = await desk();
  await at.connectInstagram();
  const name = `CHANNELCTL_SECRET_INSTAGRAM_IG_${ADA.user_id}_ACCESS_TOKEN`;
  at.env[name] = 'IGAAtoken-of-the-variable';
  const asked = at.calls().length;
  const { code, rows } = await refreshed(at, INSTAGRAM);
  expect(code).toBe(6);
  expect(rows[0]).toMatchObject({
    refreshed: false,
    error: { hint: expect.stringContaining(name) },
  });
  expect(at.calls()).toHaveLength(asked);
});

test('does not call Meta if a new token could not be stored', async () => {
  const at = await desk();
  await at.connectInstagram();
  at.env.CHANNELCTL_SECRETS = 'env';
  const asked = at.calls().length;
  expect((await at.failure('tokens', 'refresh', INSTAGRAM)).code).toBe(8);
  expect(at.calls()).toHaveLength(asked);
});

test.each([
  ['neither an account nor a time', []],
  ['both', [INSTAGRAM, '--expiring-within', '14d']],
  ['a time without a unit', ['--expiring-within', '14']],
  ['a time of zero', ['--expiring-within', '0d']],
  ['a time in an unknown unit', ['--expiring-within', '2w']],
])('%s is a usage error', async (_, args) => {
  const { failure } = await desk();
  const { code, error } = await failure('tokens', 'refresh', ...args);
  expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
  expect(error.hint).toMatch(/14d/);
});

test('accepts a time in hours', async () => {
  const at = await desk();
  await at.connectInstagram();
  const { code, rows } = await refreshed(at, '--expiring-within', '36h');
  expect({ code, note: rows[0].note }).toEqual({
    code: 0,
    note: 'The token does not expire within the specified time.',
  });
});
