import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../support/cli.ts';
import {
  APP_ID,
  PIN,
  type SeedNumber,
  type SeedWaba,
  WABA,
  whatsappDesk,
} from '../support/whatsapp.ts';

const PIN_VARIABLE = 'CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN';

const desk = (extra: Record<string, string> = {}) =>
  whatsappDesk({ accounts: ['1001', '1002', '1003'], extra });

describe('whatsapp register', () => {
  test("sends the account's PIN", async () => {
    const { json, calls, names, bodyOf } = await desk({ [PIN_VARIABLE]: PIN });
    expect(await json('whatsapp', 'register', 'wa-1001')).toEqual({ success: true });
    // The state of the number is read first, because Meta limits the calls to register it.
    expect(names()).toEqual(['getPhoneNumber', 'registerPhoneNumber']);
    expect(calls('registerPhoneNumber').map(bodyOf)).toMatchObject([
      { messaging_product: 'whatsapp', pin: PIN },
    ]);
  });

  test('generates a PIN if there is none, and stores it before sending it', async () => {
    const { json, failure, meta, calls, bodyOf } = await desk();
    meta.inject({ operation: 'registerPhoneNumber', cut: 'before' });
    expect((await failure('whatsapp', 'register', 'wa-1003')).code).toBe(5);
    await json('whatsapp', 'register', 'wa-1003');
    const pins = calls('registerPhoneNumber').map((request) => bodyOf(request).pin);
    const { config } = await json('accounts', 'get', 'wa-1003', '--reveal');
    expect(pins).toEqual([config.pin, config.pin]);
  });

  test('sends nothing if the PIN in a variable is invalid', async () => {
    const { failure, calls } = await desk({ [PIN_VARIABLE]: '98765' });
    const { code, error } = await failure('whatsapp', 'register', 'wa-1001');
    expect([code, calls()]).toEqual([2, []]);
    expect(error.hint).toContain(PIN_VARIABLE);
    expect(JSON.stringify(error)).not.toContain('98765');
  });

  test('exits with 5 for a wrong PIN, and explains how to store the correct one', async () => {
    const { failure } = await desk({ [PIN_VARIABLE]: '999999' });
    const { code, error } = await failure('whatsapp', 'register', 'wa-1001');
    expect([code, error.graph.code]).toEqual([5, 133005]);
    expect(error.hint).toContain('--config pin=@file');
  });
});

describe('whatsapp deregister and unsubscribe', () => {
  test.each([
    ['deregister', 'wa-1002', 'deregisterPhoneNumber', 'POST'],
    ['unsubscribe', 'wa-1001', 'unsubscribeWaba', 'DELETE'],
  ])('%s requires confirmation', async (verb, account, operation, method) => {
    const { json, failure, calls } = await desk();
    const refused = await failure('whatsapp', verb, account);
    expect(refused.code).toBe(2);
    expect(refused.error.hint).toContain('--yes');
    expect(calls()).toEqual([]);
    expect(await json('whatsapp', verb, account, '--yes')).toEqual({ success: true });
    expect(calls()).toMatchObject([{ operation, method }]);
  });

  test('unsubscribing twice succeeds; a WABA that does not exist is an error', async () => {
    const { json, failure, names, meta } = await desk();
    const unsubscribe = ['whatsapp', 'unsubscribe', 'wa-1001', '--yes'];
    for (const _ of [1, 2]) expect(await json(...unsubscribe)).toEqual({ success: true });
    expect(names()).toEqual(['unsubscribeWaba', 'unsubscribeWaba', 'listWabaSubscriptions']);
    for (const _ of [1, 2]) meta.inject({ code: 803, status: 404 });
    const { code, error } = await failure(...unsubscribe);
    expect([code, error.graph.code]).toEqual([5, 803]);
    expect(error.message).toContain('unsubscribe');
  });

  test('fails to deregister a number that is not registered', async () => {
    const { failure, calls } = await desk();
    const { code } = await failure('whatsapp', 'deregister', 'wa-1001', '--yes');
    expect(code).toBe(5);
    expect(calls()).toHaveLength(1);
  });
});

describe('whatsapp subscribe', () => {
  const [one] = WABA.numbers ?? [];
  const alone = (subscribed_apps: NonNullable<SeedWaba['subscribed_apps']>) =>
    whatsappDesk({
      wabas: [{ ...WABA, subscribed_apps, numbers: one === undefined ? [] : [one] }],
      accounts: ['1001'],
    });

  test('sends nothing if the app is subscribed, so that an override stays', async () => {
    const override_callback_uri = 'https://desk.example.com/hooks/whatsapp/wa-1001';
    const { calls, env } = await alone([{ id: APP_ID, override_callback_uri }]);
    const { stdout } = await run(['whatsapp', 'subscribe', 'wa-1001'], env);
    expect(stdout).toContain('already subscribed');
    expect(calls().map(({ method }) => method)).toEqual(['GET']);
    const { stdout: health } = await run(['whatsapp', 'health', 'wa-1001', '--json'], env);
    expect(JSON.parse(health).subscribed_apps).toMatchObject([{ override_callback_uri }]);
  });

  test.each([
    ['without the app ID', []],
    ['without the app ID, although another app is subscribed too', [{ id: '999' }]],
  ])('recognizes an override %s', async (_, others) => {
    const override_callback_uri = 'https://desk.example.com/hooks/whatsapp/wa-1001';
    const { json, calls } = await whatsappDesk({
      wabas: [{ ...WABA, subscribed_apps: [...others, { id: APP_ID, override_callback_uri }] }],
      accounts: ['1001'],
      appId: false,
    });
    expect(await json('whatsapp', 'subscribe', 'wa-1001')).toEqual({ success: true });
    expect(calls('subscribeWaba')).toEqual([]);
  });

  test('does not remove an override that may belong to the app, if Meta does not report URLs', async () => {
    const override_callback_uri = 'https://desk.example.com/hooks/whatsapp/wa-1001';
    const { failure, calls } = await whatsappDesk({
      wabas: [{ ...WABA, subscribed_apps: [{ id: APP_ID, override_callback_uri }] }],
      whatsapp: { removed_fields: ['webhook_configuration'] },
      accounts: ['1001'],
      appId: false,
    });
    const { code, error } = await failure('whatsapp', 'subscribe', 'wa-1001');
    expect(code).toBe(2);
    expect(error.hint).toContain('channelctl integrations set whatsapp --config app_id=');
    expect(calls('subscribeWaba')).toEqual([]);
  });

  test('subscribes the app although another app with an override is subscribed', async () => {
    const override_callback_uri = 'https://other.example.com/hook';
    const { json, calls } = await alone([{ id: '999', override_callback_uri }]);
    expect(await json('whatsapp', 'subscribe', 'wa-1001')).toEqual({ success: true });
    expect(calls('subscribeWaba')).toHaveLength(1);
  });

  test('asks first if other numbers of the WABA are accounts, and names them', async () => {
    const { json, failure, calls } = await whatsappDesk({
      wabas: [{ ...WABA, subscribed_apps: [] }],
      accounts: ['1001', '1002'],
    });
    const { code, error } = await failure('whatsapp', 'subscribe', 'wa-1001');
    expect(code).toBe(2);
    expect(error.message).toContain('whatsapp/wa-1002');
    expect(calls('subscribeWaba')).toEqual([]);
    await json('whatsapp', 'subscribe', 'wa-1001', '--yes');
    // Nothing changes, so no question is asked.
    await json('whatsapp', 'subscribe', 'wa-1002');
    expect(calls('subscribeWaba')).toHaveLength(1);
  });

  test("subscribes the app with the app's own webhook URL", async () => {
    const { json, calls } = await alone([]);
    expect(await json('whatsapp', 'subscribe', 'wa-1001')).toEqual({ success: true });
    const [request] = calls('subscribeWaba');
    expect(request?.path).toContain('/5000/subscribed_apps');
    expect(Object.keys(request?.query ?? {})).toEqual(['appsecret_proof']);
    expect(request?.body).toBe('');
  });

  test("--override sends the account's webhook_url and verify_token, which Meta verifies immediately", async () => {
    const handshakes: URL[] = [];
    const webhooks = createServer(({ url = '' }, answer) => {
      const requested = new URL(url, 'http://localhost');
      handshakes.push(requested);
      answer.end(requested.searchParams.get('hub.challenge'));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void webhooks.close());
    await new Promise((resolve) => webhooks.once('listening', resolve));
    const { port } = webhooks.address() as AddressInfo;
    const { json, calls, bodyOf } = await desk({
      CHANNELCTL_WEBHOOK_BASE_URL: `http://127.0.0.1:${port}/hooks`,
    });
    await json('whatsapp', 'subscribe', 'wa-1001', '--override', '--yes');
    const { verify_token, webhook_url } = await json('accounts', 'get', 'wa-1001');
    expect(calls('subscribeWaba').map(bodyOf)).toMatchObject([
      { override_callback_uri: webhook_url, verify_token },
    ]);
    expect(handshakes.map(({ pathname }) => pathname)).toEqual(['/hooks/whatsapp/wa-1001']);
    const { result } = await health(json);
    expect(result.subscribed_apps[0].override_callback_uri).toBe(webhook_url);
  });

  test('--override requires webhook_base_url', async () => {
    const { failure, calls } = await desk();
    const { code, error } = await failure('whatsapp', 'subscribe', 'wa-1001', '--override');
    expect(code).toBe(2);
    expect(error.hint).toContain('config set webhook_base_url');
    expect(calls()).toEqual([]);
  });
});

async function health(json: (...args: string[]) => Promise<unknown>) {
  return { result: Object(await json('whatsapp', 'health', 'wa-1002')) };
}

describe('whatsapp numbers', () => {
  test("returns Meta's objects from every page of results, also for a supervisor", async () => {
    const others = Array.from({ length: 129 }, (_, index) => ({ id: String(4001 + index) }));
    const numbers: SeedNumber[] = [{ id: '4000', listed_status: 'LINKED' }, ...others];
    const wabas = [{ ...WABA, numbers }];
    const extra = { CHANNELCTL_ROLE: 'supervisor' };
    const { json, calls, env } = await whatsappDesk({ wabas, accounts: ['4000'], extra });
    const listed = await json('whatsapp', 'numbers', 'wa-4000');
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(numbers.map(({ id }) => id));
    expect(listed[1]).toMatchObject({ status: 'CONNECTED' });
    expect(listed[0]).toMatchObject({ id: '4000', status: 'LINKED', quality_rating: 'GREEN' });
    expect(calls('listPhoneNumbers')).toHaveLength(2);
    const agent = await run(['whatsapp', 'numbers', 'wa-4000'], {
      ...env,
      CHANNELCTL_ROLE: 'agent',
    });
    expect(agent.code).toBe(4);
  });
});

describe('whatsapp pin set', () => {
  test.each([
    ['from stdin', '-', ''],
    ['from a variable', 'env:NEW_PIN', ''],
    ['from the command line, with a warning', '314159', 'is on the command line'],
  ])('sets a PIN %s at Meta and stores it', async (_what, value, warning) => {
    const { env, json, calls, bodyOf } = await desk({ NEW_PIN: '314159' });
    const args = ['whatsapp', 'pin', 'set', 'wa-1002', '--pin', value, '--json'];
    const { code, stdout, stderr } = await run(args, env, '314159\n');
    expect([code, JSON.parse(stdout)]).toEqual([0, { success: true }]);
    expect(stderr).toContain(warning);
    expect(stderr === '').toBe(warning === '');
    expect(calls('setTwoStepPin').map(bodyOf)).toMatchObject([{ pin: '314159' }]);
    const { config } = await json('accounts', 'get', 'wa-1002', '--reveal');
    expect(config.pin).toBe('314159');
  });

  test('warns if a variable overrides the stored PIN', async () => {
    const { env, json } = await desk({ [PIN_VARIABLE.replace('1001', '1002')]: PIN });
    const args = ['whatsapp', 'pin', 'set', 'wa-1002', '--pin', '-', '--json'];
    const { code, stderr } = await run(args, env, '314159');
    expect(code).toBe(0);
    expect(JSON.parse(stderr).warning.hint).toContain(
      `Set ${PIN_VARIABLE.replace('1001', '1002')} to`,
    );
    const { config } = await json('accounts', 'get', 'wa-1002', '--reveal');
    expect(config.pin).toBe(PIN);
  });

  test('does not store a PIN that Meta rejects', async () => {
    const { failure, json } = await desk();
    const { code, error } = await failure('whatsapp', 'pin', 'set', 'wa-1001', '--pin', '314159');
    expect([code, error.graph.code]).toEqual([5, 100]);
    expect(error.hint).toContain('channelctl whatsapp register');
    expect((await json('accounts', 'get', 'wa-1001')).config).not.toHaveProperty('pin');
  });

  test.each([
    ['a PIN of five digits', { pin: ['--pin', '31415'], secrets: 'file', exit: 2 }],
    ['no PIN and no prompt', { pin: [], secrets: 'file', exit: 2 }],
    ['a read-only store', { pin: ['--pin', '314159'], secrets: 'env', exit: 8 }],
  ])('sends nothing with %s', async (_what, { pin, secrets, exit }) => {
    const { failure, calls } = await desk({ CHANNELCTL_SECRETS: secrets });
    const { code } = await failure('whatsapp', 'pin', 'set', 'wa-1002', ...pin);
    expect([code, calls()]).toEqual([exit, []]);
  });
});

test.each([
  ['register', []],
  ['deregister', ['--yes']],
  ['subscribe', []],
  ['unsubscribe', ['--yes']],
  ['pin set', ['--pin', '314159']],
])('whatsapp %s requires the admin role and a WhatsApp account', async (verb, more) => {
  const { env, failure, json, calls } = await desk();
  const command = ['whatsapp', ...verb.split(' ')];
  const supervisor = { ...env, CHANNELCTL_ROLE: 'supervisor' };
  expect((await run([...command, 'wa-1001', ...more], supervisor)).code).toBe(4);
  const email = ['accounts', 'create', '--channel', 'email', '--account-key', 'support'];
  await json(...email, '--config', 'address=support@example.com');
  expect((await failure(...command, 'support', ...more)).code).toBe(2);
  expect((await failure(...command, 'wa-1999', ...more)).code).toBe(3);
  expect(calls()).toEqual([]);
});

test.each([
  ['numbers', 'listPhoneNumbers', 190, 'accounts update whatsapp/wa-1001 --config access_token='],
  ['unsubscribe', 'unsubscribeWaba', 10, 'accounts update whatsapp/wa-1001 --config access_token='],
  [
    'register',
    'registerPhoneNumber',
    133005,
    'accounts update whatsapp/wa-1001 --config pin=@file',
  ],
  ['register', 'registerPhoneNumber', 133010, 'in WhatsApp Manager'],
  ['deregister', 'deregisterPhoneNumber', 133010, 'whatsapp register whatsapp/wa-1001'],
])('%s: the hint for a failed %s (%i) names the account', async (verb, operation, code, words) => {
  const { failure, meta } = await desk();
  meta.inject({ operation, code });
  const { error } = await failure('whatsapp', verb, 'wa-1001', '--yes');
  expect(error.hint).toContain(words);
  expect(error.hint).not.toContain('<account>');
});

test('exits with 4 for a missing token, and explains how to store it again', async () => {
  const { env, calls } = await desk();
  const { CHANNELCTL_SECRET_WHATSAPP_WA_1001_ACCESS_TOKEN: _gone, ...rest } = env;
  const { code, stderr } = await run(['whatsapp', 'subscribe', 'wa-1001'], rest);
  expect(code).toBe(4);
  expect(stderr).toContain(
    'channelctl accounts update whatsapp/wa-1001 --config access_token=@file',
  );
  expect(calls()).toEqual([]);
});
