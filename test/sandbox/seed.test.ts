import { describe, expect, it } from 'vitest';
import { completeSeed, parseSeed } from '../../src/sandbox/seed/seed.ts';

const TASKS = ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MESSAGING', 'MODERATE', 'MANAGE'];

describe('a seed', () => {
  it('can be YAML or JSON', () => {
    const pages = [{ id: '81', name: 'Alder' }];
    expect(parseSeed('pages:\n  - id: "81"\n    name: Alder').pages).toMatchObject(pages);
    expect(parseSeed(JSON.stringify({ pages })).pages).toMatchObject(pages);
  });

  it('keeps the defaults of omitted parts', () => {
    const seed = completeSeed(parseSeed('apps: [{ id: "7", name: Mine, mode: live }]'));
    expect(seed.apps).toMatchObject([{ id: '7', mode: 'live', require_proof: false }]);
    expect(seed.pages).toHaveLength(70);
    expect(seed.people[0]?.pages).toHaveLength(70);
  });

  it('gives the default user all tasks on the Pages of the seed', () => {
    const { people } = completeSeed({ pages: [{ id: '81', name: 'Alder' }] });
    expect(people).toMatchObject([{ pages: [{ id: '81', tasks: TASKS }] }]);
  });

  it('defaults to seventy Pages with names in many scripts', () => {
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

  it('requires only IDs for many WABAs with many healthy numbers', () => {
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

  it('can contain aliases, and one token for several WABAs', () => {
    const shared = 'business_token: &token T, numbers: [{ id: "11" }]';
    const seed = parseSeed(
      `whatsapp: { wabas: [{ id: "10", ${shared} }, { id: "20", business_token: *token }] }`,
    );
    expect(seed.whatsapp?.wabas?.map(({ business_token }) => business_token)).toEqual(['T', 'T']);
  });

  it.each([
    ['an unknown key', 'cats: []', 'Unrecognized key: "cats"'],
    [
      'an ID that is not a string',
      'pages: [{ id: 81, name: A }]',
      'pages[0].id: an ID must be a string',
    ],
    ['an ID with a letter', 'pages: [{ id: "8x", name: A }]', 'pages[0].id: an ID must consist'],
    [
      'a duplicate Page',
      'pages: [{ id: "81", name: A }, { id: "81", name: B }]',
      'pages[1].id: duplicate ID 81',
    ],
    [
      'a role on an unknown Page',
      'people: [{ id: "91", name: Ada, pages: [{ id: "4711" }] }]',
      'people[0].pages[0].id: the seed has no Page 4711',
    ],
    ['an unknown mode', 'apps: [{ id: "7", name: A, mode: test }]', 'apps[0].mode'],
    ['an empty list of apps', 'apps: []', 'apps'],
    [
      'a fault for an unknown operation',
      'faults: [{ operation: sendPigeon }]',
      'faults[0].operation',
    ],
    [
      'a PIN of five digits',
      'whatsapp: { pin: "12345" }',
      'whatsapp.pin: a PIN must be six digits',
    ],
    [
      'a duplicate WABA',
      'whatsapp: { wabas: [{ id: "10" }, { id: "10" }] }',
      'whatsapp.wabas[1].id: duplicate ID 10',
    ],
    [
      'a number in two WABAs',
      'whatsapp: { wabas: [{ id: "10", numbers: [{ id: "11" }] }, { id: "20", numbers: [{ id: "11" }] }] }',
      'whatsapp.wabas[1].numbers[0].id: duplicate ID 11',
    ],
    [
      'an Instagram account without a name',
      'instagram: { accounts: [{ user_id: "1", app_scoped_id: "2", username: ada }] }',
      'instagram.accounts[0].name',
    ],
    [
      'the same ID for a Page and a WABA',
      'pages: [{ id: "10", name: A }]\nwhatsapp: { wabas: [{ id: "10", numbers: [{ id: "11" }] }] }',
      'whatsapp.wabas[0].id: duplicate ID 10',
    ],
    [
      'a first WABA without a number',
      'whatsapp: { wabas: [{ id: "10" }] }',
      'whatsapp.wabas[0].numbers: the first WABA must have a number',
    ],
    [
      'a duplicate subscribed app of a WABA',
      'whatsapp: { wabas: [{ id: "10", numbers: [{ id: "11" }], subscribed_apps: [{ id: "1" }, { id: "1" }] }] }',
      'whatsapp.wabas[0].subscribed_apps[1].id: duplicate ID 1',
    ],
    [
      'a duplicate Page of a user',
      'pages: [{ id: "81", name: A }]\npeople: [{ id: "91", name: Ada, pages: [{ id: "81" }, { id: "81" }] }]',
      'people[0].pages[1].id: duplicate ID 81',
    ],
    [
      'a duplicate token',
      'whatsapp: { business_token: T }\ninstagram: { accounts: [{ user_id: "1", app_scoped_id: "2", username: a, name: A, access_token: T }] }',
      'instagram.accounts[0].access_token: duplicate token',
    ],
    [
      'a webhook of an unknown app',
      'webhooks: [{ app_id: "7", object: page, callback_url: "https://desk.example/" }]',
      'webhooks[0].app_id: the seed has no app 7',
    ],
    [
      'a duplicate webhook',
      'apps: [{ id: "7", name: A }]\nwebhooks: [{ app_id: "7", object: page, callback_url: "https://a.example" }, { app_id: "7", object: page, callback_url: "https://b.example" }]',
      'webhooks[1].object: duplicate subscription: page of app 7',
    ],
    [
      'a webhook with plain http',
      'apps: [{ id: "7", name: A }]\nwebhooks: [{ app_id: "7", object: page, callback_url: "http://a.example" }]',
      'webhooks[0].callback_url: The callback URI must be HTTPS',
    ],
    ['an invalid header name', 'faults: [{ headers: { "a b": c } }]', 'faults[0].headers.a b'],
    ['a header value of two lines', 'faults: [{ headers: { a: "b\\nc" } }]', 'faults[0].headers.a'],
    [
      'an invalid time',
      'pages: [{ id: "81", name: A, token_expires_at: soon }]',
      'pages[0].token_expires_at: must be an ISO 8601 time',
    ],
    ['an alias without an anchor', 'pages: *nothing', 'alias has no preceding anchor'],
    ['a part that contains itself', 'pages: &a [*a]', 'nested more than 60 levels deep'],
    ['a key that is not a string', '? [pages]\n: []', 'line 1'],
    ['an unknown tag', 'pages: !list []', 'line 1'],
    ['an empty file', '', 'expected object'],
    ['broken YAML', 'apps: [', 'line 1'],
  ])('is rejected with a usage error that contains the path: %s', (_, text, words) => {
    expect(() => parseSeed(text)).toThrow(
      expect.objectContaining({ kind: 'usage', reason: expect.stringContaining(words) }),
    );
  });
});
