import { describe, expect, test } from 'vitest';
import { readYaml } from '../../src/shared/yaml-document.ts';

const ANCHORS = 'x: &x { host: a, port: "1" }\ny: &y { host: b, user: c }\n';

describe('a merge key', () => {
  test.each([
    ['an alias', '<<: *x', { host: 'a', port: '1' }],
    ['a mapping', '<<: { host: z }', { host: 'z' }],
    [
      'a list, whose first mapping has precedence',
      '<<: [*x, *y]',
      {
        host: 'a',
        port: '1',
        user: 'c',
      },
    ],
    ['own keys before it', 'host: own\n  <<: *x', { host: 'own', port: '1' }],
    ['own keys after it', '<<: *x\n  host: own', { host: 'own', port: '1' }],
  ])('with %s merges the keys that the mapping lacks', (_what, lines, merged) => {
    expect(readYaml(`${ANCHORS}config:\n  ${lines}\n`, 'it').value).toMatchObject({
      config: merged,
    });
    const { config } = readYaml(`${ANCHORS}config:\n  ${lines}\n`, 'it').value as {
      config: object;
    };
    expect(config).toEqual(merged);
  });

  test('merges recursively, and preserves the digits of IDs', () => {
    const text = 'a: &a { page_id: 0123 }\nb: &b { <<: *a, c: 1 }\nd: { <<: *b }\n';
    expect(readYaml(text, 'it').value).toMatchObject({ d: { page_id: '0123', c: 1 } });
  });

  test('is an ordinary key if it is quoted', () => {
    expect(readYaml('"<<": text', 'it').value).toEqual({ '<<': 'text' });
  });

  test.each(['<<: text', '<<: [1]', '<<:', 'a: &a [b]\n<<: *a'])(
    'with a value that is not a mapping is rejected with its position: %j',
    (text) => {
      expect(() => readYaml(text, 'it')).toThrow(
        expect.objectContaining({ kind: 'usage', reason: expect.stringMatching(/<<.*line \d/) }),
      );
    },
  );

  test('of a mapping that contains itself is rejected', () => {
    expect(() => readYaml('a: &a\n  <<: *a\n', 'it')).toThrow(
      expect.objectContaining({ kind: 'usage' }),
    );
  });
});
