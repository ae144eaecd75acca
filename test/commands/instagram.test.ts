import { expect, test } from 'vitest';
import { run } from '../support/cli.ts';
import {
  ADA,
  HTTPS_REDIRECT,
  INSTAGRAM_APP,
  instagramCode,
  metaDesks,
} from '../support/meta-desk.ts';

const desk = metaDesks();
const KEY = `ig-${ADA.user_id}`;
const FIELDS = 'messages,messaging_postbacks,messaging_seen,message_reactions,messaging_referral';
const DAY_MS = 24 * 60 * 60 * 1000;

function connectWith(code: string): string[] {
  return ['instagram', 'connect', '--code', code, '--redirect-uri', HTTPS_REDIRECT];
}

test.each(['plain', 'data'] as const)(
  'connects with a code, which Instagram exchanges in the form "%s"',
  async (codeAnswer) => {
    const { meta, json, calls } = await desk({ codeAnswer });
    const code = await instagramCode(meta);
    const result = await json(...connectWith(`${code}#_`));
    expect(result).toEqual({
      success: true,
      account_key: KEY,
      display_name: 'Ada Alder',
      username: 'ada.alder',
      token_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    const days = (Date.parse(result.token_expires_at) - Date.now()) / DAY_MS;
    expect(days).toBeGreaterThan(59.9);
    expect(days).toBeLessThanOrEqual(60);

    const account = await json('accounts', 'get', `instagram/${KEY}`);
    expect(account).toMatchObject({ display_name: 'Ada Alder', is_active: true, is_default: true });
    expect(account.config).toEqual({
      ig_user_id: ADA.user_id,
      username: 'ada.alder',
      token_expires_at: result.token_expires_at,
      access_token: expect.stringMatching(/^\*{8}.{4}$/),
    });

    expect(calls()).toEqual([
      'exchangeInstagramCode',
      'extendInstagramToken',
      'getInstagramProfile',
      'subscribeInstagram',
    ]);
    const [exchange, , profile, subscription] = meta.requests.slice(-4);
    expect(Object.fromEntries(new URLSearchParams(exchange?.body))).toEqual({
      client_id: INSTAGRAM_APP.id,
      client_secret: INSTAGRAM_APP.secret,
      grant_type: 'authorization_code',
      redirect_uri: HTTPS_REDIRECT,
      code,
    });
    expect(profile?.headers.authorization).toMatch(/^Bearer /);
    expect(profile?.query).not.toHaveProperty('access_token');
    expect(subscription?.query).toEqual({ subscribed_fields: FIELDS });
  },
);

test.each([
  ['the URL', (code: string) => `${HTTPS_REDIRECT}?code=${code}&state=x#_`],
  ['the parameter', (code: string) => `code=${code}`],
  ['an encoded fragment', (code: string) => `${code}%23_`],
])('accepts a code pasted as %s', async (_, pasted) => {
  const { meta, json } = await desk();
  const result = await json(...connectWith(pasted(await instagramCode(meta))));
  expect(result).toMatchObject({ success: true, account_key: KEY });
});

test('warns about a personal account and a permission that was not granted', async () => {
  const { meta, cli } = await desk({ ada: { account_type: 'PERSONAL' } });
  const code = await instagramCode(meta, ADA, 'instagram_business_basic');
  meta.inject({ operation: 'subscribeInstagram', status: 200, body: { success: true } });
  const { stderr } = await cli(...connectWith(code));
  expect(stderr).toContain('instagram_business_manage_messages was not granted');
  expect(stderr).toContain('personal account');
});

test('renews only the token of an account that is connected again', async () => {
  const { json, connectInstagram } = await desk();
  await connectInstagram();
  const name = `instagram/${KEY}`;
  const before = await json(
    ...['accounts', 'update', name, '--display-name', 'Front desk'],
    '--config',
    'note=keep',
  );
  await connectInstagram();
  const after = await json('accounts', 'get', name);
  expect(after.config.access_token).not.toBe(before.config.access_token);
  expect(after).toEqual({
    ...before,
    updated_at: after.updated_at,
    config: {
      ...before.config,
      access_token: after.config.access_token,
      token_expires_at: after.config.token_expires_at,
    },
  });
  expect(await json('accounts', 'list')).toHaveLength(1);
});

test.each([
  ['the flag', ['--redirect-uri', 'http://localhost:8976/callback'], {}],
  ['the variable', [], { CHANNELCTL_REDIRECT_URI: 'http://localhost:8976/callback' }],
])('rejects an HTTP redirect URI from %s', async (_, args, extra) => {
  const { failure, meta } = await desk({ extra });
  const { code, error } = await failure('instagram', 'connect', '--code', 'a-code', ...args);
  expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
  expect(error.message).toContain('Instagram accepts only HTTPS redirect URIs.');
  expect(error.hint).toContain(`--redirect-uri ${HTTPS_REDIRECT}`);
  expect(meta.requests).toEqual([]);
});

test('reports a used code, although errors of the code exchange have a different shape', async () => {
  const { meta, failure, json } = await desk();
  const code = await instagramCode(meta);
  await json(...connectWith(code));
  const { code: exit, error } = await failure(...connectWith(code));
  expect(exit).toBe(5);
  expect(error).toMatchObject({
    kind: 'graph',
    hint: expect.stringContaining('channelctl instagram connect'),
    graph: { status: 400, code: 400, type: 'OAuthException' },
  });
  expect(error.graph.message).toContain('used');
});

test('stores the account if subscribing fails, and names the command to finish', async () => {
  const { meta, failure, json } = await desk();
  meta.inject({ operation: 'subscribeInstagram', code: 100, message: 'No such field' });
  const { code, stdout, error } = await failure(...connectWith(await instagramCode(meta)));
  expect({ code, stdout, kind: error.kind }).toEqual({ code: 5, stdout: '', kind: 'graph' });
  expect(error.message).toContain(`not subscribed to the webhooks of instagram/${KEY}`);
  expect(error.hint).toContain(`channelctl instagram subscribe instagram/${KEY}`);
  expect(error.graph).toMatchObject({ code: 100, message: 'No such field' });

  expect(await json('instagram', 'subscribe', `instagram/${KEY}`)).toEqual({ success: true });
  expect(meta.requests.at(-1)).toMatchObject({ query: { subscribed_fields: FIELDS } });
});

test.each(['extendInstagramToken', 'getInstagramProfile'] as const)(
  'stores nothing if %s fails',
  async (operation) => {
    const { meta, failure, json } = await desk();
    meta.inject({ operation, code: 190, subcode: 463 });
    const { code } = await failure(...connectWith(await instagramCode(meta)));
    expect(code).toBe(4);
    expect(await json('accounts', 'list')).toEqual([]);
  },
);

test('does not exchange the code if the token cannot be stored', async () => {
  const { meta, failure, env } = await desk();
  const code = await instagramCode(meta);
  env.CHANNELCTL_SECRETS = 'env';
  env.CHANNELCTL_SECRET_INSTAGRAM_APP_SECRET = INSTAGRAM_APP.secret;
  expect((await failure(...connectWith(code))).code).toBe(8);
  expect(meta.requests.map(({ operation }) => operation)).not.toContain('exchangeInstagramCode');
});

test('requires the admin role and the settings of an app', async () => {
  const { failure, cli, env } = await desk();
  env.CHANNELCTL_ROLE = 'supervisor';
  expect((await failure(...connectWith('a-code'))).code).toBe(4);
  delete env.CHANNELCTL_ROLE;
  await cli('integrations', 'set', 'instagram', '--unset', 'app_id');
  const { code, error } = await failure(...connectWith('a-code'));
  expect(code).toBe(2);
  expect(error.message).toContain('Missing: app_id');
  expect(error.hint).toContain('channelctl integrations set instagram');
});

test('never shows the code, app secret or token, even with --debug', async () => {
  const { meta, env, json } = await desk();
  const code = await instagramCode(meta);
  const { stdout, stderr } = await run([...connectWith(code), '--debug'], env);
  expect(stdout).toBe(`Connected @ada.alder as instagram/${KEY}.\n`);
  const { config } = await json('accounts', 'get', KEY, '--reveal');
  expect(stderr).toContain('/me/subscribed_apps');
  for (const secret of [code, INSTAGRAM_APP.secret, config.access_token]) {
    expect(stdout + stderr).not.toContain(secret);
  }
});
