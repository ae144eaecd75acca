import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { get, sandbox, send, stoppedClock } from './support.ts';
import { register, SEED, TOKEN } from './whatsapp-support.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const statusOf = async (on: Sandbox, id: string) =>
  (await get(on, `/${id}`, TOKEN, { fields: 'status' })).body.status;

describe('a phone number', () => {
  it('returns the requested fields and its ID, and nothing else', async () => {
    const on = await sandbox(SEED);
    const { body } = await get(on, '/13', TOKEN, { fields: 'quality_rating,status' });
    expect(body).toEqual({ id: '13', quality_rating: 'RED', status: 'CONNECTED' });
  });

  it('returns four fields by default', async () => {
    const on = await sandbox(SEED);
    expect((await get(on, '/11', TOKEN)).body).toEqual({
      id: '11',
      display_phone_number: '+1 631-555-0110',
      verified_name: 'Alder WABA',
      quality_rating: 'GREEN',
    });
  });

  it('rejects an unknown field with error 100', async () => {
    const on = await sandbox(SEED);
    const { status, body } = await get(on, '/11', TOKEN, { fields: 'id,shoe_size' });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100 });
    expect(body.error?.message).toContain('shoe_size');
  });

  it('is PENDING and cannot send messages until it is registered, then CONNECTED', async () => {
    const on = await sandbox(SEED);
    const fields = 'status,platform_type,health_status';
    const [waiting, working] = await Promise.all(
      ['11', '13'].map(async (id) => (await get(on, `/${id}`, TOKEN, { fields })).body),
    );
    expect(waiting).toMatchObject({
      status: 'PENDING',
      platform_type: 'NOT_APPLICABLE',
      health_status: { can_send_message: 'BLOCKED' },
    });
    expect(working).toMatchObject({
      status: 'CONNECTED',
      platform_type: 'CLOUD_API',
      health_status: { can_send_message: 'AVAILABLE' },
    });
  });

  it('returns the status and health of the seed, including unknown values', async () => {
    const health_status = {
      can_send_message: 'LIMITED',
      entities: [{ entity_type: 'PHONE_NUMBER' }],
    };
    const numbers = [{ id: '11', status: 'HIBERNATING', health_status }];
    const on = await sandbox(JSON.stringify({ whatsapp: { wabas: [{ id: '10', numbers }] } }));
    const { business_token } = on.description;
    const { body } = await get(on, '/11', business_token, { fields: 'status,health_status' });
    expect(body).toEqual({ id: '11', status: 'HIBERNATING', health_status });
  });
});

describe('registering a number', () => {
  it('accepts the current PIN, connects the number and can be repeated', async () => {
    const on = await sandbox(SEED);
    expect((await register(on, '11', '111111')).body).toEqual({ success: true });
    expect(await statusOf(on, '11')).toBe('CONNECTED');
    expect((await register(on, '11', '111111')).body).toEqual({ success: true });
  });

  it('accepts the optional parameters in Meta’s OpenAPI description, and nothing else', async () => {
    const on = await sandbox(SEED);
    const call = (more: object) =>
      send(on, 'POST', '/11/register', TOKEN, {
        ...{ messaging_product: 'whatsapp', pin: '111111' },
        ...more,
      });
    const known = {
      data_localization_region: 'DE',
      backup: { password: 'p', data: 'd' },
      tier: 'PROD',
      meta_store_retention_minutes: 60,
    };
    expect((await call(known)).body).toEqual({ success: true });
    for (const unknown of [{ data_localization_region: 'XX' }, { colour: 'red' }]) {
      expect((await call(unknown)).body.error?.code).toBe(100);
    }
  });

  it('sets the PIN if two-step verification is off', async () => {
    const on = await sandbox(SEED);
    expect((await register(on, '12', '987654')).status).toBe(200);
    expect((await register(on, '12', '111111')).body.error?.code).toBe(133005);
    expect((await register(on, '12', '987654')).status).toBe(200);
  });

  it.each([
    ['an incorrect PIN', '11', '333333', 133005],
    ['a number that must be verified again', '14', '111111', 133006],
    ['a number that was deleted recently', '15', '111111', 133015],
  ])('rejects %s, and leaves it unregistered', async (_, id, pin, code) => {
    const on = await sandbox(SEED);
    const { status, body } = await register(on, id, pin);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code, type: 'OAuthException' });
    expect(await statusOf(on, id)).toBe('PENDING');
  });

  it('rejects a locked WABA with 131031', async () => {
    const on = await sandbox(SEED);
    const { status, body } = await register(on, '31', '111111');
    expect(status).toBe(403);
    expect(body.error?.code).toBe(131031);
  });

  it.each(['12345', '1234567', '12a456', ''])('rejects "%s", which is not a PIN', async (pin) => {
    const on = await sandbox(SEED);
    const { body } = await register(on, '12', pin);
    expect(body.error).toMatchObject({ code: 100 });
    expect(body.error?.message).toContain('exactly 6 digits');
  });

  it('rejects a PIN that is a number, and a request without messaging_product', async () => {
    const on = await sandbox(SEED);
    const call = (body: unknown) => send(on, 'POST', '/12/register', TOKEN, body);
    for (const body of [{ messaging_product: 'whatsapp', pin: 123456 }, { pin: '123456' }]) {
      expect((await call(body)).body.error?.code).toBe(100);
    }
  });

  it('accepts a deleted number after five minutes', async () => {
    const clock = stoppedClock();
    const on = await sandbox(SEED, clock.now);
    clock.pass(5 * MINUTE);
    expect((await register(on, '15', '111111')).status).toBe(200);
  });

  it('rejects every PIN for five minutes after three incorrect ones: 133009', async () => {
    const clock = stoppedClock();
    const on = await sandbox(SEED, clock.now);
    for (const pin of ['000001', '000002', '000003']) {
      expect((await register(on, '11', pin)).body.error?.code).toBe(133005);
    }
    expect((await register(on, '11', '111111')).body.error?.code).toBe(133009);
    clock.pass(5 * MINUTE);
    expect((await register(on, '11', '111111')).status).toBe(200);
  });

  it('is blocked for 72 hours by the eleventh call in 72 hours: 133016', async () => {
    const clock = stoppedClock();
    const on = await sandbox(SEED, clock.now);
    for (let calls = 0; calls < 10; calls += 1) {
      expect((await register(on, '12', '111111')).status).toBe(200);
      clock.pass(HOUR);
    }
    expect((await register(on, '12', '111111')).body.error?.code).toBe(133016);
    clock.pass(72 * HOUR - 1);
    expect((await register(on, '12', '111111')).body.error?.code).toBe(133016);
    clock.pass(1);
    expect((await register(on, '12', '111111')).status).toBe(200);
  });

  it('counts failed calls, and the earlier calls of the seed', async () => {
    const on = await sandbox(SEED);
    expect((await register(on, '16', '333333')).body.error?.code).toBe(133005);
    expect((await register(on, '16', '111111')).body.error?.code).toBe(133016);
    expect((await register(on, '11', '111111')).status).toBe(200);
  });
});

describe('deregistering a number', () => {
  const deregister = (on: Sandbox, id: string) => send(on, 'POST', `/${id}/deregister`, TOKEN, {});

  it('disconnects it, once', async () => {
    const on = await sandbox(SEED);
    expect((await deregister(on, '13')).body).toEqual({ success: true });
    expect(await statusOf(on, '13')).toBe('DISCONNECTED');
    const { status, body } = await deregister(on, '13');
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100, error_subcode: 2207051 });
  });

  it('does not change two-step verification', async () => {
    const on = await sandbox(SEED);
    await deregister(on, '13');
    expect((await register(on, '13', '111111')).body.error?.code).toBe(133005);
    expect((await register(on, '13', '222222')).status).toBe(200);
  });
});

describe('the two-step verification PIN', () => {
  const setPin = (on: Sandbox, id: string, pin: string) =>
    send(on, 'POST', `/${id}`, TOKEN, { pin });

  it('is required to register the number once it is set', async () => {
    const on = await sandbox(SEED);
    expect((await setPin(on, '13', '654321')).body).toEqual({ success: true });
    expect((await register(on, '13', '222222')).body.error?.code).toBe(133005);
    expect((await register(on, '13', '654321')).status).toBe(200);
  });

  it('cannot be turned off with the API', async () => {
    const on = await sandbox(SEED);
    const enabled = async () =>
      (await get(on, '/13', TOKEN, { fields: 'is_pin_enabled' })).body.is_pin_enabled;
    expect(await enabled()).toBe(true);
    expect((await setPin(on, '13', '')).body.error?.code).toBe(100);
    expect(await enabled()).toBe(true);
  });

  it.each([
    ['a locked WABA', '31', '654321', 131031],
    ['an invalid PIN', '13', '12345', 100],
  ])('is rejected for %s', async (_, id, pin, code) => {
    const on = await sandbox(SEED);
    expect((await setPin(on, id, pin)).body.error?.code).toBe(code);
  });

  it('is rejected for a number that is not registered, as in Meta’s OpenAPI description', async () => {
    const on = await sandbox(SEED);
    const { status, body } = await setPin(on, '12', '654321');
    expect(status).toBe(422);
    expect(body.error).toMatchObject({ code: 100, type: 'GraphMethodException' });
  });
});

describe('the default seed', () => {
  it('has a number that can be registered with the printed PIN', async () => {
    const on = await sandbox('{}');
    const { waba_id, phone_number_id, business_token, pin } = on.description;
    const { body } = await get(on, `/${waba_id}/phone_numbers`, business_token, {
      fields: 'status',
    });
    expect(body.data).toEqual([
      { id: phone_number_id, status: 'PENDING' },
      { id: expect.any(String), status: 'CONNECTED' },
      { id: expect.any(String), status: 'PENDING' },
    ]);
    const answer = await send(on, 'POST', `/${phone_number_id}/register`, business_token, {
      messaging_product: 'whatsapp',
      pin,
    });
    expect(answer.body).toEqual({ success: true });
  });
});
