import { describe, expect, test } from 'vitest';
import {
  ChannelctlError,
  type ErrorKind,
  type ErrorParts,
  graphErrorOf,
} from '../../src/shared/errors.ts';
import {
  redactBody,
  redactForeign,
  sanitize,
  sanitizeError,
} from '../../src/shared/foreign/sanitize.ts';
import { Redactor } from '../../src/shared/redactor.ts';

const TOKEN = 'EAAGm0PX4ZCpsBAKZA7b9Qf2Lr8Tn3Vw';
const APP_SECRET = '0f3c9d17be42a86d5571e0c94ab8263f';
const PASSWORD = 'Corréct Hörse/+&="Battery\\9 <x>';

function redactorOf(...secrets: string[]) {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

function spread(text: string, between: string, step = 1): string {
  const parts = [...text].map((character, index) =>
    index > 0 && index % step === 0 ? between + character : character,
  );
  return parts.join('');
}

const html = (text: string) =>
  text.replace(
    /[<>&"']/g,
    (one) => `&${{ '<': 'lt', '>': 'gt', '&': 'amp', '"': 'quot', "'": '#39' }[one]};`,
  );
const numeric = (text: string) => [...text].map((one) => `&#${one.codePointAt(0)};`).join('');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const json = (text: string) => JSON.stringify(text).slice(1, -1);

const DISGUISES: readonly [name: string, disguise: (secret: string) => string][] = [
  ['unchanged', (secret) => secret],
  ['wrapped over lines', (secret) => spread(secret, '\n', 7)],
  ['wrapped and indented', (secret) => spread(secret, '\r\n    ', 5)],
  ['wrapped as quoted-printable', (secret) => spread(secret, '=\r\n', 5)],
  ['wrapped as quoted-printable on Unix', (secret) => spread(secret, '=\n', 5)],
  ['without its last character', (secret) => secret.slice(0, -1)],
  ['without its first character', (secret) => secret.slice(1)],
  ['in upper case', (secret) => secret.toUpperCase()],
  ['in lower case', (secret) => secret.toLowerCase()],
  [
    'in fullwidth letters',
    (secret) => secret.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
  ],
  ['with zero-width spaces', (secret) => spread(secret, '\u200b')],
  ['with soft hyphens', (secret) => spread(secret, '\u00ad', 3)],
  ['with byte order marks', (secret) => spread(secret, '\ufeff', 4)],
  ['with variation selectors', (secret) => spread(secret, '\ufe0f')],
  ['with variation selectors of plane 14', (secret) => spread(secret, '\u{e0101}', 2)],
  ['with combining marks', (secret) => spread(secret, '\u0301')],
  ['with control characters', (secret) => spread(secret, '\u0007\u0085')],
  ['with colours', (secret) => spread(secret, '\u001b[1;31m')],
  ['with a link', (secret) => spread(secret, '\u001b]8;;https://x.example\u0007', 6)],
  ['with colours of one byte', (secret) => spread(secret, '\u009b1;31m')],
  [
    'with a link that ends with a string terminator',
    (secret) => spread(secret, '\u001b]8;;x\u001b\\', 6),
  ],
  ['with right-to-left overrides', (secret) => spread(secret, '\u202e')],
  ['with Hangul fillers', (secret) => spread(secret, '\u3164')],
  ['with no-break spaces', (secret) => spread(secret, '\u00a0', 3)],
  ['with blank Braille patterns', (secret) => spread(secret, '\u2800')],
  ['with marks of annotations', (secret) => spread(secret, '\ufff9')],
  ['decomposed', (secret) => secret.normalize('NFD')],
  ['in a URL', (secret) => encodeURIComponent(secret)],
  ['in a form', (secret) => new URLSearchParams({ s: secret }).toString().slice(2)],
  [
    'in a URL, escaped completely',
    (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&'),
  ],
  ['in a URL in a URL', (secret) => encodeURIComponent(encodeURIComponent(secret))],
  ['in JSON', json],
  ['in JSON in JSON', (secret) => json(json(secret))],
  [
    'in JSON, escaped completely',
    (secret) =>
      secret.replace(/[\s\S]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  ['in JSON, wrapped', (secret) => json(spread(secret, '\n', 6))],
  ['in JSON with colours', (secret) => json(spread(secret, '\u001b[0m', 6))],
  ['in JavaScript, wrapped', (secret) => json(spread(secret, '\t', 6)).replaceAll('\\t', '\\x09')],
  ['in HTML', html],
  ['in HTML in HTML', (secret) => html(html(secret))],
  [
    'in HTML, in hex',
    (secret) => [...secret].map((one) => `&#x${one.codePointAt(0)?.toString(16)};`).join(''),
  ],
  ['in HTML with blanks', (secret) => [...secret].map(html).join('&nbsp;&ZeroWidthSpace;')],
  ['in HTML, escaped completely', numeric],
  ['in hex', (secret) => Buffer.from(secret).toString('hex')],
  [
    'in upper-case hex, wrapped',
    (secret) => spread(Buffer.from(secret).toString('hex').toUpperCase(), '\n', 10),
  ],
  ['in base64', base64],
  ['in base64 inside other bytes', (secret) => base64(`ab${secret}c`)],
  ['in base64, wrapped', (secret) => spread(base64(secret), '\r\n', 12)],
  ['in base64, in lower case', (secret) => base64(secret).toLowerCase()],
  ['in base64url', (secret) => Buffer.from(secret).toString('base64url')],
  ['in base64 with zero-width spaces', (secret) => spread(base64(secret), '\u200d')],
];

describe.each([
  ['a token', TOKEN],
  ['an app secret', APP_SECRET],
  ['a password', PASSWORD],
])('%s in text of others is redacted', (_, secret) => {
  test.each(DISGUISES)('%s', (_name, disguise) => {
    const shown = redactForeign(`Before (${disguise(secret)}) after.`, redactorOf(secret));
    expect(shown.startsWith('Before (')).toBe(true);
    expect(shown).toMatch(/\) after\.$/);
    // At most the ends of an encoding, which are shorter than eight characters, are left.
    const left = shown.slice('Before ('.length, -') after.'.length).replaceAll('[redacted]', '');
    expect([...left].length).toBeLessThan(8);
  });

  test('cut anywhere, if eight characters are left', () => {
    const redactor = redactorOf(secret);
    for (let start = 0; start + 8 <= secret.length; start += 1) {
      for (const length of [8, 9, 12, 16]) {
        const part = secret.slice(start, start + length);
        expect(redactForeign(`It starts with |${part}| …`, redactor)).toBe(
          'It starts with |[redacted]| …',
        );
        for (const encode of [json, encodeURIComponent, html]) {
          // A backslash in front is an escape, not a part of the secret.
          expect(redactForeign(`(${encode(part)})`, redactor)).toMatch(/^\(\\?\[redacted\]\)$/);
        }
        for (const before of ['', 'x', 'xy']) {
          const encoded = base64(`${before}${part}`);
          const shown = redactForeign(`(${encoded})`, redactor);
          expect(shown.replace('[redacted]', '').length).toBeLessThan(encoded.length - 5);
        }
      }
    }
  });
});

describe('text that only resembles a secret stays readable', () => {
  test.each([
    ['a run of seven characters', TOKEN, `It is ${TOKEN.slice(4, 11)} …`],
    [
      'a link to a documentation',
      TOKEN,
      'See https://developers.facebook.com/docs/graph-api (#100)',
    ],
    ['the start of another token', TOKEN, 'Tokens start with EAAG or IGAA.'],
    ['a trace ID', APP_SECRET, 'fbtrace_id AbCdEfGhIjKlMn0123456789'],
    ['a part of a short secret', 'hunter2-old', 'hunter2- is not it'],
    ['base64 of other text', TOKEN, base64('a message of thirty characters')],
    ['a word of a secret', 'EAA-business-token', 'of a WhatsApp Business Account'],
    ['a hash', TOKEN, '9e107d9d372bb6826bd81d3542a419d6'],
  ])('%s', (_, secret, text) => {
    expect(redactForeign(text, redactorOf(secret))).toBe(text);
  });

  test("the user's own settings that share a run with a secret", () => {
    const redactor = redactorOf('support@example.com-2026', 'x17841445902716037y');
    redactor.keepReadable(() => ['support@example.com', '17841445902716037']);
    const text = 'NO support@example.com is locked (17841445902716037)';
    expect(redactForeign(text, redactor)).toBe(text);
    expect(redactForeign('NO support@example.com-2', redactor)).toBe('NO [redacted]');
    expect(redactForeign('x17841445902716037y', redactor)).toBe('[redacted]');
  });

  test('the ID in an app access token', () => {
    const redactor = redactorOf(`1234567890123456|${APP_SECRET}`);
    expect(redactForeign(`1234567890123456|${APP_SECRET.slice(0, 12)}…`, redactor)).toBe(
      '1234567890123456|[redacted]…',
    );
    expect(redactor.redact(`1234567890123456|${APP_SECRET}`)).toBe('1234567890123456|[redacted]');
  });

  test('text of channelctl itself', () => {
    const redactor = redactorOf('messenger connect 2026');
    expect(redactor.redact('Run: channelctl messenger connect')).toBe(
      'Run: channelctl messenger connect',
    );
  });
});

test('several words of a secret, or a secret of one word, are redacted', () => {
  const redactor = redactorOf('correct horse battery', 'supersecretword');
  for (const text of ['Correct Horse', 'horse battery', 'SuperSecretWord', 'secretword'])
    expect(redactForeign(`(${text})`, redactor)).toBe('([redacted])');
});

test('words that the encoding of forms has joined are redacted', () => {
  const redactor = redactorOf('correct horse battery');
  expect(redactForeign('(rrect+hor)', redactor)).toBe('([redacted])');
});

test('parts of a secret of twelve characters are redacted', () => {
  const redactor = redactorOf('hunter2-old!');
  expect(redactForeign('(unter2-o)', redactor)).toBe('([redacted])');
});

test('a very short secret that appears only without control characters is redacted', () => {
  expect(sanitize('(pi\u202en-77)', redactorOf('pin-77'))).toBe('([redacted])');
});

test('a short secret is redacted as a whole, however it is disguised', () => {
  const redactor = redactorOf('hunter2-old');
  for (const text of ['HUNTER2-OLD', 'hunter\n2-old', 'h\u200bunter2-old'])
    expect(redactForeign(`(${text})`, redactor)).toBe('([redacted])');
});

describe('values of an answer', () => {
  const clean = (body: object, ...secrets: string[]) =>
    redactBody(JSON.parse(JSON.stringify(body)), JSON.stringify(body), redactorOf(...secrets));

  test('a repeated secret is redacted in values and keys, but not where Meta returns it', () => {
    expect(
      clean(
        {
          data: [{ id: '81', name: `Page ${TOKEN.slice(3, 14)}`, access_token: TOKEN }],
          [TOKEN.toLowerCase()]: { nested: [`Bearer ${TOKEN}`] },
        },
        TOKEN,
      ),
    ).toEqual({
      data: [{ id: '81', name: 'Page [redacted]', access_token: TOKEN }],
      '[redacted]': { nested: ['Bearer [redacted]'] },
    });
  });

  test('many words of a secret are redacted, few are not', () => {
    expect(
      clean({ name: 'Correct Horse Battery', about: 'horse battery' }, 'correct horse battery'),
    ).toEqual({ name: '[redacted]', about: 'horse battery' });
  });

  test('common words, constants and IDs are unchanged', () => {
    const body = {
      id: '17841445902716037',
      display_phone_number: '+1 784 144 590 2716',
      status: 'CONNECTED',
      title: 'Talk to us',
      scopes: ['whatsapp_business_management'],
      verified_name: 'Help desk',
    };
    const secrets = ['connected-2026', 'talk to us today', '17841445902716037', 'business_man!'];
    expect(clean(body, ...secrets)).toEqual(body);
  });
});

test.each([
  ['Bad access_token=AbCdEf&x=1', 'Bad access_token=[redacted]&x=1'],
  ['see https://x.example/?code=AbC123#a', 'see https://x.example/?code=[redacted]#a'],
  [
    'to https%3A%2F%2Fx%3Fapi_token%3DAbC%26y%3D1',
    'to https%3A%2F%2Fx%3Fapi_token%3D[redacted]%26y%3D1',
  ],
  ['to https%3A%2F%2Fx%3Fy%3D1%26code%3DAbC', 'to https%3A%2F%2Fx%3Fy%3D1%26code%3D[redacted]'],
  ['Bad API_TOKEN=AbCdEf', 'Bad API_TOKEN=[redacted]'],
  ["password='two words' wrong", 'password=[redacted] wrong'],
  ['got {"pin": 123456}', 'got {"pin": [redacted]}'],
  ['Authorization: Basic YWRhOnBhc3M5OQ==', 'Authorization: Basic [redacted]'],
  ['Authorization: OAuth AbC123dEf456gHi', 'Authorization: OAuth [redacted]'],
  ['Bearer AbCdEfGhIjKl', 'Bearer [redacted]'],
  ['password="two words" wrong', 'password=[redacted] wrong'],
  ['got {"access_token": "AbC", "id": "1"}', 'got {"access_token": "[redacted]", "id": "1"}'],
  ['got "{\\"pin\\":\\"123456\\"}"', 'got "{\\"pin\\":\\"[redacted]\\"}"'],
  ['Authorization: Bearer AbC123dEf456gHi', 'Authorization: Bearer [redacted]'],
  ['http://ada:pass%20word@proxy.example:80', 'http://ada:[redacted]@proxy.example:80'],
  ['code=190, is_transient=false', 'code=190, is_transient=false'],
  ['A bearer authentication is required', 'A bearer authentication is required'],
  ['the token: expired', 'the token: expired'],
])('an unknown secret is masked: %s', (text, masked) => {
  expect(sanitize(text, redactorOf())).toBe(masked);
});

test('a secret in a URL is redacted from then on, in both spellings', () => {
  const redactor = redactorOf();
  sanitize('https://x.example/?code=AbC%2ddEf12', redactor);
  expect(redactor.redact('AbC-dEf12 AbC%2ddEf12')).toBe('[redacted] [redacted]');
});

describe('an error that quotes other programs', () => {
  const run = TOKEN.slice(3, 14);
  const own = 'Run: channelctl messenger connect.';
  const clean = (message: string, parts: ErrorParts, kind: ErrorKind = 'storage') =>
    sanitizeError(
      new ChannelctlError(kind, message, parts),
      redactorOf(TOKEN, 'messenger connect 2026'),
    );

  test('contains no run of a secret in any part, and its own words are unchanged', () => {
    const quotation = `bad \u001b${run}`;
    const shown = `bad ${run}`;
    const message = 'Failed: messenger connect.';
    const parts = { reason: `It says: ${shown}. ${own}`, hint: `${quotation} ${own}` };
    const cause = new Error(quotation);
    expect(clean(`${message} ${shown}`, { ...parts, cause })).toMatchObject({
      message: `${message} bad [redacted]`,
      reason: `It says: bad [redacted]. ${own}`,
      hint: `bad \u001b[redacted] ${own}`,
    });
    const graph = graphErrorOf({ code: 1, message: quotation, user_message: run });
    expect(clean(shown, { ...parts, graph })).toMatchObject({
      message: 'bad [redacted]',
      graph: {
        code: 1,
        message: 'bad \u001b[redacted]',
        details: null,
        user_message: '[redacted]',
      },
    });
  });

  test('contains no run of a secret if it is unexpected, whatever it quotes', () => {
    const reason = `TypeError: ${run}`;
    expect(clean('Internal error.', { reason, cause: 'x' }, 'internal').reason).toBe(
      'TypeError: [redacted]',
    );
  });

  test('contains the quotation unchanged, even if it resembles a pattern', () => {
    const cause = new Error(`$& ${run} $$ $' $1`);
    expect(clean(`Failed: ${cause.message}`, { cause }).message).toBe(
      "Failed: $& [redacted] $$ $' $1",
    );
  });

  test('contains no run of a secret if one quotation is part of another', () => {
    const message = `Invalid ${run}`;
    const details = `${message} or ${TOKEN.slice(16, 26)}`;
    const graph = graphErrorOf({ message, details });
    expect(clean(`Failed: ${details}`, { graph }).message).toBe(
      'Failed: Invalid [redacted] or [redacted]',
    );
  });
});

test('is linear in the text, whatever it consists of', () => {
  const redactor = redactorOf(TOKEN, APP_SECRET, PASSWORD);
  const million = (text: string) => text.repeat(400_000 / text.length);
  for (const text of [
    ...['a', '\\', '%', '&', '&a', '=', '\u001b]', '\u001b[0', '%2', '%25', '&amp;', '"a":'],
    ...['\u00ad', '\u{1f600}', TOKEN.slice(0, 10), 'token=', '://:', 'Bearer ', 'a.a', ' '],
  ]) {
    const started = performance.now();
    sanitize(million(text), redactor);
    expect({ text, milliseconds: performance.now() - started }).toEqual({
      text,
      milliseconds: expect.toSatisfy((time: number) => time < 2_000),
    });
  }
});

test('stays fast with thousands of secrets', () => {
  const redactor = new Redactor();
  for (let page = 0; page < 2_000; page += 1) {
    redactor.add(`EAAG${String(page).padStart(6, '0')}${TOKEN.repeat(5)}${page}`);
  }
  const started = performance.now();
  expect(redactForeign(`x ${TOKEN.slice(2, 12)} y`, redactor)).toBe('x [redacted] y');
  expect(performance.now() - started).toBeLessThan(3_000);
});
