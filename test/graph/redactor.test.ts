import { describe, expect, test } from 'vitest';
import { Redactor } from '../../src/shared/redactor.ts';

function redactorOf(...secrets: string[]) {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

const secret = 'EAA/b+c|"é~(x)';

describe('redacts a secret in any encoding', () => {
  const utf8 = Buffer.from(secret);
  test.each([
    ['plain', secret],
    ['in a URL', encodeURIComponent(secret)],
    ['in a URL, in lower case', encodeURIComponent(secret).replace(/%../g, (x) => x.toLowerCase())],
    ['in a URL, by RFC 3986', encodeURIComponent(secret).replace('(', '%28').replace(')', '%29')],
    ['in a form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON as written by PHP', 'EAA\\/b+c|\\"\\u00e9~(x)'],
    ['in base64', utf8.toString('base64').replace(/=/g, '')],
    ['in base64url', utf8.toString('base64url')],
    ['in hex', utf8.toString('hex')],
    ['in upper-case hex', utf8.toString('hex').toUpperCase()],
  ])('%s', (_, written) => {
    expect(redactorOf(secret).redact(`a=${written}; b`)).toBe('a=[redacted]; b');
  });
});

test.each(['', 'u', 'us', 'user:', 'app|', '\u0000'])(
  'redacts a secret in base64 after %j, whatever follows',
  (before) => {
    for (const after of ['', ':', 'xy', 'end']) {
      const encoded = Buffer.from(`${before}correct horse battery${after}`).toString('base64');
      const shown = redactorOf('correct horse battery').redact(`Basic ${encoded} end`);
      expect(shown).toContain('[redacted]');
      expect(shown.length).toBeLessThan('Basic  end'.length + '[redacted]'.length + 16);
    }
  },
);

test('redacts a six-digit PIN in base64', () => {
  const encoded = Buffer.from('{"pin":"417382"}').toString('base64');
  expect(redactorOf('417382').redact(encoded)).toContain('[redacted]');
});

test('redacts overlapping and nested secrets completely', () => {
  expect(redactorOf('tokenABC', 'ABCtail').redact('-tokenABCtail-')).toBe('-[redacted]-');
  expect(redactorOf('short', 'a short one').redact('(a short one)')).toBe('([redacted])');
  expect(redactorOf('a short one', 'short').redact('(a short one)')).toBe('([redacted])');
  expect(redactorOf('aaaa').redact('aaaaaa')).toBe('[redacted]');
});

test('leaves values under four characters and other text unchanged', () => {
  const text = 'an ordinary line, with a + and a "quote"';
  expect(redactorOf('an', '', 'ary').redact(text)).toBe(text);
  expect(new Redactor().redact(text)).toBe(text);
});

test('stays fast with thousands of secrets', () => {
  const redactor = new Redactor();
  for (let page = 0; page < 5_000; page += 1) redactor.add(`EAAG-page-token-${page}-end`);
  const line = `${'x'.repeat(50_000)}EAAG-page-token-4999-end`;
  const started = performance.now();
  for (let time = 0; time < 10; time += 1) expect(redactor.redact(line)).toMatch(/x\[redacted\]$/);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('the tokens of 5,000 Pages, which share their start, are redacted at once', () => {
  const redactor = new Redactor();
  const tokens = Array.from(
    { length: 5_000 },
    (_, index) => `EAAGm0PX4ZCps${String(index).padStart(150, 'x')}`,
  );
  for (const token of tokens) redactor.add(token);
  const started = performance.now();
  expect(redactor.redact(tokens.join(' '))).toBe(tokens.map(() => '[redacted]').join(' '));
  expect(performance.now() - started).toBeLessThan(1_000);
});
