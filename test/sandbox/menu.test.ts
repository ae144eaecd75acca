import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { get, pageToken, SMALL_SEED, sandbox, send, stoppedClock, userToken } from './support.ts';

const PROFILE = '/me/messenger_profile';
const MINUTE = 60_000;

const getStarted = { payload: 'START' };
const help = { type: 'postback', title: 'Help', payload: 'HELP' };
const shop = { type: 'web_url', title: 'Shop', url: 'https://shop.example/' };
const menu = [{ locale: 'default', composer_input_disabled: false, call_to_actions: [help, shop] }];

function buttons(...call_to_actions: unknown[]) {
  return [{ locale: 'default', call_to_actions }];
}

function set(on: Sandbox, body: unknown, page = '81') {
  return send(on, 'POST', PROFILE, pageToken(on, page), body);
}

function remove(on: Sandbox, ...fields: string[]) {
  return send(on, 'DELETE', PROFILE, pageToken(on, '81'), { fields });
}

async function stored(on: Sandbox, fields = 'persistent_menu,get_started') {
  return (await get(on, PROFILE, pageToken(on, '81'), { fields })).body;
}

describe('the Messenger profile', () => {
  it('is empty by default', async () => {
    expect(await stored(await sandbox())).toEqual({ data: [] });
  });

  it('returns the menu and Get Started button as they were set', async () => {
    const running = await sandbox();
    const { status, body } = await set(running, { persistent_menu: menu, get_started: getStarted });
    expect([status, body]).toEqual([200, { result: 'success' }]);
    expect(await stored(running)).toEqual({
      data: [{ persistent_menu: menu, get_started: getStarted }],
    });
  });

  it('returns the requested fields that are set, or all if none are requested', async () => {
    const running = await sandbox();
    await set(running, { get_started: getStarted });
    const { body } = await get(running, PROFILE, pageToken(running, '81'));
    expect(body).toEqual({ data: [{ get_started: getStarted }] });
    expect(await stored(running)).toEqual({ data: [{ get_started: getStarted }] });
    expect(await stored(running, 'persistent_menu,greeting')).toEqual({ data: [] });
  });

  it('belongs to one Page', async () => {
    const running = await sandbox();
    await set(running, { persistent_menu: menu, get_started: getStarted });
    const { body } = await get(running, PROFILE, pageToken(running, '82'), {
      fields: 'persistent_menu',
    });
    expect(body).toEqual({ data: [] });
  });

  it('replaces the whole menu', async () => {
    const running = await sandbox();
    await set(running, { persistent_menu: menu, get_started: getStarted });
    await set(running, { persistent_menu: buttons(help) });
    expect(await stored(running, 'persistent_menu')).toEqual({
      data: [{ persistent_menu: buttons(help) }],
    });
  });

  it('deletes fields, including those that are not set', async () => {
    const running = await sandbox();
    await set(running, { persistent_menu: menu, get_started: getStarted });
    expect((await remove(running, 'persistent_menu')).body).toEqual({ result: 'success' });
    expect((await remove(running, 'persistent_menu')).body).toEqual({ result: 'success' });
    expect(await stored(running)).toEqual({ data: [{ get_started: getStarted }] });
  });

  it('accepts a menu as JSON in a form', async () => {
    const running = await sandbox();
    const form = new URLSearchParams({
      access_token: pageToken(running, '81'),
      persistent_menu: JSON.stringify(menu),
      get_started: JSON.stringify(getStarted),
    });
    const address = `${running.urls.graph_url}/v26.0${PROFILE}`;
    expect((await fetch(address, { method: 'POST', body: form })).status).toBe(200);
    expect(await stored(running, 'persistent_menu')).toEqual({ data: [{ persistent_menu: menu }] });
  });

  it('rejects a user token', async () => {
    const running = await sandbox();
    const { body } = await send(running, 'POST', PROFILE, await userToken(running), {
      get_started: getStarted,
    });
    expect(body.error).toMatchObject({
      code: 190,
      message: '(#190) This method must be called with a Page Access Token',
    });
  });

  it('rejects a user without a messaging task', async () => {
    const running = await sandbox();
    const user = await userToken(running, {}, '92');
    const { body } = await get(running, '/81', user, { fields: 'name,access_token' });
    const token = String(body.access_token);
    const answers = [
      await get(running, PROFILE, token, { fields: 'persistent_menu' }),
      await send(running, 'POST', PROFILE, token, { get_started: getStarted }),
      await send(running, 'DELETE', PROFILE, token, { fields: ['persistent_menu'] }),
    ];
    expect(answers.map(({ body: { error } }) => error?.code)).toEqual([200, 200, 200]);
  });

  it('rejects a token without pages_messaging: 230', async () => {
    const running = await sandbox();
    const user = await userToken(running, { scope: 'pages_show_list' });
    const { body } = await get(running, '/81', user, { fields: 'name,access_token' });
    const answer = await send(running, 'POST', PROFILE, String(body.access_token), {
      get_started: getStarted,
    });
    expect(answer.status).toBe(403);
    expect(answer.body.error?.code).toBe(230);
    expect(answer.body.error?.message).toContain('pages_messaging');
  });
});

describe('the Get Started button', () => {
  const refusal = {
    code: 100,
    error_subcode: 2018145,
    message: '(#100) You must set a Get Started button if you also wish to use persistent menu.',
  };

  it('must be set before or with a menu', async () => {
    const running = await sandbox();
    const { status, body } = await set(running, { persistent_menu: menu });
    expect(status).toBe(400);
    expect(body.error).toMatchObject(refusal);
    expect(await stored(running)).toEqual({ data: [] });
    await set(running, { get_started: getStarted });
    expect((await set(running, { persistent_menu: menu })).status).toBe(200);
  });

  it('has a payload and no other keys', async () => {
    const { body } = await set(await sandbox(), { get_started: { ...getStarted, title: 'Go' } });
    expect(body.error).toMatchObject({
      code: 100,
      message: '(#100) Invalid keys "title" were found in param "get_started".',
    });
  });

  it('cannot be deleted while a menu is set', async () => {
    const running = await sandbox();
    await set(running, { persistent_menu: menu, get_started: getStarted });
    expect((await remove(running, 'get_started')).body.error).toMatchObject(refusal);
    expect((await remove(running, 'get_started', 'persistent_menu')).status).toBe(200);
    expect(await stored(running)).toEqual({ data: [] });
  });
});

describe('whitelisted domains', () => {
  it('are set, read and deleted, and must be HTTPS', async () => {
    const running = await sandbox();
    const domains = { whitelisted_domains: ['https://shop.example'] };
    expect((await set(running, domains)).body).toEqual({ result: 'success' });
    expect(await stored(running, 'whitelisted_domains')).toEqual({ data: [domains] });
    await remove(running, 'whitelisted_domains');
    expect(await stored(running, 'whitelisted_domains')).toEqual({ data: [] });
    const { body } = await set(running, { whitelisted_domains: ['http://shop.example'] });
    expect(body.error).toMatchObject({ code: 100 });
  });
});

describe('a persistent menu', () => {
  const place = 'persistent_menu[0][call_to_actions][0]';
  const long = (length: number) => '🏺'.repeat(length);

  it.each([
    ['no default entry', [{ ...menu[0], locale: 'en_US' }], 'exactly one entry'],
    ['two default entries', [...menu, ...menu], 'exactly one entry'],
    ['no entry at all', [], 'exactly one entry'],
    [
      'a duplicate locale',
      [...menu, { ...menu[0], locale: 'en_US' }, { ...menu[0], locale: 'en_US' }],
      'Param persistent_menu[2][locale] is duplicated',
    ],
    ['an invalid locale', [...menu, { ...menu[0], locale: 'English' }], '[1][locale]'],
    ['no buttons', buttons(), 'persistent_menu[0][call_to_actions] must have between 1 and 20'],
    ['21 buttons', buttons(...Array(21).fill(help)), 'between 1 and 20 elements - got 21'],
    [
      'missing buttons with the composer disabled',
      [{ locale: 'default', composer_input_disabled: true }],
      '[0][call_to_actions] is required',
    ],
    [
      'a nested menu',
      buttons({ type: 'nested', title: 'More' }),
      `Param ${place}[type] must not be nested`,
    ],
    ['an unknown type', buttons({ ...help, type: 'phone' }), `${place}[type] must be one of`],
    [
      'no title',
      buttons({ type: 'postback', payload: 'X' }),
      `parameter ${place}[title] is required`,
    ],
    ['an empty title', buttons({ ...help, title: ' ' }), `Param ${place}[title] is required`],
    [
      'a title of 31 characters',
      buttons({ ...help, title: long(31) }),
      `Length of param ${place}[title] must be less than or equal to 30`,
    ],
    [
      'no payload',
      buttons({ type: 'postback', title: 'X' }),
      `Param ${place}[payload] is required`,
    ],
    [
      'a payload of 1,001 characters',
      buttons({ ...help, payload: long(1001) }),
      `Length of param ${place}[payload] must be less than or equal to 1000`,
    ],
    ['no URL', buttons({ type: 'web_url', title: 'X' }), `Param ${place}[url] is required`],
    [
      'a URL with extensions that is not HTTPS',
      buttons({ ...shop, messenger_extensions: true, url: 'http://shop.example/' }),
      `Param ${place}[url] must be a valid HTTPS URL`,
    ],
    [
      'a URL with extensions on a domain that is not whitelisted',
      buttons({ ...shop, messenger_extensions: true }),
      `Param ${place}[url] must be on a domain in whitelisted_domains`,
    ],
    ['an invalid URL', buttons({ ...shop, url: 'https://' }), 'must be a valid URL'],
    ['another scheme', buttons({ ...shop, url: 'ftp://shop.example' }), 'must be a valid URL'],
    [
      'an invalid fallback URL',
      buttons({ ...shop, fallback_url: 'shop' }),
      `Param ${place}[fallback_url] must be a valid URL`,
    ],
    [
      'an unknown webview height',
      buttons({ ...shop, webview_height_ratio: 'huge' }),
      `Param ${place}[webview_height_ratio] must be one of {compact, full, tall}`,
    ],
    [
      'an unknown share button',
      buttons({ ...shop, webview_share_button: 'show' }),
      `Param ${place}[webview_share_button] must be one of {hide}`,
    ],
    [
      'keys of another button type',
      buttons({ ...help, url: 'https://shop.example/' }),
      `Invalid keys "url" were found in param "${place}".`,
    ],
    [
      'buttons instead of entries',
      [{ ...help, locale: 'default' }],
      'Invalid keys "type, title, payload" were found in param "persistent_menu[0]".',
    ],
    ['a string instead of an array', 'HELP', 'Param persistent_menu must be of type array'],
  ])('is rejected with error 100: %s', async (_, persistent_menu, words) => {
    const running = await sandbox();
    const { status, body } = await set(running, { persistent_menu, get_started: getStarted });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ type: 'OAuthException', code: 100 });
    expect(body.error?.message).toContain(words);
    expect(await stored(running)).toEqual({ data: [] });
  });

  it('can reach every limit', async () => {
    const whitelisted = "name: Alder Books, whitelisted_domains: ['https://SHOP.example']";
    const running = await sandbox(SMALL_SEED.replace('name: Alder Books', whitelisted));
    const persistent_menu = [
      { locale: 'default' },
      { locale: 'fr_FR', composer_input_disabled: false },
      {
        locale: 'zh_CN',
        composer_input_disabled: true,
        disabled_surfaces: ['customer_chat_plugin'],
        call_to_actions: [
          { ...help, title: long(30), payload: long(1000) },
          {
            ...shop,
            webview_height_ratio: 'tall',
            webview_share_button: 'hide',
            messenger_extensions: true,
            fallback_url: 'https://shop.example/in-a-browser',
          },
          { ...shop, url: 'http://shop.example/' },
          ...Array(17).fill(help),
        ],
      },
    ];
    const { body } = await set(running, { persistent_menu, get_started: getStarted });
    expect(body).toEqual({ result: 'success' });
  });

  it('is required unless a Get Started button is set', async () => {
    const { body } = await set(await sandbox(), {});
    expect(body.error?.message).toContain('persistent_menu, get_started');
  });
});

describe('the limit of ten calls in ten minutes', () => {
  it('applies per Page, to reads and writes', async () => {
    const clock = stoppedClock();
    const running = await sandbox(SMALL_SEED, clock.now);
    for (let call = 0; call < 8; call += 1) {
      expect((await set(running, { get_started: getStarted })).status).toBe(200);
    }
    expect(await stored(running)).toEqual({ data: [{ get_started: getStarted }] });
    expect((await remove(running, 'persistent_menu')).status).toBe(200);
    const { status, body } = await set(running, { get_started: getStarted });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ type: 'OAuthException', code: 613 });
    expect(await stored(running)).toMatchObject({ error: { code: 613 } });
    expect((await remove(running, 'persistent_menu')).body.error?.code).toBe(613);
    expect((await set(running, { get_started: getStarted }, '82')).status).toBe(200);
  });

  it('does not count rejected writes', async () => {
    const running = await sandbox();
    for (let call = 0; call < 10; call += 1) {
      expect((await set(running, { persistent_menu: menu })).body.error?.code).toBe(100);
    }
    expect((await set(running, { get_started: getStarted })).status).toBe(200);
  });

  it('ends when the oldest call is ten minutes old', async () => {
    const clock = stoppedClock();
    const running = await sandbox(SMALL_SEED, clock.now);
    await set(running, { get_started: getStarted });
    clock.pass(MINUTE);
    for (let call = 0; call < 9; call += 1) await set(running, { get_started: getStarted });
    clock.pass(9 * MINUTE - 1);
    expect((await set(running, { get_started: getStarted })).body.error?.code).toBe(613);
    clock.pass(1);
    expect((await set(running, { get_started: getStarted })).status).toBe(200);
    expect((await set(running, { get_started: getStarted })).body.error?.code).toBe(613);
  });
});
