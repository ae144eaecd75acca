import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseConfigDocument } from '../../src/commands/shared/config-document.ts';
import type { Format } from '../../src/shared/formats.ts';
import { parseJsonKeepingDigits } from '../../src/shared/parse-json.ts';
import { stripControlCharacters } from '../../src/shared/text.ts';
import { render } from '../../src/ui/output/render.ts';
import { styleFor } from '../../src/ui/output/style.ts';
import { parseTsv } from '../support/tsv.ts';

const shape = { fields: ['id', 'name', 'config'] };
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '\u001b[2J',
        '\u009b',
        '\t',
        '\n',
        '\r',
        '\\',
        '\\t',
        '"',
        ',',
        'é',
        '\u202e',
        ':',
        '#',
        '- ',
      ),
    )
    .map((parts) => parts.join('')),
);
const item = fc.record({
  id: fc.string({ minLength: 1 }),
  name: fc.option(text),
  config: fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(text, fc.integer(), fc.boolean())),
});
const list = fc.array(item, { minLength: 1, maxLength: 4 });

async function written(data: unknown, format: Format): Promise<string> {
  const style = await styleFor({ terminal: false, refused: true, env: {} });
  return render(data, shape, { format, fields: undefined, summary: undefined, style });
}

const steering = /[^\n\t\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/u;

test('JSON, NDJSON and YAML preserve every value, and contain no control characters', async () => {
  await fc.assert(
    fc.asyncProperty(list, async (items) => {
      const json = await written(items, 'json');
      expect(JSON.parse(json)).toEqual(items);
      const ndjson = await written(items, 'ndjson');
      expect(
        ndjson
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual(items);
      const yaml = await written(items, 'yaml');
      expect(parseYaml(yaml)).toEqual(items);
      for (const output of [json, ndjson, yaml]) expect(output).not.toMatch(steering);
    }),
  );
});

test('TSV preserves every string except control characters, and nested values as JSON', async () => {
  const visible = (value: string) =>
    value.replace(/[^\t\n\r]+/g, (stretch) => stripControlCharacters(stretch));
  await fc.assert(
    fc.asyncProperty(list, async (items) => {
      const tsv = await written(items, 'tsv');
      expect(tsv).not.toMatch(steering);
      expect(tsv.split('\n')).toHaveLength(items.length + 2);
      const rows = parseTsv(tsv);
      for (const [index, { name, config }] of items.entries()) {
        expect(rows[index]?.name).toBe(visible(name ?? ''));
        expect(JSON.parse(rows[index]?.config ?? '')).toEqual(config);
      }
    }),
  );
});

test('a table has one line per item, without control characters', async () => {
  await fc.assert(
    fc.asyncProperty(list, async (items) => {
      const table = await written(items, 'table');
      expect(table.trimEnd().split('\n')).toHaveLength(items.length + 1);
      expect(table.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }),
  );
});

test('JSON from Meta is preserved, with integers of 16 or more digits as strings', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const source = JSON.stringify(value);
      expect(JSON.stringify(parseJsonKeepingDigits(source)).replace(/"(-?\d{16,})"/g, '$1')).toBe(
        source.replace(/"(-?\d{16,})"/g, '$1'),
      );
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 10n ** 15n, max: 10n ** 40n }), (id) => {
      expect(parseJsonKeepingDigits(`{"id":${id},"in":"${id}"}`)).toEqual({
        id: `${id}`,
        in: `${id}`,
      });
    }),
  );
});

test('a JSON or YAML configuration keeps the digits of every ID, secret and large number', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\d{1,40}$/), (digits) => {
      const kept = { page_id: digits, pin: digits, inner: [{ id: digits }] };
      for (const document of [
        `{"page_id": ${digits}, "pin": ${digits}, "inner": [{"id": ${digits}}]}`,
        `page_id: ${digits}\npin: ${digits}\ninner:\n  - id: ${digits}\n`,
      ])
        expect(parseConfigDocument(document, 'it')).toEqual(kept);
      const { count } = parseConfigDocument(`count: ${digits}`, 'it');
      expect(BigInt(String(count))).toBe(BigInt(digits));
    }),
  );
});
