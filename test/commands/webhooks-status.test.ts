import { cp } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { proofOf, send } from '../sandbox/support.ts';
import { homeIn, temporaryFolder } from '../support/cli.ts';
import {
  BASE_URL,
  BUSINESS_TOKEN,
  INSTAGRAM_APP,
  receiver,
  rightAnswer,
  WEBHOOK_APP,
  webhookDesks,
} from '../support/webhook-desk.ts';

const desk = webhookDesks();

const PAGE_FIELDS = [
  ...['messages', 'messaging_postbacks', 'messaging_optins', 'messaging_referrals'],
  ...['message_deliveries', 'message_reads', 'message_echoes', 'messaging_handovers'],
];

function appWebhook(
  object: 'page' | 'whatsapp_business_account' | 'instagram',
  callback_url: string,
  fields: string[],
) {
  return { app_id: WEBHOOK_APP.id, object, callback_url, fields };
}

async function statusOf(own: Awaited<ReturnType<typeof desk>>, account: string) {
  const { code, stdout, stderr } = await own.cli('webhooks', 'status', account, '--json');
  return { code, stderr, status: JSON.parse(stdout) };
}

describe('webhooks status of a WhatsApp account', () => {
  const url = `${BASE_URL}/whatsapp/wa-61`;

  test("reports the WABA's URL, which overrides the app's", async () => {
    const own = await desk({
      webhooks: [appWebhook('whatsapp_business_account', `${BASE_URL}/all`, ['messages'])],
      whatsapp: { subscribed_apps: [{ id: WEBHOOK_APP.id, override_callback_uri: url }] },
    });
    const { code, stderr, status } = await statusOf(own, 'wa-61');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(status).toEqual({
      account_id: expect.any(String),
      channel: 'whatsapp',
      account_key: 'wa-61',
      webhook_url: url,
      called_url: url,
      source: 'waba',
      fields: ['messages'],
      missing: [],
      healthy: true,
      problems: [],
    });
  });

  test("reports the number's URL, which overrides both others", async () => {
    const elsewhere = 'https://other.example.net/hook';
    const own = await desk({
      webhooks: [appWebhook('whatsapp_business_account', url, ['messages'])],
      whatsapp: {
        subscribed_apps: [{ id: WEBHOOK_APP.id, override_callback_uri: url }],
        number: { webhook_override: elsewhere },
      },
    });
    const { code, status } = await statusOf(own, 'wa-61');
    expect(code).toBe(6);
    expect(status).toMatchObject({ called_url: elsewhere, source: 'number', healthy: false });
    expect(status.problems).toMatchObject([{ part: 'address', severity: 'error' }]);
    expect(status.problems[0].message).toContain(elsewhere);
  });

  test("warns about a URL below the base URL that is not the account's", async () => {
    const own = await desk({
      webhooks: [appWebhook('whatsapp_business_account', `${BASE_URL}/all`, ['messages'])],
      whatsapp: { subscribed_apps: [{ id: WEBHOOK_APP.id }] },
    });
    const { code, status } = await statusOf(own, 'wa-61');
    expect(code).toBe(0);
    expect(status).toMatchObject({ called_url: `${BASE_URL}/all`, source: 'app', healthy: true });
    expect(status.problems).toMatchObject([{ part: 'address', severity: 'warning' }]);
  });

  test('names the commands if the app is not subscribed and no URL is set', async () => {
    const own = await desk();
    const { code, status } = await statusOf(own, 'wa-61');
    expect(code).toBe(6);
    expect(status).toMatchObject({ called_url: null, source: null, missing: ['messages'] });
    const { stdout } = await own.cli('webhooks', 'status', 'wa-61');
    expect(stdout).toContain('  fields      none\n');
    const hints = status.problems.map(({ hint }: { hint: string }) => hint).join('\n');
    expect(hints).toContain('channelctl whatsapp subscribe whatsapp/wa-61');
    expect(hints).toContain('channelctl webhooks set whatsapp/wa-61');
  });

  test("reports data that cannot be read as a problem with Meta's error", async () => {
    const own = await desk({
      whatsapp: { subscribed_apps: [{ id: WEBHOOK_APP.id, override_callback_uri: url }] },
      faults: [{ operation: 'listAppSubscriptions', code: 190 }],
    });
    const { code, status } = await statusOf(own, 'wa-61');
    expect(code).toBe(6);
    expect(status).toMatchObject({ called_url: url, source: 'waba', fields: null, missing: [] });
    expect(status.problems).toMatchObject([
      { part: 'app', severity: 'error', graph: { code: 190 } },
    ]);
  });

  test('omits the field if the Graph API version does not support it', async () => {
    const own = await desk({
      webhooks: [appWebhook('whatsapp_business_account', url, ['messages'])],
      whatsapp: { subscribed_apps: [{ id: WEBHOOK_APP.id }] },
      faults: [
        {
          operation: 'getPhoneNumber',
          code: 100,
          message: '(#100) Tried accessing nonexisting field (webhook_configuration)',
        },
      ],
    });
    expect(await statusOf(own, 'wa-61')).toMatchObject({
      code: 0,
      status: { called_url: url, source: 'app', problems: [] },
    });
  });
});

describe('webhooks status of a Messenger account', () => {
  const url = `${BASE_URL}/messenger/fb-81`;

  test('reports the fields to which both the app and the Page are subscribed', async () => {
    const own = await desk({ webhooks: [appWebhook('page', url, [...PAGE_FIELDS, 'feed'])] });
    const subscribed = { subscribed_fields: 'messages,messaging_postbacks' };
    await send(own.meta, 'POST', '/81/subscribed_apps', own.pageToken, subscribed);
    const { code, status } = await statusOf(own, 'fb-81');
    expect(code).toBe(0);
    expect(status).toMatchObject({
      called_url: url,
      source: 'app',
      fields: ['messages', 'messaging_postbacks'],
      missing: PAGE_FIELDS.slice(2),
      healthy: true,
    });
    expect(status.problems).toMatchObject([{ part: 'fields', severity: 'warning' }]);
  });

  test('is unhealthy if only the app lacks the field messages', async () => {
    const own = await desk({ webhooks: [appWebhook('page', url, ['messaging_postbacks'])] });
    const subscribed = { subscribed_fields: PAGE_FIELDS.join(',') };
    await send(own.meta, 'POST', '/81/subscribed_apps', own.pageToken, subscribed);
    const { code, status } = await statusOf(own, 'fb-81');
    expect(code).toBe(6);
    expect(status.missing).toContain('messages');
    expect(status.problems).toMatchObject([{ part: 'fields', severity: 'error' }]);
  });

  test('is unhealthy if Meta has disabled the URL', async () => {
    const own = await desk({
      webhooks: [{ ...appWebhook('page', url, PAGE_FIELDS), active: false }],
    });
    const subscribed = { subscribed_fields: PAGE_FIELDS.join(',') };
    await send(own.meta, 'POST', '/81/subscribed_apps', own.pageToken, subscribed);
    const { code, status } = await statusOf(own, 'fb-81');
    expect(code).toBe(6);
    expect(status.problems).toMatchObject([{ part: 'app', severity: 'error' }]);
  });

  test('sends the app access token with its proof, and shows no token', async () => {
    const own = await desk();
    const { stdout, stderr } = await own.cli('webhooks', 'status', 'fb-81', '--debug');
    const asked = own.meta.requests.find(({ operation }) => operation === 'listAppSubscriptions');
    const token = `${WEBHOOK_APP.id}|${WEBHOOK_APP.secret}`;
    expect(asked?.path).toBe('/graph/v26.0/700/subscriptions');
    expect(asked?.headers.authorization).toBe(`Bearer ${token}`);
    expect(asked?.query).toEqual({ appsecret_proof: proofOf(token, WEBHOOK_APP.secret) });
    expect(stdout + stderr).not.toContain(WEBHOOK_APP.secret);
    expect(stderr).toContain('/subscriptions');
  });
});

test('webhooks status of an Instagram account checks the Meta app', async () => {
  const url = `${BASE_URL}/instagram/ig-71`;
  const own = await desk({ webhooks: [appWebhook('instagram', url, ['messages'])] });
  const { code, status } = await statusOf(own, 'ig-71');
  expect(code).toBe(6);
  expect(status).toMatchObject({
    channel: 'instagram',
    called_url: url,
    source: 'app',
    fields: [],
  });
  expect(status.problems.map(({ part }: { part: string }) => part)).toEqual(['account', 'fields']);
});

describe('the Meta app of an Instagram account', () => {
  const COMMAND =
    'channelctl integrations set instagram --config meta_app_id=… --config meta_app_secret=@file';
  const url = `${BASE_URL}/instagram/ig-71`;
  const withoutPair = async (...options: Parameters<typeof desk>) => {
    const own = await desk(...options);
    const folder = await temporaryFolder();
    await cp(own.configDir, folder, { recursive: true });
    const place = homeIn(folder, { ...own.env, CHANNELCTL_CONFIG_DIR: folder });
    const keys = ['--unset', 'meta_app_id', '--unset', 'meta_app_secret'];
    await place.json('integrations', 'set', 'instagram', ...keys);
    return { ...place, meta: own.meta };
  };

  test('reads and sets the webhooks', async () => {
    const own = await desk({ webhooks: [appWebhook('instagram', url, ['mentions'])] });
    const hook = await receiver(rightAnswer(own.verifyTokens['ig-71'] ?? '', WEBHOOK_APP.secret));
    const args = ['webhooks', 'set', 'ig-71', '--url', hook.url, '--yes'];
    const { stdout, stderr } = await own.cli(...args, '--json');
    expect(stderr).toContain('App Dashboard');
    const set = JSON.parse(stdout);
    expect(set).toMatchObject({ source: 'app', called_url: hook.url });
    expect(set.fields).toEqual(expect.arrayContaining(['mentions', 'messages']));
    const asked = own.meta.requests.filter(({ path }) => path.endsWith('/subscriptions'));
    const token = `${WEBHOOK_APP.id}|${WEBHOOK_APP.secret}`;
    expect(asked.length).toBeGreaterThan(1);
    for (const { path, headers } of asked) {
      expect(path).toBe(`/graph/v26.0/${WEBHOOK_APP.id}/subscriptions`);
      expect(headers.authorization).toBe(`Bearer ${token}`);
    }
    const { status } = await statusOf(own, 'ig-71');
    expect(status.problems[0].message).toContain('App 701 is not subscribed');
  });

  test.each(['status', 'set'])('is required by webhooks %s', async (verb) => {
    const own = await withoutPair();
    const { code, error } = await own.failure('webhooks', verb, 'ig-71', '--yes');
    expect({ code, hint: error.hint }).toEqual({ code: 2, hint: `Run: ${COMMAND}` });
    expect(error.message).toContain('Missing: meta_app_id, meta_app_secret');
    const calls = own.meta.requests.map(({ operation }) => operation);
    expect(calls).not.toContain('setAppSubscription');
  });

  test('is missed by accounts check and status, with a warning', async () => {
    const own = await withoutPair();
    const { stdout } = await own.cli('accounts', 'check', 'ig-71', '--json');
    expect(JSON.parse(stdout).problems).toContainEqual(
      expect.objectContaining({
        part: 'subscription',
        severity: 'warning',
        hint: `Run: ${COMMAND}`,
      }),
    );
    expect((await own.cli('status', '--json')).stdout).toContain(COMMAND);
  });

  test('is named if the Instagram app is stored in its place, which Meta rejects', async () => {
    const own = await withoutPair({
      extra: { CHANNELCTL_SECRET_INSTAGRAM_META_APP_SECRET: INSTAGRAM_APP.secret },
    });
    const id = ['--config', `meta_app_id=${INSTAGRAM_APP.id}`];
    await own.json('integrations', 'set', 'instagram', ...id);
    const { stdout } = await own.cli('webhooks', 'status', 'ig-71', '--json');
    expect(JSON.parse(stdout).problems[0]).toMatchObject({
      part: 'app',
      hint: expect.stringContaining(COMMAND),
      graph: { code: 190 },
    });
  });
});

test('webhooks status prints the URL that Meta calls and the problems', async () => {
  const own = await desk({
    webhooks: [appWebhook('page', 'https://old.example.net/x', ['messages'])],
  });
  const { code, stdout } = await own.cli('webhooks', 'status', 'fb-81');
  expect(code).toBe(6);
  expect(stdout).toContain("Meta calls  https://old.example.net/x (the app's URL)");
  expect(stdout).toContain(`expected    ${BASE_URL}/messenger/fb-81`);
  expect(stdout).toMatch(
    /^ {2}error {4}App 700 is not subscribed to the webhooks of messenger\/fb-81/m,
  );
});

test('webhooks commands reject an email account', async () => {
  const own = await desk();
  for (const verb of ['status', 'set', 'test']) {
    const { code, error } = await own.failure('webhooks', verb, 'post', '--yes');
    expect({ verb, code, message: error.message }).toEqual({
      verb,
      code: 2,
      message: expect.stringContaining('email/post has no webhooks.'),
    });
  }
  expect(own.meta.requests).toEqual([]);
});

test('accounts check also reports that the webhooks of a number go to another URL', async () => {
  const check = async (override_callback_uri: string) => {
    const apps = [{ id: WEBHOOK_APP.id, override_callback_uri }];
    const own = await desk({ whatsapp: { subscribed_apps: apps } });
    const { stdout } = await own.cli('accounts', 'check', 'wa-61', '--json');
    return JSON.stringify(JSON.parse(stdout));
  };
  const elsewhere = 'https://elsewhere.example.net/x';
  expect(await check(elsewhere)).toContain(`Meta calls ${elsewhere}`);
  expect(await check(`${BASE_URL}/whatsapp/wa-61`)).not.toContain('Meta calls');
});

describe('webhooks set', () => {
  const common = [
    appWebhook('whatsapp_business_account', 'https://old.example.net/all', ['messages']),
  ];

  test('overrides the URL of a WABA, which Meta verifies with the handshake', async () => {
    const own = await desk({ webhooks: common });
    const hook = await receiver(rightAnswer(own.verifyTokens['wa-61'] ?? '', WEBHOOK_APP.secret));
    const result = await own.json('webhooks', 'set', 'wa-61', '--url', hook.url);
    expect(result).toEqual({
      success: true,
      account_id: expect.any(String),
      channel: 'whatsapp',
      account_key: 'wa-61',
      called_url: hook.url,
      source: 'waba',
      fields: null,
    });
    expect(hook.received.map(({ method }) => method)).toEqual(['GET']);
    const { status } = await statusOf(own, 'wa-61');
    expect(status).toMatchObject({ called_url: hook.url, source: 'waba' });
    // Meta accepts an override only if the app is already subscribed without one.
    const sent = own.meta.requests.filter(({ operation }) => operation === 'subscribeWaba');
    const [subscription, override] = sent.map(({ body }) => body);
    expect(subscription).toBe('');
    expect(JSON.parse(override ?? '').override_callback_uri).toBe(hook.url);
    for (const { headers } of sent) {
      expect(headers.authorization).toBe(`Bearer ${BUSINESS_TOKEN}`);
    }
  });

  test("reports Meta's refusal if the app itself is not subscribed, with the command that subscribes it", async () => {
    const own = await desk();
    const hook = await receiver(rightAnswer(own.verifyTokens['wa-61'] ?? '', WEBHOOK_APP.secret));
    own.env.CHANNELCTL_WEBHOOK_BASE_URL = new URL(hook.url).origin;
    const { code, error } = await own.failure('webhooks', 'set', 'wa-61');
    expect([code, error.graph.code]).toEqual([5, 100]);
    const line = /channelctl (webhooks set \S+ --level app)/.exec(error.hint)?.[1] ?? '';
    expect(await own.cli(...line.split(' '), '--yes')).toMatchObject({ code: 0 });
    expect((await statusOf(own, 'wa-61')).status).toMatchObject({ source: 'app', healthy: true });
    await own.json('webhooks', 'set', 'wa-61');
    expect(await statusOf(own, 'wa-61')).toMatchObject({
      code: 0,
      status: { source: 'waba', healthy: true },
    });
  });

  test('the command that webhooks status names subscribes the app to missing fields', async () => {
    const own = await desk({ whatsapp: { subscribed_apps: [{ id: WEBHOOK_APP.id }] } });
    const hook = await receiver(rightAnswer(own.verifyTokens['wa-61'] ?? '', WEBHOOK_APP.secret));
    own.env.CHANNELCTL_WEBHOOK_BASE_URL = new URL(hook.url).origin;
    const { status } = await statusOf(own, 'wa-61');
    const { hint } = status.problems.find(({ part }: { part: string }) => part === 'fields');
    const line = /channelctl (webhooks set .*)$/.exec(hint)?.[1] ?? '';
    expect(await own.cli(...line.split(' '), '--yes')).toMatchObject({ code: 0 });
    expect(await statusOf(own, 'wa-61')).toMatchObject({ code: 0, status: { healthy: true } });
  });

  test("sets the app's URL for Pages, and its fields remain subscribed", async () => {
    const own = await desk({
      webhooks: [appWebhook('page', 'https://old.example.net/x', ['feed'])],
    });
    const hook = await receiver(rightAnswer(own.verifyTokens['fb-81'] ?? '', WEBHOOK_APP.secret));
    const result = await own.json('webhooks', 'set', 'fb-81', '--url', hook.url, '--yes');
    expect(result).toMatchObject({ source: 'app', called_url: hook.url });
    expect(result.fields).toEqual(['feed', ...PAGE_FIELDS]);
    const { status } = await statusOf(own, 'fb-81');
    expect(status).toMatchObject({ called_url: hook.url, source: 'app' });
    const [entry] = (await own.json('audit', 'list', '--account', 'fb-81')).slice(-1);
    expect(entry).toMatchObject({ command: 'webhooks set', action: 'meta.changed' });
    expect(entry.changes).toContainEqual({
      field: 'callback_url',
      before: 'https://old.example.net/x',
      after: hook.url,
    });
  });

  test('asks for confirmation if it affects all accounts of the app', async () => {
    const own = await desk({
      webhooks: [appWebhook('page', 'https://old.example.net/x', ['feed'])],
    });
    const { code, error } = await own.failure('webhooks', 'set', 'fb-81');
    expect(code).toBe(2);
    expect(error.hint).toContain('--yes');
    expect(own.meta.requests.every(({ method }) => method === 'GET')).toBe(true);
    const { stderr } = await own.cli('webhooks', 'set', 'fb-81');
    expect(stderr).toContain('instead of https://old.example.net/x');
    expect(stderr).toContain('all accounts of the app');
  });

  test('names the expected response if Meta does not accept the URL', async () => {
    const own = await desk({ webhooks: common });
    const hook = await receiver((_asked, response) => response.writeHead(403).end());
    for (const account of ['wa-61', 'fb-81']) {
      const args = ['webhooks', 'set', account, '--url', hook.url, '--yes'];
      const { code, error } = await own.failure(...args);
      expect({ account, code, kind: error.kind }).toEqual({ account, code: 5, kind: 'graph' });
      expect(error.hint).toContain('hub.challenge');
    }
  });

  test('rejects plain http: for another machine, and an unknown account', async () => {
    const own = await desk();
    const plain = await own.failure(
      'webhooks',
      'set',
      'wa-61',
      '--url',
      'http://desk.example.com/',
    );
    expect(plain).toMatchObject({ code: 2, error: { kind: 'usage' } });
    const bare = await desk({ extra: { CHANNELCTL_PROFILE: 'empty' } });
    expect(await bare.failure('webhooks', 'set', 'wa-61')).toMatchObject({ code: 3 });
    expect(own.meta.requests).toEqual([]);
  });
});
