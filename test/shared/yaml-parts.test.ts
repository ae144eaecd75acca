import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readYaml } from '../../src/shared/yaml-document.ts';
import { splitSections } from '../../src/shared/yaml-sections.ts';

const MANY = 1_200;

function items(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    name: `item ${index}`,
    number: index,
    text: `- not an item\n  - nor this\naccounts:\n\n# nor a comment ${index}`,
    folded: 'word '.repeat(30),
    list: [{ a: 1 }, [], {}, null, true, '- x', 'a: b'],
  }));
}

describe('a long document', () => {
  const value = { version: 1, accounts: items(MANY), menus: { a: [] }, more: items(MANY) };

  test.each([
    ['as YAML writes it', stringify(value)],
    ['with lists that are not indented', stringify(value, { indentSeq: false })],
    ['without a final line break', stringify(value).trimEnd()],
    ['with blank lines', stringify(value).replaceAll('\n  - name', '\n\n  - name')],
  ])('has the same content when read in parts: %s', (_form, text) => {
    expect(splitSections(text)?.sections.map(({ key }) => key)).toEqual(['accounts', 'more']);
    expect(readYaml(text, 'it').value).toEqual(parse(text));
  });

  test.each([
    ['an invalid line', '  - name: x\n   wrong', 'line '],
    ['a duplicate key', '  - { a: 1, a: 2 }\n', 'Map keys must be unique'],
    ['a duplicate section', 'accounts: []\n', 'Map keys must be unique'],
    ['a second document', '---\na: 1\n', 'document'],
    ['a value of a type that JSON lacks', '  - !!binary aGk=\n', 'JSON'],
  ])('with %s is rejected with the line in the whole text', (_what, end, reason) => {
    const text = stringify({ version: 1, accounts: items(MANY) }) + end;
    const lines = stringify({ version: 1, accounts: items(MANY) }).split('\n').length;
    expect(() => readYaml(text, 'it')).toThrow(
      expect.objectContaining({ reason: expect.stringContaining(reason) }),
    );
    const near = new RegExp(`line (${lines - 1}|${lines}|${lines + 1}),`);
    expect(() => readYaml(text, 'it')).toThrow(
      expect.objectContaining({ reason: expect.stringMatching(near) }),
    );
  });

  test('returns the position of a path in the whole text', () => {
    const text = stringify({ version: 1, accounts: items(MANY) });
    const { positionOf } = readYaml(text, 'it');
    const line = text.slice(0, text.indexOf('item 1100')).split('\n').length;
    expect(positionOf(['accounts', 1100, 'name'])).toBe(`line ${line}, column 11`);
  });

  test('with anchors is read as a whole', () => {
    const rest = stringify({ accounts: items(MANY) });
    const text = `base: &base { a: 1 }\n${rest}  - *base\n`;
    expect(readYaml(text, 'it').value).toMatchObject({ base: { a: 1 } });
    expect(splitSections(text)).toBeNull();
  });

  test.each(['{ accounts:\n- a\n}', '--- |\naccounts:\n- a\n', '"\naccounts:\n- a\n"'])(
    'in flow style or in a string keeps its meaning: %j',
    (text) => {
      const long = text.replace('- a\n', '- a\n'.repeat(MANY));
      const whole = () => parse(long, { stringKeys: true });
      let expected: unknown;
      try {
        expected = whole();
      } catch {
        expect(() => readYaml(long, 'it')).toThrow();
        return;
      }
      expect(readYaml(long, 'it').value).toEqual(expected);
    },
  );
});
