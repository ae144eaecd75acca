import { describe, expect, test } from 'vitest';
import { run } from '../support/cli.ts';
import { desks, pageAccount } from '../support/desk.ts';

const desk = desks(pageAccount('81'));

const TALK = { type: 'postback', title: 'Talk to us', payload: 'TALK' };
const SHOP = { type: 'web_url', title: 'Shop', url: 'https://shop.example.com' };
const ITEMS = ['--item', 'Talk to us=postback:TALK'];

describe('menu set with an invalid menu, which is not sent', () => {
  test('reports the path of every possible error', async () => {
    const own = await desk();
    const buttons = [
      { ...TALK, title: '🏺'.repeat(31) },
      { ...TALK, title: ' ' },
      { ...TALK, payload: 'x'.repeat(1001) },
      { type: 'postback', title: 'No payload' },
      { ...TALK, url: 'https://example.com' },
      { ...SHOP, url: 'http://shop.example.com', messenger_extensions: true },
      { ...SHOP, url: 'shop' },
      { ...SHOP, webview_height_ratio: 'small', webview_share_button: 'show' },
      { ...SHOP, messenger_extensions: 'yes' },
      { type: 'nested', title: 'More', call_to_actions: [TALK] },
      { type: 'phone', title: 'Call' },
      { title: 'No type' },
      { type: 'postback', title: 7, payload: 'SEVEN' },
      'Talk',
    ];
    const menu = [
      { locale: 'en_US', call_to_actions: buttons, color: 'red' },
      { locale: 'en_US', composer_input_disabled: 'no', call_to_actions: [TALK] },
      { locale: 'english', disabled_surfaces: 'all', call_to_actions: [TALK] },
      { call_to_actions: [] },
      { locale: 'fr_FR', call_to_actions: Array(21).fill(TALK) },
      { locale: 'it_IT', composer_input_disabled: true },
      { locale: 'es_ES', call_to_actions: TALK },
      'default',
    ];
    const args = ['menu', 'set', 'fb-81', '--file', '-', '--get-started', '', '--json'];
    const { code, stdout, stderr } = await run(args, own.env, JSON.stringify(menu));
    const { error } = JSON.parse(stderr);
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 2, stdout: '', kind: 'usage' });
    const issues: string[] = error.message
      .replace(/^[^.]*\. /, '')
      .split(/; (?=persistent_menu|get_started)/);
    const first = 'persistent_menu[0].call_to_actions';
    expect(issues.map((issue) => issue.split(' ')[0])).toEqual([
      'persistent_menu[0].color',
      `${first}[0].title`,
      `${first}[1].title`,
      `${first}[2].payload`,
      `${first}[3].payload`,
      `${first}[4].url`,
      `${first}[5].url`,
      `${first}[6].url`,
      `${first}[7].webview_height_ratio`,
      `${first}[7].webview_share_button`,
      `${first}[8].messenger_extensions`,
      `${first}[9].type`,
      `${first}[10].type`,
      `${first}[11].type`,
      `${first}[12].title`,
      `${first}[13]`,
      'persistent_menu[1].composer_input_disabled',
      'persistent_menu[2].locale',
      'persistent_menu[2].disabled_surfaces',
      'persistent_menu[3].locale',
      'persistent_menu[3].call_to_actions',
      'persistent_menu[4].call_to_actions',
      'persistent_menu[5].call_to_actions',
      'persistent_menu[6].call_to_actions',
      'persistent_menu[7]',
      'persistent_menu[1].locale',
      'persistent_menu',
      'get_started.payload',
    ]);
    expect(error.message).toContain(`${issues.length} errors`);
    expect(issues).toContain(`${first}[0].title has 31 characters; the maximum is 30`);
    expect(own.meta.requests).toEqual([]);
  });

  test.each([
    ['nothing', '', 'persistent_menu is not a list'],
    ['an empty list', '[]', 'persistent_menu is empty'],
    ['an object without a menu', '{"menu": []}', 'persistent_menu is not a list'],
    [
      'the output of menu get for a Page without a menu',
      '{"persistent_menu": null}',
      'persistent_menu is not',
    ],
    [
      'a Get Started button without a payload',
      '{"get_started": {}}',
      'get_started.payload is missing',
    ],
    ['a Get Started button that is a number', '{"get_started": 3}', 'get_started is not an object'],
    [
      'a Get Started button with more than a payload',
      '{"get_started": {"payload": "START", "title": "Start"}}',
      'get_started.title is not a valid key; valid keys: payload',
    ],
    ['a misspelt key', '{"get_stared": "START"}', 'get_stared is not a valid key'],
    [
      'a key with a space',
      '{"a b": 1}',
      '["a b"] is not a valid key; valid keys: persistent_menu, get_started',
    ],
    ['neither JSON nor YAML', '{"a": [', 'not valid YAML or JSON'],
  ])('rejects a file that contains %s', async (_what, text, words) => {
    const own = await desk();
    const { code, stderr } = await run(['menu', 'set', 'fb-81', '--file', '-'], own.env, text);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(own.meta.requests).toEqual([]);
  });

  test.each([
    [[], '--file'],
    [['--file', 'menu.yaml', ...ITEMS], '--item'],
    [['--file', '/nowhere/menu.yaml'], '/nowhere/menu.yaml'],
    [['--item', 'Talk'], 'Title=postback:PAYLOAD'],
    [['--item', 'Talk=TALK'], 'Title=postback:PAYLOAD'],
    [['--item', '=postback:TALK'], 'persistent_menu[0].call_to_actions[0].title is empty'],
    [['--item', 'Talk=postback:'], 'persistent_menu[0].call_to_actions[0].payload is empty'],
    [
      ['--item', 'Ok=postback:OK', '--item', 'Shop=ftp://shop.example.com'],
      'persistent_menu[0].call_to_actions[1].url does not start with https://',
    ],
  ])('rejects %j', async (args, words) => {
    const own = await desk();
    const { code, stdout, stderr } = await own.cli('menu', 'set', 'fb-81', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(own.meta.requests).toEqual([]);
  });
});

test('makes one call and explains the limit if the ten calls in ten minutes are used up', async () => {
  const own = await desk();
  own.meta.inject({ operation: 'setMessengerProfile', code: 613, times: 9 });
  const { code, error } = await own.failure('menu', 'set', 'fb-81', ...ITEMS, '--get-started', 'S');
  expect({ code, graph: error.graph.code }).toEqual({ code: 5, graph: 613 });
  expect(error.hint).toContain('10 of these calls per Page every 10 minutes');
  expect(own.meta.requests).toHaveLength(1);
});
