import { describe, expect, it } from 'vitest';
import { completeSeed, parseSeed } from '../../src/sandbox/seed/seed.ts';

const TASKS = ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MESSAGING', 'MODERATE', 'MANAGE'];

describe('a seed', () => {
  it('may be YAML or JSON', () => {
    const pages = [{ id: '81', name: 'Alder' }];
    expect(parseSeed('pages:\n  - id: "81"\n    name: Alder').pages).toEqual(pages);
    expect(parseSeed(JSON.stringify({ pages })).pages).toEqual(pages);
  });

  it('keeps the built-in parts that it leaves out', () => {
    const seed = completeSeed(parseSeed('apps: [{ id: "7", name: Mine, mode: live }]'));
    expect(seed.apps).toMatchObject([{ id: '7', mode: 'live', require_proof: false }]);
    expect(seed.pages).toHaveLength(70);
    expect(seed.people[0]?.pages).toHaveLength(70);
  });

  it('gives the built-in person every task on Pages of its own', () => {
    const { people } = completeSeed({ pages: [{ id: '81', name: 'Alder' }] });
    expect(people).toMatchObject([{ pages: [{ id: '81', tasks: TASKS }] }]);
  });

  it('is the seventy built-in Pages where nothing is given, with names of many scripts', () => {
    const { pages } = completeSeed({});
    expect(new Set(pages.map(({ id }) => id)).size).toBe(70);
    expect(new Set(pages.map(({ name }) => name)).size).toBe(70);
    expect(pages.every(({ id }) => /^1045\d{11,12}$/.test(id))).toBe(true);
    const names = pages.map(({ name }) => name).join(' ');
    for (const script of [/\p{Script=Han}/u, /\p{Script=Arabic}/u, /\p{Script=Greek}/u]) {
      expect(names).toMatch(script);
    }
    expect(Math.max(...pages.map(({ name }) => name.length))).toBeGreaterThan(75);
  });

  it('needs only ids for many WABAs with many healthy numbers', () => {
    const wabas = Array.from({ length: 50 }, (_, waba) => ({
      id: String(1000 + waba),
      numbers: Array.from({ length: 10 }, (_, number) => ({ id: `${1000 + waba}${number}` })),
    }));
    const { whatsapp } = completeSeed({ whatsapp: { wabas } });
    expect(whatsapp.wabas).toHaveLength(50);
    expect(whatsapp.wabas.at(-1)?.numbers.at(-1)).toMatchObject({
      id: '10499',
      registered: true,
      quality_rating: 'GREEN',
    });
  });

  it('may have aliases, and one token for several WABAs', () => {
    const shared = 'business_token: &token T, numbers: [{ id: "11" }]';
    const seed = parseSeed(
      `whatsapp: { wabas: [{ id: "10", ${shared} }, { id: "20", business_token: *token }] }`,
    );
    expect(seed.whatsapp?.wabas?.map(({ business_token }) => business_token)).toEqual(['T', 'T']);
  });

  it.each([
    ['an unknown key', 'cats: []', 'Unrecognized key: "cats"'],
    ['an id that is no string', 'pages: [{ id: 81, name: A }]', 'pages[0].id: an id is a string'],
    ['an id that is no number', 'pages: [{ id: "8x", name: A }]', 'pages[0].id: an id consists'],
    [
      'a Page twice',
      'pages: [{ id: "81", name: A }, { id: "81", name: B }]',
      'pages[1].id: 81 is there twice',
    ],
    [
      'a role on a Page that is not there',
      'people: [{ id: "91", name: Ada, pages: [{ id: "4711" }] }]',
      'people[0].pages[0].id: no Page of the seed is 4711',
    ],
    ['an unknown mode', 'apps: [{ id: "7", name: A, mode: test }]', 'apps[0].mode'],
    ['no app', 'apps: []', 'apps'],
    ['a fault for nothing', 'faults: [{ operation: sendPigeon }]', 'faults[0].operation'],
    ['a PIN of five digits', 'whatsapp: { pin: "12345" }', 'whatsapp.pin: a PIN is six digits'],
    [
      'a WABA twice',
      'whatsapp: { wabas: [{ id: "10" }, { id: "10" }] }',
      'whatsapp.wabas[1].id: 10 is there twice',
    ],
    [
      'a number in two WABAs',
      'whatsapp: { wabas: [{ id: "10", numbers: [{ id: "11" }] }, { id: "20", numbers: [{ id: "11" }] }] }',
      'whatsapp.wabas[1].numbers[0].id: 11 is there twice',
    ],
    [
      'an Instagram profile without a name',
      'instagram: { accounts: [{ user_id: "1", app_scoped_id: "2", username: ada }] }',
      'instagram.accounts[0].name',
    ],
    [
      'one id for a Page and a WABA',
      'pages: [{ id: "10", name: A }]\nwhatsapp: { wabas: [{ id: "10", numbers: [{ id: "11" }] }] }',
      'whatsapp.wabas[0].id: 10 is there twice',
    ],
    [
      'a first WABA without a number',
      'whatsapp: { wabas: [{ id: "10" }] }',
      'whatsapp.wabas[0].numbers: the first WABA needs a number',
    ],
    [
      'an app twice among those of a WABA',
      'whatsapp: { wabas: [{ id: "10", numbers: [{ id: "11" }], subscribed_apps: [{ id: "1" }, { id: "1" }] }] }',
      'whatsapp.wabas[0].subscribed_apps[1].id: 1 is there twice',
    ],
    [
      'a Page twice among those of a person',
      'pages: [{ id: "81", name: A }]\npeople: [{ id: "91", name: Ada, pages: [{ id: "81" }, { id: "81" }] }]',
      'people[0].pages[1].id: 81 is there twice',
    ],
    [
      'a token twice',
      'whatsapp: { business_token: T }\ninstagram: { accounts: [{ user_id: "1", app_scoped_id: "2", username: a, name: A, access_token: T }] }',
      'instagram.accounts[0].access_token: this token is there twice',
    ],
    [
      'a webhook of an app that is not there',
      'webhooks: [{ app_id: "7", object: page, callback_url: "https://desk.example/" }]',
      'webhooks[0].app_id: no app of the seed is 7',
    ],
    [
      'a webhook twice',
      'apps: [{ id: "7", name: A }]\nwebhooks: [{ app_id: "7", object: page, callback_url: "https://a.example" }, { app_id: "7", object: page, callback_url: "https://b.example" }]',
      'webhooks[1].object: page of 7 is there twice',
    ],
    [
      'a webhook to plain http',
      'apps: [{ id: "7", name: A }]\nwebhooks: [{ app_id: "7", object: page, callback_url: "http://a.example" }]',
      'webhooks[0].callback_url: The callback URI must be HTTPS',
    ],
    [
      'a header that can not be sent',
      'faults: [{ headers: { "a b": c } }]',
      'faults[0].headers.a b',
    ],
    ['a header of two lines', 'faults: [{ headers: { a: "b\\nc" } }]', 'faults[0].headers.a'],
    [
      'a time that is none',
      'pages: [{ id: "81", name: A, token_expires_at: soon }]',
      'pages[0].token_expires_at: a time is written',
    ],
    ['an alias of nothing', 'pages: *nothing', 'alias has no anchor'],
    ['a part that is in itself', 'pages: &a [*a]', 'nested over 60 levels deep'],
    ['a key that is no text', '? [pages]\n: []', 'line 1'],
    ['a tag that nobody knows', 'pages: !list []', 'line 1'],
    ['nothing at all', '', 'expected object'],
    ['broken YAML', 'apps: [', 'line 1'],
  ])('is refused as a usage error that names the place: %s', (_, text, words) => {
    expect(() => parseSeed(text)).toThrow(
      expect.objectContaining({ kind: 'usage', reason: expect.stringContaining(words) }),
    );
  });
});
