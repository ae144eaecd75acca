import { describe, expect, test } from 'vitest';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { run } from '../support/cli.ts';
import { PIN, TOKEN, WABA, type WhatsAppDesk, whatsappDesk } from '../support/whatsapp.ts';

async function signup({ meta }: Pick<WhatsAppDesk, 'meta'>, id = '1003'): Promise<string[]> {
  return ['whatsapp', 'signup', '--code', await signupCode(meta, id), ...idsOf(id)];
}

const idsOf = (id: string) => ['--waba-id', '5000', '--phone-number-id', id];

const desk = (options: Parameters<typeof whatsappDesk>[0] = {}) =>
  whatsappDesk({ wabas: [{ ...WABA, subscribed_apps: [] }], ...options });

describe('whatsapp signup --code', () => {
  test('exchanges the code, stores the account, subscribes and registers', async () => {
    const on = await desk();
    expect(await on.json(...(await signup(on)))).toEqual({
      success: true,
      account_key: 'wa-1003',
      display_name: 'Alder UK',
      waba_id: '5000',
      phone_number_id: '1003',
    });
    const names = on.names().filter((name) => name !== null);
    expect(names.slice(0, 3).sort()).toEqual([
      ...['exchangeSignupCode', 'getPhoneNumber', 'listPhoneNumbers'],
    ]);
    expect(names.slice(3)).toEqual([
      ...['listWabaSubscriptions', 'subscribeWaba', 'registerPhoneNumber'],
    ]);
    const { config } = await on.json('accounts', 'get', 'wa-1003', '--reveal');
    const [registered] = on.calls('registerPhoneNumber');
    expect(registered?.headers.authorization).toBe(`Bearer ${config.access_token}`);
    expect(on.bodyOf(registered).pin).toBe(config.pin);
    expect(config).toMatchObject({ phone_number_id: '1003', waba_id: '5000' });
    const health = await on.json('whatsapp', 'health', 'wa-1003');
    expect(health).toMatchObject({ healthy: true, subscribed_ok: true });
  });

  test('reads the code from stdin and the PIN from a variable', async () => {
    const on = await desk();
    const code = await signupCode(on.meta, '1001');
    const args = ['whatsapp', 'signup', '--code', '-', ...idsOf('1001'), '--pin', 'env:PIN'];
    const { code: exit, stderr } = await run(args, on.env, `${code}\n`);
    expect([exit, stderr]).toEqual([0, '']);
    expect(on.calls('registerPhoneNumber').map(on.bodyOf)).toMatchObject([{ pin: PIN }]);
  });

  test('--no-register does not register a number that stays in the WhatsApp Business app', async () => {
    const on = await desk();
    await on.json(...(await signup(on)), '--no-register');
    expect(on.calls('registerPhoneNumber')).toEqual([]);
    expect((await on.json('accounts', 'get', 'wa-1003')).config).not.toHaveProperty('pin');
  });

  test('renews only the token of an existing account', async () => {
    const on = await desk({ accounts: ['1002'] });
    const before = await on.json('accounts', 'get', 'wa-1002');
    await on.json(...(await signup(on, '1002')));
    const { CHANNELCTL_SECRET_WHATSAPP_WA_1002_ACCESS_TOKEN: _old, ...env } = on.env;
    const { stdout } = await run(['accounts', 'get', 'wa-1002', '--reveal', '--json'], env);
    const { config, updated_at, ...after } = JSON.parse(stdout);
    expect(config.access_token).not.toBe(TOKEN);
    expect(before).toMatchObject(after);
    expect(on.calls('registerPhoneNumber')).toEqual([]);
  });
});

describe('a step that fails', () => {
  test.each([
    ['subscribeWaba', 'whatsapp subscribe whatsapp/wa-1003, then channelctl whatsapp register'],
    ['registerPhoneNumber', 'To finish, run: channelctl whatsapp register whatsapp/wa-1003'],
  ])(
    '%s: stores the account and lists the commands that finish the sign-up',
    async (operation, words) => {
      const on = await desk();
      on.meta.inject({ operation, code: 100, message: '(#100) No' });
      const { code, stdout, error } = await on.failure(...(await signup(on)));
      expect([code, stdout]).toEqual([5, '']);
      expect(error.message).toContain('whatsapp/wa-1003 and its token are stored');
      expect(error.hint).toContain(words);
      await on.json('whatsapp', 'subscribe', 'wa-1003');
      await on.json('whatsapp', 'register', 'wa-1003');
      expect((await on.json('whatsapp', 'health', 'wa-1003')).healthy).toBe(true);
      const pins = on.calls('registerPhoneNumber').map((request) => on.bodyOf(request).pin);
      expect(new Set(pins).size).toBe(1);
    },
  );

  test('connects a number that cannot be read, without its name', async () => {
    const on = await desk();
    on.meta.inject({ operation: 'getPhoneNumber', code: 200, message: '(#200) No' });
    const args = await signup(on);
    const { code, stdout, stderr } = await run([...args, '--json'], on.env);
    expect([code, JSON.parse(stdout).display_name]).toEqual([0, null]);
    expect(JSON.parse(stderr).warning).toEqual({
      message: expect.stringContaining('(#200) No'),
      hint: 'Set it: channelctl accounts update whatsapp/wa-1003 --display-name …',
    });
    expect((await on.json('whatsapp', 'health', 'wa-1003')).healthy).toBe(true);
  });

  test('stores nothing for a used code', async () => {
    const on = await desk();
    const args = await signup(on);
    await on.json(...args);
    await on.json('accounts', 'delete', 'wa-1003', '--yes');
    const { code, error } = await on.failure(...args);
    expect([code, error.graph.subcode]).toEqual([5, 36009]);
    expect(await on.json('accounts', 'list')).toEqual([]);
  });
});

describe('a new PIN for an account that has one', () => {
  const withOldPin = async (id: string) => {
    const on = await desk({ accounts: [id], extra: { OLD: '111111', NEW: PIN, BAD: '999999' } });
    await on.json('accounts', 'update', `wa-${id}`, '--config', 'pin=env:OLD');
    const signUp = async (pin: string) =>
      run([...(await signup(on, id)), '--pin', pin, '--json'], on.env);
    const stored = async () =>
      (await on.json('accounts', 'get', `wa-${id}`, '--reveal')).config.pin;
    const sent = () => on.calls('registerPhoneNumber').map((call) => on.bodyOf(call).pin);
    return { ...on, signUp, stored, sent };
  };

  test('replaces the old PIN once Meta has accepted the new one', async () => {
    const { signUp, stored, sent } = await withOldPin('1001');
    expect((await signUp('env:NEW')).code).toBe(0);
    expect([await stored(), sent()]).toEqual([PIN, [PIN]]);
  });

  test('discards the new PIN if Meta rejects it', async () => {
    const { signUp, stored, sent, failure } = await withOldPin('1001');
    expect((await signUp('env:BAD')).code).toBe(5);
    expect(await stored()).toBe('111111');
    await failure('whatsapp', 'register', 'wa-1001');
    expect(sent()).toEqual(['999999', '111111']);
  });

  test('discards the new PIN, with a warning, if the number is already registered', async () => {
    const { signUp, stored, sent } = await withOldPin('1002');
    const { code, stderr } = await signUp('env:NEW');
    expect(code).toBe(0);
    expect(stderr).toContain(
      'The PIN was not sent to Meta, because the number is already registered.',
    );
    expect([await stored(), sent()]).toEqual(['111111', []]);
  });

  test('sends the new PIN again if it is unknown whether Meta has accepted it', async () => {
    const { signUp, stored, sent, json, meta } = await withOldPin('1001');
    meta.inject({ operation: 'registerPhoneNumber', cut: 'before' });
    expect((await signUp('env:NEW')).code).toBe(5);
    expect(await stored()).toBe('111111');
    await json('whatsapp', 'register', 'wa-1001');
    expect([await stored(), sent()]).toEqual([PIN, [PIN, PIN]]);
  });

  test('does not send the new PIN again if another one is stored in the meantime', async () => {
    const { signUp, sent, json, failure, meta } = await withOldPin('1001');
    meta.inject({ operation: 'registerPhoneNumber', code: 133016 });
    expect((await signUp('env:NEW')).code).toBe(5);
    await json('accounts', 'update', 'wa-1001', '--config', 'pin=env:BAD');
    await failure('whatsapp', 'register', 'wa-1001');
    expect(sent()).toEqual([PIN, '999999']);
  });

  test('deletes the new PIN with the account', async () => {
    const { signUp, json, state, meta } = await withOldPin('1001');
    meta.inject({ operation: 'registerPhoneNumber', cut: 'before' });
    await signUp('env:NEW');
    await json('accounts', 'delete', 'wa-1001', '--yes');
    expect(JSON.parse((await state()) ?? '')).not.toHaveProperty('pending');
  });
});

describe('invalid input, after which the code still works', () => {
  test.each([
    ['no options are passed', [], {}, 2],
    ['the WABA ID is missing', ['--code', 'AQcode', '--phone-number-id', '1003'], {}, 2],
    ['an ID is a path', ['--code', 'AQcode', '--waba-id', '..', '--phone-number-id', '1'], {}, 2],
    ['the PIN has five digits', ['--code', 'AQcode', ...idsOf('1003'), '--pin', '12345'], {}, 2],
    ['two options read stdin', ['--code', '-', ...idsOf('1003'), '--pin', '-'], {}, 2],
    ['secrets cannot be stored', ['--code', 'AQ', ...idsOf('1')], { CHANNELCTL_SECRETS: 'env' }, 8],
    [
      'the role is supervisor',
      ['--code', 'AQ', ...idsOf('1')],
      { CHANNELCTL_ROLE: 'supervisor' },
      4,
    ],
  ])('sends nothing if %s', async (_what, args, extra, exit) => {
    const on = await desk({ extra });
    const { code } = await on.failure('whatsapp', 'signup', ...args);
    expect([code, on.calls()]).toEqual([exit, []]);
  });

  test('sends nothing if the PIN in a variable is invalid', async () => {
    const on = await desk({ extra: { CHANNELCTL_SECRET_WHATSAPP_WA_1003_PIN: '98765' } });
    const { code, error } = await on.failure(...(await signup(on)));
    expect(code).toBe(2);
    expect(error.hint).toContain('CHANNELCTL_SECRET_WHATSAPP_WA_1003_PIN');
    expect(on.calls('exchangeSignupCode')).toEqual([]);
  });

  test('sends nothing if the integration has no app', async () => {
    const on = await desk({ appId: false });
    const { code, error } = await on.failure(...(await signup(on)));
    expect(code).toBe(2);
    expect(error.hint).toContain('integrations set whatsapp --config app_id=…');
    expect(error.message).not.toContain('config_id');
    expect(on.calls('exchangeSignupCode')).toEqual([]);
  });
});
