import { expect, test } from 'vitest';
import type { Format } from '../../src/shared/formats.ts';
import { parseJsonKeepingDigits } from '../../src/shared/parse-json.ts';
import { assertFewCells } from '../../src/ui/output/columns.ts';
import { render } from '../../src/ui/output/render.ts';
import { styleFor } from '../../src/ui/output/style.ts';
import { cpuSeconds } from '../support/cpu-time.ts';

const FORMATS: readonly Format[] = ['json', 'ndjson', 'yaml', 'tsv', 'table'];
const BLANKS = `a${' '.repeat(100_000)}b`;
const HAN = '漢字'.repeat(50_000);

const nested = (depth: number, inner: unknown): unknown =>
  depth === 0 ? inner : [nested(depth - 1, inner)];
const keys = (number: number) =>
  Object.fromEntries(Array.from({ length: number }, (_, index) => [`k${index}`, 1]));

async function rendered(data: unknown, format: Format, width?: number, fields = ['name', 'id']) {
  const style = await styleFor({ terminal: false, refused: true, env: {} });
  const options = { format, fields: undefined, summary: undefined, style, width };
  return render(data, { fields, truncatable: ['name'] }, options);
}

const HOSTILE: readonly [name: string, data: unknown][] = [
  ['a name of 100,000 blanks', [{ name: BLANKS, id: 1 }]],
  ['the details of a name of 100,000 blanks', { name: BLANKS, id: 1 }],
  ['a name of 100,000 Chinese characters', [{ name: HAN, id: 1 }]],
  ['the details of a name of 100,000 Chinese characters', { name: HAN, id: 1 }],
  ['100,000 combining characters', [{ name: `a${'\u0301'.repeat(100_000)}`, id: 1 }]],
  ['5,000 rows below a long name', [{ name: BLANKS }, ...new Array(5_000).fill({ name: 'x' })]],
  ['a million values', { name: new Array(1_000_000).fill(1) }],
  ['20,000 nested keys', { name: keys(20_000) }],
  ['200 levels', { name: nested(190, new Array(100_000).fill(1)) }],
];

test.each(
  HOSTILE.flatMap(([name, data]) => FORMATS.map((format) => [name, format, data] as const)),
)('renders %s as %s within seconds', async (_name, format, data) => {
  let text = '';
  const seconds = await cpuSeconds(async () => {
    text = await rendered(data, format, 80);
  });
  expect(text.length).toBeLessThan(64 * 1024 * 1024);
  expect(seconds).toBeLessThan(5);
});

test('does not pad a column to more than 500 columns, and cuts a cell after 2,000 characters', async () => {
  const text = await rendered(
    [
      { name: BLANKS, id: 1 },
      { name: 'short', id: 2 },
    ],
    'table',
  );
  const [, long = '', short = ''] = text.split('\n');
  expect(long).toBe(`${BLANKS.slice(0, 2_000)}…  1`);
  expect(short).toBe(`${'short'.padEnd(500)}  2`);
});

test('does not shorten a long value of a single object', async () => {
  const value = 'v'.repeat(5_000);
  expect(await rendered({ name: value, id: 1 }, 'table')).toBe(`name  ${value}\nid    1\n`);
});

test('renders an object with very many fields without a table', async () => {
  const text = await rendered({ name: keys(1_000), id: 1 }, 'table');
  const lines = text.split('\n');
  expect(lines).toHaveLength(1_003);
  expect(lines.slice(0, 2)).toEqual(['name', '  k0    1']);
  expect(lines.at(-2)).toBe('id      1');
});

test.each(['table', 'tsv'] as const)(
  'rejects millions of cells in the format %s',
  async (format) => {
    const fields = Array.from({ length: 2_000 }, (_, index) => `k${index}`);
    const items = fields.map((field) => ({ [field]: 1 }));
    await expect(rendered(items, format, undefined, fields)).rejects.toMatchObject({
      kind: 'usage',
    });
  },
);

test('prints a very long list as JSON, which is also YAML', async () => {
  const list = new Array(300_000).fill('no');
  expect(parseJsonKeepingDigits(await rendered(list, 'yaml'))).toEqual(list);
  expect(await rendered(['no'], 'yaml')).toBe('- "no"\n');
});

test('a list of 100,000 accounts has no limit of cells, but very many columns have', () => {
  const items = Array.from({ length: 100_000 }, () => ({}));
  const columns = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
  expect(() => assertFewCells(items, columns(40))).not.toThrow();
  expect(() => assertFewCells(items, columns(200))).toThrow('too many columns');
});
