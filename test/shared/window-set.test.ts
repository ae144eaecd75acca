import { expect, test } from 'vitest';
import { sanitize } from '../../src/shared/foreign/sanitize.ts';
import { WindowSet } from '../../src/shared/foreign/window-set.ts';
import { Redactor } from '../../src/shared/redactor.ts';

test('a set that has grown contains each window with all its marks, and no other', () => {
  const set = new WindowSet();
  expect(set.isEmpty).toBe(true);
  const count = 5_000;
  for (let index = 0; index < count; index += 1) {
    set.add(index, -index, 1 + (index % 7));
    if (index % 3 === 0) set.add(index, -index, 64);
  }
  expect(set.isEmpty).toBe(false);
  for (let index = 0; index < count; index += 1) {
    const marks = (1 + (index % 7)) | (index % 3 === 0 ? 64 : 0);
    expect([index, set.marksOf(index, -index)]).toEqual([index, marks]);
    expect([index, set.marksOf(index, -index - 1)]).toEqual([index, 0]);
  }
});

test('parts of the first and the last of many secrets are redacted', () => {
  const redactor = new Redactor();
  const secretOf = (index: number) => {
    const hex = (BigInt(index + 1) * 0x9e3779b97f4a7c15n).toString(36);
    return `EAA${hex}${[...hex].reverse().join('')}Zq`;
  };
  for (let index = 0; index < 500; index += 1) redactor.add(secretOf(index));
  for (const index of [0, 1, 250, 498, 499]) {
    const part = secretOf(index).slice(4, -4);
    expect(sanitize(`The token ${part} is wrong.`, redactor)).not.toContain(part.slice(0, 8));
  }
  expect(sanitize('Nothing of it is a secret.', redactor)).toBe('Nothing of it is a secret.');
});
