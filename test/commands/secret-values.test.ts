import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { home, type Run, run } from '../support/cli.ts';

const TOKEN = 'EAAtoken-of-the-page-81';

/** The ways to pass a secret, each with the value in `VALUE` or in the file `value`. */
const SOURCES = ['flag', 'variable', 'file', 'stdin', 'configFile', 'document'] as const;
type Source = (typeof SOURCES)[number];

/** Stores a Page's token, passed in one of the ways. */
async function store(source: Source, value: string) {
  const own = await home({ VALUE: value });
  const file = join(own.configDir, 'value');
  await writeFile(file, value);
  const create = ['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-81'];
  const page = [...create, '--config', 'page_id=81'];
  const withToken = (text: string) => [...page, '--config', `page_access_token=${text}`];
  const commands: Record<Source, () => Promise<Run>> = {
    flag: () => own.cli(...withToken(value)),
    variable: () => own.cli(...withToken('env:VALUE')),
    file: () => own.cli(...withToken(`@${file}`)),
    stdin: () => run(withToken('-'), own.env, value),
    async configFile() {
      const config = join(own.configDir, 'config.json');
      await writeFile(config, JSON.stringify({ page_access_token: value }));
      return own.cli(...page, '--config-file', config);
    },
    async document() {
      const document = join(own.configDir, 'document.json');
      const config = { page_id: '81', page_access_token: { file } };
      const accounts = [{ channel: 'messenger', account_key: 'fb-81', config }];
      await writeFile(document, JSON.stringify({ version: 1, accounts }));
      return own.cli('apply', '-f', document, '--offline', '--yes');
    },
  };
  const { code, stderr } = await commands[source]();
  const shown = await own.cli('accounts', 'get', 'fb-81', '--reveal', '--json');
  const token = shown.code === 0 ? JSON.parse(shown.stdout).config.page_access_token : undefined;
  return { code, stderr, token };
}

describe.each(SOURCES)('a token from a %s', (source) => {
  test.each([
    ['a line end', `${TOKEN}\n`],
    ['a Windows line end', `${TOKEN}\r\n`],
    ['a byte order mark', `\ufeff${TOKEN}`],
  ])('loses %s', async (_, value) => {
    const { code, token } = await store(source, value);
    expect({ code, token }).toEqual({ code: 0, token: TOKEN });
  });

  test.each([
    ['two line ends', `${TOKEN}\n\n`, 'a line break'],
    ['a space', ` ${TOKEN}`, 'a space'],
    ['a non-breaking space', `${TOKEN}\u00a0`, 'another character'],
    ['quotation marks', `"${TOKEN}"`, 'a quotation mark'],
    ['Bearer', `Bearer ${TOKEN}`, 'starts with "Bearer"'],
    ['the name of a variable', '$PAGE_TOKEN', 'the name of a variable'],
    ['an unresolved expression', `$${'{{'}secrets.PAGE_TOKEN}}`, 'the name of a variable'],
    ['a placeholder', '***', 'a placeholder'],
  ])('is rejected with %s', async (_, value, reason) => {
    const { code, stderr, token } = await store(source, value);
    expect({ code, token }).toEqual({ code: 2, token: undefined });
    expect(stderr).toContain('page_access_token');
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain(TOKEN);
  });
});

test('an app ID and an app secret are checked in the same way', async () => {
  const own = await home({ SECRET: 'app secret 700' });
  const set = ['integrations', 'set', 'whatsapp'];
  for (const config of ['app_id=7 00', 'app_secret=env:SECRET']) {
    const { code, error } = await own.failure(...set, '--config', config);
    expect({ code, message: error.message }).toMatchObject({
      code: 2,
      message: expect.stringContaining('a space'),
    });
  }
  expect(await own.json('integrations', 'list')).toEqual([]);
});

test('a mailbox password and a custom key are stored as given, without the line end', async () => {
  const own = await home({ PASSWORD: ' "a b"  \n', CUSTOM: 'Bearer x\n' });
  const create = ['accounts', 'create', '--channel', 'email', '--account-key', 'support'];
  const config = ['address=a@b.example', 'password=env:PASSWORD', 'custom_token=env:CUSTOM'];
  await own.json(...create, ...config.flatMap((pair) => ['--config', pair]));
  expect((await own.json('accounts', 'get', 'support', '--reveal')).config).toMatchObject({
    password: ' "a b"  ',
    custom_token: 'Bearer x',
  });
});

test('a secret variable may end in a line end', async () => {
  const own = await home({ CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: `${TOKEN}\n` });
  const create = ['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-81'];
  await own.json(...create, '--config', 'page_id=81');
  const { config } = await own.json('accounts', 'get', 'fb-81', '--reveal');
  expect(config.page_access_token).toBe(TOKEN);
});
