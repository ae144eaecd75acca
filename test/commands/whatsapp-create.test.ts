import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/http/faults.ts';
import { homeIn } from '../support/cli.ts';
import {
  APP_SECRET,
  connect,
  PIN,
  revealedPin,
  sentPins,
  TOKEN,
  WABA,
  type WhatsAppDesk,
  whatsappDesk,
} from '../support/whatsapp.ts';

const WITH_PIN = ['--config', 'pin=env:PIN'];

/** The secrets of the number 1001 in variables, which are a read-only store. */
const IN_VARIABLES = {
  CHANNELCTL_SECRETS: 'env',
  CHANNELCTL_SECRET_WHATSAPP_WA_1001_ACCESS_TOKEN: TOKEN,
  CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN: PIN,
};

function withoutToken(): string[] {
  const ids = ['--config', 'phone_number_id=1001', '--config', 'waba_id=5000'];
  return ['accounts', 'create', '--channel', 'whatsapp', ...ids];
}

const WITHOUT_STEPS = ['--no-register', '--no-subscribe'];

function underEnv({ configDir, env }: WhatsAppDesk, extra: Record<string, string> = {}) {
  const CHANNELCTL_SECRET_WHATSAPP_WA_1003_ACCESS_TOKEN = TOKEN;
  return homeIn(configDir, {
    ...env,
    CHANNELCTL_SECRETS: 'env',
    CHANNELCTL_SECRET_WHATSAPP_WA_1003_ACCESS_TOKEN,
    ...extra,
  });
}

const newDesk = (options: Parameters<typeof whatsappDesk>[0] = {}) =>
  whatsappDesk({ wabas: [{ ...WABA, subscribed_apps: [] }], ...options });

const READS = ['getPhoneNumber', 'getWaba', 'listPhoneNumbers', 'listWabaSubscriptions'];

async function stateOf({ configDir }: WhatsAppDesk) {
  return JSON.parse(await readFile(join(configDir, 'profiles', 'default', 'state.json'), 'utf8'));
}

describe('accounts create --channel whatsapp', () => {
  test('reads the number and the WABA, registers, subscribes, and stores the account', async () => {
    const desk = await newDesk();
    const account = await desk.json(...connect('1001', ...WITH_PIN));
    expect(account).toMatchObject({
      channel: 'whatsapp',
      account_key: 'wa-1001',
      display_name: 'Alder Orders',
      is_active: true,
      is_default: true,
      config: {
        phone_number_id: '1001',
        waba_id: '5000',
        access_token: '********7001',
        pin: '********',
      },
    });
    const names = desk.names();
    expect(names.slice(0, 4).sort()).toEqual(READS);
    expect(names.slice(4)).toEqual(['registerPhoneNumber', 'subscribeWaba']);
    const [registered] = desk.calls('registerPhoneNumber');
    expect(desk.bodyOf(registered)).toMatchObject({ messaging_product: 'whatsapp', pin: PIN });
    const proof = createHmac('sha256', APP_SECRET).update(TOKEN).digest('hex');
    for (const request of desk.calls()) {
      expect(request.headers.authorization).toBe(`Bearer ${TOKEN}`);
      expect(request.query.appsecret_proof ?? desk.bodyOf(request).appsecret_proof).toBe(proof);
    }
    expect(await desk.json('accounts', 'list')).toEqual([account]);
    expect(await stateOf(desk)).not.toHaveProperty('pending');
  });

  test('generates a six-digit PIN if none is passed, sends it and stores it', async () => {
    const desk = await newDesk();
    const { config } = await desk.json(...connect('1003'));
    expect(config.pin).toBe('********');
    const { pin } = desk.bodyOf(desk.calls('registerPhoneNumber')[0]);
    expect(pin).toMatch(/^\d{6}$/);
    expect(await revealedPin(desk, '1003')).toBe(pin);
  });

  test.each(['connected', 'LINKED'])('does not register a number that is %s', async (status) => {
    const desk = await newDesk({
      wabas: [{ ...WABA, numbers: [{ id: '1001', registered: false, status }] }],
    });
    await desk.json(...connect('1001', ...WITH_PIN));
    expect(desk.calls('registerPhoneNumber')).toEqual([]);
  });

  test.each([{ code_verification_status: 'not_verified' }, { name_status: 'expired' }])(
    'does not try to register a number that Meta would refuse: %j',
    async (refused) => {
      const numbers = [{ id: '1001', registered: false, ...refused }];
      const desk = await newDesk({ wabas: [{ ...WABA, numbers }] });
      const { code } = await desk.failure(...connect('1001', ...WITH_PIN));
      expect([code, desk.calls('registerPhoneNumber')]).toEqual([5, []]);
    },
  );

  test('does not register a number that Meta shows as connected', async () => {
    const desk = await newDesk();
    const account = await desk.json(...connect('1002'));
    expect(account.display_name).toBe('Alder Support');
    expect(account.config).not.toHaveProperty('pin');
    expect(desk.names().slice(4)).toEqual(['subscribeWaba']);
  });

  test('stores the --display-name', async () => {
    const desk = await newDesk();
    const account = await desk.json(...connect('1001', ...WITH_PIN, '--display-name', 'Orders'));
    expect(account.display_name).toBe('Orders');
  });

  test.each([
    ['--no-register', ['subscribeWaba']],
    ['--no-subscribe', ['registerPhoneNumber']],
  ])('%s skips only that step', async (flag, steps) => {
    const desk = await newDesk();
    await desk.json(...connect('1001', ...WITH_PIN, flag));
    expect(desk.names().filter((name) => !READS.includes(name ?? ''))).toEqual(steps);
  });

  test('does not call Meta if both steps are skipped', async () => {
    const desk = await newDesk();
    const account = await desk.json(...connect('1001', '--no-register', '--no-subscribe'));
    expect(account.display_name).toBeNull();
    expect(desk.calls()).toEqual([]);
  });

  test('rejects --no-register for other channels', async () => {
    const desk = await newDesk();
    const email = ['accounts', 'create', '--channel', 'email', '--account-key', 'a'];
    const { code, error } = await desk.failure(
      ...email,
      '--config',
      'address=a@example.com',
      '--no-register',
    );
    expect(code).toBe(2);
    expect(error.message).toBe(
      '--no-register does not apply to Email accounts. It applies only to WhatsApp accounts.',
    );
  });
});

describe('a number that cannot be connected, which changes nothing at Meta', () => {
  test.each([
    ['a PIN that is not six digits', ['--config', 'pin=12345'], 2],
    ['a different account key', ['--account-key', 'mine'], 2],
    ['a mask instead of the token', ['--config', 'access_token=********7001'], 2],
    ['a wrong token', ['--config', 'access_token=EAAwrong'], 4],
    ['a WABA that does not exist', ['--config', 'waba_id=5999'], 5],
    ['a number that does not exist', ['--config', 'phone_number_id=1999'], 5],
  ])('rejects %s', async (_what, more, exit) => {
    const desk = await newDesk();
    const { code, stdout } = await desk.failure(...connect('1001', ...more));
    expect([code, stdout]).toEqual([exit, '']);
    if (exit === 2) expect(desk.calls()).toEqual([]);
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
    const state = await stateOf(desk);
    expect(state.accounts).toEqual([]);
    expect(state).not.toHaveProperty('pending');
  });

  test('rejects a number in another WABA to which the token has access', async () => {
    const other = { id: '6000', name: 'Birch Trading', numbers: [{ id: '2001' }] };
    const desk = await newDesk({ wabas: [WABA, other] });
    const { code, error } = await desk.failure(...connect('1001', '--config', 'waba_id=6000'));
    expect(code).toBe(2);
    expect(error.message).toContain('1001');
    expect(error.message).toContain('6000');
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(await stateOf(desk)).not.toHaveProperty('pending');
  });

  test('rejects a PIN in a variable that is not six digits', async () => {
    const extra = { ...IN_VARIABLES, CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN: '12' };
    const desk = await newDesk({ extra });
    const { code, error } = await desk.failure(...withoutToken());
    expect(code).toBe(2);
    expect(error.hint).toContain('CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN');
    expect(desk.calls()).toEqual([]);
  });

  test('rejects missing keys', async () => {
    const desk = await newDesk();
    const args = ['accounts', 'create', '--channel', 'whatsapp'];
    const { code, error } = await desk.failure(...args, '--config', 'phone_number_id=1001');
    expect(code).toBe(2);
    expect(error.message).toContain('waba_id, access_token');
    expect(desk.calls()).toEqual([]);
  });

  test('rejects an existing account', async () => {
    const desk = await newDesk({ accounts: ['1001'] });
    const { code } = await desk.failure(...connect());
    expect(code).toBe(7);
    expect(desk.calls()).toEqual([]);
  });

  test('fails with a read-only store', async () => {
    const desk = await newDesk({ extra: { CHANNELCTL_SECRETS: 'env' } });
    const { code } = await desk.failure(...connect('1001', ...WITH_PIN));
    expect(code).toBe(8);
    expect(desk.calls()).toEqual([]);
  });

  test('fails with a read-only store if a PIN must be generated', async () => {
    const { CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN: _pin, ...extra } = IN_VARIABLES;
    const desk = await newDesk({ extra });
    const { code } = await desk.failure(...withoutToken());
    expect(code).toBe(8);
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

test('does not store a token and PIN that are in variables', async () => {
  const desk = await newDesk({ extra: IN_VARIABLES });
  const { config } = await desk.json(...withoutToken());
  expect(config).toMatchObject({ access_token: '********7001', pin: '********' });
  expect((await stateOf(desk)).accounts[0].secrets).toEqual({});
  expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
});

test.each([
  ['a missing permission', { code: 200 }],
  ['an invalid request', { code: 100 }],
])("connects a number although the WABA's numbers cannot be listed: %s", async (_, fault) => {
  const desk = await newDesk();
  desk.meta.inject({ operation: 'listPhoneNumbers', ...fault });
  expect(await desk.json(...connect('1003'))).toMatchObject({ account_key: 'wa-1003' });
});

test('accepts the masks of secrets in variables, and does not send them', async () => {
  const desk = await newDesk({ extra: IN_VARIABLES });
  const masked = ['--config', 'access_token=********7001', '--config', 'pin=********'];
  await desk.json(...withoutToken(), ...masked);
  expect(sentPins(desk)).toEqual([PIN]);
  for (const { headers } of desk.calls()) expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
});

describe('an attempt that failed half-way', () => {
  test('reports the completed steps, and the same command finishes the rest', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    const { code, error } = await desk.failure(...connect('1003'));
    expect(code).toBe(4);
    expect(error.message).toContain('Meta has already registered the number');
    expect(error.hint).toContain('To continue, run the same command again.');
    expect(error.graph.code).toBe(200);
    expect(await desk.json('accounts', 'list')).toEqual([]);

    await desk.json(...connect('1003'));
    const registered = desk.calls('registerPhoneNumber');
    expect(registered).toHaveLength(1);
    expect(await revealedPin(desk, '1003')).toBe(desk.bodyOf(registered[0]).pin);
    expect(await stateOf(desk)).not.toHaveProperty('pending');
  });

  test('reuses the PIN of the first attempt', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    const { error } = await desk.failure(...connect('1003'));
    expect(error.message).toContain('Meta did not confirm any step');
    expect(error.hint).toContain('The same PIN is used unless you pass another.');
    await desk.json(...connect('1003'));
    const [first, second] = desk.calls('registerPhoneNumber').map(desk.bodyOf);
    expect(second.pin).toBe(first.pin);
    expect(await revealedPin(desk, '1003')).toBe(first.pin);
  });

  test('does not lose the PIN if the response is lost, although Meta then shows the number as connected', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', cut: 'before' });
    expect((await desk.failure(...connect('1003'))).code).toBe(5);
    await desk.json(...connect('1003'));
    const registered = desk.calls('registerPhoneNumber');
    expect(registered).toHaveLength(1);
    expect(await revealedPin(desk, '1003')).toBe(desk.bodyOf(registered[0]).pin);
  });

  test('stores no PIN in the state file', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    await desk.failure(...connect('1003'));
    const { pin } = desk.bodyOf(desk.calls('registerPhoneNumber')[0]);
    const state = await stateOf(desk);
    expect(state.pending).toHaveLength(1);
    expect(JSON.stringify(state)).not.toContain(pin);
  });

  test('uses a new PIN instead of the stored one', async () => {
    const desk = await newDesk();
    const wrong = await desk.failure(...connect('1001'));
    expect(wrong.error.graph.code).toBe(133005);
    await desk.json(...connect('1001', ...WITH_PIN));
    expect(await revealedPin(desk)).toBe(PIN);
  });

  test('deletes a PIN that Meta has rejected', async () => {
    const desk = await newDesk();
    const { error } = await desk.failure(...connect('1001'));
    expect(error.graph.code).toBe(133005);
    expect(error.hint).not.toContain('same PIN');
    expect((await stateOf(desk)).pending ?? []).toEqual([]);
    await desk.json(...connect('1001', ...WITHOUT_STEPS));
    expect(await desk.json('accounts', 'get', 'wa-1001')).not.toHaveProperty('config.pin');
  });

  test('reuses the PIN of an earlier attempt after Meta has rejected a new one', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    await desk.failure(...connect('1003'));
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133005 });
    await desk.failure(...connect('1003', ...WITH_PIN));
    await desk.json(...connect('1003'));
    const [made, given, again] = sentPins(desk);
    expect({ given, again }).toEqual({ given: PIN, again: made });
    expect(await revealedPin(desk, '1003')).toBe(made);
  });

  test('does not replace a PIN that Meta has with one that was not sent', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003'));
    const { code, stderr } = await desk.cli(...connect('1003', ...WITH_PIN));
    expect(code).toBe(0);
    expect(stderr).toContain('The new pin was not stored');
    expect(await revealedPin(desk, '1003')).toBe(sentPins(desk)[0]);
  });

  test('accepts the same PIN again without a warning', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003', ...WITH_PIN));
    const { code, stderr } = await desk.cli(...connect('1003', ...WITH_PIN));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await revealedPin(desk, '1003')).toBe(PIN);
  });

  test('stores the account with its PIN if the other steps are skipped', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003'));
    await desk.json(...connect('1003', ...WITHOUT_STEPS));
    expect([await revealedPin(desk, '1003')]).toEqual(sentPins(desk));
    expect(await stateOf(desk)).not.toHaveProperty('pending');
  });

  test('completes the account with its PIN although the stored secrets cannot be read', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003'));
    const ids = ['--config', 'phone_number_id=1003', '--config', 'waba_id=5000'];
    await underEnv(desk).json('accounts', 'create', '--channel', 'whatsapp', ...ids);
    const [account] = (await stateOf(desk)).accounts;
    expect(Object.keys(account.secrets)).toEqual(['pin']);
    expect([await revealedPin(desk, '1003')]).toEqual(sentPins(desk));
  });

  test('sends nothing if its PIN is required but cannot be read', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    await desk.failure(...connect('1003'));
    const ids = ['--config', 'phone_number_id=1003', '--config', 'waba_id=5000'];
    const create = ['accounts', 'create', '--channel', 'whatsapp', ...ids];
    const { code, error } = await underEnv(desk).failure(...create);
    expect(code).toBe(8);
    expect(error.hint).toContain('CHANNELCTL_SECRETS=file');
    expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
    await desk.json(...connect('1003'));
    expect(new Set(sentPins(desk))).toEqual(new Set([await revealedPin(desk, '1003')]));
  });

  test('discards earlier PINs once Meta has accepted one from a variable', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    await desk.failure(...connect('1003'));
    const variable = { ...desk.env, CHANNELCTL_SECRET_WHATSAPP_WA_1003_PIN: PIN };
    await homeIn(desk.configDir, variable).json(...connect('1003'));
    expect(sentPins(desk)[1]).toBe(PIN);
    expect(Object.keys((await stateOf(desk)).accounts[0].secrets)).toEqual(['access_token']);
  });

  test('still reports the completed steps if it fails again', async () => {
    const desk = await newDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200, times: 2 });
    await desk.failure(...connect('1003'));
    const { error } = await desk.failure(...connect('1003'));
    expect(error.message).toContain('Meta has already registered the number');
  });
});

describe('an error of the registration', () => {
  const faults: [string, Fault][] = [
    ['HTTP 500', { status: 500 }],
    ['a transient error', { code: 2, is_transient: true }],
    ['a rate limit that ends immediately', { code: 4, headers: { 'Retry-After': '0' } }],
    ['a lost connection', { cut: 'before' }],
    ['a redirect to itself', { status: 307, redirect: 'http://127.0.0.1:1/again' }],
  ];
  test.each(faults)('is not retried: %s', async (_what, fault) => {
    const desk = await newDesk({ extra: IN_VARIABLES });
    desk.meta.inject({ ...fault, operation: 'registerPhoneNumber', times: 4 });
    const { code } = await desk.failure(...withoutToken());
    expect(code).toBe(5);
    expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
  });
});

describe('an error code of the registration', () => {
  test.each([
    [133005, 'The PIN does not match the one set'],
    [133006, 'Verify the number again'],
    [133009, 'entered too quickly'],
    [133010, 'does not accept the number yet'],
    [133015, 'wait five minutes'],
    [133016, '72 hours'],
    [131031, 'whether the WABA is locked'],
  ])('%d has a hint that explains it', async (code, words) => {
    const desk = await newDesk({ extra: IN_VARIABLES });
    desk.meta.inject({ operation: 'registerPhoneNumber', code });
    const { code: exit, error } = await desk.failure(...withoutToken());
    expect(exit).toBe(5);
    expect(error.hint).toContain(words);
    expect(error.graph.code).toBe(code);
    expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
  });
});

test('makes the first of several numbers of a WABA the default', async () => {
  const desk = await newDesk();
  await desk.json(...connect('1002'));
  await desk.json(...connect('1003'));
  const accounts = await desk.json('accounts', 'list', '--fields', 'account_key,is_default');
  expect(accounts).toEqual([
    { account_key: 'wa-1002', is_default: true },
    { account_key: 'wa-1003', is_default: false },
  ]);
});
