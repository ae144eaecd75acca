import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { home, homeIn, sharedHome } from '../support/cli.ts';

const DEFAULTS = [
  { key: 'state', value: 'local', source: 'default' },
  { key: 'webhook_base_url', value: null, source: 'default' },
  { key: 'redirect_uri', value: 'http://localhost:8976/callback', source: 'default' },
  { key: 'graph_version', value: 'v26.0', source: 'default' },
  { key: 'role', value: 'admin', source: 'default' },
  { key: 'secrets', value: 'keychain', source: 'default' },
  { key: 'output', value: 'json', source: 'flag' },
  { key: 'division_id', value: null, source: 'default' },
];

const bare = { CHANNELCTL_SECRETS: '' };

test('list shows every setting with its source in a fixed order, and creates no file', async () => {
  const { json, state, stateFile } = await home(bare);
  expect(await json('config', 'list')).toEqual(DEFAULTS);
  expect(await json('config', 'path')).toEqual({ path: stateFile() });
  expect(await state()).toBeNull();
});

test('a flag overrides a variable, a variable overrides the profile, and unset restores the default', async () => {
  const here = await home();
  const get = () => here.json('config', 'get', 'graph_version');
  const set = await here.json('config', 'set', 'graph_version', 'v24.0');
  expect(set).toEqual({ key: 'graph_version', value: 'v24.0', source: 'profile' });
  expect(await get()).toEqual(set);

  const other = homeIn(here.configDir, { CHANNELCTL_GRAPH_VERSION: 'v25.0' });
  expect(await other.json('config', 'get', 'graph_version')).toEqual({
    key: 'graph_version',
    value: 'v25.0',
    source: 'env',
  });
  const { code, stderr } = await other.cli('config', 'set', 'graph_version', 'v23.0', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stderr).warning.message).toContain('CHANNELCTL_GRAPH_VERSION');

  expect(await here.json('config', 'unset', 'graph_version')).toEqual(DEFAULTS[3]);
  expect(await get()).toEqual(DEFAULTS[3]);
});

test('each variable sets its setting, and an empty variable is ignored', async () => {
  const variables = {
    CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.example.com/hooks',
    CHANNELCTL_REDIRECT_URI: 'https://localhost:9000/back',
    CHANNELCTL_GRAPH_VERSION: '',
    CHANNELCTL_ROLE: 'supervisor',
    CHANNELCTL_SECRETS: 'env',
  };
  expect(await (await home(variables)).json('config', 'list')).toEqual([
    DEFAULTS[0],
    { key: 'webhook_base_url', value: 'https://desk.example.com/hooks', source: 'env' },
    { key: 'redirect_uri', value: 'https://localhost:9000/back', source: 'env' },
    DEFAULTS[3],
    { key: 'role', value: 'supervisor', source: 'env' },
    { key: 'secrets', value: 'env', source: 'env' },
    DEFAULTS[6],
    DEFAULTS[7],
  ]);
});

describe('set', () => {
  const here = sharedHome(bare);

  test.each([
    ['webhook_base_url', 'https://desk.example.com/hooks'],
    ['webhook_base_url', 'http://127.0.0.1:3000'],
    ['redirect_uri', 'http://localhost:1234/cb'],
    ['redirect_uri', 'https://desk.example.com/cb?tenant=1'],
    ['secrets', 'file'],
    ['output', 'yaml'],
    ['division_id', 'Ost 1'],
  ])('%s accepts %s', async (key, value) => {
    const kept = { key, value, source: 'profile' };
    expect(await here.json('config', 'set', key, value)).toEqual(kept);
    const { settings } = JSON.parse((await here.state()) ?? '');
    expect(settings[key]).toBe(value);
  });

  test.each([
    ['webhook_base_url', 'http://desk.example.com', 'only for this machine'],
    ['webhook_base_url', 'http://localhost.example.com', 'only for this machine'],
    ['webhook_base_url', 'desk.example.com', 'not a complete URL'],
    ['webhook_base_url', 'https://desk.example.com/?a=1', 'query'],
    ['webhook_base_url', 'https://user:pw@desk.example.com', 'password'],
    ['webhook_base_url', 'https://desk.example.com/our desk', 'space'],
    ['webhook_base_url', 'https://desk.example.com\n', 'whitespace'],
    ['redirect_uri', 'http://desk.example.com/cb', 'only for this machine'],
    ['redirect_uri', 'ftp://desk.example.com/cb', 'ftp:'],
    ['graph_version', '26.0', 'v26.0'],
    ['graph_version', 'v26', 'v26.0'],
    ['graph_version', 'v26.0/me', 'v26.0'],
    ['role', 'boss', 'agent, supervisor, admin'],
    ['secrets', 'vault', 'keychain, file, env'],
    ['output', 'xml', 'table, json, ndjson, yaml, tsv'],
    ['division_id', ' ', 'empty'],
    ['nope', 'x', 'webhook_base_url, redirect_uri, graph_version'],
  ])('%s rejects %s with a reason, and changes nothing', async (key, value, why) => {
    const before = await here.state();
    const { code, error } = await here.failure('config', 'set', key, value);
    expect(code).toBe(2);
    expect(error).toMatchObject({ kind: 'usage', message: expect.stringContaining(key) });
    expect(`${error.message} ${error.hint}`).toContain(why);
    expect(await here.state()).toBe(before);
  });

  test('get and unset reject unknown keys', async () => {
    for (const verb of ['get', 'unset'])
      expect((await here.failure('config', verb, 'nope')).code).toBe(2);
  });

  test('output sets the default format of results, which a flag overrides', async () => {
    await here.json('config', 'set', 'output', 'tsv');
    expect((await here.cli('config', 'path')).stdout).toMatch(/^path\n/);
    expect((await here.cli('config', 'path', '-o', 'ndjson')).stdout).toMatch(/^\{"path"/);
    await here.json('config', 'unset', 'output');
  });

  test('secrets warns that existing secrets are not moved', async () => {
    const other = await home(bare);
    const passphrase = { CHANNELCTL_PASSPHRASE: 'correct horse battery staple' };
    await homeIn(other.configDir, passphrase).json(
      ...['integrations', 'set', 'messenger', '--config', 'app_secret=0123456789abcdef'],
    );
    const { code, stderr } = await other.cli('config', 'set', 'secrets', 'env', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stderr).warning.message).toContain('1 in file');
  });
});

test.each([
  ['CHANNELCTL_WEBHOOK_BASE_URL', 'http://desk.example.com', 'accounts list'],
  ['CHANNELCTL_GRAPH_VERSION', 'latest', 'config list'],
  ['CHANNELCTL_SECRETS', 'vault', 'integrations set email --active'],
  ['CHANNELCTL_ROLE', 'boss', 'accounts list'],
  ['CHANNELCTL_PROFILE', '../x', 'accounts list'],
])(
  'the variable %s rejects %s: exits with 2 and names the variable',
  async (variable, value, line) => {
    const { code, error } = await (await home({ [variable]: value })).failure(...line.split(' '));
    expect(code).toBe(2);
    expect(`${error.message} ${error.hint}`).toContain(variable);
  },
);

test('an invalid value in the state file can be replaced', async () => {
  const here = await home();
  await here.json('config', 'set', 'graph_version', 'v24.0');
  await writeFile(here.stateFile(), ((await here.state()) ?? '').replace('v24.0', 'latest'));
  const { code, error } = await here.failure('config', 'get', 'graph_version');
  expect(code).toBe(2);
  expect(error.message).toContain('The setting graph_version');
  await here.json('config', 'set', 'graph_version', 'v25.0');
  expect((await here.json('config', 'get', 'graph_version')).value).toBe('v25.0');
});

describe('every URL is checked before any request, even if it is not used', () => {
  const here = sharedHome();
  beforeAll(async () => {
    const page = ['--config', 'page_id=1', '--config', 'page_access_token=EAAG'];
    const key = ['--account-key', 'fb-1'];
    await here.json('accounts', 'create', '--channel', 'messenger', ...key, ...page);
  });

  test.each([
    ['CHANNELCTL_GRAPH_URL', 'http://graph.example.com'],
    ['CHANNELCTL_GRAPH_URL', 'https://user:pw@graph.example.com'],
    ['CHANNELCTL_GRAPH_URL', 'graph'],
    ['CHANNELCTL_INSTAGRAM_API_URL', 'http://api.example.com'],
    ['CHANNELCTL_INSTAGRAM_GRAPH_URL', 'http://graph.example.com'],
    ['CHANNELCTL_FACEBOOK_URL', 'http://www.example.com'],
    ['CHANNELCTL_INSTAGRAM_URL', 'http://www.example.com'],
    ['CHANNELCTL_FACEBOOK_SDK_URL', 'http://www.example.com/sdk.js'],
    ['CHANNELCTL_WEBHOOK_BASE_URL', 'http://desk.example.com'],
    ['CHANNELCTL_REDIRECT_URI', 'http://desk.example.com/callback'],
  ])('%s=%s', async (variable, address) => {
    const other = homeIn(here.configDir, { [variable]: address });
    const { code, error } = await other.failure('menu', 'get', 'fb-1');
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain(variable);
  });

  test.each([
    'status',
    'accounts check --all',
    'tokens refresh --expiring-within 14d',
    'webhooks test fb-1 --url http://127.0.0.1:9/webhook',
  ])('by %s, which handles several accounts', async (line) => {
    const user = ['integrations', 'set', 'messenger', '--config', 'user_token=env:TOKEN'];
    await homeIn(here.configDir, { TOKEN: 'EAAB-user-token' }).json(...user);
    const wrong = { CHANNELCTL_GRAPH_URL: 'http://graph.example.com' };
    const { code, error } = await homeIn(here.configDir, wrong).failure(...line.split(' '));
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('CHANNELCTL_GRAPH_URL');
  });
});

test.each([
  'accounts create --channel email --account-key b --config address=b@example.com',
  'accounts update a --display-name Changed',
  'accounts set-default z',
  'integrations set email --inactive',
])('%s changes nothing if a URL is invalid', async (line) => {
  const here = await home();
  for (const name of ['a', 'z']) {
    const key = ['--account-key', name, '--config', 'address=desk@example.com'];
    await here.json('accounts', 'create', '--channel', 'email', ...key);
  }
  const before = await here.state();
  const wrong = homeIn(here.configDir, { CHANNELCTL_WEBHOOK_BASE_URL: 'http://desk.example.com' });
  expect((await wrong.failure(...line.split(' '))).code).toBe(2);
  expect(await here.state()).toBe(before);
});
