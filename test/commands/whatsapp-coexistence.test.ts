import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { run } from '../support/cli.ts';
import { connect, type SeedNumber, SUBSCRIBED, whatsappDesk } from '../support/whatsapp.ts';

function coexistence(number: Partial<SeedNumber> = {}, accounts: string[] = []) {
  const one = { id: '1001', verified_name: 'Alder Orders', registered: false };
  const numbers = [{ ...one, is_on_biz_app: true, ...number }];
  return whatsappDesk({ wabas: [{ ...SUBSCRIBED, id: '5000', numbers }], accounts });
}

const remember = ['accounts', 'update', 'wa-1001', '--config', 'is_on_biz_app=true'];

describe('a number that stays in the WhatsApp Business app', () => {
  test('is not registered by accounts create, which names --no-register', async () => {
    const desk = await coexistence();
    const { code, error } = await desk.failure(...connect());
    expect([code, error.kind]).toEqual([2, 'usage']);
    expect(error.message).toContain('WhatsApp Business app');
    expect(error.hint).toContain('--no-register');
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(await desk.json('accounts', 'list')).toEqual([]);
  });

  test('is remembered by accounts create --no-register', async () => {
    const desk = await coexistence();
    const { config } = await desk.json(...connect(), '--no-register');
    expect(config.is_on_biz_app).toBe(true);
    expect(desk.calls('registerPhoneNumber')).toEqual([]);
  });

  test('is remembered by signup with a code, which names the synchronization', async () => {
    const desk = await coexistence();
    const ids = ['--waba-id', '5000', '--phone-number-id', '1001'];
    const code = await signupCode(desk.meta, '1001');
    const done = await run(['whatsapp', 'signup', '--code', code, ...ids], desk.env);
    expect([done.code, desk.calls('registerPhoneNumber')]).toEqual([0, []]);
    expect(done.stderr).toMatch(/24 hours.*1001\/smb_app_data.*sync_type=history/s);
    const { config } = await desk.json('accounts', 'get', 'wa-1001');
    expect(config.is_on_biz_app).toBe(true);
  });

  test.each(['register', 'deregister'])('refuses to %s it without asking Meta', async (command) => {
    const desk = await coexistence({}, ['1001']);
    await desk.json(...remember);
    const { code, error } = await desk.failure('whatsapp', command, 'wa-1001');
    expect(code).toBe(2);
    expect(error.message).toContain('WhatsApp Business app');
    expect(error.hint).toContain(command === 'register' ? '--no-register' : 'on the phone');
    expect(error.hint).toContain('--unset is_on_biz_app');
    expect(desk.calls()).toEqual([]);
  });

  test.each(['yes', 'True', '1'])('is not registered if is_on_biz_app is %s', async (value) => {
    const desk = await whatsappDesk({ accounts: ['1001'] });
    await desk.json('accounts', 'update', 'wa-1001', '--config', `is_on_biz_app=${value}`);
    const { code } = await desk.failure('whatsapp', 'register', 'wa-1001');
    expect({ code, sent: desk.calls('registerPhoneNumber').length }).toEqual({ code: 2, sent: 0 });
  });

  test('is recognised before a registration even if the account does not say so', async () => {
    const desk = await coexistence({}, ['1001']);
    const { code, error } = await desk.failure('whatsapp', 'register', 'wa-1001');
    expect([code, desk.calls('registerPhoneNumber')]).toEqual([2, []]);
    expect(error.hint).toContain('whatsapp/wa-1001 --config is_on_biz_app=true');
    const deregister = await desk.failure('whatsapp', 'deregister', 'wa-1001', '--yes');
    expect(deregister.code).toBe(5);
    expect(deregister.error.hint).toContain('disconnect it there, on the phone');
  });

  test.each(['PENDING', 'DISCONNECTED', 'UNVERIFIED'])(
    'has no problem that advises to register it (%s)',
    async (status) => {
      const desk = await coexistence({ status }, ['1001']);
      await desk.json(...remember);
      const { stdout } = await run(['whatsapp', 'health', 'wa-1001', '--json'], desk.env);
      const { problems } = JSON.parse(stdout);
      expect(problems).toHaveLength(1);
      expect(problems[0].message).toContain('WhatsApp Business app');
      expect(JSON.stringify(problems)).not.toMatch(/register/i);
    },
  );

  test('has no registration step in a plan, from Meta or from its configuration', async () => {
    const desk = await coexistence({}, ['1001']);
    const path = join(desk.configDir, 'document.json');
    const account = { channel: 'whatsapp', account_key: 'wa-1001' };
    const plan = async (config: object) => {
      await writeFile(path, JSON.stringify({ version: 1, accounts: [{ ...account, config }] }));
      const { steps } = await desk.json('plan', '-f', path);
      return steps.filter(({ part }: { part: string }) => part === 'registration');
    };
    const ids = { phone_number_id: '1001', waba_id: '5000' };
    expect(await plan(ids)).toEqual([]);
    expect(await plan({ ...ids, is_on_biz_app: true })).toEqual([]);
    const { stdout } = await run(['export'], desk.env);
    expect(stdout).toContain('registered: false');
  });
});

test('mentions the WhatsApp Business app before it advises to register a number', async () => {
  const desk = await coexistence({}, ['1001']);
  const { stdout } = await run(['whatsapp', 'health', 'wa-1001', '--json'], desk.env);
  const [{ hint }] = JSON.parse(stdout).problems;
  expect(hint).toMatch(/WhatsApp Business app.*is_on_biz_app=true.*whatsapp register/);
});

test('reads a number without the field is_on_biz_app if Meta refuses it', async () => {
  const desk = await coexistence({ is_on_biz_app: false });
  desk.meta.inject({ operation: 'getPhoneNumber', code: 3, message: '(#3) No capability' });
  await desk.json(...connect(), '--config', 'pin=env:PIN');
  expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
});

describe('before a registration', () => {
  test.each([
    [{ code_verification_status: 'NOT_VERIFIED' }, 'Verify it by SMS or voice call'],
    [{ code_verification_status: 'UNVERIFIED' }, 'Verify it by SMS or voice call'],
    [{ name_status: 'EXPIRED' }, 'Request the display name again'],
    [{ name_status: 'NONE' }, 'Request the display name again'],
  ])('%j is reported instead of asking Meta', async (state, words) => {
    const desk = await coexistence({ is_on_biz_app: false, ...state });
    const { code, error } = await desk.failure(...connect());
    expect([code, desk.calls('registerPhoneNumber')]).toEqual([5, []]);
    expect(error.hint).toContain(words);
  });

  test.each([{ name_status: 'PENDING_REVIEW' }, { name_status: 'DECLINED' }])(
    '%j does not stand in the way',
    async (state) => {
      const desk = await coexistence({ is_on_biz_app: false, ...state });
      await desk.json(...connect(), '--config', 'pin=env:PIN');
      expect(desk.calls('registerPhoneNumber')).toHaveLength(1);
    },
  );

  test.each([
    ['in_use', 'registered to an existing WhatsApp account', 'disconnect the number'],
    ['two_step', 'ensure two-factor authentication is disabled', 'turn off two-step verification'],
    ['payment_method', "doesn't have a payment method", 'Add a payment method'],
  ] as const)("Meta's reason is shown if it refuses: %s", async (register_refusal, words, next) => {
    const desk = await coexistence({ is_on_biz_app: false, register_refusal });
    const { code, error } = await desk.failure(...connect());
    expect({ code, calls: desk.calls('registerPhoneNumber').length }).toEqual({
      code: 5,
      calls: 1,
    });
    expect(error.message).toContain(words);
    expect(error.hint).toContain(next);
    expect(`${error.message} ${error.hint}`).not.toMatch(/review/i);
  });

  test('an unverified number is stored by signup, with the commands that finish it', async () => {
    const number = { is_on_biz_app: false, code_verification_status: 'NOT_VERIFIED' };
    const desk = await coexistence(number);
    const code = await signupCode(desk.meta, '1001');
    const ids = ['--waba-id', '5000', '--phone-number-id', '1001'];
    const { code: exit, error } = await desk.failure('whatsapp', 'signup', '--code', code, ...ids);
    expect([exit, desk.calls('registerPhoneNumber')]).toEqual([5, []]);
    expect(error.hint).toMatch(/SMS or voice call.*whatsapp register whatsapp\/wa-1001/);
  });
});
