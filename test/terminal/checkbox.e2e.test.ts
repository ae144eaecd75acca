import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { userToken } from '../sandbox/support.ts';
import { home } from '../support/cli.ts';
import { KEY, terminal } from '../support/terminal.ts';

const QUESTION = 'Which Pages do you want to connect?';
const LONG = 'The Incorporated Society of Amateur Telescope Makers and Night-Sky Photographers';

/** 200 Pages: the second lacks the task, and some names are difficult to lay out. */
const NAMES = ['Alder Books', 'Birch & Co', 'さくら坂文具店', 'Pottery 🏺', LONG];
const pages = Array.from({ length: 200 }, (_, index) => ({
  id: String(5000 + index),
  name: NAMES[index] ?? `Shop ${index}`,
  category: 'Shop',
}));
const seed = {
  pages,
  people: [
    {
      id: '91',
      name: 'Ada Alder',
      pages: pages.map(({ id }) => (id === '5001' ? { id, tasks: ['ANALYZE'] } : { id })),
    },
  ],
};

let on: Sandbox;
let signedIn: Record<string, string>;

beforeAll(async () => {
  on = await startSandbox({ port: 0, seed });
  signedIn = {
    CHANNELCTL_GRAPH_URL: on.urls.graph_url,
    CHANNELCTL_SECRET_MESSENGER_APP_SECRET: on.description.app_secret,
    CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: await userToken(on),
  };
});
afterAll(() => on.close());

async function choosing(size: { columns?: number; rows?: number } = {}, ...args: string[]) {
  const place = await home(signedIn);
  const session = terminal(['messenger', 'pages', ...args], { ...place, ...size });
  await session.shows('1 of 200 · 0 sel');
  const keys = async (text: string | RegExp, ...pressed: string[]) => {
    session.send(...pressed);
    return session.shows(text);
  };
  return { ...place, session, keys };
}

test('lists one Page per line with the keys below, and the reason if the task is missing', async () => {
  const { session } = await choosing();
  const { lines } = session.screen;
  expect(lines.slice(0, 6)).toEqual([
    `? ${QUESTION}`,
    '  Search:',
    expect.stringMatching(/^❯ ◯ Alder Books {2,}5000 · Shop$/),
    expect.stringMatching(/^ {2}– Birch & Co {2,}5001 · Shop · missing task$/),
    expect.stringMatching(/^ {2}◯ さくら坂文具店 +5002 · Shop$/),
    expect.stringMatching(/^ {2}◯ Pottery 🏺 +5003 · Shop$/),
  ]);
  expect(lines.slice(14, 16)).toEqual([
    '1 of 200 · 0 selected',
    'space select · enter confirm · type to search · ↑↓ move · tab all',
  ]);
});

test('truncates a long name without hiding the ID and category or shifting other lines', async () => {
  const { session } = await choosing();
  const { lines } = session.screen;
  const place = (name: string, note: string) =>
    lines.find((line) => line.includes(name))?.indexOf(note);
  expect(lines[6]).toMatch(/^ {2}◯ The Incorporated Society of Amateur.*… {2}5004 · Shop$/);
  expect(place('Alder Books', '5000')).toBe(place('Birch & Co', '5001'));
  expect(place('Alder Books', '5000')).toBeLessThan(25);
});

test('Space selects and deselects, and Enter connects the selected Pages', async () => {
  const { keys, session, json } = await choosing();
  await keys('1 selected', KEY.space);
  await keys('0 selected', KEY.space);
  await keys('2 selected', KEY.space, KEY.down, KEY.down, KEY.space);
  await keys('Connected 2 of 2 Pages.', KEY.enter);
  expect(await session.end()).toEqual({ code: 0, isSane: true });
  expect(session.screen.text).toContain(`✔ ${QUESTION} Alder Books, さくら坂文具店`);
  const keysOf = (await json('accounts', 'list')).map(
    (one: { account_key: string }) => one.account_key,
  );
  expect(keysOf.sort()).toEqual(['fb-5000', 'fb-5002']);
});

test('Space and Tab do not select a Page without the task, and the reason is shown below', async () => {
  const { keys, session } = await choosing();
  await keys('Cannot be selected: You need the MESSAGING task on this Page.', KEY.down);
  session.send(KEY.space);
  await keys(/3 of 200 · 0 selected/, KEY.down);
  await keys('199 selected', KEY.tab);
  expect(session.screen.text).toContain('– Birch & Co');
  await keys('0 selected', KEY.tab);
});

test('typing filters the list by name or ID, ignoring case and accents', async () => {
  const { keys, session } = await choosing();
  await keys(
    /Search: ÁLDER\n❯ ◯ Alder Books.*\n1 of 1 matching \(200 total\) · 0 selected/,
    'ÁLDER',
  );
  await keys(/Search: ÁLDER\n❯ ◉ Alder Books/, KEY.space);
  await keys('No matches (200 total).', 'x');
  await keys('1 of 1 matching', KEY.backspace);
  await keys(/Search:\n❯ ◉ Alder Books.*\n.*– Birch/, KEY.escape);
  await keys(/Search: 5077\n❯ ◯ Shop 77/, '5077');
  expect(session.screen.text).toContain('1 of 1 matching (200 total) · 1 selected');
});

test('Tab selects all matches, including those out of view, and no others', async () => {
  const { keys } = await choosing();
  await keys('1 of 110 matching', 'shop1');
  await keys('110 selected', KEY.tab);
  await keys('109 selected', KEY.space);
  await keys('110 selected', KEY.tab);
  await keys('0 selected', KEY.tab);
});

test('the arrow keys wrap around at the ends, page keys jump, and the list scrolls', async () => {
  const { keys } = await choosing();
  expect(await keys('200 of 200', KEY.up)).toMatch(/❯ ◯ Shop 199 /);
  expect(await keys('1 of 200', KEY.down)).toMatch(/❯ ◯ Alder Books/);
  expect(await keys('25 of 200', KEY.pageDown, KEY.pageDown)).toMatch(/❯ ◯ Shop 24 /);
});

test('Enter without a selection shows an error and keeps the prompt open', async () => {
  const { keys, session } = await choosing();
  await keys('Nothing selected', KEY.enter);
  await keys('1 selected', KEY.space);
  expect(session.screen.text).not.toContain('Nothing selected');
});

test('marks a Page that is already connected', async () => {
  const { keys, session, env } = await choosing();
  await keys('Connected 1 of 1 Page.', KEY.space, KEY.enter);
  await session.end();
  const again = terminal(['messenger', 'pages'], { env });
  expect(await again.shows('0 selected')).toMatch(/Alder Books +5000 · Shop · connected$/m);
});

test.each([
  ['Ctrl-C', KEY.ctrlC],
  ['Ctrl-D', KEY.ctrlD],
])('%s cancels: exits with 130, connects nothing and restores the terminal', async (_, key) => {
  const { session, json } = await choosing();
  session.send(KEY.down, KEY.space, key);
  expect(await session.end()).toEqual({ code: 130, isSane: true });
  expect(session.screen.cursorVisible).toBe(true);
  expect(session.screen.text).toContain('error: Cancelled.');
  expect(await json('accounts', 'list')).toEqual([]);
});

test.each([
  { columns: 40, rows: 24 },
  { columns: 40, rows: 10 },
  { columns: 20, rows: 8 },
])('the whole prompt fits a terminal of %j at every position', async (size) => {
  const { keys, session } = await choosing(size);
  const lookAround = () => {
    const { lines } = session.screen;
    expect(lines.length).toBeLessThanOrEqual(size.rows);
    const place = lines.findIndex((line) => line.startsWith('  Search:'));
    expect(place, session.screen.text).toBeGreaterThan(0);
    expect(lines.filter((line) => line.startsWith('❯'))).toHaveLength(1);
  };
  lookAround();
  for (const position of [2, 3, 4, 5, 6, 7]) {
    await keys(new RegExp(`^${position} of 200`, 'm'), KEY.down);
    lookAround();
  }
  await keys('No matches', 'さくら坂x');
  await keys(/❯ ◯ さくら/, KEY.backspace);
  lookAround();
});

test('--no-color removes the colour of the prompt', async () => {
  const colour = /\[\d*m/;
  expect((await choosing()).session.written()).toMatch(colour);
  expect((await choosing({}, '--no-color')).session.written()).not.toMatch(colour);
});
