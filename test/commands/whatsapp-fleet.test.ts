import { describe, expect, test } from 'vitest';
import type { Health } from '../../src/channels/whatsapp/number-health.ts';
import type { Fault } from '../../src/sandbox/http/faults.ts';
import { run } from '../support/cli.ts';
import {
  APP_SECRET,
  type SeedNumber,
  type SeedWaba,
  SUBSCRIBED,
  TOKEN,
  type WhatsAppDesk,
  whatsappDesk,
} from '../support/whatsapp.ts';

const FLEET_CHECKS = [['whatsapp', 'health', '--all'], ['accounts', 'check', '--all'], ['status']];

function numbersOf(count: number, more: (index: number) => Partial<SeedNumber> = () => ({})) {
  return Array.from({ length: count }, (_, index) => ({ id: `${1000 + index}`, ...more(index) }));
}

function waba(numbers: SeedNumber[], more: Partial<SeedWaba> = {}): SeedWaba {
  return { ...SUBSCRIBED, id: '5000', name: 'Alder Trading', numbers, ...more };
}

function fleetDesk(
  wabas: SeedWaba[],
  more: Omit<Parameters<typeof whatsappDesk>[0], 'wabas'> = {},
) {
  const accounts = wabas.flatMap(({ numbers = [] }) => numbers.map(({ id }) => id));
  return whatsappDesk({ wabas, accounts, ...more });
}

async function check(desk: WhatsAppDesk, ...args: string[]) {
  const { code, stdout } = await run([...args, '--json'], desk.env);
  return { code, result: JSON.parse(stdout) };
}

async function checkAll(desk: WhatsAppDesk): Promise<Health[]> {
  return (await check(desk, 'whatsapp', 'health', '--all')).result;
}

/** Counts HTTP requests, and calls as Meta counts them: each call of a batch counts as one. */
function counted(desk: WhatsAppDesk) {
  const requests = desk.calls().filter(({ is_in_batch }) => !is_in_batch);
  return {
    requests: requests.length,
    calls: desk.calls().filter(({ operation }) => operation !== 'sendBatch').length,
  };
}

function batchSizes(desk: WhatsAppDesk): number[] {
  return desk.calls('sendBatch').map(({ body }) => {
    return JSON.parse(new URLSearchParams(body).get('batch') ?? '[]').length;
  });
}

describe('the health of 500 numbers on 50 WABAs', () => {
  const tokenOf = (index: number) => `EAAtoken-of-the-waba-${index}`;
  const wabas = Array.from({ length: 50 }, (_, index) => ({
    ...waba(numbersOf(10).map(({ id }) => ({ id: `${index + 1}${id}` }))),
    id: `${5000 + index}`,
    business_token: tokenOf(index),
  }));
  const extra = Object.fromEntries(
    wabas.flatMap(({ numbers = [], business_token }) =>
      numbers.map(({ id }) => [`CHANNELCTL_SECRET_WHATSAPP_WA_${id}_ACCESS_TOKEN`, business_token]),
    ),
  );

  test.each(FLEET_CHECKS)('takes %s at most 210 requests and 260 calls', async (...args) => {
    const desk = await fleetDesk(wabas, { extra });
    const { code, result } = await check(desk, ...args);
    expect([code, result.length]).toEqual([0, 500]);
    expect(result.every(({ healthy }: Health) => healthy)).toBe(true);
    const { requests, calls } = counted(desk);
    // Three per WABA, one for the app, and one per token.
    expect([requests, calls]).toEqual([201, 201]);
    expect(desk.calls('getPhoneNumber')).toEqual([]);
  });
});

describe('the numbers of a WABA', () => {
  test('are read from every page of its list', async () => {
    const desk = await fleetDesk([waba(numbersOf(230))]);
    const found = await checkAll(desk);
    expect(found.map(({ phone_number }) => phone_number?.id)).toEqual(
      numbersOf(230).map(({ id }) => id),
    );
    expect(desk.calls('listPhoneNumbers').map(({ query }) => query.limit)).toEqual(
      Array(3).fill('100'),
    );
  });

  test('are read in smaller pages if Meta asks for less data', async () => {
    const desk = await fleetDesk([waba(numbersOf(40))]);
    const message = 'Please reduce the amount of data you are asking for, then retry your request';
    desk.meta.inject({ operation: 'listPhoneNumbers', status: 500, code: 1, message });
    expect((await checkAll(desk)).every(({ healthy }) => healthy)).toBe(true);
    expect(desk.calls('listPhoneNumbers').map(({ query }) => query.limit)).toEqual([
      ...['100', '25', '25'],
    ]);
    expect(desk.calls('getPhoneNumber')).toEqual([]);
  });

  test('are read individually if they are not connected or their entry is incomplete', async () => {
    const numbers = numbersOf(130, (index) => {
      if (index < 60) return { status: 'PENDING' };
      if (index < 70) return { listed_status: null };
      return index < 75 ? { listed_status: 'LINKED' } : {};
    });
    const desk = await fleetDesk([waba(numbers)]);
    const found = await checkAll(desk);
    expect(batchSizes(desk)).toEqual([50, 25]);
    expect(desk.calls('getPhoneNumber').every(({ is_in_batch }) => is_in_batch)).toBe(true);
    expect(found.map(({ phone_number }) => phone_number?.status)).toEqual(
      numbers.map(({ status }) => status ?? 'CONNECTED'),
    );
    expect(found.map(({ healthy }) => healthy)).toEqual(numbers.map(({ status }) => !status));
    // Two pages of the list, the WABA, its subscriptions, the app, the token and two batches.
    expect(counted(desk)).toEqual({ requests: 8, calls: 6 + 75 });
  });

  test('are read with the token in a header and a proof for each call', async () => {
    const desk = await fleetDesk([waba(numbersOf(3, () => ({ status: 'PENDING' })))]);
    await checkAll(desk);
    const [batch] = desk.calls('sendBatch');
    expect(batch?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(JSON.stringify([batch?.path, batch?.query, batch?.body])).not.toContain(TOKEN);
    const calls = desk.calls('getPhoneNumber');
    expect(calls.map(({ query }) => query.appsecret_proof)).toEqual(
      Array(3).fill(expect.stringMatching(/^[0-9a-f]{64}$/)),
    );
    expect(JSON.stringify(batch?.body)).not.toContain(APP_SECRET);
  });

  test('are read one by one if Meta refuses batch requests', async () => {
    const numbers = numbersOf(4, (index) => (index < 3 ? { status: 'PENDING' } : {}));
    const desk = await fleetDesk([waba(numbers)]);
    desk.meta.inject({ operation: 'sendBatch', times: 9, code: 3, message: '(#3) No capability' });
    const found = await checkAll(desk);
    expect(found.map(({ healthy }) => healthy)).toEqual([false, false, false, true]);
    expect(found.map(({ phone_number }) => phone_number?.status)).toEqual([
      ...['PENDING', 'PENDING', 'PENDING', 'CONNECTED'],
    ]);
    expect(desk.calls('sendBatch')).toHaveLength(1);
    expect(desk.calls('getPhoneNumber')).toHaveLength(3);
  });

  test('are requested again if a call of a batch times out', async () => {
    const desk = await fleetDesk([waba(numbersOf(3, () => ({ listed_status: null })))]);
    desk.meta.inject({ operation: 'getPhoneNumber', after: 1, cut: 'before' });
    desk.meta.inject({ operation: 'getPhoneNumber', after: 1, code: 2 });
    const found = await checkAll(desk);
    expect(found.map(({ healthy }) => healthy)).toEqual([true, true, true]);
    expect(batchSizes(desk)).toEqual([3, 2]);
  });

  test('each have the error of their own call', async () => {
    const desk = await fleetDesk([waba(numbersOf(3, () => ({ listed_status: null })))]);
    const error = { message: `Not with access_token=${TOKEN}`, code: 100, error_subcode: 33 };
    desk.meta.inject({ operation: 'getPhoneNumber', after: 1, status: 400, body: { error } });
    const found = await checkAll(desk);
    expect(found.map(({ healthy }) => healthy)).toEqual([true, false, true]);
    const [problem] = found[1]?.problems ?? [];
    expect(problem).toMatchObject({
      part: 'phone_number',
      message: expect.stringContaining('Could not read the phone number.'),
      graph: { status: 400, code: 100, subcode: 33 },
    });
    expect(JSON.stringify(problem)).not.toContain(TOKEN);
    expect(found[1]).toMatchObject({
      phone_number: null,
      waba: { id: '5000' },
      subscribed_ok: true,
    });
  });

  test.each<[string, Fault]>([
    ['Meta refuses it', { code: 10, message: '(#10) No' }],
    ['the ID is wrong', { code: 100, subcode: 33 }],
    ['the server is down', { times: 4, status: 503 }],
    ['it is not JSON', { html: true }],
  ])('are read individually if their list cannot be read: %s', async (_what, fault) => {
    const desk = await fleetDesk([waba(numbersOf(4))]);
    desk.meta.inject({ operation: 'listPhoneNumbers', ...fault });
    const found = await checkAll(desk);
    expect(found.map(({ healthy }) => healthy)).toEqual(Array(4).fill(true));
    expect(batchSizes(desk)).toEqual([4]);
  });

  test('are not read individually if a rate limit prevents their list', async () => {
    const desk = await fleetDesk([waba(numbersOf(4))]);
    desk.meta.inject({ operation: 'listPhoneNumbers', code: 80008 });
    const found = await checkAll(desk);
    const graph = expect.objectContaining({ code: 80008 });
    expect(found.map(({ problems }) => problems)).toEqual(
      Array(4).fill([expect.objectContaining({ part: 'phone_number', graph })]),
    );
    expect(desk.calls('getPhoneNumber')).toEqual([]);
  });

  test('are read from their list without a field that Meta refuses', async () => {
    const removed_fields = ['whatsapp_business_manager_messaging_limit'];
    const desk = await fleetDesk([waba(numbersOf(4))], { whatsapp: { removed_fields } });
    expect((await checkAll(desk)).every(({ healthy }) => healthy)).toBe(true);
    expect([desk.calls('listPhoneNumbers').length, batchSizes(desk)]).toEqual([2, []]);
  });

  test('are read individually if their list lacks their webhook URLs', async () => {
    const elsewhere = 'https://elsewhere.example/hook';
    const numbers = numbersOf(3, (index) => (index === 1 ? { webhook_override: elsewhere } : {}));
    const extra = { CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.example.com/hooks' };
    const desk = await fleetDesk([waba(numbers)], { extra });
    const found = await checkAll(desk);
    expect(found.map(({ healthy }) => healthy)).toEqual([true, false, true]);
    expect(batchSizes(desk)).toEqual([]);
    const message = '(#100) Tried accessing nonexisting field (webhook_configuration)';
    desk.meta.inject({ operation: 'listPhoneNumbers', code: 100, message });
    expect(await checkAll(desk)).toEqual(found);
    expect(batchSizes(desk)).toEqual([3]);
    desk.meta.inject({ operation: 'listPhoneNumbers', code: 100, message });
    desk.meta.inject({ operation: 'getPhoneNumber', code: 100, message, times: 3 });
    const without = await checkAll(desk);
    expect(without.map(({ healthy }) => healthy)).toEqual([true, true, true]);
  });
});

test('each token of a WABA is tried, so that an invalid one is reported', async () => {
  const desk = await fleetDesk([waba(numbersOf(3))]);
  const spoiled = { CHANNELCTL_SECRET_WHATSAPP_WA_1002_ACCESS_TOKEN: 'EAAwithdrawn' };
  const env = { ...desk.env, ...spoiled };
  for (const args of FLEET_CHECKS) {
    const { code, result } = await check({ ...desk, env }, ...args);
    expect([code, ...result.map(({ healthy }: Health) => healthy)]).toEqual([6, true, true, false]);
    const { problems } = result[2];
    expect(problems.map(({ graph }: Health['problems'][number]) => graph?.code)).toContain(190);
  }
});

test('a WABA is not read with every token if a rate limit prevents it', async () => {
  const extra = Object.fromEntries(
    numbersOf(4).map(({ id }) => [`CHANNELCTL_SECRET_WHATSAPP_WA_${id}_ACCESS_TOKEN`, `EAA${id}`]),
  );
  const desk = await fleetDesk([waba(numbersOf(4))], { extra });
  for (const operation of ['getWaba', 'listWabaSubscriptions']) {
    desk.meta.inject({ operation, code: 80008, times: 4 });
  }
  await checkAll(desk);
  expect(desk.calls('getWaba')).toHaveLength(1);
  expect(desk.calls('listWabaSubscriptions')).toHaveLength(1);
});

test('a single number is read directly, in one round trip', async () => {
  const desk = await fleetDesk([waba(numbersOf(3, () => ({ status: 'PENDING' })))]);
  for (const args of [
    ['whatsapp', 'health', 'wa-1001'],
    ['accounts', 'check', 'wa-1001'],
  ]) {
    const before = desk.calls().length;
    await check(desk, ...args);
    const names = desk.calls().slice(before);
    expect(names.map(({ operation }) => operation).sort()).toEqual([
      ...['debugToken', 'getPhoneNumber', 'getWaba', 'listAppSubscriptions'],
      ...['listPhoneNumbers', 'listWabaSubscriptions'],
    ]);
  }
});

describe('a single check and a check of all accounts agree on a number', () => {
  const elsewhere = 'https://elsewhere.example/hook';
  const health_status = { can_send_message: 'BLOCKED', entities: [] };
  const numbers: SeedNumber[] = [
    { id: '1001' },
    { id: '1002', status: 'PENDING' },
    { id: '1003', registered: false },
    { id: '1004', status: 'FLAGGED', quality_rating: 'RED' },
    { id: '1005', listed_status: 'LINKED' },
    { id: '1006', listed_status: null, quality_rating: 'YELLOW' },
    { id: '1007', webhook_override: elsewhere },
    { id: '1008', health_status },
    { id: '1009', name_status: 'DECLINED', code_verification_status: 'EXPIRED' },
    { id: '1010', sip_error: true },
    { id: '1011', is_on_biz_app: true, status: 'DISCONNECTED' },
  ];

  test('by every command', async () => {
    const extra = { CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.example.com/hooks' };
    const desk = await fleetDesk([waba(numbers)], { extra });
    const [healths, checks, statuses] = await Promise.all(
      FLEET_CHECKS.map(async (args) => (await check(desk, ...args)).result),
    );
    for (const [index, { id }] of numbers.entries()) {
      const account = `wa-${id}`;
      const health = await check(desk, 'whatsapp', 'health', account);
      const single = await check(desk, 'accounts', 'check', account);
      expect(healths[index]).toEqual(health.result);
      expect(checks[index]).toEqual(single.result);
      const { problems, healthy } = health.result;
      for (const one of [checks[index], statuses[index]]) {
        expect(one).toMatchObject({ problems, healthy });
      }
    }
  });

  test('if it belongs to another WABA', async () => {
    const other = waba([{ id: '2001' }], { id: '6000' });
    const desk = await fleetDesk([waba(numbersOf(2)), other]);
    await desk.json('accounts', 'update', 'wa-2001', '--config', 'waba_id=5000');
    const found = await checkAll(desk);
    expect(found.map(({ healthy }) => healthy)).toEqual([true, true, false]);
    expect(found[2]).toEqual((await check(desk, 'whatsapp', 'health', 'wa-2001')).result);
  });
});
