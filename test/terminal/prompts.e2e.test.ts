import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { home, temporaryFolder } from '../support/cli.ts';
import { KEY, terminal } from '../support/terminal.ts';

const SECRET = 'a1b2c3d4e5f60718';
const MASK = '********0718';
const CREATE_EMAIL = ['accounts', 'create', '--channel', 'email'];

async function withMailbox() {
  const place = await home();
  const given = ['--account-key', 'support', '--config', 'address=support@example.com'];
  await place.json(...CREATE_EMAIL, ...given);
  return place;
}

test('integrations set asks for the keys of the channel, and never shows a secret', async () => {
  const { env, json } = await home();
  const session = terminal(['integrations', 'set', 'messenger'], { env });
  await session.shows('? Meta app ID');
  session.send('1065', KEY.enter);
  await session.shows('? Meta app secret');
  session.send(SECRET);
  await session.shows('*'.repeat(SECRET.length));
  session.send('\x14'); // Ctrl-T would show the secret in Inquirer's password prompt by default.
  session.send(KEY.enter);
  await session.shows(/\? .*[Cc]onfig/);
  session.send(KEY.enter);
  expect(await session.end()).toEqual({ code: 0, isSane: true });
  expect(session.written()).not.toContain(SECRET);
  const stored = await json('integrations', 'get', 'messenger', '--reveal');
  expect(stored.config).toEqual({ app_id: '1065', app_secret: SECRET });
});

test('asks again with the current values, a secret shown as its mask; Enter keeps them', async () => {
  const { env, json } = await home();
  const given = ['--config', 'app_id=1065', '--config', `app_secret=${SECRET}`];
  await json('integrations', 'set', 'instagram', ...given);
  const session = terminal(['integrations', 'set', 'instagram'], { env });
  await session.shows('(1065)');
  session.send(KEY.enter);
  await session.shows(`(press Enter to keep ${MASK})`);
  session.send(KEY.enter);
  for (const question of ['Meta app ID', 'Meta app secret']) {
    await session.shows(question);
    session.send(KEY.enter);
  }
  expect((await session.end()).code).toBe(0);
  const { config } = await json('integrations', 'get', 'instagram', '--reveal');
  expect(config).toEqual({ app_id: '1065', app_secret: SECRET });
});

test('accounts create asks only for missing values', async () => {
  const { env, json } = await home();
  const session = terminal(
    ['accounts', 'create', '--channel', 'messenger', '--config', 'page_id=77'],
    { env },
  );
  await session.shows('? Account key');
  session.send('fb-77', KEY.enter);
  await session.shows(/\? .*access token/i);
  session.send(SECRET, KEY.enter);
  expect((await session.end()).code).toBe(0);
  expect(session.written()).not.toContain(SECRET);
  expect(session.written()).not.toMatch(/\? Page id/i);
  const account = await json('accounts', 'get', 'fb-77', '--reveal');
  expect(account.config).toEqual({ page_id: '77', page_access_token: SECRET });
});

test('accounts create asks for the key first, and not for secrets in variables', async () => {
  const variable = 'CHANNELCTL_SECRET_WHATSAPP_WA_77_ACCESS_TOKEN';
  const { env, json } = await home({ [variable]: SECRET });
  const steps = ['--no-register', '--no-subscribe'];
  const session = terminal(['accounts', 'create', ...steps], { env });
  await session.shows('Which channel?');
  session.send(KEY.enter);
  await session.shows('? Phone number ID');
  session.send('77', KEY.enter);
  await session.shows('? WhatsApp Business Account ID');
  session.send('5000', KEY.enter);
  expect((await session.end()).code).toBe(0);
  expect(session.written()).not.toMatch(/\? Access token/i);
  expect(await json('accounts', 'get', 'wa-77')).toMatchObject({ config: { waba_id: '5000' } });
});

test('accounts create asks again for an account key that is taken', async () => {
  const { env, json } = await withMailbox();
  const session = terminal(CREATE_EMAIL, { env });
  await session.shows('? Email address');
  session.send('support@example.com', KEY.enter);
  await session.shows('? Account key (support)');
  session.send(KEY.enter);
  await session.shows('The account email/support already exists.');
  session.send(KEY.ctrlC);
  expect(await session.end()).toEqual({ code: 130, isSane: true });
  expect(await json('accounts', 'list')).toHaveLength(1);
});

test('prints prompts to stderr, so that a redirected stdout contains only the result', async () => {
  const { env } = await home();
  const stdout = join(await temporaryFolder(), 'stdout');
  const session = terminal([...CREATE_EMAIL, '--account-key', 'support', '--json'], {
    env,
    redirect: `>${stdout}`,
  });
  await session.shows(/\? .*address/i);
  session.send('support@example.com', KEY.enter);
  await session.shows('? IMAP host');
  session.send(KEY.enter);
  await session.shows('? SMTP host');
  session.send(KEY.enter);
  expect((await session.end()).code).toBe(0);
  expect(JSON.parse(await readFile(stdout, 'utf8'))).toMatchObject({
    account_key: 'support',
    config: { address: 'support@example.com' },
  });
});

test.each(['</dev/null', '2>/dev/null'])(
  'with %s does not ask, and exits with 2 immediately',
  async (redirect) => {
    const { env } = await home();
    const session = terminal(['integrations', 'set', 'messenger'], { env, redirect });
    expect(await session.end()).toEqual({ code: 2, isSane: true });
    expect(session.written()).not.toContain('?');
  },
);

test('an empty required value is asked for again, and nothing is stored meanwhile', async () => {
  const { env, json } = await home();
  const session = terminal([...CREATE_EMAIL, '--account-key', 'support'], { env });
  await session.shows('? Email address');
  session.send(KEY.enter);
  await session.shows('Email address is required.');
  session.send(KEY.ctrlC);
  expect(await session.end()).toEqual({ code: 130, isSane: true });
  expect(await json('accounts', 'list')).toEqual([]);
});

const QUESTION = 'Delete account "email/support" and its secrets?';
const DELETE = ['accounts', 'delete', 'support'];

test('delete asks for confirmation and continues after a yes', async () => {
  const { env, json } = await withMailbox();
  const session = terminal(DELETE, { env });
  await session.shows(`${QUESTION} (y/N)`);
  session.send('y', KEY.enter);
  expect(await session.end()).toEqual({ code: 0, isSane: true });
  expect(await json('accounts', 'list')).toEqual([]);
});

test.each([
  ['Enter means no', KEY.enter, 'Cancelled; nothing was changed.'],
  ['n means no', `n${KEY.enter}`, 'Cancelled; nothing was changed.'],
  ['Ctrl-C cancels', KEY.ctrlC, 'Cancelled.'],
  ['Ctrl-D cancels', KEY.ctrlD, 'Cancelled.'],
])('at a confirmation %s: exits with 130 and deletes nothing', async (_, answer, message) => {
  const { env, json } = await withMailbox();
  const session = terminal(DELETE, { env });
  await session.shows(QUESTION);
  session.send(answer);
  expect(await session.end()).toEqual({ code: 130, isSane: true });
  expect(session.screen.text).toContain(`error: ${message}`);
  expect(await json('accounts', 'list')).toHaveLength(1);
});

test('--yes skips the confirmation', async () => {
  const { env } = await withMailbox();
  const session = terminal([...DELETE, '--yes'], { env });
  expect((await session.end()).code).toBe(0);
  expect(session.written()).not.toContain('?');
});

const TEXT = ['integrations', 'set', 'messenger'];
const QUESTIONS: [string, string[], string, string[]][] = [
  ['a string', TEXT, '? Meta app ID', []],
  ['a secret', TEXT, '? Meta app secret', ['1065', KEY.enter]],
  ['a choice', ['init'], '? Which channel', []],
];
const LEAVING: [string, string[]][] = [
  ['Ctrl-C', ['half', KEY.ctrlC]],
  ['Ctrl-D', [KEY.ctrlD]], // After text, Ctrl-D would delete the next character, as in a shell.
];

test.each(
  QUESTIONS.flatMap((question) =>
    LEAVING.map(([name, keys]) => [name, ...question, keys] as const),
  ),
)(
  '%s at the prompt for %s exits with 130, stores nothing and restores the terminal',
  async (_, __, args, question, before, keys) => {
    const { env, json } = await home();
    const session = terminal(args, { env });
    await session.shows('? ');
    session.send(...before);
    await session.shows(question);
    session.send(...keys);
    expect(await session.end()).toEqual({ code: 130, isSane: true });
    expect(session.screen.text).toContain('error: Cancelled.');
    expect(session.screen.cursorVisible).toBe(true);
    expect(await json('integrations', 'list')).toEqual([]);
  },
);

const SILENT: [string, string[], Record<string, string>][] = [
  ['--no-input', ['--no-input'], {}],
  ['CI=1', [], { CI: '1' }],
  ['CI=true', [], { CI: 'true' }],
];
const ASKING: [string, string[], string][] = [
  ['integrations set', ['integrations', 'set', 'messenger'], '--config app_id='],
  ['accounts create', CREATE_EMAIL, '--account-key'],
  ['accounts delete', DELETE, '--yes'],
  ['messenger pages', ['messenger', 'pages'], '--page'],
];

test.each(
  SILENT.flatMap(([name, flags, extra]) =>
    (name === '--no-input' ? ASKING : ASKING.slice(0, 1)).map(
      ([command, args, flag]) => [name, command, [...args, ...flags], extra, flag] as const,
    ),
  ),
)(
  'on a terminal with %s, %s does not ask, but exits with 2 and names the flag',
  async (_, command, args, extra, flag) => {
    const { env } = command === 'accounts delete' ? await withMailbox() : await home();
    const session = terminal(args, { env: { ...env, ...extra } });
    expect(await session.end()).toEqual({ code: 2, isSane: true });
    expect(session.screen.text).toContain(flag);
    expect(session.written()).not.toContain('? ');
  },
);
