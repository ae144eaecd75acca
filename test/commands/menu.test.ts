import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inTurn, meta } from '../graph/support.ts';
import { get, pageToken, proofOf, send } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import { APP, type Desk, desks, pageAccount } from '../support/desk.ts';

const email = ['accounts', 'create', '--channel', 'email', '--account-key', 'support'];
const withAccounts = desks(pageAccount('81'), pageAccount('82'), [
  ...email,
  '--config',
  'address=a@example.com',
]);

async function desk(): Promise<Desk> {
  const own = await withAccounts();
  for (const id of ['81', '82']) {
    own.env[`CHANNELCTL_SECRET_MESSENGER_FB_${id}_PAGE_ACCESS_TOKEN`] = pageToken(own.meta, id);
  }
  return own;
}

const TALK = { type: 'postback', title: 'Talk to us', payload: 'TALK' };
const SHOP = { type: 'web_url', title: 'Shop', url: 'https://shop.example.com/?a=b' };
const MENU = [{ locale: 'default', call_to_actions: [TALK, SHOP] }];
const ITEMS = ['--item', 'Talk to us=postback:TALK', '--item', `Shop=${SHOP.url}`];
const START = ['--get-started', 'START'];
const SET = { success: true, deleted: false };

async function menuAtMeta({ meta }: Desk, id = '81'): Promise<unknown> {
  const fields = 'persistent_menu,get_started';
  const { body } = await get(meta, '/me/messenger_profile', pageToken(meta, id), { fields });
  return Array.isArray(body.data) ? (body.data[0] ?? {}) : body;
}

async function setButton({ meta }: Desk, id = '81'): Promise<void> {
  const button = { get_started: { payload: 'BEFORE' } };
  await send(meta, 'POST', '/me/messenger_profile', pageToken(meta, id), button);
}

async function whitelist({ meta }: Desk, ...whitelisted_domains: string[]): Promise<void> {
  await send(meta, 'POST', '/me/messenger_profile', pageToken(meta, '81'), { whitelisted_domains });
}

function writes({ meta }: Desk): number {
  return meta.requests.filter(({ method }) => method !== 'GET').length;
}

describe('menu set', () => {
  test('sets buttons from --item, and the Get Started button, in one call', async () => {
    const own = await desk();
    expect(await own.json('menu', 'set', 'fb-81', ...ITEMS, ...START)).toEqual(SET);
    expect(own.meta.requests).toHaveLength(1);
    const [request] = own.meta.requests;
    const token = pageToken(own.meta, '81');
    expect(request?.headers.authorization).toBe(`Bearer ${token}`);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      persistent_menu: MENU,
      get_started: { payload: 'START' },
      appsecret_proof: proofOf(token, APP.secret),
    });
    expect(await menuAtMeta(own)).toEqual({
      persistent_menu: MENU,
      get_started: { payload: 'START' },
    });
  });

  test('accepts the scheme of an --item in any case', async () => {
    const own = await desk();
    const items = ['--item', 'Talk to us=Postback:TALK', '--item', 'Shop=HTTPS://Shop.example.com'];
    await own.json('menu', 'set', 'fb-81', ...items, ...START);
    expect((await own.json('menu', 'get', 'fb-81')).persistent_menu[0].call_to_actions).toEqual([
      TALK,
      { ...SHOP, url: 'HTTPS://Shop.example.com' },
    ]);
  });

  test('does not change an existing Get Started button', async () => {
    const own = await desk();
    await setButton(own);
    expect(await own.json('menu', 'set', 'fb-81', ...ITEMS)).toEqual(SET);
    expect(await menuAtMeta(own)).toEqual({
      persistent_menu: MENU,
      get_started: { payload: 'BEFORE' },
    });
  });

  test('exits with 2 and changes nothing if the Page has no Get Started button and none is passed', async () => {
    const own = await desk();
    const { code, stdout, error } = await own.failure('menu', 'set', 'fb-81', ...ITEMS);
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 2, stdout: '', kind: 'usage' });
    expect(error.message).toContain('Get Started');
    expect(error.hint).toContain('--get-started');
    expect(writes(own)).toBe(0);
  });

  test('accepts an equals sign in a title', async () => {
    const own = await desk();
    const item = '1+1=2 = true=postback:A=B';
    await own.json('menu', 'set', 'fb-81', '--item', item, ...START);
    expect(await menuAtMeta(own)).toMatchObject({
      persistent_menu: [{ call_to_actions: [{ title: '1+1=2 = true', payload: 'A=B' }] }],
    });
  });

  test.each([
    ['the array as JSON', JSON.stringify(MENU)],
    ['an object as JSON', JSON.stringify({ persistent_menu: MENU, get_started: null })],
    [
      'the array as YAML',
      `- locale: default
  call_to_actions:
    - { type: postback, title: Talk to us, payload: TALK }
    - { type: web_url, title: Shop, url: "${SHOP.url}" }
`,
    ],
  ])('reads %s from a file and from stdin', async (_what, text) => {
    const own = await desk();
    const file = join(own.configDir, 'menu');
    await writeFile(file, text);
    expect(await own.json('menu', 'set', 'fb-81', '--file', file, ...START)).toEqual(SET);
    await setButton(own, '82');
    const args = ['menu', 'set', 'fb-82', '--file', '-', '--json'];
    expect(JSON.parse((await run(args, own.env, text)).stdout)).toEqual(SET);
    expect(await menuAtMeta(own)).toMatchObject({ persistent_menu: MENU });
    expect(await menuAtMeta(own, '82')).toMatchObject({ persistent_menu: MENU });
  });

  test.each(['json', 'yaml'])(
    'accepts the output of menu get -o %s, with its Get Started button',
    async (format) => {
      const own = await desk();
      const payload = '0123 # yes: no';
      const menu = [{ locale: 'default', call_to_actions: [{ ...TALK, title: 'Null', payload }] }];
      const file = join(own.configDir, 'menu.json');
      await writeFile(file, JSON.stringify(menu));
      await own.json('menu', 'set', 'fb-81', '--file', file, '--get-started', '1e3');
      const { stdout } = await own.cli('menu', 'get', 'fb-81', '-o', format);
      const { code } = await run(['menu', 'set', 'fb-82', '--file', '-'], own.env, stdout);
      expect(code).toBe(0);
      expect(await menuAtMeta(own, '82')).toEqual(await menuAtMeta(own));
      expect(await menuAtMeta(own, '82')).toEqual({
        persistent_menu: menu,
        get_started: { payload: '1e3' },
      });
    },
  );

  test('warns about plain http: links, which Meta accepts', async () => {
    const own = await desk();
    const items = ['--item', 'Shop=http://shop.example.com', '--item', 'Talk=postback:TALK'];
    const { code, stderr } = await own.cli('menu', 'set', 'fb-81', ...items, ...START);
    expect(code).toBe(0);
    expect(stderr).toContain('persistent_menu[0].call_to_actions[0].url');
    expect(await menuAtMeta(own)).toMatchObject({
      persistent_menu: [{ call_to_actions: [{ url: 'http://shop.example.com' }, {}] }],
    });
  });

  test('names the command that adds the domain of a button with messenger_extensions', async () => {
    const own = await desk();
    await whitelist(own, 'https://alder.example');
    const shop = { ...SHOP, messenger_extensions: true };
    const menu = JSON.stringify([{ locale: 'default', call_to_actions: [TALK, shop] }]);
    const set = () =>
      run(['menu', 'set', 'fb-81', '--file', '-', ...START, '--json'], own.env, menu);
    const refused = await set();
    expect(refused.code).toBe(2);
    const { message, hint } = JSON.parse(refused.stderr).error;
    expect(message).toContain("the Page's whitelisted_domains: shop.example.com");
    expect(writes(own)).toBe(1);
    const [, command = ''] = /channelctl (api .*)$/.exec(hint) ?? [];
    const words = command.split(' ').map((word) => word.replaceAll("'", ''));
    expect(await own.cli(...words, '--yes')).toMatchObject({ code: 0 });
    expect((await set()).code).toBe(0);
    const { body } = await get(own.meta, '/me/messenger_profile', pageToken(own.meta, '81'));
    expect(body.data).toMatchObject([
      { whitelisted_domains: ['https://alder.example', 'https://shop.example.com'] },
    ]);
  });

  test('accepts everything that Meta allows, up to its limits', async () => {
    const own = await desk();
    const link = {
      ...SHOP,
      webview_height_ratio: 'tall',
      messenger_extensions: true,
      webview_share_button: 'hide',
      fallback_url: 'https://shop.example.com/in-a-browser',
    };
    const title = '🏺'.repeat(30); // 30 characters, of two UTF-16 code units each
    const longest = { type: 'postback', title, payload: '🏺'.repeat(1000) };
    const menu = [
      { locale: 'default', composer_input_disabled: true, call_to_actions: Array(20).fill(TALK) },
      { locale: 'de_DE', call_to_actions: [link, longest], disabled_surfaces: ['X'] },
      { locale: 'fr_CA', composer_input_disabled: false },
      { locale: 'it_IT' },
    ];
    await whitelist(own, 'https://shop.example.com');
    const args = ['menu', 'set', 'fb-81', '--file', '-', ...START];
    const { code, stderr } = await run(args, own.env, JSON.stringify(menu));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await menuAtMeta(own)).toMatchObject({ persistent_menu: menu });
  });
});

describe('menu get', () => {
  test('returns null for values that are not set', async () => {
    const own = await desk();
    expect(await own.json('menu', 'get', 'fb-81')).toEqual({
      persistent_menu: null,
      get_started: null,
    });
    await setButton(own);
    expect(await own.json('menu', 'get', 'fb-81')).toEqual({
      persistent_menu: null,
      get_started: { payload: 'BEFORE' },
    });
  });

  test('returns null for an empty menu from Meta', async () => {
    const own = await desk();
    const stub = await meta(inTurn({ body: { data: [{ persistent_menu: [] }] } }));
    const env = { ...own.env, CHANNELCTL_GRAPH_URL: stub.url };
    const { stdout } = await run(['menu', 'get', 'fb-81', '--json'], env);
    expect(JSON.parse(stdout)).toEqual({ persistent_menu: null, get_started: null });
    const table = await run(['menu', 'get', 'fb-81'], env);
    expect(table.stdout).toContain('has no persistent menu');
  });

  test('prints the menu line by line', async () => {
    const own = await desk();
    await own.json('menu', 'set', 'fb-81', ...ITEMS, ...START);
    const { stdout } = await own.cli('menu', 'get', 'fb-81');
    expect(stdout).toContain('Get Started: START');
    expect(stdout).toMatch(/Talk to us +→ +TALK\n/);
    expect(stdout).toContain(SHOP.url);
  });
});

describe('menu delete', () => {
  test('asks for confirmation, or requires --yes without a terminal', async () => {
    const own = await desk();
    await own.json('menu', 'set', 'fb-81', ...ITEMS, ...START);
    const { code, error } = await own.failure('menu', 'delete', 'fb-81');
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.hint).toContain('--yes');
    expect(writes(own)).toBe(1);
    expect(await own.json('menu', 'delete', 'fb-81', '--yes')).toEqual({
      success: true,
      deleted: true,
    });
    expect(await menuAtMeta(own)).toEqual({ get_started: { payload: 'START' } });
  });
});

describe('the account of a menu', () => {
  const commands = [
    ['menu', 'set', ...ITEMS, ...START],
    ['menu', 'get'],
    ['menu', 'delete', '--yes'],
  ];

  test.each(commands)(
    '%s %s rejects an unknown account and one of another channel',
    async (...command) => {
      const own = await desk();
      const other = await own.failure(...command, 'support');
      expect({ code: other.code, kind: other.error.kind }).toEqual({ code: 2, kind: 'usage' });
      expect(other.error.message).toMatch(/email\/support is not a Messenger account/);
      const none = await own.failure(...command, 'fb-99');
      expect({ code: none.code, kind: none.error.kind }).toEqual({ code: 3, kind: 'not_found' });
      expect(own.meta.requests).toEqual([]);
    },
  );

  test('lets a supervisor read it but not change it, and an agent do neither', async () => {
    const own = await desk();
    const codeAs = async (role: string, command: string[]) =>
      (await run([...command, 'fb-81'], { ...own.env, CHANNELCTL_ROLE: role })).code;
    const codes = await Promise.all(
      ['supervisor', 'agent'].map((role) => Promise.all(commands.map((one) => codeAs(role, one)))),
    );
    expect(codes).toEqual([
      [4, 0, 4],
      [4, 4, 4],
    ]);
    expect(writes(own)).toBe(0);
  });

  test('exits with 4 for an invalid or missing Page token, and explains how to connect again', async () => {
    const own = await desk();
    own.meta.inject({ operation: 'getMessengerProfile', code: 190, subcode: 460 });
    const dead = await own.failure('menu', 'get', 'fb-81');
    expect({ code: dead.code, kind: dead.error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
    expect(dead.error.hint).toMatch(/password.*channelctl messenger connect/);

    delete own.env.CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN;
    await rm(join(own.configDir, 'profiles', 'default', 'secrets.json'));
    const gone = await own.failure('menu', 'get', 'fb-81');
    expect({ code: gone.code, kind: gone.error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
    expect(gone.error.hint).toContain('channelctl messenger connect --page 81');
  });
});
