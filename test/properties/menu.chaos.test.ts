import fc from 'fast-check';
import { expect, test } from 'vitest';
import { getStartedIssues, persistentMenuIssues } from '../../src/channels/messenger/menu.ts';
import { share } from '../support/chance.ts';

const PATH = /^persistent_menu(?:\[\d+\]|\.\w+|\[".*"\])*$/;

const title = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => text.trim() !== '' && [...text].length <= 30);
const postback = fc.record({
  type: fc.constant('postback'),
  title,
  payload: fc.string({ minLength: 1, maxLength: 1000 }).filter((text) => text.trim() !== ''),
});
const link = fc.record(
  {
    type: fc.constant('web_url'),
    title,
    url: fc.webUrl({ validSchemes: ['https'] }),
    webview_height_ratio: fc.constantFrom('compact', 'tall', 'full'),
    messenger_extensions: fc.boolean(),
    webview_share_button: fc.constant('hide'),
  },
  { requiredKeys: ['type', 'title', 'url'] },
);
const buttons = fc.array(fc.oneof(postback, link), { minLength: 1, maxLength: 20 });
const entry = fc.record(
  { call_to_actions: buttons, composer_input_disabled: fc.boolean() },
  { requiredKeys: ['call_to_actions'] },
);
const menu = fc
  .uniqueArray(fc.constantFrom('de_DE', 'fr_FR', 'en_US'), { maxLength: 3 })
  .chain((locales) =>
    fc.tuple(
      ...['default', ...locales].map((locale) => entry.map((rest) => ({ locale, ...rest }))),
    ),
  );

const almost = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, '', ' ', 'default', 'postback', 'web_url', 'nested', 'https:'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('locale', 'call_to_actions', 'type', 'title', 'payload', 'url', '__proto__'),
      tie('value'),
    ),
  ),
})).value;

test('any JSON passes, or each of its issues has a path and a reason', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), almost, fc.array(almost)), (value) => {
      for (const { path, reason } of persistentMenuIssues(value)) {
        expect(path).toMatch(PATH);
        expect(reason).toMatch(/^(is|has|repeats|does) /);
      }
    }),
    { numRuns: share(500) },
  );
});

test('a valid menu passes, also after a JSON round trip', () => {
  fc.assert(
    fc.property(menu, (value) => {
      expect(persistentMenuIssues(value)).toEqual([]);
      expect(persistentMenuIssues(JSON.parse(JSON.stringify(value)))).toEqual([]);
    }),
  );
});

test('an invalid button in a valid menu is the only issue', () => {
  const spoilt = fc.constantFrom<[key: string, value: unknown]>(
    ['title', 'x'.repeat(31)],
    ['title', '🔑'.repeat(31)],
    ['title', ' '],
    ['title', undefined],
    ['title', 5],
    ['url', 'ftp://shop.example.com'],
    ['fallback_url', 'shop'],
    ['url', 'shop'],
    ['webview_height_ratio', 'huge'],
    ['messenger_extensions', 'yes'],
    ['webview_share_button', 'show'],
    ['surprise', 1],
  );
  fc.assert(
    fc.property(
      menu,
      fc.nat(),
      fc.nat(),
      link,
      spoilt,
      (value, nth, place, button, [key, wrong]) => {
        const entryIndex = nth % value.length;
        const actions: object[] = value[entryIndex]?.call_to_actions ?? [];
        const index = place % actions.length;
        actions[index] = { ...button, [key]: wrong };
        expect(persistentMenuIssues(value).map(({ path }) => path)).toEqual([
          `persistent_menu[${entryIndex}].call_to_actions[${index}].${key}`,
        ]);
      },
    ),
  );
});

test('titles are counted in Unicode characters, and the payload of Get Started has its limit', () => {
  const withTitle = (text: string) => [
    { locale: 'default', call_to_actions: [{ type: 'postback', title: text, payload: 'P' }] },
  ];
  expect(persistentMenuIssues(withTitle('🔑'.repeat(30)))).toEqual([]);
  expect(persistentMenuIssues(withTitle('🔑'.repeat(31)))).toEqual([
    {
      path: 'persistent_menu[0].call_to_actions[0].title',
      reason: 'has 31 characters; the maximum is 30',
    },
  ]);
  expect(getStartedIssues({ payload: 'x'.repeat(1000) })).toEqual([]);
  expect(getStartedIssues({ payload: 'x'.repeat(1001) })).toHaveLength(1);
});
