import { expect, test } from 'vitest';
import { toIndentedJson } from '../../src/shared/indented-json.ts';
import { JsonLimitError, parseJsonKeepingDigits } from '../../src/shared/parse-json.ts';

test.each([
  [
    '{"id":12345678901234567890,"n":-1234567890123456}',
    { id: '12345678901234567890', n: '-1234567890123456' },
  ],
  [
    '[1234567890123456.5,1234567890123456e3,123456789012345]',
    [1234567890123456.5, 1234567890123456e3, 123456789012345],
  ],
  ['"\\"12345678901234567"', '"12345678901234567'],
  [
    '{"12345678901234567\\\\":[12345678901234567]}',
    { '12345678901234567\\': ['12345678901234567'] },
  ],
])('reads %s', (text, value) => {
  expect(parseJsonKeepingDigits(text)).toEqual(value);
});

test('preserves every long integer of a long list', () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => `9007199254740${10_000 + index}`);
  expect(parseJsonKeepingDigits(`[${ids.join(',')}]`)).toEqual(ids);
});

test.each(['"', '"\\', '{"a":12345678901234567', '[1234567890123456-]', '-', ''])(
  'rejects %j as JSON',
  (text) => expect(() => parseJsonKeepingDigits(text)).toThrow(SyntaxError),
);

test.each([
  ['levels', '['.repeat(201)],
  ['values', `[${'0,'.repeat(500_000)}0]`],
  ['keys', `[${'{"a":0},'.repeat(200_000)}{"a":0}]`],
])('limits the number of %s', (_, text) => {
  expect(() => parseJsonKeepingDigits(text)).toThrow(JsonLimitError);
});

test('indents JSON unless the indentation would take more than 32 MB', () => {
  const nested = (depth: number, inner: unknown): unknown =>
    depth === 0 ? inner : [nested(depth - 1, inner)];
  const value = { text: '[[{{,,"\\', list: [1, { a: [] }] };
  expect(toIndentedJson(value)).toBe(JSON.stringify(value, null, 2));
  const large = nested(150, new Array(200_000).fill(0));
  expect(toIndentedJson(large)).toBe(JSON.stringify(large));
});
