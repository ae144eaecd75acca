import { expect, test } from 'vitest';
import { isBelowUrl, sameUrl } from '../../src/shared/url.ts';

const DESK = 'https://desk.example/hooks';

test.each([
  [DESK, 'https://DESK.example:443/hooks', true],
  ['https://bücher.example/a', 'https://xn--bcher-kva.example/a', true],
  ['https://desk.example', 'https://desk.example/', true],
  [DESK, `${DESK}/`, false],
  [DESK, 'https://desk.example/Hooks', false],
  [DESK, 'https://desk.example:8443/hooks', false],
  [DESK, `${DESK}?a=1`, false],
  ['not a URL', 'not a URL', true],
])('%s and %s: equivalent is %s', (one, other, same) => {
  expect(sameUrl(one, other)).toBe(same);
});

test('an ü in a host is handled even after many comparisons', () => {
  const compare = () => sameUrl('https://bücher.example', 'https://xn--bcher-kva.example');
  expect(Array.from({ length: 20_000 }, compare)).not.toContain(false);
});

test.each([
  [`${DESK}/whatsapp/wa-1`, DESK, true],
  [`${DESK}/whatsapp/wa-1`, 'https://DESK.example/hooks/', true],
  ['https://desk.example/a', 'https://desk.example', true],
  [DESK, DESK, false],
  ['https://desk.example/hooks-2/a', DESK, false],
])('%s is below %s: %s', (url, base, below) => {
  expect(isBelowUrl(url, base)).toBe(below);
});
