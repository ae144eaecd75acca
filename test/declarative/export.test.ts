import Ajv from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { documentHome, fleet, fleetDocument } from './fleet.ts';

/** A document without what is new in every profile. */
function withoutVerifyTokens(text: string): string {
  return text.replace(/verify_token: .*/g, 'verify_token: …');
}

test('an export, applied to an empty profile, makes the same profile, and exports to the same bytes', async () => {
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

test('an export tells settings, integrations, accounts, menus and subscriptions', async () => {
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

test('what was never connected at Meta stays so when its export is applied', async () => {
  const { with: use, exported, json, meta } = await fleet();
  const token = 'page_access_token=env:CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN';
  const config = ['--config', 'page_id=81', '--config', token];
  await json('accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-81', ...config);
  const { text, document } = await exported();
  expect(document.subscriptions).toEqual({ 'messenger/fb-81': { subscribed: false } });
  expect(await use('apply', text, '--yes')).toMatchObject({ code: 0 });
  expect(meta.requests.filter(({ method }) => method === 'POST')).toEqual([]);
});

test('--offline asks Meta nothing, and leaves menus and subscriptions out', async () => {
  const { with: use, exported, meta } = await fleet();
  await use('apply', fleetDocument(), '--yes');
  const before = meta.requests.length;
  const { document } = await exported('--offline');
  expect(Object.keys(document)).toEqual(['version', 'settings', 'integrations', 'accounts']);
  expect(meta.requests).toHaveLength(before);
});

test('an account that Meta does not tell of is exported without what stands there, and exit 5 says so', async () => {
  const { with: use, cli, exported, meta } = await fleet();
  await use('apply', fleetDocument(), '--yes');
  meta.inject({ operation: 'getMessengerProfile', code: 190, times: 1 });
  const { code, stderr, stdout } = await cli('export', '--json');
  expect(code).toBe(5);
  const { warning } = JSON.parse(stderr);
  expect(warning.message).toMatch(
    /^messenger\/fb-8\d is exported without its menu and subscription/,
  );
  const { subscriptions } = JSON.parse(stdout);
  expect(Object.keys(subscriptions)).toHaveLength(4);
  expect((await exported()).document.accounts).toHaveLength(6);
});

test('exporting and planning need the role supervisor, applying needs admin', async () => {
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

test('schema is a JSON Schema that knows secrets by their names', async () => {
  const { json } = await documentHome();
  const schema = await json('schema');
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['version'],
    properties: { accounts: { items: { required: ['channel', 'account_key'] } } },
  });
  const validate = new Ajv({ allowMatchingProperties: true }).compile(schema);
  expect(validate(fleetDocument())).toBe(true);
  const literal = { channel: 'email', account_key: 'a', config: { password: 'in the clear' } };
  expect(validate({ version: 1, accounts: [literal] })).toBe(false);
});
