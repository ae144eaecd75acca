import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { userToken } from '../sandbox/support.ts';
import { sharedHome } from '../support/cli.ts';
import { variablesFor } from '../support/desk.ts';
import { KEY } from '../support/terminal.ts';
import { virtualTerminal } from '../support/virtual-terminal.ts';

const TIME = '2026-01-02T03:04:05.678Z';
const WHATSAPP = 'wa-1045390276615528';
const PAGE = 'fb-1045173208114062';

const own = sharedHome();
let on: Sandbox;

beforeAll(async () => {
  on = await startSandbox({ port: 0, seed: parseSeed('{}') });
  const { description: desk } = on;
  Object.assign(own.env, variablesFor(on), {
    APP_SECRET: desk.app_secret,
    TOKEN: desk.business_token,
    PIN: desk.pin,
    MAIL_PASSWORD: 'password-of-the-mailbox',
    CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: await userToken(on),
  });
  const app = ['--config', `app_id=${desk.app_id}`, '--config', 'app_secret=env:APP_SECRET'];
  const number = [`phone_number_id=${desk.phone_number_id}`, `waba_id=${desk.waba_id}`];
  for (const args of [
    ['integrations', 'set', 'messenger', ...app],
    ['integrations', 'set', 'whatsapp', ...app],
    [
      ...['accounts', 'create', '--channel', 'whatsapp'],
      ...[...number, 'access_token=env:TOKEN', 'pin=env:PIN'].flatMap((pair) => ['--config', pair]),
    ],
    ['messenger', 'pages', ...desk.pages.slice(0, 3).flatMap(({ id }) => ['--page', id])],
    [
      ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
      ...['address=support@example.com', 'imap_host=127.0.0.1', 'imap_port=1'].flatMap((pair) => [
        '--config',
        pair,
      ]),
      ...['--config', 'password=env:MAIL_PASSWORD'],
    ],
    ['config', 'set', 'webhook_base_url', 'https://desk.example.com/webhooks'],
    ['webhooks', 'set', PAGE, '--url', 'https://desk.example.com/webhooks/messenger/all', '--yes'],
    [
      ...['menu', 'set', PAGE, '--get-started', 'START', '--item', 'Talk to us=postback:TALK'],
      ...['--item', 'Opening hours=https://example.com/opening-hours-and-directions'],
    ],
  ]) {
    const { code, stderr } = await own.cli(...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  }
});
afterAll(() => on.close());

/** Replaces values that differ per run by others of the same width. */
function stable(text: string): string {
  return text
    .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, '0'.repeat(8))
    .replace(/\b[\da-f]{32}\b/g, 'f'.repeat(32))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, TIME)
    .replace(/\d{4}-\d\d-\d\dT[\d:.]*(?=…)/g, ({ length }) => TIME.slice(0, length))
    .replace(/(?<=\*{8})[\w-]{4}/g, 'abcd')
    .replace(/(?<=\b(?:file|env) {2,})[\w-]{4}(?=\s|$)/gm, 'abcd');
}

const SIZES = [40, 80, 120];

/** Ends a capture at the prompt that the last step shows. */
type Step = [shows: string | RegExp, ...keys: string[]];

async function capture(line: string, columns: number, steps: readonly Step[]): Promise<string> {
  const rows = steps.length === 0 ? 400 : 24;
  const session = virtualTerminal(line.split(' '), own.env, { columns, rows });
  for (const [wanted, ...keys] of steps) {
    await session.shows(wanted);
    await session.send(...keys);
  }
  const isOpen = steps.at(-1)?.length === 1;
  if (!isOpen) await session.ended;
  expect(session.screen.brokenLines.filter((broken) => !isUnbreakable(broken))).toEqual([]);
  const rule = `${columns} columns `.padEnd(columns, '-');
  return `${rule}\n$ channelctl ${line}\n${stable(session.screen.text)}\n`;
}

/** Whether a line that is too wide for the terminal is a command, a URL, a path or a masked secret. */
function isUnbreakable(line: string): boolean {
  return /^ *(?:channelctl .*|\S+|[*]+)$/.test(line) || /^.{0,24}\*{30,}$/.test(line);
}

const TABLES: [name: string, line: string][] = [
  ['accounts-list', 'accounts list'],
  ['accounts-get', `accounts get ${PAGE}`],
  ['accounts-check', 'accounts check --all'],
  ['status', 'status'],
  ['integrations-list', 'integrations list'],
  ['integrations-get', 'integrations get messenger'],
  ['tokens-list', 'tokens list'],
  ['tokens-inspect', `tokens inspect ${WHATSAPP}`],
  ['tokens-refresh', `tokens refresh ${PAGE}`],
  ['secrets-list', 'secrets list'],
  ['config-list', 'config list'],
  ['profiles-list', 'profiles list --fields name,role,accounts,is_current'],
  ['whatsapp-health', `whatsapp health ${WHATSAPP}`],
  ['whatsapp-numbers', `whatsapp numbers ${WHATSAPP}`],
  ['webhooks-status', `webhooks status ${PAGE}`],
  ['menu-get', `menu get ${PAGE}`],
  ['messenger-pages', 'messenger pages --page 1045173208114062 --page 1045398686288187'],
  ['email-check', 'email check support'],
  ['error', `whatsapp health ${PAGE}`],
  ['suggestion', 'accounts get suport'],
  ['help', 'help output'],
];

const ENTER = KEY.enter;
const CLEAR = '\x15';
const PROMPTS: [name: string, line: string, steps: Step[]][] = [
  ['channel', 'accounts create', [['Which channel?']]],
  ['invalid-answer', 'accounts create --channel email', [['Email address', 'desk', ENTER], ['> ']]],
  [
    'account-key',
    'accounts create --channel messenger',
    [['Page ID', '77', ENTER], ['Account key (fb-77)']],
  ],
  [
    'account-key-taken',
    'accounts create --channel email',
    [
      ['Email address', 'desk@example.com', ENTER],
      ['Account key', CLEAR, 'support', ENTER],
      [/already\s+exists/],
    ],
  ],
  [
    'create-whatsapp',
    'accounts create --channel whatsapp --config waba_id=1045822094417306',
    [['Phone number ID', '1045390276615530', ENTER], ['Access token', 'wrong', ENTER], ['PIN']],
  ],
  ['integration', 'integrations set instagram', [['Instagram app ID', '8 0', ENTER], ['> ']]],
  ['init', 'init messenger', [['Redirect URI']]],
  ['confirm', `accounts delete ${PAGE}`, [['(y/N)']]],
  ['cancelled', `accounts delete ${PAGE}`, [['(y/N)', 'n', ENTER]]],
  ['confirm-url', `webhooks set ${PAGE}`, [['(y/N)']]],
  ['picker', 'messenger pages', [['0 selected']]],
  ['picker-disabled', 'messenger pages', [['0 selected', 'fjord'], ['Cannot be selected']]],
  [
    'picker-end',
    'messenger pages',
    [['0 selected', KEY.space, KEY.end], ['70 of 70', KEY.home], [/^1 of 70 · 1 selected/m]],
  ],
];

describe('a capture at 40, 80 and 120 columns has no broken word', () => {
  const screens: [string, string, Step[]][] = [
    ...TABLES.map(([name, line]): [string, string, Step[]] => [name, line, []]),
    ...PROMPTS,
  ];
  test.each(screens)('%s', async (name, line, steps) => {
    const captures = [];
    for (const columns of SIZES) captures.push(await capture(line, columns, steps));
    await expect(captures.join('\n')).toMatchFileSnapshot(`captures/${name}.txt`);
  });
});

test('email is created with what the mailbox needs, and ends with what was not checked', async () => {
  const session = virtualTerminal(['accounts', 'create'], own.env, { columns: 80, rows: 40 });
  const steps: Step[] = [
    ['Which channel?', KEY.down, KEY.down, KEY.down, ENTER],
    ['Email address', 'sales@example.com', ENTER],
    ['Account key (sales)', ENTER],
    ['IMAP host', 'imap host', ENTER],
    ['is not a valid host name', CLEAR, 'imap.example.com', ENTER],
    ['IMAP port (993)', ENTER],
    ['SMTP host', 'smtp.example.com', ENTER],
    ['SMTP port (465)', '99999', ENTER],
    ['is not a port number', CLEAR, '587', ENTER],
    ['Username (sales@example.com)', ENTER],
    ['Password', 'secret-of-sales', ENTER],
    ['Created the account email/sales.'],
  ];
  for (const [wanted, ...keys] of steps) {
    await session.shows(wanted);
    await session.send(...keys);
  }
  expect(await session.ended).toBe(0);
  expect(session.screen.text).toMatch(/not checked {3}sign-in to the mail servers/);
  expect(session.screen.text).not.toContain('secret-of-sales');
  const { config } = await own.json('accounts', 'get', 'sales', '--reveal');
  expect(config).toEqual({
    address: 'sales@example.com',
    imap_host: 'imap.example.com',
    imap_port: '993',
    smtp_host: 'smtp.example.com',
    smtp_port: '587',
    username: 'sales@example.com',
    password: 'secret-of-sales',
  });
});

test('answers that Meta rejects can be corrected, and the others are proposed again', async () => {
  const args = ['accounts', 'create', '--channel', 'whatsapp'];
  const session = virtualTerminal(args, own.env, { columns: 80, rows: 60 });
  const steps: Step[] = [
    ['Phone number ID', '1045390276615528', ENTER],
    ['already exists', CLEAR, '1045390276615530', ENTER],
    ['WhatsApp Business Account ID', ENTER],
    ['is required', '1045822094417306', ENTER],
    ['Access token', 'wrong-token', ENTER],
    ['leave empty to generate one', '12', ENTER],
    ['must be exactly six digits', CLEAR, ENTER],
    ['Correct your answers and try again?', 'y', ENTER],
    ['Phone number ID (1045390276615530)', ENTER],
    ['Account ID (1045822094417306)', ENTER],
    ['press Enter to keep', on.description.business_token, ENTER],
    [/try again\? Yes[\s\S]*leave empty to generate one/, ENTER],
    ['Created the account whatsapp/wa-1045390276615530'],
  ];
  for (const [wanted, ...keys] of steps) {
    await session.shows(wanted);
    await session.send(...keys);
  }
  expect(await session.ended).toBe(0);
  expect(session.screen.text).toMatch(/done at Meta {2}registered the number/);
  expect(session.screen.text).not.toContain(on.description.business_token);
});

test.each([
  [120, 40],
  [40, 120],
  [80, 20],
])('the picker survives a resize from %i to %i columns', async (before, after) => {
  const session = virtualTerminal(['messenger', 'pages'], own.env, { columns: before });
  await session.shows('0 selected');
  await session.send(KEY.down, KEY.space);
  await session.resize({ columns: after });
  const resized = await session.shows('2 of 70');
  expect(resized.match(/Which Pages/g)).toHaveLength(1);
  expect(resized.match(/Search:/g)).toHaveLength(1);
  expect(session.screen.brokenLines).toEqual([]);
  await session.send(KEY.down);
  await session.shows('3 of 70');
  await session.resize({ columns: before });
  const again = await session.shows('3 of 70');
  expect(again.match(/Which Pages/g)).toHaveLength(1);
  expect(again.match(/^❯/gm)).toHaveLength(1);
});
