import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AuditEntry } from '../../src/profile/audit/log.ts';
import { stoppedClock } from '../sandbox/support.ts';
import { type Draft, documentHome, fleet, fleetDocument, inShort } from './fleet.ts';

/** The window of Meta's limit of ten calls about the Messenger profile of a Page. */
const PROFILE_LIMIT_MS = 10 * 60_000;

function writesTo(requests: readonly { method: string; operation: string | null }[]): string[] {
  return requests
    .filter(({ method }) => method !== 'GET')
    .map(({ operation }) => operation ?? '?')
    .sort();
}

test('apply makes the changes of the plan, and a second run changes nothing', async () => {
  const { with: use, result, meta } = await fleet();
  const document = fleetDocument();
  const planned = await result('plan', document);
  const applied = await result('apply', document, '--yes');
  expect(applied).toMatchObject({ code: 0, success: true, problems: [] });
  expect(applied.steps).toEqual(
    planned.steps.map((step: object) => ({ ...step, result: 'done', error: null })),
  );
  expect(writesTo(meta.requests)).toEqual([
    'registerPhoneNumber',
    'setMessengerProfile',
    ...['subscribeInstagram', 'subscribePage', 'subscribePage', 'subscribeWaba'],
  ]);
  const before = meta.requests.length;
  expect(await result('apply', document, '--yes')).toMatchObject({
    code: 0,
    success: true,
    steps: [],
  });
  expect(writesTo(meta.requests.slice(before))).toEqual([]);
  expect((await use('apply', document)).stdout).toBe(
    'No changes: the profile and Meta already match the document.\n',
  );
});

test('apply requires --yes without a terminal, and otherwise changes nothing', async () => {
  const { failure, cli, path, with: use } = await documentHome();
  const document = { version: 1, settings: { graph_version: 'v25.0' } };
  await use('plan', document);
  const { code, error } = await failure('apply', '-f', path);
  expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
  expect(error.hint).toContain('--yes');
  expect((await cli('profiles', 'list', '--json')).stdout).toBe('[]\n');
});

test('apply finds and corrects each kind of drift at Meta', async () => {
  const clock = stoppedClock(Date.now());
  const { with: use, result, cli, meta } = await fleet(clock);
  const document = fleetDocument();
  await use('apply', document, '--yes');
  const drifted = async (...args: string[]) => {
    clock.pass(PROFILE_LIMIT_MS);
    expect(await cli(...args)).toMatchObject({ code: 0 });
    const { steps, code } = await result('plan', document, '--check');
    expect(code).toBe(6);
    expect(await result('apply', document, '--yes')).toMatchObject({ code: 0, success: true });
    expect(await result('plan', document, '--check')).toMatchObject({ code: 0 });
    return steps;
  };
  expect(await drifted('whatsapp', 'unsubscribe', 'wa-5011', '--yes')).toMatchObject([
    { action: 'create', where: 'meta', part: 'subscription', name: 'whatsapp/wa-5011' },
  ]);
  expect(await drifted('whatsapp', 'deregister', 'wa-5012', '--yes')).toMatchObject([
    {
      ...{ action: 'create', part: 'registration', name: 'whatsapp/wa-5012' },
      changes: [{ field: 'registered', before: false, after: true }],
    },
  ]);
  expect(await drifted('menu', 'delete', 'fb-81', '--yes')).toMatchObject([
    { action: 'create', part: 'menu', changes: [{ field: 'persistent_menu', before: null }] },
  ]);
  const other = ['--item', 'Shop=https://shop.example.com'];
  expect(await drifted('menu', 'set', 'fb-81', ...other)).toMatchObject([
    { action: 'change', part: 'menu', changes: [{ field: 'persistent_menu' }] },
  ]);
  expect(meta.requests.filter((one) => one.operation === 'registerPhoneNumber')).toHaveLength(2);
});

test('the audit log has the account and the previous value of each change at Meta', async () => {
  const { with: use, cli, json } = await fleet();
  await use('apply', fleetDocument(), '--yes');
  const menu = ['--item', 'Shop=https://shop.example.com', '--get-started', 'SHOP'];
  expect(await cli('menu', 'set', 'fb-81', ...menu)).toMatchObject({ code: 0 });
  await use('apply', fleetDocument(), '--yes');
  const entries: AuditEntry[] = await json('audit', 'list');
  const atMeta = entries.filter(
    ({ command, action }) => command === 'apply' && action === 'meta.changed',
  );
  expect(atMeta.map(({ account_key }) => account_key)).not.toContain(null);
  const first = atMeta.find(({ call }) => call === 'POST /v26.0/81/subscribed_apps');
  expect(first?.account_key).toBe('fb-81');
  expect(atMeta.at(-1)).toMatchObject({
    account_key: 'fb-81',
    call: 'POST /v26.0/me/messenger_profile',
    changes: [
      { field: 'persistent_menu', before: [{ locale: 'default' }], after: [{ locale: 'default' }] },
      { field: 'get_started', before: { payload: 'SHOP' }, after: { payload: 'START' } },
    ],
  });
});

test('apply rejects a token of another profile, and neither stores it nor changes that profile', async () => {
  const { result, json, meta, env } = await fleet();
  env.TOKEN = 'IGAA-token-of-alder';
  const config = { ig_user_id: '17842', access_token: { env: 'TOKEN' } };
  const accounts = [{ channel: 'instagram', account_key: 'ig-17842', config }];
  const { code, steps, problems } = await result('apply', { version: 1, accounts }, '--yes');
  const message = 'The token belongs to the profile 17841, not to 17842.';
  expect(code).toBe(4);
  expect(steps).toMatchObject([{ part: 'account', result: 'failed', error: { message } }]);
  expect(problems).toMatchObject([{ name: 'instagram/ig-17842' }]);
  expect(writesTo(meta.requests)).toEqual([]);
  expect(await json('accounts', 'list')).toEqual([]);
});

test('subscribed fields are exactly those in the document', async () => {
  const { result } = await fleet();
  const { accounts, integrations } = fleetDocument();
  const document = (subscribed_fields: string[]) => ({
    ...{ version: 1, integrations, accounts },
    subscriptions: { 'messenger/fb-81': { subscribed_fields } },
  });
  await result('apply', document(['messages', 'message_reads']), '--yes');
  const { steps } = await result('plan', document(['messages']));
  expect(steps).toMatchObject([
    {
      name: 'messenger/fb-81',
      changes: [
        {
          field: 'subscribed_fields',
          before: expect.arrayContaining(['messages', 'message_reads']),
          after: ['messages'],
        },
      ],
    },
  ]);
  await result('apply', document(['messages']), '--yes');
  expect(await result('plan', document(['messages']))).toMatchObject({ steps: [] });
  await result('apply', document(['messages', 'feed']), '--yes');
  expect(await result('plan', document(['feed', 'messages']))).toMatchObject({ steps: [] });
});

test("the WABA's webhooks are overridden for the account with an override, using its verify token", async () => {
  const { result, json, exported } = await fleet();
  const calls: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    calls.push(url);
    response.end(url.searchParams.get('hub.challenge'));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { accounts, integrations } = fleetDocument();
  const document = (override: boolean) => ({
    ...{ version: 1, integrations, accounts },
    settings: { webhook_base_url: `http://127.0.0.1:${port}/hooks` },
    subscriptions: { 'whatsapp/wa-5012': { override }, 'whatsapp/wa-5011': { override: false } },
  });
  expect(await result('apply', document(true), '--yes')).toMatchObject({ code: 0 });
  const { verify_token, webhook_url } = await json('accounts', 'get', 'wa-5012');
  expect(calls.map((url) => url.pathname)).toEqual(['/hooks/whatsapp/wa-5012']);
  expect(calls[0]?.searchParams.get('hub.verify_token')).toBe(verify_token);
  expect(await result('plan', document(true), '--check')).toMatchObject({ code: 0 });
  const { subscriptions } = (await exported()).document;
  expect(subscriptions['whatsapp/wa-5012'].override).toBe(true);
  expect(subscriptions['whatsapp/wa-5011'].override).toBeUndefined();
  const { steps } = await result('apply', document(false), '--yes');
  expect(steps).toMatchObject([
    { changes: [{ field: 'override_callback_uri', before: webhook_url, after: null }] },
  ]);
  expect(await result('plan', document(false), '--check')).toMatchObject({ code: 0 });
});

test('a failure of one account exits with 5 but does not stop the others, and a second run completes it', async () => {
  const { result, meta } = await fleet();
  meta.inject({ operation: 'subscribeInstagram', code: 10, message: '(#10) Not granted' });
  const first = await result('apply', fleetDocument(), '--yes');
  expect(first).toMatchObject({ code: 5, success: false });
  expect(first.stderr).not.toContain('"error"');
  const failed = first.steps.filter((step: Draft) => step.result === 'failed');
  expect(failed).toMatchObject([
    {
      ...{ part: 'subscription', name: 'instagram/ig-17841' },
      error: { message: expect.stringContaining('Not granted'), graph: { code: 10 } },
    },
  ]);
  const again = await result('apply', fleetDocument(), '--yes');
  expect(again).toMatchObject({ code: 0, success: true });
  expect(inShort(again.steps)).toEqual(['+ subscription instagram/ig-17841']);
});

test('an account whose remote state cannot be read is reported, and the others are updated', async () => {
  const { result, meta, env } = await fleet();
  env.CHANNELCTL_SECRET_MESSENGER_FB_82_PAGE_ACCESS_TOKEN = 'EAA-a-token-that-never-was';
  const planned = await result('plan', fleetDocument());
  expect(planned).toMatchObject({ code: 5, problems: [{ name: 'messenger/fb-82' }] });
  const { code, success, problems, steps } = await result('apply', fleetDocument(), '--yes');
  expect({ code, success, problems: problems.length }).toEqual({
    code: 5,
    success: false,
    problems: 1,
  });
  expect(inShort(steps)).toContain('+ account messenger/fb-82');
  expect(writesTo(meta.requests)).toContain('subscribeInstagram');
});

test('a PIN is generated and stored for a number without one', async () => {
  const { result, json, meta } = await fleet();
  const access_token = { env: 'CHANNELCTL_SECRET_WHATSAPP_WA_5011_ACCESS_TOKEN' };
  const document = {
    version: 1,
    accounts: [
      {
        channel: 'whatsapp',
        account_key: 'wa-5013',
        config: { phone_number_id: '5013', waba_id: '501', access_token },
      },
    ],
  };
  expect(await result('apply', document, '--yes')).toMatchObject({ code: 0 });
  const sent = meta.requests.find(({ operation }) => operation === 'registerPhoneNumber');
  const { pin } = JSON.parse(sent?.body ?? '{}');
  expect(await json('accounts', 'get', 'wa-5013', '--reveal')).toMatchObject({ config: { pin } });
});

test('a restricted number is not registered again, because Meta limits such calls', async () => {
  const { result, meta } = await fleet();
  const access_token = { env: 'CHANNELCTL_SECRET_WHATSAPP_WA_5011_ACCESS_TOKEN' };
  const config = { phone_number_id: '5014', waba_id: '501', access_token };
  const accounts = [{ channel: 'whatsapp', account_key: 'wa-5014', config }];
  const { steps } = await result('apply', { version: 1, accounts }, '--yes');
  expect(inShort(steps)).toEqual(['+ account whatsapp/wa-5014', '+ subscription whatsapp/wa-5014']);
  expect(writesTo(meta.requests)).toEqual(['subscribeWaba']);
});

test('apply does not change the remote state of accounts that are inactive or have subscribed: false', async () => {
  const { result, meta } = await fleet();
  const { accounts } = fleetDocument() as { accounts: Draft[] };
  const pages = accounts.filter(({ channel }) => channel === 'messenger');
  const document = {
    version: 1,
    accounts: pages.map((page, index) => (index === 0 ? { ...page, is_active: false } : page)),
    subscriptions: { 'messenger/fb-82': { subscribed: false } },
  };
  expect(await result('apply', document, '--yes')).toMatchObject({ code: 0, success: true });
  expect(meta.requests).toEqual([]);
});

test('a menu for a Page without a Get Started button is rejected before anything changes', async () => {
  const { with: use, meta } = await fleet();
  const document = fleetDocument();
  const entry = {
    locale: 'default',
    call_to_actions: [{ type: 'postback', title: 'A', payload: 'A' }],
  };
  const { code, stderr } = await use(
    'apply',
    { ...document, menus: { 'messenger/fb-82': { persistent_menu: [entry] } } },
    '--yes',
  );
  expect(code).toBe(2);
  expect(stderr).toContain('menus.messenger/fb-82.get_started is missing');
  expect(writesTo(meta.requests)).toEqual([]);
});

test('links of a menu: http: is a note, and messenger_extensions require a whitelisted domain', async () => {
  const { with: use, result, meta } = await fleet();
  const links = (options: object) => {
    const button = { type: 'web_url', title: 'A', url: 'http://a.example', ...options };
    const persistent_menu = [{ locale: 'default', call_to_actions: [button] }];
    return {
      ...fleetDocument(),
      menus: { 'messenger/fb-82': { persistent_menu, get_started: 'GO' } },
    };
  };
  const secure = links({ url: 'https://a.example', messenger_extensions: true });
  const { code, stderr } = await use('apply', secure, '--yes');
  expect({ code, writes: writesTo(meta.requests) }).toEqual({ code: 2, writes: [] });
  expect(stderr).toMatch(/menus\.messenger\/fb-82\.persistent_menu has .*: a\.example/);
  for (const command of ['plan', 'apply']) {
    const { notes } = await result(command, links({}), ...(command === 'apply' ? ['--yes'] : []));
    expect(notes).toContainEqual({
      name: 'messenger/fb-82',
      message: expect.stringContaining('[0].call_to_actions[0].url'),
      hint: expect.stringContaining('https:'),
    });
  }
  expect(writesTo(meta.requests)).toContain('setMessengerProfile');
});

test('new settings apply to later steps, and a narrower role is set last', async () => {
  const { with: use, result, env, json } = await documentHome({ CHANNELCTL_SECRETS: '' });
  env.MAIL_PASSWORD = 'the mail password';
  const config = { address: 'a@example.com', password: { env: 'MAIL_PASSWORD' } };
  const document = {
    version: 1,
    settings: { secrets: 'file', division_id: 'emea', role: 'supervisor' },
    accounts: [{ channel: 'email', account_key: 'support', config }],
  };
  const { steps, code } = await result('apply', document, '--yes');
  expect(code).toBe(0);
  expect(inShort(steps)).toEqual([
    '+ setting secrets',
    '+ setting division_id',
    '+ account email/support',
    '+ setting role',
  ]);
  expect(await json('accounts', 'get', 'support')).toMatchObject({ division_id: 'emea' });
  expect(await result('plan', document, '--check')).toMatchObject({ code: 0 });
  const again = await result('apply', document, '--yes');
  expect(again).toMatchObject({ code: 0, success: true, steps: [] });
  const more = { ...document, settings: { ...document.settings, division_id: 'apac' } };
  expect(await use('apply', more, '--yes')).toMatchObject({ code: 4 });
});

test('commands in the document do not run without permission to plan', async () => {
  const { with: use, env, configDir } = await documentHome({ CHANNELCTL_ROLE: 'agent' });
  const trace = join(configDir, 'trace');
  const password = { command: ['touch', trace] };
  const config = { address: 'a@example.com', password };
  const document = { version: 1, accounts: [{ channel: 'email', account_key: 'a', config }] };
  expect(await use('apply', document, '--yes')).toMatchObject({ code: 4 });
  expect(existsSync(trace)).toBe(false);
  env.CHANNELCTL_ROLE = 'supervisor';
  expect(await use('apply', document, '--yes')).toMatchObject({ code: 4 });
});

test('a secret that cannot be stored fails before anything changes', async () => {
  const { with: use, env, cli } = await documentHome({ CHANNELCTL_PASSPHRASE: '' });
  env.MAIL_PASSWORD = 'the mail password';
  const config = { address: 'a@example.com', password: { env: 'MAIL_PASSWORD' } };
  const document = {
    version: 1,
    settings: { graph_version: 'v25.0' },
    accounts: [{ channel: 'email', account_key: 'support', config }],
  };
  expect(await use('apply', document, '--yes')).toMatchObject({ code: 8 });
  expect((await cli('profiles', 'list', '--json')).stdout).toBe('[]\n');
});
