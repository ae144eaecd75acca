import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { toYaml } from '../../src/ui/output/yaml.ts';

test.each(['=', 'tab\there', 'a\tb: c', 'no', 'y', '0o17', '12:30', '1_000', '<<', '~'])(
  'the string %j is quoted, because YAML 1.1 parsers would reject or interpret it',
  (text) => {
    const yaml = toYaml({ key: text });
    expect(yaml).toMatch(/^key: ["'].*["']\n$/);
    expect(yaml).not.toContain('\t');
    for (const version of ['1.1', '1.2'] as const) {
      expect(parse(yaml, { version })).toEqual({ key: text });
    }
  },
);

test.each(['a=b', 'plain text', 'Grüße'])('the string %j is not quoted', (text) => {
  expect(toYaml({ key: text })).toBe(`key: ${text}\n`);
});
