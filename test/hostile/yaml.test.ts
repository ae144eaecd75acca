import { expect, test } from 'vitest';
import { readYaml } from '../../src/shared/yaml-document.ts';
import { cpuSeconds } from '../support/cpu-time.ts';

const repeated = (text: string, times: number) => text.repeat(times);
const lines = (times: number, line: (index: number) => string) =>
  Array.from({ length: times }, (_, index) => line(index)).join('\n');

const TOO_DEEP = 'nested more than 60 levels deep';

test.each([
  ['open brackets', repeated('[', 20_000), TOO_DEEP],
  ['brackets', repeated('[', 20_000) + repeated(']', 20_000), TOO_DEEP],
  ['mappings', repeated('{a: ', 10_000), TOO_DEEP],
  ['dashes', repeated('- ', 20_000), TOO_DEEP],
  ['question marks', repeated('? ', 10_000), TOO_DEEP],
  ['indented keys', lines(1_000, (index) => `${' '.repeat(index)}a:`), TOO_DEEP],
  ['commas', `[${repeated(',', 50_000)}`, 'Unexpected , in flow sequence at line 1, column 3'],
  ['braces', repeated('}', 50_000), 'Unexpected flow-map-end token'],
  ['equal keys', repeated('a: 1\n', 10_000), 'Map keys must be unique at line 2'],
  ['anchors', repeated('&a ', 20_000), 'at most one anchor'],
  ['documents', repeated('---\n', 20_000), 'multiple documents'],
  ['aliases without an anchor', repeated('- *a\n', 10_000), 'no preceding anchor'],
])('rejects many %s within seconds', async (_, text, reason) => {
  const seconds = await cpuSeconds(() =>
    expect(() => readYaml(text, 'it')).toThrow(
      expect.objectContaining({ kind: 'usage', reason: expect.stringContaining(reason) }),
    ),
  );
  expect(seconds).toBeLessThan(5);
});

test.each([
  ['keys', lines(10_000, (index) => `k${index}: 1`)],
  ['keys in JSON', `{${lines(10_000, (index) => `"k${index}": 1,`)}"end": 1}`],
  ['aliases', `- &a 1\n${repeated('- *a\n', 10_000)}`],
  ['blanks', `a: b${repeated(' ', 200_000)}c`],
  ['escaped quotation marks', `a: "${repeated('\\"', 220_000)}"`],
])('reads many %s within seconds', async (_, text) => {
  expect(await cpuSeconds(() => readYaml(text, 'it'))).toBeLessThan(5);
});

test.each([
  ['a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
  ['a: &m { x: 1 }\nb: { <<: *m, y: 2 }', { a: { x: 1 }, b: { x: 1, y: 2 } }],
])('resolves an alias to the last anchor before it in %j', (text, value) => {
  expect(readYaml(text, 'it').value).toEqual(value);
});
