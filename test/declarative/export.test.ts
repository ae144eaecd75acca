import Ajv from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../src/channels/index.ts';
import { parseDocumentText } from '../../src/declarative/document/parse.ts';
import { documentJsonSchema } from '../../src/declarative/document/schema.ts';
import { documentHome, fleet, fleetDocument } from './fleet.ts';

function withoutVerifyTokens(text: string): string {
  return text.replace(/verify_token: .*/g, 'verify_token: …');
}

test('an export applied to an empty profile creates the same profile, which exports to the same bytes', async () => {
  const { with: use, exported, json, env, secrets } = await fleet();
  expect(await use('apply', fleetDocument(), '--yes')).toMatchObject({ code: 0 });
  const first = await exported();
  expect((await exported()).text).toBe(first.text);
  for (const value of Object.values(secrets)) expect(first.text).not.toContain(value);

  const accounts = await json('accounts', 'list');
  const integrations = await json('integrations', 'list');
  env.CHANNELCTL_PROFILE = 'copy';
  expect(await use('apply', first.text, '--yes')).toMatchObject({ code: 0 });
  expect((await exported()).text).toBe(first.text);

  const ofRun = { id: expect.any(String), created_at: expect.any(String) };
  const same = (list: object[]) =>
    list.map((one) => ({ ...one, ...ofRun, updated_at: expect.any(String) }));
  expect(await json('accounts', 'list')).toEqual(same(accounts));
  expect(await json('integrations', 'list')).toEqual(same(integrations));
  expect(await json('accounts', 'get', 'support', '--reveal')).toMatchObject({
    config: { password: secrets.CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD },
  });
  expect(await use('plan', first.text, '--check')).toMatchObject({ code: 0 });
});

test('an export contains settings, integrations, accounts, menus and subscriptions', async () => {
  const { with: use, exported } = await fleet();
  await use('apply', fleetDocument(), '--yes');
  const { text, document } = await exported();
  expect(Object.keys(document)).toEqual([
    ...['version', 'settings', 'integrations', 'accounts', 'menus', 'subscriptions'],
  ]);
  expect(withoutVerifyTokens(text)).toContain(`
  - channel: email
    account_key: support
    display_name: null
    is_active: true
    is_default: true
    division_id: null
    verify_token: …
    config:
      address: support@example.com
      imap_port: 993
      password:
        env: CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD
`);
  expect(document.settings).toEqual({ webhook_base_url: 'https://desk.example.com/hooks' });
  expect(document.menus['messenger/fb-81'].get_started).toEqual({ payload: 'START' });
  expect(document.menus['messenger/fb-82']).toBeUndefined();
  expect(document.subscriptions).toMatchObject({
    'whatsapp/wa-5011': { subscribed: true, override: false, registered: true },
    'messenger/fb-81': {
      subscribed: true,
      subscribed_fields: expect.arrayContaining(['messages']),
    },
    'instagram/ig-17841': { subscribed: true },
  });
});

test('an account that is not subscribed remains so when its export is applied', async () => {
  const { with: use, exported, json, meta } = await fleet();
  const token = 'page_access_token=env:CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN';
  const config = ['--config', 'page_id=81', '--config', token];
  await json('accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-81', ...config);
  const { text, document } = await exported();
  expect(document.subscriptions).toEqual({ 'messenger/fb-81': { subscribed: false } });
  expect(await use('apply', text, '--yes')).toMatchObject({ code: 0 });
  expect(meta.requests.filter(({ method }) => method === 'POST')).toEqual([]);
});

test('--offline does not call Meta, and omits menus and subscriptions', async () => {
  const { with: use, exported, meta } = await fleet();
  await use('apply', fleetDocument(), '--yes');
  const before = meta.requests.length;
  const { document } = await exported('--offline');
  expect(Object.keys(document)).toEqual(['version', 'settings', 'integrations', 'accounts']);
  expect(meta.requests).toHaveLength(before);
});

test('an account whose remote state cannot be read is exported without it, and exits with 5', async () => {
  const { with: use, cli, exported, meta } = await fleet();
  await use('apply', fleetDocument(), '--yes');
  meta.inject({ operation: 'getMessengerProfile', code: 190, times: 1 });
  const { code, stderr, stdout } = await cli('export', '--json');
  expect(code).toBe(5);
  const { warning } = JSON.parse(stderr);
  expect(warning.message).toMatch(
    /^The menu and subscription of messenger\/fb-8\d were not exported/,
  );
  const { subscriptions } = JSON.parse(stdout);
  expect(Object.keys(subscriptions)).toHaveLength(4);
  expect((await exported()).document.accounts).toHaveLength(6);
});

test('export and plan require the supervisor role, and apply requires admin', async () => {
  const { with: use, env, cli } = await documentHome();
  const document = { version: 1, settings: { graph_version: 'v25.0' } };
  env.CHANNELCTL_ROLE = 'supervisor';
  expect(await cli('export')).toMatchObject({ code: 0 });
  expect(await use('plan', document)).toMatchObject({ code: 0 });
  expect(await use('apply', document, '--yes')).toMatchObject({ code: 4 });
  env.CHANNELCTL_ROLE = 'agent';
  expect(await cli('export')).toMatchObject({ code: 4 });
  expect(await use('plan', document)).toMatchObject({ code: 4 });
});

test('the user token of a sign-in is not exported, and plan does not remove it', async () => {
  const { with: use, exported, json, env } = await documentHome({ TOKEN: 'EAA-token-of-ada' });
  const config = ['--config', 'app_id=700', '--config', 'user_token=env:TOKEN'];
  await json('integrations', 'set', 'messenger', ...config);
  delete env.TOKEN;
  const { text, document } = await exported();
  expect(document.integrations[0].config).toEqual({ app_id: '700' });
  const again = await use('apply', text, '--prune', '--json');
  expect(again).toMatchObject({ code: 0, stderr: '' });
  const kept = await json('integrations', 'get', 'messenger', '--reveal');
  expect(kept.config).toEqual({ app_id: '700', user_token: 'EAA-token-of-ada' });
});

test('schema prints a JSON Schema that recognizes secrets by their names', async () => {
  const { json } = await documentHome();
  const schema = await json('schema');
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['version'],
    properties: { accounts: { items: { required: ['channel', 'account_key'] } } },
  });
  const validate = new Ajv({ allowMatchingProperties: true }).compile(schema);
  expect(validate(fleetDocument())).toBe(true);
});

test('the schema lists the known keys of each channel, for editors', () => {
  const known = JSON.stringify(documentJsonSchema());
  for (const { integrationKeys, accountKeys } of CHANNELS) {
    for (const { name, label } of [...integrationKeys, ...accountKeys]) {
      expect(known).toContain(`"${name}":{"description":"${label}"}`);
    }
  }
});

const withConfig = (config: object, account_key = 'a') => ({
  version: 1,
  accounts: [{ channel: 'email', account_key, config: { address: 'a@example.com', ...config } }],
});

test('the schema and the plan accept the same documents', async () => {
  const schema = documentJsonSchema();
  const validate = new Ajv({ allowMatchingProperties: true }).compile(schema);
  const secrets = [
    ...['password', 'Password', 'PASSWORD', 'apiToken', 'API_TOKEN', 'smtp.password', 'a-pin'],
    ...['apiKey', 'API_KEY', 'myPrivateKey', 'private.key', 'myapi_key', 'token_', 'oAuthSECRET'],
  ];
  const others = [
    ...['token_expires_at', 'shipping_zone', 'mypassword', 'passWord', 'APIKey', 'apikey', 'spin'],
  ];
  const documents: object[] = [
    ...secrets.flatMap((key) => [
      withConfig({ [key]: 'in the clear' }),
      withConfig({ [key]: { env: 'NAME' } }),
      withConfig({ extra: [{ [key]: 'in the clear' }] }),
    ]),
    ...others.flatMap((key) => [withConfig({ [key]: 'a' }), withConfig({ [key]: { b: [1] } })]),
    ...['a b', 'ä', '', 'A.b_c@d+e-1', 'x'.repeat(129)].map((key) => withConfig({}, key)),
    ...['admin', 'supervisor', 'root', ''].map((role) => ({ version: 1, settings: { role } })),
    ...['json', 'xml'].map((output) => ({ version: 1, settings: { output } })),
    ...['v25.0', '25'].map((graph_version) => ({ version: 1, settings: { graph_version } })),
    ...['file', 'cloud'].map((secrets) => ({ version: 1, settings: { secrets } })),
    ...[{ extra: 1 }, { settings: { more: 'x' } }].map((more) => ({ version: 1, ...more })),
    {},
  ];
  for (const document of documents) {
    expect([document, validate(document)]).toEqual([document, isTaken(document)]);
  }
});

function isTaken(document: object): boolean {
  try {
    parseDocumentText(JSON.stringify(document), 'channels.yaml');
    return true;
  } catch {
    return false;
  }
}

test('secrets that would share a variable get separate ones, and the round trip succeeds', async () => {
  const {
    with: use,
    exported,
    json,
    env,
  } = await documentHome({ ONE: 'the first', TWO: 'second' });
  const mailbox = (account_key: string, variable: string) => ({
    ...{ channel: 'email', account_key },
    config: { address: 'a@example.com', password: { env: variable } },
  });
  await use(
    'apply',
    { version: 1, accounts: [mailbox('a.b', 'ONE'), mailbox('a-b', 'TWO')] },
    '-y',
  );
  const { text, document } = await exported();
  const names = document.accounts.map((one: ReturnType<typeof mailbox>) => one.config.password.env);
  expect(new Set(names).size).toBe(2);
  Object.assign(env, { CHANNELCTL_PROFILE: 'copy', [names[0]]: env.ONE, [names[1]]: env.TWO });
  expect(await use('apply', text, '--yes')).toMatchObject({ code: 0 });
  for (const [key, password] of [
    ['a.b', 'the first'],
    ['a-b', 'second'],
  ] as const) {
    expect(await json('accounts', 'get', key, '--reveal')).toMatchObject({ config: { password } });
  }
  expect((await exported()).text).toBe(text);
});
