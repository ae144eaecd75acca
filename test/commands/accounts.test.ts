import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Home, home, homeIn, sharedHome } from '../support/cli.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KEPT_ONLY = ['--no-register', '--no-subscribe'];

function pairs(config: Record<string, string>): string[] {
  return Object.entries(config).flatMap(([key, value]) => ['--config', `${key}=${value}`]);
}

const CHANNELS: [channel: string, key: string, config: Record<string, string>, secret: string][] = [
  [
    'whatsapp',
    'wa-1065',
    { phone_number_id: '1065', waba_id: '1066', access_token: 'EAAG-whatsapp', pin: '001234' },
    'access_token',
  ],
  ['messenger', 'fb-1', { page_id: '1', page_access_token: 'EAAG-messenger' }, 'page_access_token'],
  [
    'instagram',
    'ig-2',
    {
      ig_user_id: '17841400000000001',
      access_token: 'IGAA-instagram',
      username: 'shop',
      token_expires_at: '2027-01-31T12:00:00Z',
    },
    'access_token',
  ],
  [
    'email',
    'support',
    {
      address: 'support@example.com',
      imap_host: 'imap.example.com',
      imap_port: '993',
      smtp_host: 'smtp.example.com',
      smtp_port: '465',
      username: 'support',
      password: 'of-the-mailbox',
    },
    'password',
  ],
];

function creating(channel: string, key: string, config: Record<string, string>): string[] {
  const named = channel === 'whatsapp' ? KEPT_ONLY : ['--account-key', key];
  return ['accounts', 'create', '--channel', channel, ...named, ...pairs(config)];
}

function mailbox(here: Home, key: string, ...more: string[]) {
  const config = { address: 'a@example.com' };
  return here.json(...creating('email', key, config), ...more);
}

describe.each(CHANNELS)('a %s account', (channel, key, config, secret) => {
  const here = sharedHome();
  const name = `${channel}/${key}`;

  test('is created as active and default, with its secrets masked', async () => {
    const { code, stdout } = await here.cli(...creating(channel, key, config), '--json');
    expect(code).toBe(0);
    const created = JSON.parse(stdout);
    expect(created).toEqual({
      id: expect.stringMatching(UUID),
      channel,
      account_key: key,
      display_name: null,
      is_active: true,
      is_default: true,
      config: { ...config, ...masked(config) },
      created_at: expect.stringMatching(ISO),
      updated_at: created.created_at,
      division_id: null,
      verify_token: expect.stringMatching(/^[0-9a-f]{32}$/),
      webhook_url: null,
    });
    expect(await here.json('accounts', 'get', name)).toEqual(created);
    expect(await here.json('accounts', 'list', '--channel', channel)).toEqual([created]);
    expect((await here.json('accounts', 'get', key, '--reveal')).config).toEqual(config);
    expect(await here.state()).not.toContain(config[secret]);
  });

  test('is updated key by key, and keeps unknown keys unchanged', async () => {
    const before = await here.json('accounts', 'get', name);
    const change = ['--config', 'note=mine', '--display-name', 'Shop', '--division-id', 'd1'];
    const updated = await here.json('accounts', 'update', name, '--inactive', ...change);
    expect(updated).toEqual({
      ...before,
      display_name: 'Shop',
      division_id: 'd1',
      is_active: false,
      config: { ...before.config, note: 'mine' },
      updated_at: expect.stringMatching(ISO),
    });
    expect(Date.parse(updated.updated_at)).toBeGreaterThan(Date.parse(before.updated_at));
    const back = await here.json('accounts', 'update', name, '--active', '--unset', 'note');
    expect(back).toMatchObject({ is_active: true, display_name: 'Shop', config: before.config });
  });

  test('is not changed by the mask of its secret, and rejects any other mask', async () => {
    const shown = await here.json('accounts', 'get', name);
    const file = join(here.configDir, 'shown.json');
    await writeFile(file, JSON.stringify(shown.config));
    const log = await here.json('audit', 'list');
    expect(await here.json('accounts', 'update', name, '--config-file', file)).toEqual(shown);
    expect(await here.json('audit', 'list')).toEqual(log);
    expect((await here.json('accounts', 'get', name, '--reveal')).config).toEqual(config);
    const before = await here.state();
    const other = ['accounts', 'update', name, '--config', `${secret}=********0000`];
    expect((await here.failure(...other)).code).toBe(2);
    expect(await here.state()).toBe(before);
  });

  test('uses the secret in a variable, which overrides the stored one', async () => {
    const part = (text: string) => text.toUpperCase().replaceAll('-', '_');
    const variable = `CHANNELCTL_SECRET_${part(channel)}_${part(key)}_${part(secret)}`;
    const other = homeIn(here.configDir, { [variable]: 'of-the-variable' });
    const get = (...more: string[]) => other.json('accounts', 'get', name, ...more);
    expect((await get()).config[secret]).toBe('********able');
    expect((await get('--reveal')).config[secret]).toBe('of-the-variable');
  });

  test('rejects the removal of a required key', async () => {
    const before = await here.state();
    const [required = ''] = Object.keys(config);
    for (const key of secret === 'password' ? [required] : [required, secret]) {
      const { code, error } = await here.failure('accounts', 'update', name, '--unset', key);
      expect({ code, said: `${error.message}${error.hint}`.includes(key) }).toEqual({
        code: 2,
        said: true,
      });
    }
    expect(await here.state()).toBe(before);
  });

  test('cannot be created twice', async () => {
    const before = await here.state();
    const { code, error } = await here.failure(...creating(channel, key, config));
    expect({ code, kind: error.kind }).toEqual({ code: 7, kind: 'conflict' });
    expect(error.message).toContain(name);
    expect(await here.state()).toBe(before);
  });

  test('is deleted with its secrets', async () => {
    const { id } = await here.json('accounts', 'get', name);
    expect(await here.json('accounts', 'delete', name, '--yes')).toEqual({ success: true, id });
    expect((await here.failure('accounts', 'get', name)).code).toBe(3);
    expect(await here.json('accounts', 'list')).toEqual([]);
    const again = creating(channel, key, { ...config, [secret]: '********' });
    expect((await here.failure(...again)).error.message).toContain('No secret is stored');
  });
});

function masked(config: Record<string, string>): Record<string, string> {
  const secrets = ['access_token', 'page_access_token', 'pin', 'password'];
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => secrets.includes(key))
      .map(([key, value]) => [key, `********${value.length >= 12 ? value.slice(-4) : ''}`]),
  );
}

describe('create rejects, without changing anything,', () => {
  const here = sharedHome({ CHANNELCTL_SECRET_MESSENGER_FB_9_PAGE_ACCESS_TOKEN: 'EAAG-variable' });
  const email = ['--channel', 'email', '--config', 'address=a@example.com'];
  const number = (more: Record<string, string>) => [
    ...['--channel', 'whatsapp', ...KEPT_ONLY],
    ...pairs({ phone_number_id: '1', waba_id: '2', access_token: 'EAAG', ...more }),
  ];

  test.each<[string, string[], named: string]>([
    ['a missing channel', ['--account-key', 'k'], '--channel'],
    ['an unknown channel', ['--channel', 'fax', '--account-key', 'k'], 'whatsapp, messenger'],
    ['a missing account key', email, '--account-key'],
    ['a key with a slash', [...email, '--account-key', 'a/b'], 'a/b'],
    ['a key with a non-ASCII letter', [...email, '--account-key', 'süd'], 'A-Z a-z'],
    ['a key that is two dots', [...email, '--account-key', '..'], '..'],
    ['an empty key', [...email, '--account-key', ''], '--account-key'],
    ['a key of 129 characters', [...email, '--account-key', 'k'.repeat(129)], '128'],
    ['a mailbox without an address', ['--channel', 'email', '--account-key', 'k'], 'address'],
    [
      'an invalid email address',
      [...email, '--account-key', 'k', '--config', 'address=nobody'],
      'address',
    ],
    ['an invalid port', [...email, '--account-key', 'k', '--config', 'imap_port=0x1'], 'imap_port'],
    ['an invalid host', [...email, '--account-key', 'k', '--config', 'smtp_host=a/b'], 'smtp_host'],
    [
      'a Page without its token',
      ['--channel', 'messenger', '--account-key', 'k', '--config', 'page_id=1'],
      'page_access_token',
    ],
    [
      'an ID that would change a path',
      [
        ...['--channel', 'messenger', '--account-key', 'k', '--config', 'page_id=1/../me'],
        ...['--config', 'page_access_token=EAAG'],
      ],
      'page_id',
    ],
    [
      'an invalid time',
      [
        ...['--channel', 'instagram', '--account-key', 'k'],
        ...pairs({ ig_user_id: '1', access_token: 'IGAA', token_expires_at: 'tomorrow' }),
      ],
      'token_expires_at',
    ],
    [
      'a number without its ID',
      ['--channel', 'whatsapp', ...KEPT_ONLY, '--config', 'waba_id=2'],
      'phone_number_id',
    ],
    ['a number with a different account key', [...number({}), '--account-key', 'wa-2'], 'wa-1'],
    ['a PIN of five digits', number({ pin: '12345' }), 'pin'],
    ['a PIN of non-ASCII digits', number({ pin: '١٢٣٤٥٦' }), 'pin'],
    [
      'a WhatsApp option for another channel',
      [...email, '--account-key', 'k', '--no-register'],
      'WhatsApp',
    ],
    ['both --active and --inactive', [...number({}), '--active', '--inactive'], 'used together'],
  ])('%s', async (_, args, named) => {
    const { code, error, stdout } = await here.failure('accounts', 'create', ...args);
    expect({ code, kind: error.kind, stdout }).toEqual({ code: 2, kind: 'usage', stdout: '' });
    expect(`${error.message} ${error.hint}`).toContain(named);
    expect(error.message, 'the secret is not shown').not.toContain('12345');
    expect(await here.state()).toBeNull();
  });

  test('names the variable of a missing secret if secrets cannot be stored', async () => {
    const env = homeIn(here.configDir, { CHANNELCTL_SECRETS: 'env' });
    const page = ['--channel', 'messenger', '--account-key', 'fb-8', '--config', 'page_id=8'];
    const { code, error } = await env.failure('accounts', 'create', ...page);
    expect(code).toBe(2);
    expect(error.hint).toContain('CHANNELCTL_SECRET_MESSENGER_FB_8_PAGE_ACCESS_TOKEN');
    expect(error.hint).not.toContain('--config');
  });

  test('accepts a required secret in a variable', async () => {
    const page = ['--channel', 'messenger', '--account-key', 'fb-9', '--config', 'page_id=9'];
    const { config } = await here.json('accounts', 'create', ...page);
    expect(config).toEqual({ page_id: '9', page_access_token: '********able' });
    expect(await here.state()).toMatch(/"secrets": \{\}/);
  });
});

test('the key of a WhatsApp account is wa- and the phone number ID, and may also be passed', async () => {
  const here = await home();
  const yaml = join(here.configDir, 'number.yaml');
  await writeFile(yaml, 'phone_number_id: 106540352242922\nwaba_id: 1\naccess_token: EAAG\n');
  const args = ['--config-file', yaml, '--account-key', 'wa-106540352242922', ...KEPT_ONLY];
  const created = await here.json('accounts', 'create', '--channel', 'whatsapp', ...args);
  expect(created).toMatchObject({
    account_key: 'wa-106540352242922',
    config: { phone_number_id: '106540352242922', waba_id: '1' },
  });
  for (const change of [
    ['--account-key', 'wa-2'],
    ['--config', 'phone_number_id=2'],
    ['--unset', 'phone_number_id'],
  ])
    expect((await here.failure('accounts', 'update', created.id, ...change)).code).toBe(2);
});

test('webhook_url is ASCII if webhook_base_url is not', async () => {
  const desk = await home({ CHANNELCTL_WEBHOOK_BASE_URL: 'https://Bücher.example/wünsche/' });
  const created = await desk.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
    ...['--config', 'address=support@example.com'],
  );
  expect(created.webhook_url).toBe('https://xn--bcher-kva.example/w%C3%BCnsche/email/support');
});

test('an account key may contain every allowed character, and is escaped in webhook_url', async () => {
  const here = await home({ CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.example.com/hooks//' });
  const created = await mailbox(here, 'A-z.0_9@x+y');
  expect(created.webhook_url).toBe('https://desk.example.com/hooks/email/A-z.0_9%40x%2By');
  expect(await here.json('accounts', 'get', 'A-z.0_9@x+y')).toEqual(created);
  expect((await mailbox(here, 'k'.repeat(128))).account_key).toHaveLength(128);
  const without = homeIn(here.configDir, {});
  expect((await without.json('accounts', 'get', created.id)).webhook_url).toBeNull();
});

describe('an account is found', () => {
  const here = sharedHome();
  const IDS = {
    'email/support': 'aaaa1111-0000-4000-8000-000000000001',
    'messenger/support': 'aaaa2222-0000-4000-8000-000000000002',
    'messenger/bbbb': 'cccc3333-0000-4000-8000-000000000003',
    'messenger/other': 'bbbb4444-0000-4000-8000-000000000004',
  };

  beforeAll(async () => {
    await mailbox(here, 'support');
    for (const key of ['support', 'bbbb', 'other'])
      await here.json(...creating('messenger', key, { page_id: '1', page_access_token: 'EAAG' }));
    const state = JSON.parse((await here.state()) ?? '');
    for (const [index, id] of Object.values(IDS).entries()) state.accounts[index].id = id;
    await writeFile(here.stateFile(), JSON.stringify(state));
  });

  test.each([
    ['by its ID', IDS['email/support'], 'email/support'],
    ['by an ID prefix', 'aaaa1', 'email/support'],
    ['by an ID prefix of four characters', 'cccc', 'messenger/bbbb'],
    ['by channel and key', 'messenger/support', 'messenger/support'],
    ['by a unique key', 'other', 'messenger/other'],
  ])('%s', async (_, name, expected) => {
    const { channel, account_key } = await here.json('accounts', 'get', name);
    expect(`${channel}/${account_key}`).toBe(expected);
  });

  test.each([
    ['a key used by two channels', 'support', ['email/support', 'messenger/support']],
    ['a prefix of two IDs', 'aaaa', ['email/support', 'messenger/support']],
    ['a key that is also an ID prefix', 'bbbb', ['messenger/bbbb', 'messenger/other']],
  ] as const)('%s is ambiguous: exits with 2 and lists the matches', async (_, name, names) => {
    for (const verb of ['get', 'set-default']) {
      const { code, error } = await here.failure('accounts', verb, name);
      expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
      for (const one of names) expect(error.message).toContain(`${one} (${IDS[one]})`);
    }
  });

  test.each(['ccc', 'dddd', 'email/other', 'Support', 'aaaa1111-0000-4000-8000-00000000000X', ''])(
    'no account matches %j: exits with 3',
    async (name) => {
      const { code, error } = await here.failure('accounts', 'get', name);
      expect({ code, kind: error.kind }).toEqual({ code: 3, kind: 'not_found' });
    },
  );

  test('an account of a channel that the command does not support: exits with 2', async () => {
    const { code, error } = await here.failure('menu', 'get', 'email/support');
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('Messenger');
  });
});

describe('list', () => {
  const here = sharedHome();
  const keys = async (...args: string[]) => {
    const list = await here.json('accounts', 'list', ...args);
    return list.map(({ account_key }: { account_key: string }) => account_key);
  };

  test('filters by channel, division and activity, in order of creation', async () => {
    await mailbox(here, 'z', '--division-id', 'east');
    await mailbox(here, 'a', '--inactive', '--division-id', 'east');
    await here.json(...creating('messenger', 'm', { page_id: '1', page_access_token: 'EAAG' }));
    expect(await keys()).toEqual(['z', 'a', 'm']);
    expect(await keys('--channel', 'email')).toEqual(['z', 'a']);
    expect(await keys('--division-id', 'east', '--active')).toEqual(['z']);
    expect(await keys('--inactive')).toEqual(['a']);
    expect(await keys('--channel', 'whatsapp')).toEqual([]);
  });

  test('a new account gets the division of the profile or of the option; an empty option removes it', async () => {
    await here.json('config', 'set', 'division_id', 'west');
    expect((await mailbox(here, 'w')).division_id).toBe('west');
    expect((await mailbox(here, 'n', '--division-id', 'north')).division_id).toBe('north');
    const taken = ['--division-id', '', '--display-name', ''];
    expect(await here.json('accounts', 'update', 'n', ...taken)).toMatchObject({
      division_id: null,
      display_name: null,
    });
  });
});

describe('the default of a channel', () => {
  test('is its first account until another one becomes the default', async () => {
    const here = await home();
    const defaults = async () => {
      const list = await here.json('accounts', 'list', '-o', 'json');
      return list.flatMap((one: { account_key: string; is_default: boolean }) =>
        one.is_default ? [one.account_key] : [],
      );
    };
    expect((await mailbox(here, 'one', '--inactive')).is_default).toBe(true);
    expect((await mailbox(here, 'two')).is_default).toBe(false);
    await here.json(...creating('messenger', 'page', { page_id: '1', page_access_token: 'EAAG' }));
    expect(await defaults()).toEqual(['one', 'page']);

    expect(await here.json('accounts', 'set-default', 'two')).toMatchObject({
      account_key: 'two',
      is_default: true,
    });
    expect(await defaults()).toEqual(['two', 'page']);
    const before = await here.state();
    await here.json('accounts', 'set-default', 'two');
    expect(await here.state(), 'the same default is not a change').toBe(before);

    await mailbox(here, 'three', '--default');
    expect(await defaults()).toEqual(['page', 'three']);
    expect((await here.json('accounts', 'update', 'one', '--default')).is_default).toBe(true);
    expect(await defaults()).toEqual(['one', 'page']);

    const deleted = await here.cli('accounts', 'delete', 'one', '--yes', '--json');
    expect(JSON.parse(deleted.stderr).warning.message).toMatch(/email\/one was the default/);
    expect(await defaults(), 'no other account becomes the default').toEqual(['page']);
    expect((await here.cli('accounts', 'delete', 'two', '--yes')).stderr).toBe('');
    expect((await mailbox(here, 'four')).is_default, 'it is not the first account').toBe(false);
  });
});

describe('update', () => {
  test('changes the key of an account without losing its secrets', async () => {
    const here = await home();
    const { id } = await mailbox(here, 'old', '--config', 'password=of-the-mailbox');
    await mailbox(here, 'taken');
    const renamed = await here.json('accounts', 'update', 'old', '--account-key', 'new');
    expect(renamed).toMatchObject({ id, account_key: 'new' });
    const { config } = await here.json('accounts', 'get', 'email/new', '--reveal');
    expect(config.password).toBe('of-the-mailbox');
    expect((await here.failure('accounts', 'get', 'old')).code).toBe(3);

    const before = await here.state();
    const conflict = await here.failure('accounts', 'update', 'new', '--account-key', 'taken');
    expect(conflict).toMatchObject({ code: 7, error: { kind: 'conflict' } });
    const bad = await here.failure('accounts', 'update', 'new', '--account-key', 'a b');
    expect(bad.code).toBe(2);
    expect(await here.state()).toBe(before);
  });

  test('rejects --channel, and a call without any change', async () => {
    const here = await home();
    await mailbox(here, 'k');
    expect((await here.failure('accounts', 'update', 'k', '--channel', 'messenger')).code).toBe(2);
    expect((await here.failure('accounts', 'update', 'k')).code).toBe(2);
    expect((await here.failure('accounts', 'update', 'nope', '--active')).code).toBe(3);
  });
});

test('delete asks for confirmation: without a terminal it requires --yes', async () => {
  const here = await home();
  await mailbox(here, 'k');
  const before = await here.state();
  const { code, error } = await here.failure('accounts', 'delete', 'k');
  expect(code).toBe(2);
  expect(error.hint).toContain('--yes');
  expect(error.message).toContain('email/k');
  expect((await here.failure('accounts', 'delete', 'nope', '--yes')).code).toBe(3);
  expect(await here.state()).toBe(before);
});
