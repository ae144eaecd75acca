import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { meta } from '../graph/support.ts';
import { type Home, home, run } from '../support/cli.ts';

/** A Graph URL that refuses connections immediately. */
const NOWHERE = { CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1' };

const INVALID = ['12x3', '../x', '1 2', '１２', '1'.repeat(21)];

const ACCOUNTS: readonly [channel: string, key: string, config: Record<string, string>][] = [
  ['messenger', 'page_id', { page_access_token: 'EAA-page-token' }],
  ['instagram', 'ig_user_id', { access_token: 'IGAA-token' }],
  ['whatsapp', 'waba_id', { phone_number_id: '1065', access_token: 'EAA-token' }],
  ['whatsapp', 'phone_number_id', { waba_id: '1046', access_token: 'EAA-token' }],
];

const INTEGRATIONS: readonly [channel: string, key: string][] = [
  ['messenger', 'app_id'],
  ['messenger', 'config_id'],
  ['instagram', 'app_id'],
  ['instagram', 'meta_app_id'],
  ['whatsapp', 'app_id'],
  ['whatsapp', 'config_id'],
];

function creation(channel: string, config: Record<string, string>): string[] {
  const key = channel === 'whatsapp' ? [] : ['--account-key', 'k'];
  const local = channel === 'whatsapp' ? ['--no-register', '--no-subscribe'] : [];
  const pairs = Object.entries(config).flatMap((pair) => ['--config', pair.join('=')]);
  return ['accounts', 'create', '--channel', channel, ...key, ...local, ...pairs];
}

async function refusal(own: Home, args: string[], ...named: string[]) {
  const { code, error } = await own.failure(...args);
  expect({ args, code }).toEqual({ args, code: 2 });
  for (const name of named) expect(error.message).toContain(name);
}

test.each(ACCOUNTS)(
  'accounts of %s are created and updated only with an ID as %s',
  async (channel, key, rest) => {
    const own = await home(NOWHERE);
    for (const id of INVALID) {
      await refusal(own, creation(channel, { ...rest, [key]: id }), key, id);
    }
    expect(await own.json('accounts', 'list')).toEqual([]);
    const { id: account } = await own.json(...creation(channel, { ...rest, [key]: '81' }));
    const before = await own.state();
    // The phone number ID of an account is fixed, so another one is refused in any case.
    const named = key === 'phone_number_id' ? [key] : [key, '12x3'];
    await refusal(own, ['accounts', 'update', account, '--config', `${key}=12x3`], ...named);
    expect(await own.state()).toBe(before);
  },
);

test.each(INTEGRATIONS)(
  'the integration of %s is stored only with an ID as %s',
  async (channel, key) => {
    const own = await home(NOWHERE);
    const set = (id: string) => ['integrations', 'set', channel, '--config', `${key}=${id}`];
    for (const id of INVALID) await refusal(own, set(id), key, id);
    expect(await own.json('integrations', 'list')).toEqual([]);
    expect((await own.json(...set('81'))).config).toEqual({ [key]: '81' });
    expect((await own.json(...set(''))).config).toEqual({ [key]: '' });
  },
);

test('apply refuses IDs in a document, naming each place, and changes nothing', async () => {
  const own = await home({ ...NOWHERE, TOKEN: 'EAA-token' });
  const document = `version: 1
integrations:
  - { channel: messenger, config: { app_id: 7x0 } }
  - { channel: instagram, config: { meta_app_id: ../me } }
accounts:
  - { channel: messenger, account_key: a, config: { page_id: 12x3, page_access_token: { env: TOKEN } } }
  - { channel: instagram, account_key: b, config: { ig_user_id: '1/2', access_token: { env: TOKEN } } }
  - channel: whatsapp
    account_key: wa-1_2
    config: { phone_number_id: '1_2', waba_id: 'x', access_token: { env: TOKEN } }
`;
  for (const command of [['plan'], ['apply', '--yes']]) {
    const { code, stderr } = await run([...command, '-f', '-'], own.env, document);
    expect(code).toBe(2);
    for (const place of [
      'integrations[0].config.app_id',
      'integrations[1].config.meta_app_id',
      'accounts[0].config.page_id',
      'accounts[1].config.ig_user_id',
      'accounts[2].config.phone_number_id',
      'accounts[2].config.waba_id',
    ]) {
      expect(stderr).toContain(place);
    }
  }
  expect(await own.json('accounts', 'list')).toEqual([]);
});

test.each(['--page=12x3', '--page=../x', '--page='])(
  '%s is refused before Meta is called',
  async (option) => {
    const own = await home({ ...NOWHERE, CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: 'EAA-user' });
    await refusal(own, ['messenger', 'pages', option], '--page', option.slice('--page='.length));
    await refusal(own, ['messenger', 'connect', option], '--page');
  },
);

const USER = { CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: 'EAA-user' };

test.each(['12x3', '../x', '', 8.1])(
  'a Page that Meta returns with the ID %j is not stored',
  async (id) => {
    const server = await meta(({ method, url }) => ({
      body: url.pathname.endsWith('/me/accounts')
        ? { data: [{ id, name: 'Odd', tasks: ['MESSAGING', 'MANAGE'] }] }
        : method === 'POST'
          ? { success: true }
          : { id, data: [], access_token: 'EAA-page' },
    }));
    const own = await home({ CHANNELCTL_GRAPH_URL: server.url, ...USER });
    const { code, error } = await own.failure('messenger', 'pages', '--all-pages');
    expect({ code, kind: error.kind }).toEqual({ code: 5, kind: 'graph' });
    expect(error.message).toContain('data[0].id');
    expect(await own.json('accounts', 'list')).toEqual([]);
    expect(server.requests.map(({ method }) => method)).not.toContain('POST');
  },
);

test('a business portfolio with an invalid ID is not asked for its Pages', async () => {
  const server = await meta(({ url }) => ({
    body: url.pathname.endsWith('/me/businesses')
      ? { data: [{ id: '../me', name: 'Odd' }] }
      : url.pathname.endsWith('/me/accounts')
        ? { data: [{ id: '81', name: 'Alder Books' }] }
        : { id: '81', access_token: 'EAA-page', success: true },
  }));
  const own = await home({ CHANNELCTL_GRAPH_URL: server.url, ...USER });
  const { code, stderr } = await own.cli('messenger', 'pages', '--all-pages', '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('data[0].id');
  const paths = server.requests.map(({ url }) => decodeURIComponent(url.pathname));
  expect(paths.join(' ')).toContain('/me/businesses');
  expect(paths.join(' ')).not.toMatch(/owned_pages|client_pages|\.\./);
});

test.each(['12x3', '../x'])(
  'an Instagram profile that Meta returns with the ID %j is not stored',
  async (user_id) => {
    const server = await meta(() => ({
      body: { access_token: 'IGAA-token', expires_in: 5_184_000, user_id, username: 'odd' },
    }));
    const own = await home({
      CHANNELCTL_INSTAGRAM_API_URL: server.url,
      CHANNELCTL_INSTAGRAM_GRAPH_URL: server.url,
    });
    await own.json(
      ...['integrations', 'set', 'instagram', '--config', 'app_id=800'],
      ...['--config', 'app_secret=env:HOME'],
    );
    const code = ['--code', 'a-code-of-some-length', '--redirect-uri', 'https://desk.example.com/'];
    const { code: exit, error } = await own.failure('instagram', 'connect', ...code);
    expect({ exit, kind: error.kind }).toEqual({ exit: 5, kind: 'graph' });
    expect(await own.json('accounts', 'list')).toEqual([]);
  },
);

test('stored IDs of an earlier version can be read, are not sent, and are reported by doctor', async () => {
  const server = await meta(() => ({ body: { success: true, data: [] } }));
  const own = await home({ CHANNELCTL_GRAPH_URL: server.url });
  const config = { page_id: '81', page_access_token: 'EAA-page' };
  await own.json(...creation('messenger', config));
  const number = { phone_number_id: '1065', waba_id: '1046', access_token: 'EAA-token' };
  await own.json(...creation('whatsapp', number));
  const state = JSON.parse((await own.state()) ?? '');
  state.accounts[0].config.page_id = 'page_81';
  state.accounts[1].config.phone_number_id = '../1065';
  await writeFile(own.stateFile(), JSON.stringify(state));

  const listed = await own.json('accounts', 'list', '--fields', 'config.page_id');
  expect(listed).toContainEqual({ config: { page_id: 'page_81' } });
  await own.json('accounts', 'update', 'k', '--display-name', 'Alder');
  await refusal(own, ['whatsapp', 'register', 'wa-1065'], 'phone_number_id', '../1065');
  const checked = await own.cli('accounts', 'check', '--all', '--json');
  expect(checked.code).toBe(6);
  expect(checked.stdout).toContain('page_81');
  for (const { url } of server.requests) {
    expect(decodeURIComponent(url.href)).not.toMatch(/page_81|1065/);
  }

  const { code, stdout } = await own.cli('doctor', '--json');
  expect(code).toBe(6);
  const results = JSON.parse(stdout).filter((one: { check: string }) => one.check === 'config');
  expect(results).toMatchObject([
    {
      status: 'error',
      message: expect.stringMatching(/messenger\/k.*page_id "page_81"/),
      hint: expect.stringContaining('accounts update messenger/k --config page_id='),
    },
    {
      status: 'error',
      message: expect.stringMatching(/whatsapp\/wa-1065.*phone_number_id "..\/1065"/),
      hint: expect.stringContaining('accounts delete whatsapp/wa-1065'),
    },
  ]);
  await own.json('accounts', 'update', 'k', '--config', 'page_id=81');
  expect((await own.cli('doctor', '--json')).stdout).not.toContain('page_81');
});
