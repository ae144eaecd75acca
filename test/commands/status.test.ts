import { expect, test } from 'vitest';
import { home, run } from '../support/cli.ts';
import { type MetaDesk, metaDesks } from '../support/meta-desk.ts';

const desk = metaDesks();
const DAY_MS = 24 * 60 * 60 * 1000;

async function statusOf({ env }: Pick<MetaDesk, 'env'>, ...args: string[]) {
  const { code, stdout, stderr } = await run(['status', ...args, '--json'], env);
  return { code, stderr, list: JSON.parse(stdout || 'null') };
}

test('status lists each account with its check, token expiry and webhook', async () => {
  const at = await desk({ extra: { CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.example.com' } });
  await at.connectPage();
  const { token_expires_at } = await at.connectInstagram();
  const { code, stderr, list } = await statusOf(at);
  const { id } = await at.json('accounts', 'get', 'fb-81');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(list).toHaveLength(2);
  expect(list[0]).toEqual({
    account_id: id,
    account_key: 'fb-81',
    channel: 'messenger',
    display_name: 'Alder Books',
    is_default: true,
    is_active: true,
    healthy: true,
    severity: null,
    problems: [],
    token_expires_at: null,
    webhook: 'subscribed',
    webhook_url: 'https://desk.example.com/messenger/fb-81',
  });
  expect(list[1]).toMatchObject({ channel: 'instagram', healthy: true, token_expires_at });
});

test('an account that needs attention is listed with its problems, and exits with 6', async () => {
  const at = await desk();
  await at.connectPage();
  at.env.CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN = 'a-token-that-meta-does-not-know';
  const { code, stderr, list } = await statusOf(at);
  expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
  expect(list).toMatchObject([{ healthy: false, severity: 'error', webhook: null }]);
  expect(list[0].problems[0]).toMatchObject({ part: 'token', severity: 'error' });
  const { stdout } = await at.cli('status');
  expect(stdout).toMatch(/ACCOUNT KEY.*SEVERITY.*PROBLEMS/);
  expect(stdout).toMatch(/fb-81.*error.*token/);
});

test('an inactive account is listed but not checked', async () => {
  const at = await desk();
  await at.connectPage();
  await at.json('accounts', 'update', 'fb-81', '--inactive');
  at.env.CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN = 'a-token-that-meta-does-not-know';
  const before = at.meta.requests.length;
  const { code, list } = await statusOf(at);
  expect(code).toBe(0);
  expect(list).toMatchObject([{ is_active: false, healthy: null, severity: null, problems: [] }]);
  expect(at.meta.requests).toHaveLength(before);
});

test('--offline sends nothing, opens no secret store, and reports expiring and expired tokens', async () => {
  const own = await home();
  const instagram = (user: string, expiry: string) => [
    ...['accounts', 'create', '--channel', 'instagram', '--account-key', `ig-${user}`],
    ...['--config', `ig_user_id=${user}`, '--config', 'access_token=env:TOKEN'],
    ...['--config', `token_expires_at=${expiry}`],
  ];
  own.env.TOKEN = 'IGAA-a-token-of-instagram';
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  await own.json(...instagram('1', inDays(30)));
  await own.json(...instagram('2', inDays(3)));
  expect((await statusOf(own, '--offline')).code).toBe(0);
  await own.json(...instagram('3', inDays(-1)));
  own.env.CHANNELCTL_PASSPHRASE = 'not the one';
  own.env.CHANNELCTL_GRAPH_URL = 'http://127.0.0.1:1';
  const { code, stderr, list } = await statusOf(own, '--offline');
  expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
  expect(list.map(({ healthy }: { healthy: unknown }) => healthy)).toEqual([null, null, null]);
  expect(list.map(({ severity }: { severity: unknown }) => severity)).toEqual([
    ...[null, 'warning', 'error'],
  ]);
  expect(list[0].problems).toEqual([]);
  expect(list[1].problems).toMatchObject([{ severity: 'warning' }]);
  expect(list[2].problems).toMatchObject([
    { severity: 'error', hint: expect.stringContaining('channelctl instagram connect') },
  ]);
});

test('the expiry of a token is the same with --offline, unless the token is in a variable', async () => {
  const at = await desk();
  await at.connectInstagram();
  const [{ account_key }] = await at.json('accounts', 'list');
  const times = (results: Awaited<ReturnType<typeof statusOf>>[]) =>
    results.map(({ list }) => list[0].token_expires_at);
  const expires = async (days: number) => {
    const time = new Date(Date.now() + days * DAY_MS).toISOString();
    await at.json('accounts', 'update', account_key, '--config', `token_expires_at=${time}`);
    const [online, offline] = [await statusOf(at), await statusOf(at, '--offline')];
    expect(times([online])).toEqual(times([offline]));
    return [online, offline].map(({ list }) => list[0].problems[0]?.message);
  };
  expect(await expires(20)).toEqual([undefined, undefined]);
  const [online, offline] = await expires(3);
  expect(online).toMatch(/^The token expires at /);
  expect(offline).toBe(online);
  const { config } = await at.json('accounts', 'get', account_key, '--reveal');
  const variable = account_key.toUpperCase().replaceAll('-', '_');
  at.env[`CHANNELCTL_SECRET_INSTAGRAM_${variable}_ACCESS_TOKEN`] = config.access_token;
  // The stored expiry is that of another token, so Meta is asked.
  const checked = [await statusOf(at), await statusOf(at, '--offline')];
  expect(times(checked)).toEqual([expect.stringMatching(/Z$/), null]);
  expect(checked[0]?.list[0].problems).toEqual([]);
});

test('if Meta is unreachable, the exit code is 5, and one warning says so', async () => {
  const at = await desk();
  await at.connectPage();
  await at.connectInstagram();
  at.env.CHANNELCTL_GRAPH_URL = 'http://127.0.0.1:1';
  at.env.CHANNELCTL_INSTAGRAM_GRAPH_URL = 'http://127.0.0.1:1';
  const { code, stderr, list } = await statusOf(at);
  expect(code).toBe(5);
  expect(list).toMatchObject([
    { healthy: false, webhook: null },
    { healthy: false, webhook: null },
  ]);
  expect(JSON.parse(stderr).warning.message).toMatch(
    /^2 accounts could not be checked\. .*127\.0\.0\.1/,
  );
  const table = await at.cli('status');
  expect(table.code).toBe(5);
  expect(table.stdout.match(/Meta could not be queried\./g)).toHaveLength(2);
  expect(table.stdout).not.toContain('127.0.0.1');
  expect(table.stderr.match(/could not be checked/g)).toHaveLength(1);
}, 60_000);

test('if only some accounts could not be checked, the problems of the others are shown', async () => {
  const at = await desk();
  await at.connectPage();
  await at.connectInstagram();
  at.env.CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN = 'a-token-that-meta-does-not-know';
  at.env.CHANNELCTL_INSTAGRAM_GRAPH_URL = 'http://127.0.0.1:1';
  const { code, stdout, stderr } = await at.cli('status');
  expect(code).toBe(5);
  expect(stdout).toMatch(/fb-81.*error.*token/);
  expect(stdout).toMatch(/ig-.*Meta could not be queried\./);
  expect(stderr).toContain('1 account could not be checked.');
}, 60_000);

test('an unreachable mail server is a problem of that account', async () => {
  const own = await home();
  await own.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
    ...['--config', 'address=a@example.com', '--config', 'imap_host=127.0.0.1'],
    ...['--config', 'imap_port=1', '--config', 'username=a', '--config', 'password=secret-of-mail'],
  );
  const { code, stderr, list } = await statusOf(own);
  expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
  expect(list).toMatchObject([{ healthy: false, severity: 'error' }]);
});

test('the supervisor role allows --offline, but checking accounts requires admin', async () => {
  const own = await home({ CHANNELCTL_ROLE: 'supervisor' });
  expect((await own.failure('status')).code).toBe(4);
  expect((await own.cli('status', '--offline')).code).toBe(0);
  own.env.CHANNELCTL_ROLE = 'agent';
  expect((await own.failure('status', '--offline')).code).toBe(4);
});
