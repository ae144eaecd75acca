import { expect, test } from 'vitest';
import type { Problem } from '../../src/shared/problem.ts';
import { get, send, userToken } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import {
  ADA,
  BO,
  INSTAGRAM_APP,
  MESSENGER_APP,
  type MetaDesk,
  metaDesks,
} from '../support/meta-desk.ts';

const desk = metaDesks();
const INSTAGRAM = `ig-${ADA.user_id}`;
const DAY_MS = 24 * 60 * 60 * 1000;

async function checked({ env }: MetaDesk, ...args: string[]) {
  const { code, stdout, stderr } = await run(['accounts', 'check', ...args, '--json'], env);
  return { code, stderr, health: JSON.parse(stdout || 'null') };
}

function createPage({ env, json }: MetaDesk, token: string, page = '81') {
  env.PAGE_TOKEN = token;
  const config = ['--config', `page_id=${page}`, '--config', 'page_access_token=env:PAGE_TOKEN'];
  const key = ['--account-key', `fb-${page}`];
  return json('accounts', 'create', '--channel', 'messenger', ...key, ...config);
}

test('a connected Page is healthy, with its menu and Get Started button in the details', async () => {
  const at = await desk();
  await at.connectPage();
  await at.json('menu', 'set', 'fb-81', '--item', 'Help=postback:HELP', '--get-started', 'START');
  const { code, stderr, health } = await checked(at, 'fb-81');
  const { id } = await at.json('accounts', 'get', 'fb-81');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(health).toEqual({
    account_id: id,
    channel: 'messenger',
    account_key: 'fb-81',
    healthy: true,
    problems: [],
    details: {
      token_expires_at: null,
      data_access_expires_at: expect.stringMatching(/Z$/),
      scopes: expect.arrayContaining(['pages_messaging']),
      subscribed_fields: expect.arrayContaining(['messages', 'messaging_postbacks']),
      subscribed_ok: true,
      has_menu: true,
      has_get_started: true,
    },
  });
});

test('reports a Page that the app is not subscribed to', async () => {
  const at = await desk();
  await createPage(at, at.meta.description.pages[0]?.access_token ?? '');
  const { code, health } = await checked(at, 'fb-81');
  expect(code).toBe(6);
  expect(health).toMatchObject({
    healthy: false,
    problems: [
      {
        part: 'subscription',
        severity: 'error',
        message: expect.stringContaining('not subscribed'),
        hint: expect.stringContaining('channelctl messenger connect --page 81'),
        graph: null,
      },
    ],
    details: { subscribed_fields: null, subscribed_ok: false, has_menu: false },
  });
});

test('reports a missing webhook field as a warning, and the Page as healthy', async () => {
  const at = await desk();
  const token = at.meta.description.pages[0]?.access_token ?? '';
  await createPage(at, token);
  await send(at.meta, 'POST', '/81/subscribed_apps', token, { subscribed_fields: 'messages' });
  const { code, health } = await checked(at, 'fb-81');
  expect({ code, healthy: health.healthy }).toEqual({ code: 0, healthy: true });
  expect(health.problems).toMatchObject([{ part: 'subscription', severity: 'warning' }]);
  expect(health.problems[0].message).toContain('message_reads');
});

test('reports a user without the task, and a permission that was not granted', async () => {
  const at = await desk();
  const user = await userToken(at.meta, {
    client_id: MESSENGER_APP.id,
    scope: 'pages_show_list,pages_messaging',
  });
  const { body } = await get(at.meta, '/82', user, { fields: 'name,access_token' });
  await createPage(at, String(body.access_token), '82');
  const { code, health } = await checked(at, 'fb-82');
  expect(code).toBe(6);
  const found = health.problems.map(({ part, message }: { part: string; message: string }) => [
    part,
    message,
  ]);
  expect(found).toEqual([
    ['token', expect.stringContaining('pages_manage_metadata')],
    // A Page token from a short-lived user token expires with it.
    ['token', expect.stringContaining('expires at')],
    ['task', expect.stringContaining('one of these tasks is required: MESSAGING')],
    ['subscription', expect.stringContaining('pages_manage_metadata')],
  ]);
});

test('reports an invalid token once, not once per call', async () => {
  const at = await desk();
  await createPage(at, 'EAAnot-a-token-any-more');
  const { code, health } = await checked(at, 'fb-81');
  expect(code).toBe(6);
  expect(health.problems).toMatchObject([
    { part: 'token', severity: 'error', message: expect.stringContaining('no longer valid') },
  ]);
  expect(health.details).toMatchObject({ subscribed_fields: null, has_menu: null });
});

test('reports a session that has ended once, not once per call', async () => {
  const at = await desk();
  await at.connectInstagram();
  const error = { code: 0, type: 'AuthException', message: 'The session for this user has ended.' };
  for (const operation of ['getInstagramProfile', 'listInstagramSubscriptions']) {
    at.meta.inject({ operation, status: 400, body: { error } });
  }
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(6);
  const errors = health.problems.filter(({ severity }: Problem) => severity === 'error');
  expect(errors).toMatchObject([{ part: 'token', graph: { code: 0 } }]);
});

test('checks the rest, with a warning, if the app is not configured', async () => {
  const at = await desk();
  await at.connectPage();
  await at.json('integrations', 'set', 'messenger', '--unset', 'app_id');
  const { code, health } = await checked(at, 'fb-81');
  expect(code).toBe(0);
  expect(health.problems).toMatchObject([
    { part: 'token', severity: 'warning', hint: expect.stringContaining('app_id') },
  ]);
});

test('a connected Instagram profile is healthy', async () => {
  const at = await desk();
  const { token_expires_at } = await at.connectInstagram();
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(0);
  expect(health).toMatchObject({ channel: 'instagram', healthy: true, problems: [] });
  expect(health.details).toEqual({
    username: 'ada.alder',
    token_expires_at,
    subscribed_fields: expect.arrayContaining(['messages', 'messaging_seen']),
    subscribed_ok: true,
  });
});

test('warns about an Instagram token that expires soon, with the command that refreshes it', async () => {
  const at = await desk();
  await at.connectInstagram();
  const soon = new Date(Date.now() + 3 * DAY_MS).toISOString();
  await at.json('accounts', 'update', INSTAGRAM, '--config', `token_expires_at=${soon}`);
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(0);
  expect(health.problems).toMatchObject([{ part: 'token', severity: 'warning' }]);
  expect(health.problems[0].hint).toContain(`channelctl tokens refresh instagram/${INSTAGRAM}`);
});

test('reports a profile that is not subscribed, with the command that subscribes it', async () => {
  const at = await desk();
  at.meta.inject({ operation: 'subscribeInstagram', code: 100 });
  await expect(at.connectInstagram()).rejects.toThrow('not subscribed');
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(6);
  expect(health.problems).toMatchObject([{ part: 'subscription', severity: 'error' }]);
  expect(health.problems[0].hint).toContain(`instagram subscribe instagram/${INSTAGRAM}`);
});

test.each([
  ['only another app is subscribed', [{ id: '799', subscribed_fields: ['messages'] }]],
  ['no app is subscribed', []],
])('a profile is unhealthy if %s', async (_, subscribed_apps) => {
  const at = await desk({ ada: { subscribed_apps } });
  at.meta.inject({ operation: 'subscribeInstagram', code: 100 });
  await expect(at.connectInstagram()).rejects.toThrow('not subscribed');
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(6);
  expect(health.details).toMatchObject({ subscribed_ok: false, subscribed_fields: [] });
});

test('a profile whose subscription lists only comments gets all fields of the app', async () => {
  const subscribed_apps = [
    { id: '799', subscribed_fields: ['messages'] },
    { id: INSTAGRAM_APP.id, subscribed_fields: ['comments'] },
  ];
  const at = await desk({ ada: { subscribed_apps } });
  at.meta.inject({ operation: 'subscribeInstagram', code: 100 });
  await expect(at.connectInstagram()).rejects.toThrow('not subscribed');
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(0);
  expect(health).toMatchObject({
    problems: [
      {
        severity: 'warning',
        message: expect.stringMatching(/does not list messages,.*gets all fields of the app/),
        hint: expect.stringContaining(`instagram subscribe instagram/${INSTAGRAM}`),
      },
    ],
    details: { subscribed_ok: true, subscribed_fields: ['comments'] },
  });
  const { stdout } = await at.cli('webhooks', 'status', INSTAGRAM, '--json');
  const { fields, missing } = JSON.parse(stdout);
  expect({ missing, hasMessages: fields.includes('messages') }).toEqual({
    missing: [],
    hasMessages: true,
  });
});

test('reports a token of another profile', async () => {
  const at = await desk();
  await at.connectInstagram();
  await at.json('accounts', 'update', INSTAGRAM, '--config', `ig_user_id=${BO.user_id}`);
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(6);
  expect(health.problems[0].message).toContain(`belongs to the profile ${ADA.user_id}`);
});

test('--all checks every active account in order, even if one check fails', async () => {
  const at = await desk();
  await createPage(at, 'EAAnot-a-token-any-more');
  await at.connectInstagram(ADA);
  await at.connectInstagram(BO);
  await at.json('accounts', 'update', `ig-${BO.user_id}`, '--inactive');
  const { code, stderr, health } = await checked(at, '--all');
  expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
  expect(health).toMatchObject([
    { account_key: 'fb-81', healthy: false },
    { account_key: INSTAGRAM, healthy: true },
  ]);
  const { stdout } = await at.cli('accounts', 'check', '--all');
  expect(stdout).toBe(
    [
      'messenger/fb-81  unhealthy',
      '  error    The token is no longer valid: Invalid OAuth access token.',
      '           Connect the Page again: channelctl messenger connect --page 81',
      '',
      `instagram/${INSTAGRAM}  healthy`,
      '',
      '2 accounts: 1 healthy, 1 unhealthy.\n',
    ].join('\n'),
  );
  const everything = await checked(at, '--all', '--include-inactive');
  expect(everything.health).toHaveLength(3);
});

test("reports Meta's error with its message", async () => {
  const at = await desk();
  await at.connectInstagram();
  at.meta.inject({ operation: 'getInstagramProfile', code: 368, message: 'Blocked for a while' });
  const { code, health } = await checked(at, INSTAGRAM);
  expect(code).toBe(6);
  expect(health.problems).toMatchObject([
    {
      part: 'token',
      severity: 'error',
      message: expect.stringContaining('Blocked for a while'),
      hint: expect.stringContaining('block'),
      graph: { code: 368 },
    },
  ]);
  expect(health.details.subscribed_fields).toContain('messages');
});

test('--all accepts a profile without accounts; either an account or --all is required, not both', async () => {
  const at = await desk();
  expect(await checked(at, '--all')).toMatchObject({ code: 0, health: [] });
  for (const args of [[], ['fb-81', '--all']]) {
    expect(await at.failure('accounts', 'check', ...args)).toMatchObject({ code: 2, stdout: '' });
  }
  expect((await at.failure('accounts', 'check', 'fb-81')).code).toBe(3);
});

test('requires the admin role and readable secrets', async () => {
  const at = await desk();
  await at.connectInstagram();
  at.env.CHANNELCTL_ROLE = 'supervisor';
  expect((await at.failure('accounts', 'check', '--all')).code).toBe(4);
  delete at.env.CHANNELCTL_ROLE;
  at.env.CHANNELCTL_PASSPHRASE = 'not the passphrase';
  expect(await at.failure('accounts', 'check', '--all')).toMatchObject({ code: 8, stdout: '' });
});
