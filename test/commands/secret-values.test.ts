import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { home, type Run, run } from '../support/cli.ts';

const VALUE = 'EAAtoken-of-the-page-81';

const SOURCES = ['flag', 'variable', 'file', 'stdin', 'configFile', 'document'] as const;
type Source = (typeof SOURCES)[number];

const PAGE = { page_id: '81', page_access_token: 'env:GOOD' };
const NUMBER = { phone_number_id: '1001', waba_id: '5000', access_token: 'env:GOOD' };
const UNCONNECTED = ['--no-register', '--no-subscribe'];

interface Target {
  key: string;
  channel: string;
  account_key?: string;
  others: Readonly<Record<string, string>>;
  flags?: readonly string[];
}

const fb81 = { channel: 'messenger', account_key: 'fb-81', others: PAGE };
const wa1001 = { channel: 'whatsapp', account_key: 'wa-1001', others: NUMBER, flags: UNCONNECTED };
const TOKEN: Target = { ...fb81, key: 'page_access_token' };
const PIN: Target = { ...wa1001, key: 'pin' };
const META_VALUES: readonly Target[] = [
  TOKEN,
  { ...fb81, key: 'page_id' },
  { ...wa1001, key: 'access_token' },
  { ...wa1001, key: 'waba_id' },
  PIN,
  ...['app_id', 'app_secret', 'config_id', 'user_token'].map((key) => {
    return { channel: 'messenger', others: {}, key };
  }),
];
const OTHER_VALUES: readonly Target[] = [
  {
    ...{ channel: 'email', account_key: 'support', key: 'password' },
    others: { address: 'a@b.example' },
  },
  { ...fb81, key: 'custom_token' },
  { channel: 'messenger', key: 'custom_secret', others: {} },
];

async function place(source: Source, { key, channel, account_key, others, flags = [] }: Target) {
  const own = await home({ GOOD: 'EAA-good-value', VALUE: '' });
  const file = join(own.configDir, 'value');
  const config = join(own.configDir, 'config.json');
  const document = join(own.configDir, 'document.json');
  const isSecret = /token|secret|pin|password/.test(key);
  const pairs = Object.entries(others).filter(([name]) => name !== key);
  const rest = pairs.flatMap((pair) => ['--config', pair.join('=')]);
  const command =
    account_key === undefined
      ? ['integrations', 'set', channel, ...rest]
      : ['accounts', 'create', '--channel', channel, ...keyOption(channel, account_key), ...rest];
  const withValue = (text: string) => [...command, ...flags, '--config', `${key}=${text}`];
  const referenced = pairs.map(([name, text]) => [
    name,
    text.startsWith('env:') ? { env: text.slice(4) } : text,
  ]);
  const pass: Record<Source, (value: string) => Promise<Run>> = {
    flag: (value) => own.cli(...withValue(value)),
    variable: (value) => run(withValue('env:VALUE'), { ...own.env, VALUE: value }),
    file: () => own.cli(...withValue(`@${file}`)),
    stdin: (value) => run(withValue('-'), own.env, value),
    async configFile(value) {
      await writeFile(config, JSON.stringify({ [key]: value }));
      return own.cli(...command, ...flags, '--config-file', config);
    },
    async document(value) {
      const values = { ...Object.fromEntries(referenced), [key]: isSecret ? { file } : value };
      const item = { channel, ...(account_key !== undefined && { account_key }), config: values };
      const section = account_key === undefined ? 'integrations' : 'accounts';
      await writeFile(document, JSON.stringify({ version: 1, [section]: [item] }));
      return own.cli('apply', '-f', document, '--offline', '--yes');
    },
  };
  const noun = account_key === undefined ? 'integrations' : 'accounts';
  const names: Record<Source, string> = {
    ...{ flag: `--config ${key}`, variable: 'VALUE', file, stdin: 'stdin' },
    ...{ configFile: config, document: `config.${key}` },
  };
  return {
    name: names[source],
    async store(value: string) {
      await writeFile(file, value);
      return pass[source](value);
    },
    async stored() {
      const shown = await own.cli(noun, 'get', account_key ?? channel, '--reveal', '--json');
      return shown.code === 0 ? JSON.parse(shown.stdout).config[key] : undefined;
    },
  };
}

/** The key of a WhatsApp account is derived. */
function keyOption(channel: string, account_key: string): string[] {
  return channel === 'whatsapp' ? [] : ['--account-key', account_key];
}

const BAD_VALUES: readonly (readonly [value: string, reason: string])[] = [
  [`${VALUE}\n\n`, 'a line break'],
  [` ${VALUE}`, 'a space'],
  [`${VALUE}\t`, 'another character'],
  [`${VALUE}\u00a0`, 'another character'],
  [`${VALUE}é`, 'another character'],
  [`"${VALUE}"`, 'a quotation mark'],
  [`'${VALUE}'`, 'a quotation mark'],
  [`Bearer ${VALUE}`, 'starts with "Bearer"'],
  ['$PAGE_TOKEN', 'the name of a variable'],
  [`$${'{{'}secrets.PAGE_TOKEN}}`, 'the name of a variable'],
  ['***', 'a placeholder'],
];

describe.each(SOURCES)('from a %s', (source) => {
  test.each([
    ['a line end', `${VALUE}\n`],
    ['a Windows line end', `${VALUE}\r\n`],
    ['a byte order mark', `\ufeff${VALUE}`],
  ])('a token loses %s', async (_, value) => {
    const { store, stored } = await place(source, TOKEN);
    expect(await store(value)).toMatchObject({ code: 0 });
    expect(await stored()).toBe(VALUE);
  });

  test.each(META_VALUES.map((target) => [target.channel, target.key, target] as const))(
    'a value that Meta cannot have issued is rejected for %s %s',
    async (_, key, target) => {
      const { store, stored, name } = await place(source, target);
      const hasOwnRule = key === 'pin' || key.endsWith('_id');
      for (const [value, reason] of BAD_VALUES) {
        const { code, stderr } = await store(value);
        expect({ value, code, stderr }).toMatchObject({ code: 2 });
        expect(stderr).toContain(key);
        expect(stderr).toContain(name);
        if (!hasOwnRule) {
          expect(stderr).toContain(reason);
          expect(stderr).not.toContain(VALUE);
        }
      }
      expect(await stored()).toBeFalsy();
    },
  );

  test.each(OTHER_VALUES.map((target) => [target.channel, target.key, target] as const))(
    'a value of %s %s is stored as given',
    async (_, __, target) => {
      for (const [value] of BAD_VALUES.filter(([text]) => text !== '***')) {
        const { store, stored } = await place(source, target);
        expect(await store(value)).toMatchObject({ code: 0 });
        expect(await stored()).toBe(value.replace(/\n$/, ''));
      }
    },
  );
});

test('an invalid value in a document is reported once', async () => {
  const own = await home({ VALUE: `${VALUE} ` });
  const document = join(own.configDir, 'document.json');
  const config = { page_id: '81', page_access_token: { env: 'VALUE' } };
  const accounts = [{ channel: 'messenger', account_key: 'fb-81', config }];
  await writeFile(document, JSON.stringify({ version: 1, accounts }));
  const { code, error } = await own.failure('apply', '-f', document, '--offline', '--yes');
  expect({ code, message: error.message }).toEqual({
    code: 2,
    message: expect.stringContaining('has 1 error.'),
  });
  expect(error.message).not.toContain('not set');
});

test('an empty secret names its source, and does not suggest to remove the stored one', async () => {
  const own = await home();
  const set = ['integrations', 'set', 'messenger', '--config', 'app_secret=-'];
  const { code, stderr } = await run(set, own.env, '\n');
  expect(code).toBe(2);
  expect(stderr).toContain('Check stdin');
  expect(stderr).not.toContain('--unset');
});

test.each(['VALUE with a space', '$PAGE_TOKEN', '"quoted"', 'Bearer EAA'])(
  'a secret variable that overrides a stored token is rejected if it contains %s',
  async (value) => {
    const own = await home({ GOOD: VALUE });
    const create = ['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-81'];
    const config = ['--config', 'page_id=81', '--config', 'page_access_token=env:GOOD'];
    await own.json(...create, ...config);
    const variable = 'CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN';
    own.env[variable] = value;
    const { code, error } = await own.failure('menu', 'get', 'fb-81');
    expect({ code, message: error.message }).toEqual({
      code: 2,
      message: expect.stringContaining(`page_access_token (from the variable ${variable})`),
    });
  },
);

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
  const own = await home({ CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: `${VALUE}\n` });
  const create = ['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-81'];
  await own.json(...create, '--config', 'page_id=81');
  const { config } = await own.json('accounts', 'get', 'fb-81', '--reveal');
  expect(config.page_access_token).toBe(VALUE);
});
