import { describe, expect, test } from 'vitest';
import { proofOf, REDIRECT, signInCode } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import { APP, desks, withCode } from '../support/desk.ts';

const desk = desks();

const NO_PAGE_ERROR = { error: null };
const ALDER = { id: '81', name: 'Alder Books', account_key: 'fb-81' };
const BIRCH = { id: '82', name: 'Birch & Co', account_key: 'fb-82' };

describe('messenger connect --code', () => {
  test('connects the specified Pages without a browser', async () => {
    const own = await desk();
    const args = await withCode(own, '--redirect-uri', REDIRECT, '--page', '82', '--page', '81');
    expect(await own.json(...args)).toEqual({
      success: true,
      pages: [
        { ...BIRCH, connected: true, ...NO_PAGE_ERROR },
        { ...ALDER, connected: true, ...NO_PAGE_ERROR },
      ],
    });
    const account = await own.json('accounts', 'get', 'fb-81');
    expect(account).toMatchObject({ channel: 'messenger', display_name: ALDER.name });
    expect(account).toMatchObject({ is_active: true, division_id: null });
    expect(account.config).toEqual({
      page_id: '81',
      page_access_token: expect.stringMatching(/^\*{8}.{4}$/),
    });
    expect(account.verify_token).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each(['\n', '#_=_\r\n'])('reads the code from stdin, followed by %j', async (end) => {
    const own = await desk();
    const code = await signInCode(own.meta);
    const args = ['messenger', 'connect', '--code', '-', '--page', '81', '--json'];
    const { code: exit, stdout } = await run(args, own.env, code + end);
    expect({ exit, ...JSON.parse(stdout) }).toMatchObject({ exit: 0, success: true });
  });

  test('rejects an empty stdin', async () => {
    const own = await desk();
    const { code, error } = await own.failure(
      'messenger',
      'connect',
      '--code',
      '-',
      '--page',
      '81',
    );
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('--code is empty');
    expect(own.meta.requests).toEqual([]);
  });

  test('sends the user agent, API version, token and proof with every call, and no token in a URL', async () => {
    const own = await desk({ extra: { CHANNELCTL_GRAPH_VERSION: 'v25.0' } });
    const code = await signInCode(own.meta);
    const before = own.meta.requests.length;
    await own.json('messenger', 'connect', '--code', code, '--page', '81');
    const calls = own.meta.requests.slice(before);
    expect(calls.map(({ operation }) => operation)).toEqual([
      ...['exchangeLoginCode', 'extendUserToken', 'listPages', 'listBusinesses', 'debugToken'],
      ...['getPageToken', 'subscribePage'],
    ]);
    const [exchange, extend, ...withToken] = calls;
    expect(exchange?.query).toEqual({
      client_id: APP.id,
      client_secret: APP.secret,
      redirect_uri: REDIRECT,
      code,
    });
    expect(extend?.query).toMatchObject({ grant_type: 'fb_exchange_token', client_id: APP.id });
    for (const { path, headers } of calls) {
      expect(path).toMatch(/^\/graph\/v25\.0\//);
      expect(headers['user-agent']).toMatch(/^channelctl\/\d+\.\d+\.\d+$/);
    }
    for (const { query, body, headers } of withToken) {
      const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
      expect(token).toMatch(/^EAA|^700\|/);
      const { appsecret_proof } = body === '' ? query : JSON.parse(body);
      expect(appsecret_proof).toBe(proofOf(token, APP.secret));
      expect(JSON.stringify(query) + body).not.toContain(token);
    }
    expect(JSON.parse(withToken.at(-1)?.body ?? '').subscribed_fields.split(',')).toEqual([
      ...['messages', 'messaging_postbacks', 'messaging_optins', 'messaging_referrals'],
      ...['message_deliveries', 'message_reads', 'message_echoes', 'messaging_handovers'],
    ]);
  });

  test('makes the first specified Page the default, even if Meta answers for another one first', async () => {
    const own = await desk();
    own.meta.inject({ operation: '/82', delay_ms: 300 });
    await own.cli(...(await withCode(own, '--page', '82', '--page', '84', '--page', '81')));
    expect(await own.json('accounts', 'list', '--fields', 'account_key,is_default')).toEqual([
      { account_key: 'fb-82', is_default: true },
      { account_key: 'fb-81', is_default: false },
    ]);
  });

  test("assigns the profile's division to the new account", async () => {
    const own = await desk();
    await own.json('config', 'set', 'division_id', 'north');
    await own.json(...(await withCode(own, '--page', '81')));
    expect((await own.json('accounts', 'get', 'fb-81')).division_id).toBe('north');
  });

  test('renews only the token of an account that is connected again', async () => {
    const own = await desk();
    await own.json(...(await withCode(own, '--page', '81', '--page', '82')));
    await own.json('accounts', 'update', 'fb-81', '--display-name', 'Our shop', '--inactive');
    const before = await own.json('accounts', 'get', 'fb-81', '--reveal');
    await own.json('config', 'set', 'division_id', 'south');

    await own.json(...(await withCode(own, '--page', '81')));
    const after = await own.json('accounts', 'get', 'fb-81', '--reveal');
    const token = after.config.page_access_token;
    expect(token).not.toBe(before.config.page_access_token);
    expect(after).toEqual({
      ...before,
      config: { page_id: '81', page_access_token: token },
      updated_at: after.updated_at,
    });
    expect(after.is_default).toBe(true);
    expect(await own.json('accounts', 'list')).toHaveLength(2);
  });

  test('--all-pages reports why a Page cannot be connected, and succeeds', async () => {
    const own = await desk();
    expect(await own.json(...(await withCode(own, '--all-pages')))).toEqual({
      success: true,
      pages: [
        { ...ALDER, connected: true, ...NO_PAGE_ERROR },
        { ...BIRCH, connected: true, ...NO_PAGE_ERROR },
        {
          id: '84',
          name: 'Dogwood Dance',
          account_key: 'fb-84',
          connected: false,
          error: {
            message: expect.stringContaining('You need the MESSAGING task'),
            hint: expect.any(String),
            graph: null,
          },
        },
      ],
    });
    expect(own.meta.requests.some(({ path }) => path.includes('/84'))).toBe(false);
  });

  test('fails if a specified Page cannot be connected', async () => {
    const own = await desk();
    const { code, stdout, stderr } = await own.cli(
      ...(await withCode(own, '--page', '84', '--page', '81', '--json')),
    );
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    const { success, pages } = JSON.parse(stdout);
    expect(success).toBe(false);
    expect(pages.map(({ connected }: { connected: boolean }) => connected)).toEqual([false, true]);
  });

  test('shows a table of the Pages and a summary', async () => {
    const own = await desk();
    const { stdout } = await own.cli(...(await withCode(own, '--all-pages')));
    expect(stdout).toMatch(/^81 +Alder Books .* yes /m);
    expect(stdout).toMatch(/^84 +Dogwood Dance .* no .*You need the MESSAGING task/m);
    expect(stdout).toMatch(/Connected 2 of 3 Pages\.\n$/);
  });
});

describe('messenger connect --list-only', () => {
  test('lists the Pages, masks the user token, and stores it for messenger pages', async () => {
    const own = await desk();
    await own.json(...(await withCode(own, '--page', '81')));
    const { user_token, pages } = await own.json(...(await withCode(own, '--list-only')));
    expect(user_token).toMatch(/^\*{8}.{4}$/);
    expect(pages).toEqual([
      {
        id: '81',
        name: ALDER.name,
        category: 'Bookstore',
        tasks: expect.arrayContaining(['MESSAGING', 'MODERATE']),
        connected: true,
        business: null,
      },
      {
        id: '82',
        name: BIRCH.name,
        category: null,
        tasks: expect.arrayContaining(['MESSAGING']),
        connected: false,
        business: null,
      },
      {
        id: '84',
        name: 'Dogwood Dance',
        category: null,
        tasks: ['ANALYZE'],
        connected: false,
        business: null,
      },
    ]);
    expect(await own.json('accounts', 'list')).toHaveLength(1);
    expect(await own.json('messenger', 'pages', '--page', '82')).toMatchObject({ success: true });
  });

  test('shows the user token below the table, masked or revealed', async () => {
    const own = await desk();
    const masked = await own.cli(...(await withCode(own, '--list-only')));
    expect(masked.stdout).toMatch(/^81 +Alder Books +Bookstore +\S.*MESSAGING, .* no$/m);
    expect(masked.stdout).toMatch(/\nUser token: \*{8}\S{4}\n$/);
    const revealed = await own.cli(...(await withCode(own, '--list-only', '--reveal')));
    const used = own.meta.requests.findLast(({ operation }) => operation === 'listPages');
    const token = used?.headers.authorization?.replace('Bearer ', '');
    expect(revealed.stdout.endsWith(`\nUser token: ${token}\n`)).toBe(true);
  });

  test('--reveal shows the user token', async () => {
    const own = await desk();
    const { user_token } = await own.json(...(await withCode(own, '--list-only', '--reveal')));
    const used = own.meta.requests.find(({ operation }) => operation === 'listPages');
    expect(used?.headers.authorization).toBe(`Bearer ${user_token}`);
  });

  test('reads every page of results', async () => {
    const ids = Array.from({ length: 230 }, (_, index) => `${5000 + index}`);
    const pages = ids.map((id) => `{ id: "${id}", name: Page ${id} }`).join(', ');
    const seed = `{ apps: [{ id: "${APP.id}", secret: ${APP.secret}, name: Desk }], pages: [${pages}] }`;
    const own = await desk({ seed });
    const result = await own.json(...(await withCode(own, '--list-only')));
    expect(result.pages.map(({ id }: { id: string }) => id)).toEqual(ids);
    const calls = own.meta.requests.filter(({ operation }) => operation === 'listPages');
    expect(calls).toHaveLength(3);
    expect(calls.some(({ query }) => 'access_token' in query)).toBe(false);
  });
});

describe('messenger connect, before it sends anything', () => {
  test.each([
    [
      ['--page', '81', '--all-pages'],
      ['--page', '--all-pages', 'cannot be used together'],
    ],
    [
      ['--page', '81', '--list-only'],
      ['--page', '--list-only', 'cannot be used together'],
    ],
    [
      ['--all-pages', '--list-only'],
      ['--all-pages', '--list-only', 'cannot be used together'],
    ],
    [[], ['--page', '--all-pages', '--list-only']],
    [
      ['--page', '81', '--redirect-uri', 'http://desk.example.com/callback'],
      ['--redirect-uri is', 'http:'],
    ],
    [
      ['--page', '81', '--redirect-uri', 'desk'],
      ['--redirect-uri is', 'desk'],
    ],
    [
      ['--page', '81', '--reveal'],
      ['--reveal', '--list-only'],
    ],
    [
      ['--list-only', '--fields', 'pages.nope'],
      ['pages.nope', 'pages.tasks'],
    ],
  ])('rejects %j', async (args, words) => {
    const own = await desk();
    const { code, stdout, error } = await own.failure(
      ...['messenger', 'connect', '--code', 'AQ-a-code', ...args],
    );
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 2, stdout: '', kind: 'usage' });
    for (const word of words) expect(`${error.message} ${error.hint}`).toContain(word);
    expect(own.meta.requests).toEqual([]);
  });

  test.each([
    ['CHANNELCTL_GRAPH_URL', 'http://graph.example.com'],
    ['CHANNELCTL_FACEBOOK_URL', 'http://www.example.com'],
    ['CHANNELCTL_GRAPH_VERSION', '26'],
  ])('rejects an invalid %s before the sign-in starts', async (variable, value) => {
    const own = await desk({ extra: { [variable]: value } });
    const { code, stdout, stderr } = await run(
      ['messenger', 'connect', '--no-browser', '--page', '81', '--timeout', '1'],
      { ...own.env, [variable]: value },
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(variable);
    expect(stderr).not.toContain('/dialog/oauth');
  });

  test('rejects an integration without app settings', async () => {
    const own = await desk();
    const { code, error } = await own.failure(
      ...['messenger', 'connect', '--code', 'AQ-a-code', '--page', '81', '--profile', 'other'],
    );
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('app_id, app_secret');
    expect(error.hint).toContain('channelctl integrations set messenger');
    expect(own.meta.requests).toEqual([]);
  });

  test.each(['supervisor', 'agent'])('rejects the role %s', async (role) => {
    const own = await desk({ extra: { CHANNELCTL_ROLE: role } });
    const { code, error } = await own.failure(
      'messenger',
      'connect',
      '--code',
      'AQ-c',
      '--list-only',
    );
    expect({ code, kind: error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
    expect(own.meta.requests).toEqual([]);
  });
});
