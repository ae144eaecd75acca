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

/** Token and PIN of the number in variables, and a store that takes none. */
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

/** The same home, where secrets are in variables alone. */
function underEnv({ configDir, env }: WhatsAppDesk, extra: Record<string, string> = {}) {
  const CHANNELCTL_SECRET_WHATSAPP_WA_1003_ACCESS_TOKEN = TOKEN;
  return homeIn(configDir, {
    ...env,
    CHANNELCTL_SECRETS: 'env',
    CHANNELCTL_SECRET_WHATSAPP_WA_1003_ACCESS_TOKEN,
    ...extra,
  });
}

const READS = ['getPhoneNumber', 'getWaba', 'listPhoneNumbers'];

async function stateOf({ configDir }: WhatsAppDesk) {
  return JSON.parse(await readFile(join(configDir, 'profiles', 'default', 'state.json'), 'utf8'));
}

describe('accounts create --channel whatsapp', () => {
  test('reads the number and the WABA, registers, subscribes, and stores the account', async () => {
    const desk = await whatsappDesk();
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
    expect(names.slice(0, 3).sort()).toEqual(READS);
    expect(names.slice(3)).toEqual(['registerPhoneNumber', 'subscribeWaba']);
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

  test('makes a PIN of six digits where none is given, sends it and keeps it', async () => {
    const desk = await whatsappDesk();
    const { config } = await desk.json(...connect('1003'));
    expect(config.pin).toBe('********');
    const { pin } = desk.bodyOf(desk.calls('registerPhoneNumber')[0]);
    expect(pin).toMatch(/^\d{6}$/);
    expect(await revealedPin(desk, '1003')).toBe(pin);
  });

  test('does not register a number that Meta shows as connected', async () => {
    const desk = await whatsappDesk();
    const account = await desk.json(...connect('1002'));
    expect(account.display_name).toBe('Alder Support');
    expect(account.config).not.toHaveProperty('pin');
    expect(desk.names().slice(3)).toEqual(['subscribeWaba']);
  });

  test('keeps a name that is given', async () => {
    const desk = await whatsappDesk();
    const account = await desk.json(...connect('1001', ...WITH_PIN, '--display-name', 'Orders'));
    expect(account.display_name).toBe('Orders');
  });

  test.each([
    ['--no-register', ['subscribeWaba']],
    ['--no-subscribe', ['registerPhoneNumber']],
  ])('%s skips that step alone', async (flag, steps) => {
    const desk = await whatsappDesk();
    await desk.json(...connect('1001', ...WITH_PIN, flag));
    expect(desk.names().slice(3)).toEqual(steps);
  });

  test('with both steps skipped nothing is asked of Meta', async () => {
    const desk = await whatsappDesk();
    const account = await desk.json(...connect('1001', '--no-register', '--no-subscribe'));
    expect(account.display_name).toBeNull();
    expect(desk.calls()).toEqual([]);
  });

  test('the steps belong to WhatsApp alone', async () => {
    const desk = await whatsappDesk();
    const email = ['accounts', 'create', '--channel', 'email', '--account-key', 'a'];
    const { code, error } = await desk.failure(
      ...email,
      '--config',
      'address=a@example.com',
      '--no-register',
    );
    expect(code).toBe(2);
    expect(error.message).toContain('--no-register');
  });
});

describe('what can not be connected changes nothing at Meta', () => {
  test.each([
    ['a PIN that is not six digits', ['--config', 'pin=12345'], 2],
    ['another key', ['--account-key', 'mine'], 2],
    ['a mask in place of the token', ['--config', 'access_token=********7001'], 2],
    ['a wrong token', ['--config', 'access_token=EAAwrong'], 4],
    ['a WABA that is not there', ['--config', 'waba_id=5999'], 5],
    ['a number that is not there', ['--config', 'phone_number_id=1999'], 5],
  ])('%s', async (_what, more, exit) => {
    const desk = await whatsappDesk();
    const { code, stdout } = await desk.failure(...connect('1001', ...more));
    expect([code, stdout]).toEqual([exit, '']);
    if (exit === 2) expect(desk.calls()).toEqual([]);
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
    const state = await stateOf(desk);
    expect(state.accounts).toEqual([]);
    expect(state).not.toHaveProperty('pending');
  });

  test('a number of another WABA that the token may see too', async () => {
    const other = { id: '6000', name: 'Birch Trading', numbers: [{ id: '2001' }] };
    const desk = await whatsappDesk({ wabas: [WABA, other] });
    const { code, error } = await desk.failure(...connect('1001', '--config', 'waba_id=6000'));
    expect(code).toBe(2);
    expect(error.message).toContain('1001');
    expect(error.message).toContain('6000');
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(await stateOf(desk)).not.toHaveProperty('pending');
  });

  test('a PIN in a variable that is not six digits', async () => {
    const extra = { ...IN_VARIABLES, CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN: '12' };
    const desk = await whatsappDesk({ extra });
    const { code, error } = await desk.failure(...withoutToken());
    expect(code).toBe(2);
    expect(error.hint).toContain('CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN');
    expect(desk.calls()).toEqual([]);
  });

  test('missing keys', async () => {
    const desk = await whatsappDesk();
    const args = ['accounts', 'create', '--channel', 'whatsapp'];
    const { code, error } = await desk.failure(...args, '--config', 'phone_number_id=1001');
    expect(code).toBe(2);
    expect(error.message).toContain('waba_id, access_token');
    expect(desk.calls()).toEqual([]);
  });

  test('an account that is there already', async () => {
    const desk = await whatsappDesk({ accounts: ['1001'] });
    const { code } = await desk.failure(...connect());
    expect(code).toBe(7);
    expect(desk.calls()).toEqual([]);
  });

  test('a store that takes no secret', async () => {
    const desk = await whatsappDesk({ extra: { CHANNELCTL_SECRETS: 'env' } });
    const { code } = await desk.failure(...connect('1001', ...WITH_PIN));
    expect(code).toBe(8);
    expect(desk.calls()).toEqual([]);
  });

  test('a store that takes no secret, where a PIN has to be made', async () => {
    const { CHANNELCTL_SECRET_WHATSAPP_WA_1001_PIN: _pin, ...extra } = IN_VARIABLES;
    const desk = await whatsappDesk({ extra });
    const { code } = await desk.failure(...withoutToken());
    expect(code).toBe(8);
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

test('token and PIN can be in variables, and then nothing is stored of them', async () => {
  const desk = await whatsappDesk({ extra: IN_VARIABLES });
  const { config } = await desk.json(...withoutToken());
  expect(config).toMatchObject({ access_token: '********7001', pin: '********' });
  expect((await stateOf(desk)).accounts[0].secrets).toEqual({});
  expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
});

test.each([
  ['a token that may not list them', { code: 200 }],
  ['a Meta that does not list them', { code: 100 }],
])("where the WABA's numbers can't be told, %s is no hindrance", async (_, fault) => {
  const desk = await whatsappDesk();
  desk.meta.inject({ operation: 'listPhoneNumbers', ...fault });
  expect(await desk.json(...connect('1003'))).toMatchObject({ account_key: 'wa-1003' });
});

test('masks of what variables hold say that nothing changes, and are not sent', async () => {
  const desk = await whatsappDesk({ extra: IN_VARIABLES });
  const masked = ['--config', 'access_token=********7001', '--config', 'pin=********'];
  await desk.json(...withoutToken(), ...masked);
  expect(sentPins(desk)).toEqual([PIN]);
  for (const { headers } of desk.calls()) expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
});

describe('what failed half way', () => {
  test('says what Meta has done; the same command finishes the rest', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    const { code, error } = await desk.failure(...connect('1003'));
    expect(code).toBe(4);
    expect(error.message).toContain('Meta has registered the number already');
    expect(error.hint).toContain('run the same command again');
    expect(error.graph.code).toBe(200);
    expect(await desk.json('accounts', 'list')).toEqual([]);

    await desk.json(...connect('1003'));
    const registered = desk.calls('registerPhoneNumber');
    expect(registered).toHaveLength(1);
    expect(await revealedPin(desk, '1003')).toBe(desk.bodyOf(registered[0]).pin);
    expect(await stateOf(desk)).not.toHaveProperty('pending');
  });

  test('uses the PIN of the first try again', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    const { error } = await desk.failure(...connect('1003'));
    expect(error.message).toContain('No step is known to be done at Meta');
    expect(error.hint).toContain('with the same PIN');
    await desk.json(...connect('1003'));
    const [first, second] = desk.calls('registerPhoneNumber').map(desk.bodyOf);
    expect(second.pin).toBe(first.pin);
    expect(await revealedPin(desk, '1003')).toBe(first.pin);
  });

  test('loses no PIN where the answer is lost: Meta then shows the number as connected', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', cut: 'before' });
    expect((await desk.failure(...connect('1003'))).code).toBe(5);
    await desk.json(...connect('1003'));
    const registered = desk.calls('registerPhoneNumber');
    expect(registered).toHaveLength(1);
    expect(await revealedPin(desk, '1003')).toBe(desk.bodyOf(registered[0]).pin);
  });

  test('keeps no PIN in the state file', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    await desk.failure(...connect('1003'));
    const { pin } = desk.bodyOf(desk.calls('registerPhoneNumber')[0]);
    const state = await stateOf(desk);
    expect(state.pending).toHaveLength(1);
    expect(JSON.stringify(state)).not.toContain(pin);
  });

  test('a PIN that is given beats the one that was kept', async () => {
    const desk = await whatsappDesk();
    const wrong = await desk.failure(...connect('1001'));
    expect(wrong.error.graph.code).toBe(133005);
    await desk.json(...connect('1001', ...WITH_PIN));
    expect(await revealedPin(desk)).toBe(PIN);
  });

  test('forgets a PIN that Meta has refused', async () => {
    const desk = await whatsappDesk();
    const { error } = await desk.failure(...connect('1001'));
    expect(error.graph.code).toBe(133005);
    expect(error.hint).not.toContain('same PIN');
    expect((await stateOf(desk)).pending ?? []).toEqual([]);
    await desk.json(...connect('1001', ...WITHOUT_STEPS));
    expect(await desk.json('accounts', 'get', 'wa-1001')).not.toHaveProperty('config.pin');
  });

  test('keeps the PIN of an earlier try where another one is refused', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    await desk.failure(...connect('1003'));
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133005 });
    await desk.failure(...connect('1003', ...WITH_PIN));
    await desk.json(...connect('1003'));
    const [made, given, again] = sentPins(desk);
    expect({ given, again }).toEqual({ given: PIN, again: made });
    expect(await revealedPin(desk, '1003')).toBe(made);
  });

  test('a PIN that Meta did not see takes the place of none that it did', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003'));
    const { code, stderr } = await desk.cli(...connect('1003', ...WITH_PIN));
    expect(code).toBe(0);
    expect(stderr).toContain('The pin that was given is not stored');
    expect(await revealedPin(desk, '1003')).toBe(sentPins(desk)[0]);
  });

  test('the same PIN given again is no matter', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003', ...WITH_PIN));
    const { code, stderr } = await desk.cli(...connect('1003', ...WITH_PIN));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await revealedPin(desk, '1003')).toBe(PIN);
  });

  test('is stored with its PIN where the other steps are skipped', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003'));
    await desk.json(...connect('1003', ...WITHOUT_STEPS));
    expect([await revealedPin(desk, '1003')]).toEqual(sentPins(desk));
    expect(await stateOf(desk)).not.toHaveProperty('pending');
  });

  test('is finished with its PIN where no secret can be read', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200 });
    await desk.failure(...connect('1003'));
    const ids = ['--config', 'phone_number_id=1003', '--config', 'waba_id=5000'];
    await underEnv(desk).json('accounts', 'create', '--channel', 'whatsapp', ...ids);
    const [account] = (await stateOf(desk)).accounts;
    expect(Object.keys(account.secrets)).toEqual(['pin']);
    expect([await revealedPin(desk, '1003')]).toEqual(sentPins(desk));
  });

  test('sends nothing where its PIN is needed and can not be read', async () => {
    const desk = await whatsappDesk();
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

  test('a PIN in a variable that Meta took leaves none of those before it', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'registerPhoneNumber', code: 133015 });
    await desk.failure(...connect('1003'));
    const variable = { ...desk.env, CHANNELCTL_SECRET_WHATSAPP_WA_1003_PIN: PIN };
    await homeIn(desk.configDir, variable).json(...connect('1003'));
    expect(sentPins(desk)[1]).toBe(PIN);
    expect(Object.keys((await stateOf(desk)).accounts[0].secrets)).toEqual(['access_token']);
  });

  test('failing once more, it still says what Meta has done', async () => {
    const desk = await whatsappDesk();
    desk.meta.inject({ operation: 'subscribeWaba', code: 200, times: 2 });
    await desk.failure(...connect('1003'));
    const { error } = await desk.failure(...connect('1003'));
    expect(error.message).toContain('Meta has registered the number already');
  });
});

describe('register is never sent twice by itself', () => {
  const faults: [string, Fault][] = [
    ['HTTP 500', { status: 500 }],
    ['a transient fault', { code: 2, is_transient: true }],
    ['a rate limit that is over at once', { code: 4, headers: { 'Retry-After': '0' } }],
    ['a connection that is lost', { cut: 'before' }],
    ['a redirect to itself', { status: 307, redirect: 'http://127.0.0.1:1/again' }],
  ];
  test.each(faults)('after %s', async (_what, fault) => {
    const desk = await whatsappDesk({ extra: IN_VARIABLES });
    desk.meta.inject({ ...fault, operation: 'registerPhoneNumber', times: 4 });
    const { code } = await desk.failure(...withoutToken());
    expect(code).toBe(5);
    expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
  });
});

describe('each refusal of register says what to do', () => {
  test.each([
    [133005, 'The PIN does not match the one set'],
    [133006, 'Verify the number again'],
    [133009, 'entered too quickly'],
    [133010, 'does not accept the number yet'],
    [133015, 'wait five minutes'],
    [133016, '72 hours'],
    [131031, 'whether the WABA is locked'],
  ])('%d', async (code, words) => {
    const desk = await whatsappDesk({ extra: IN_VARIABLES });
    desk.meta.inject({ operation: 'registerPhoneNumber', code });
    const { code: exit, error } = await desk.failure(...withoutToken());
    expect(exit).toBe(5);
    expect(error.hint).toContain(words);
    expect(error.graph.code).toBe(code);
    expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
  });
});

test('several numbers of a WABA: the first is the default', async () => {
  const desk = await whatsappDesk();
  await desk.json(...connect('1002'));
  await desk.json(...connect('1003'));
  const accounts = await desk.json('accounts', 'list', '--fields', 'account_key,is_default');
  expect(accounts).toEqual([
    { account_key: 'wa-1002', is_default: true },
    { account_key: 'wa-1003', is_default: false },
  ]);
});
