import { describe, expect, test } from 'vitest';
import { findPhrases, PHRASES } from '../../scripts/language/phrases.js';
import { readTexts } from '../../scripts/language/read-texts.js';

const rows = PHRASES.map((phrase) => ({ ...phrase, example: phrase.wrong[0] }));

describe('the phrase check', () => {
  test.each(rows)('finds "$example"', ({ wrong, instead }) => {
    expect(wrong).not.toHaveLength(0);
    for (const text of wrong) {
      expect(findPhrases(text).map((found) => found.instead)).toContain(instead);
    }
  });

  test.each(rows.filter(({ right }) => right !== undefined))(
    'accepts other uses of the words in "$example"',
    ({ right, instead }) => {
      for (const text of right ?? []) {
        expect(findPhrases(text).map((found) => found.instead)).not.toContain(instead);
      }
    },
  );
});

function problemsIn(file: string, source: string): [line: number, kind: string, phrase: string][] {
  return readTexts(file, source).flatMap(({ line, kind, text }) =>
    findPhrases(text).map(({ phrase }): [number, string, string] => [line, kind, phrase]),
  );
}

describe('the phrase check of a source file', () => {
  test('reads strings and templates, but no imports and keys', () => {
    const source = [
      "import { one } from './a person.ts';",
      "const plain = 'Nobody answered.';",
      'const template = `The flag $' + '{flag} beats the variable.`;',
      "const key = 'person';",
    ].join('\n');
    expect(problemsIn('a.ts', source)).toEqual([
      [2, 'string', 'Nobody'],
      [3, 'string', 'beats'],
    ]);
  });

  test('reads a comment as one text, whatever its lines', () => {
    const source = [
      '// Written by a',
      '// person. See `a person`.',
      'const one = 1; // It goes on.',
      '/**',
      ' * The role in',
      ' * force.',
      ' */',
      'const two = 2;',
    ].join('\n');
    expect(problemsIn('a.ts', source)).toEqual([
      [1, 'comment', 'a person'],
      [3, 'comment', 'goes on'],
      [4, 'comment', 'in force'],
    ]);
  });
});

test('the phrase check of Markdown reads paragraphs, lists and tables, but no code', () => {
  const source = [
    '# Secrets are',
    '',
    'A token is',
    'kept in the keychain.',
    '',
    '- one `in place of` the other',
    '- one in place of the other',
    '',
    '```sh',
    'echo in force',
    '```',
    '',
    '| flag | beats the variable |',
  ].join('\n');
  expect(problemsIn('a.md', source)).toEqual([
    [3, 'markdown', 'is kept'],
    [7, 'markdown', 'in place of'],
    [13, 'markdown', 'beats'],
  ]);
});
