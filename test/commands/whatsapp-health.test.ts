import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Problem } from '../../src/shared/problem.ts';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { run } from '../support/cli.ts';
import {
  APP_ID,
  oneNumber,
  type SeedNumber,
  type SeedWaba,
  SUBSCRIBED,
  whatsappDesk,
} from '../support/whatsapp.ts';

interface Health {
  phone_number_id: string;
  healthy: boolean;
  problems: Problem[];
  [field: string]: unknown;
}

async function check(env: Record<string, string>, ...what: string[]) {
  const { code, stdout, stderr } = await run(['whatsapp', 'health', ...what, '--json'], env);
  expect(stderr).not.toContain('"error"');
  return { code, stderr, result: JSON.parse(stdout) };
}

const shortly = ({ part, severity, message }: Problem) => [part, severity, message];

describe('whatsapp health of one number', () => {
  test('returns exactly the documented result, with one call per part', async () => {
    const { env, json, names } = await oneNumber();
    const [account] = await json('accounts', 'list');
    const { code, stderr, result } = await check(env, 'wa-1001');
    expect([code, stderr]).toEqual([0, '']);
    expect(result).toEqual({
      account_id: account.id,
      display_name: 'Number 1001',
      phone_number_id: '1001',
      waba_id: '5000',
      healthy: true,
      phone_number: expect.objectContaining({
        id: '1001',
        verified_name: 'Alder Orders',
        status: 'CONNECTED',
        quality_rating: 'GREEN',
        name_status: 'APPROVED',
        code_verification_status: 'VERIFIED',
        messaging_limit_tier: null,
        whatsapp_business_manager_messaging_limit: 'TIER_2K',
        throughput: { level: 'STANDARD' },
        health_status: expect.objectContaining({ can_send_message: 'AVAILABLE' }),
      }),
      waba: expect.objectContaining({
        id: '5000',
        name: 'Alder Trading',
        currency: 'USD',
        account_review_status: 'APPROVED',
        business_verification_status: 'verified',
      }),
      subscribed_apps: [
        {
          id: APP_ID,
          name: 'Small Desk',
          link: expect.stringContaining(APP_ID),
          override_callback_uri: null,
        },
      ],
      subscribed_ok: true,
      problems: [],
    });
    expect(names().sort()).toEqual([
      ...['debugToken', 'getPhoneNumber', 'getWaba', 'listAppSubscriptions'],
      ...['listPhoneNumbers', 'listWabaSubscriptions'],
    ]);
  });

  test.each([
    ['getPhoneNumber', 'phone_number'],
    ['getWaba', 'waba'],
    ['listWabaSubscriptions', 'subscribed_apps'],
  ])('sets only the part of %s to null if that call fails', async (operation, part) => {
    const { env, meta } = await oneNumber();
    meta.inject({ operation, code: 10, message: '(#10) No permission for this' });
    const { code, result } = await check(env, 'wa-1001');
    expect(code).toBe(6);
    expect(result.healthy).toBe(false);
    const parts = ['phone_number', 'waba', 'subscribed_apps'];
    expect(parts.filter((name) => result[name] === null)).toEqual([part]);
    expect(result.subscribed_ok).toBe(part === 'subscribed_apps' ? null : true);
    expect(result.problems).toEqual([
      {
        part,
        severity: 'error',
        message: expect.stringContaining('(#10) No permission for this'),
        hint: expect.stringContaining('whatsapp_business_management'),
        graph: expect.objectContaining({ code: 10, status: 403 }),
      },
    ]);
  });

  test('is unhealthy with three problems if Meta is unreachable', async () => {
    const { env } = await oneNumber();
    const away = { ...env, CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:9' };
    const { code, result } = await check(away, 'wa-1001');
    expect(code).toBe(6);
    expect(result.problems).toHaveLength(3);
    expect([result.phone_number, result.waba, result.subscribed_apps]).toEqual([null, null, null]);
  }, 60_000);

  test('is unhealthy if the app is not subscribed', async () => {
    const { env } = await oneNumber({}, { subscribed_apps: [{ id: '999', name: 'Another' }] });
    const { code, result } = await check(env, 'wa-1001');
    expect([code, result.healthy, result.subscribed_ok]).toEqual([6, false, false]);
    expect(result.problems[0].message).toContain('App 700 is not subscribed');
    expect(result.problems[0].hint).toContain('channelctl whatsapp subscribe whatsapp/wa-1001');
  });

  test('accepts any subscribed app, with a warning, if the app ID is not set', async () => {
    const numbers = [{ id: '1001' }];
    const wabas = [{ id: '5000', subscribed_apps: [{ id: '999' }], numbers }];
    const { env } = await whatsappDesk({ wabas, accounts: ['1001'], appId: false });
    const { code, result } = await check(env, 'wa-1001');
    expect([code, result.healthy, result.subscribed_ok]).toEqual([0, true, true]);
    expect(result.problems.map(shortly)).toEqual([
      ['subscribed_apps', 'warning', expect.stringContaining('app ID is not set')],
    ]);
  });

  test('warns about the missing app ID even if the subscriptions cannot be read', async () => {
    const { env, meta } = await whatsappDesk({ accounts: ['1002'], appId: false });
    meta.inject({ operation: 'listWabaSubscriptions', code: 100 });
    const { result } = await check(env, 'wa-1002');
    expect(result.problems.map(({ part, severity }: Problem) => [part, severity])).toEqual([
      ['subscribed_apps', 'error'],
      ['subscribed_apps', 'warning'],
    ]);
  });

  test.each([
    ['https://desk.example.com/hooks/whatsapp/wa-1001', 0, []],
    ['https://desk.example.com/hooks/all', 0, ['warning']],
    ['https://old.example.com/hooks', 6, ['error']],
  ])('checks webhooks that go to %s', async (override_callback_uri, exit, severities) => {
    const apps = [{ id: APP_ID, override_callback_uri }];
    const { env } = await oneNumber({}, { subscribed_apps: apps });
    const base = { CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.example.com/hooks/' };
    const { code, result } = await check({ ...env, ...base }, 'wa-1001');
    expect(code).toBe(exit);
    expect(result.subscribed_apps[0].override_callback_uri).toBe(override_callback_uri);
    expect(result.problems.map(({ severity }: Problem) => severity)).toEqual(severities);
  });

  test('requires the admin role and an existing account', async () => {
    const { env, failure, names } = await oneNumber();
    const supervisor = { ...env, CHANNELCTL_ROLE: 'supervisor' };
    const { code } = await run(['whatsapp', 'health', 'wa-1001'], supervisor);
    expect(code).toBe(4);
    expect((await failure('whatsapp', 'health', 'wa-1002')).code).toBe(3);
    expect(names()).toEqual([]);
  });
});

/** The seed of a number in a Graph API version that has only the old field. */
const OLD_LIMIT = { whatsapp_business_manager_messaging_limit: null };

test('assigns a severity to every value from Meta, including unknown ones', async () => {
  const numbers: [Partial<SeedNumber>, 'error' | 'warning' | null][] = [
    ...['PENDING', 'DISCONNECTED', 'FLAGGED', 'RESTRICTED', 'RATE_LIMITED', 'BANNED'].map(
      (status): [Partial<SeedNumber>, 'error'] => [{ status }, 'error'],
    ),
    [{ status: 'UNLINKED' }, 'error'],
    [{ status: 'LINKED' }, null],
    [{ status: 'HIBERNATING' }, 'warning'],
    [{ quality_rating: 'RED' }, 'error'],
    [{ quality_rating: 'YELLOW' }, 'warning'],
    [{ quality_rating: 'NA' }, null],
    [{ quality_rating: 'UNKNOWN' }, null],
    [{ quality_rating: 'ULTRAVIOLET' }, 'warning'],
    [{ name_status: 'DECLINED' }, 'warning'],
    [{ name_status: 'PENDING_REVIEW' }, 'warning'],
    [{ name_status: 'AVAILABLE_WITHOUT_REVIEW' }, null],
    [{ name_status: 'WHISPERED' }, 'warning'],
    [{ code_verification_status: 'NOT_VERIFIED' }, 'warning'],
    [{ code_verification_status: 'EXPIRED' }, 'warning'],
    [{ whatsapp_business_manager_messaging_limit: 'UNTIERED' }, null],
    [{ whatsapp_business_manager_messaging_limit: 'STRATOSPHERE' }, 'warning'],
    [{ messaging_limit_tier: 'STRATOSPHERE' }, null],
    [{ messaging_limit_tier: 'TIER_UNLIMITED', ...OLD_LIMIT }, null],
    [{ messaging_limit_tier: 'STRATOSPHERE', ...OLD_LIMIT }, 'warning'],
    [{ sip_error: true }, 'warning'],
    [{ health_status: { can_send_message: 'BLOCKED' } }, 'error'],
    [{ health_status: { can_send_message: 'LIMITED' } }, 'warning'],
    [{ health_status: { can_send_message: 'SOMEHOW' } }, 'warning'],
  ];
  const wabas: [Partial<SeedWaba>, 'error' | 'warning' | null][] = [
    [{ account_review_status: 'REJECTED' }, 'error'],
    [{ account_review_status: 'PENDING' }, 'warning'],
    [{ account_review_status: 'PONDERING' }, 'warning'],
    [{ business_verification_status: 'verified' }, null],
    [{ business_verification_status: 'not_verified' }, 'warning'],
    [{ business_verification_status: 'expired' }, 'warning'],
    [{ business_verification_status: 'pending' }, 'warning'],
    [{ business_verification_status: 'astonished' }, 'warning'],
    [{ health_status: { can_send_message: 'BLOCKED' } }, 'error'],
  ];
  const one = {
    ...SUBSCRIBED,
    id: '5000',
    numbers: numbers.map(([number], index) => ({ id: `${1000 + index}`, ...number })),
  };
  const others: (typeof one)[] = wabas.map(([waba], index) => ({
    ...SUBSCRIBED,
    id: `${6000 + index}`,
    ...waba,
    numbers: [{ id: `${2000 + index}`, health_status: { can_send_message: 'AVAILABLE' } }],
  }));
  const accounts = [one, ...others].flatMap((waba) => waba.numbers.map(({ id }) => id));
  const { env } = await whatsappDesk({ wabas: [one, ...others], accounts });
  const { code, result } = await check(env, '--all');
  expect(code).toBe(6);
  const expected = [
    ...numbers.map(([number, severity]) => [number, 'phone_number', severity]),
    ...wabas.map(([waba, severity]) => [waba, 'waba', severity]),
  ];
  const found = result.map(({ problems, healthy }: Health, index: number) => {
    const [{ part = null, severity = null } = {}, ...more] = problems;
    expect([healthy, more]).toEqual([severity !== 'error', []]);
    return [expected[index]?.[0], part ?? expected[index]?.[1], severity];
  });
  expect(found).toEqual(expected);
});

async function checkAgainst(answers: { number?: object; waba?: object }) {
  const server = createServer(({ url = '' }, response) => {
    const [, , id, edge] = new URL(url, 'http://localhost').pathname.split('/');
    const app = { whatsapp_business_api_data: { id: APP_ID, name: ['Small Desk'] } };
    const node = id === '5000' ? answers.waba : answers.number;
    const appLevel = {
      object: 'whatsapp_business_account',
      callback_url: 'https://desk.example.com/whatsapp',
      fields: ['messages'],
      active: true,
    };
    const subscribed = edge === 'subscriptions' ? appLevel : app;
    const answer = edge === undefined ? { ...node, id } : { data: [subscribed] };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { env } = await oneNumber();
  return check({ ...env, CHANNELCTL_GRAPH_URL: `http://127.0.0.1:${port}` }, 'wa-1001');
}

const CONNECTED = { status: 'CONNECTED' };

test.each<[string, Parameters<typeof checkAgainst>[0], number, string[]]>([
  [
    'an entity without a type, and an error code that is a string',
    {
      number: {
        ...CONNECTED,
        health_status: {
          can_send_message: 'BLOCKED',
          entities: [
            {
              can_send_message: 'BLOCKED',
              errors: [{ error_code: '141006', error_description: 'No' }],
            },
          ],
        },
      },
    },
    6,
    ['Meta blocks messaging for an unknown entity: No (code 141006).'],
  ],
  [
    'additional_info that is a string',
    {
      number: CONNECTED,
      waba: {
        health_status: {
          can_send_message: 'LIMITED',
          entities: [
            { entity_type: 'WABA', can_send_message: 'LIMITED', additional_info: 'Soon.' },
          ],
        },
      },
    },
    0,
    ['Meta limits messaging for the WhatsApp Business Account: Soon.'],
  ],
  [
    'a quality rating that is an object',
    { number: { ...CONNECTED, quality_rating: { score: 1 } } },
    0,
    ['Unknown quality rating from Meta: {"SCORE":1}.'],
  ],
  [
    'a health status that is a string, and entities that are a number',
    { number: { ...CONNECTED, health_status: 'FINE' }, waba: { health_status: { entities: 3 } } },
    0,
    ['Meta reports the status of messaging as FINE.'],
  ],
  [
    'a review that has reached a limit',
    { number: CONNECTED, waba: { account_review_status: 'LIMIT_REACHED' } },
    0,
    ['The review of the WhatsApp Business Account is on hold because a limit was reached.'],
  ],
])('keeps every part despite an unexpected type: %s', async (_what, answers, exit, messages) => {
  const { code, result } = await checkAgainst(answers);
  expect(result.problems.map(({ message }: Problem) => message)).toEqual(messages);
  expect([code, result.subscribed_ok]).toEqual([exit, true]);
  expect([result.phone_number, result.waba]).not.toContain(null);
});

test("returns the number and WABA as Meta's objects, in Meta's order, with unknown fields", async () => {
  const waba = {
    new_thing: { z: 1, a: [{ z: 2, a: 3 }] },
    name: 'Alder',
    account_review_status: null,
  };
  const health_status = {
    entities: [{ id: '7', entity_type: 'APP' }],
    can_send_message: 'AVAILABLE',
  };
  const number = {
    throughput: { level: 'HIGH' },
    ...CONNECTED,
    health_status,
    verified_name: 'Alder',
  };
  const { result } = await checkAgainst({ number, waba });
  expect(JSON.stringify(result.phone_number)).toBe(JSON.stringify({ ...number, id: '1001' }));
  expect(JSON.stringify(result.waba)).toBe(JSON.stringify({ ...waba, id: '5000' }));
});

test("reports the messaging health of each entity, with Meta's description and solution", async () => {
  const health_status = {
    can_send_message: 'BLOCKED',
    entities: [
      {
        entity_type: 'PHONE_NUMBER',
        id: '1001',
        can_send_message: 'LIMITED',
        additional_info: ['Your display name has not been approved yet.'],
      },
      {
        entity_type: 'WABA',
        id: '5000',
        can_send_message: 'BLOCKED',
        errors: [
          {
            error_code: 141006,
            error_description: 'There is an issue with the payment method.',
            possible_solution: 'Add a payment method in WhatsApp Manager.',
          },
        ],
      },
      { entity_type: 'TOASTER', id: '7', can_send_message: 'BURNT' },
    ],
  };
  const [, own] = health_status.entities;
  const { env } = await oneNumber(
    { health_status },
    { health_status: { can_send_message: 'BLOCKED', entities: own === undefined ? [] : [own] } },
  );
  const { code, result } = await check(env, 'wa-1001');
  expect(code).toBe(6);
  expect(result.problems.map(shortly)).toEqual([
    [
      'phone_number',
      'error',
      'Meta blocks messaging for the WhatsApp Business Account 5000: There is an issue with the payment method (code 141006).',
    ],
    [
      'phone_number',
      'warning',
      'Meta limits messaging for the number 1001: Your display name has not been approved yet.',
    ],
    ['phone_number', 'warning', 'Meta reports the status of messaging for TOASTER 7 as BURNT.'],
  ]);
  expect(result.problems[0].hint).toBe('Add a payment method in WhatsApp Manager.');
});

test('cannot see that Meta has locked an account, and says so in the help', async () => {
  const { env } = await oneNumber({}, { locked: 'hidden' });
  expect(await check(env, 'wa-1001')).toMatchObject({ code: 0, result: { problems: [] } });
  const registered = await run(['whatsapp', 'register', 'wa-1001', '--json'], env);
  expect(registered.stderr).toContain('131031');
  const help = await run(['whatsapp', 'health', '--help'], env);
  expect(help.stdout.replace(/\s+/g, ' ')).toContain('locked can appear healthy in every field');
});

describe('a problem that concerns calls', () => {
  test('is reported apart from messaging, which it does not limit', async () => {
    const { env } = await oneNumber({ sip_error: true });
    const { code, result } = await check(env, 'wa-1001');
    expect([code, result.healthy]).toEqual([0, true]);
    expect(result.phone_number.health_status.can_send_message).toBe('LIMITED');
    expect(result.problems.map(shortly)).toEqual([
      [
        'phone_number',
        'warning',
        'Calling does not work for the number 1001: SIP is not enabled (code 138024). Messages are not affected.',
      ],
    ]);
  });

  test.each([
    ['BLOCKED', [138024, 141006], ['error', 'warning'], ['Meta blocks messaging', 'Calling']],
    ['BLOCKED', [138024], ['error', 'warning'], ['Meta blocks messaging', 'Calling']],
    ['AVAILABLE', [138024], ['warning'], ['Calling']],
    ['AVAILABLE', [], ['warning'], ['can_receive_call_sip is BLOCKED']],
  ])(
    'does not hide one that concerns messages: %s, %j',
    async (can_send, codes, severities, words) => {
      const errors = codes.map((error_code) => ({ error_code, error_description: 'No.' }));
      const sip = { can_send_message: can_send, can_receive_call_sip: 'BLOCKED', errors };
      const entities = [{ entity_type: 'PHONE_NUMBER', id: '1001', ...sip }];
      const { env } = await oneNumber({ health_status: { can_send_message: can_send, entities } });
      const { result } = await check(env, 'wa-1001');
      expect(result.problems.map(({ severity }: Problem) => severity)).toEqual(severities);
      for (const [index, word] of words.entries()) {
        expect(result.problems[index].message).toContain(word);
      }
    },
  );
});

describe('a field that Meta refuses', () => {
  const desk = (removed_fields: string[]) =>
    whatsappDesk({
      wabas: [{ ...SUBSCRIBED, id: '5000', numbers: [{ id: '1001' }] }],
      whatsapp: { removed_fields },
      accounts: ['1001'],
    });
  const FIELDS = [
    ...['webhook_configuration', 'messaging_limit_tier', 'health_status', 'throughput'],
    ...['whatsapp_business_manager_messaging_limit', 'country', 'ownership_type'],
  ];

  test.each(FIELDS)('is omitted without affecting the other fields: %s', async (field) => {
    const { env } = await desk([field]);
    const { code, result } = await check(env, 'wa-1001');
    expect([code, result.problems]).toEqual([0, []]);
    expect(result.phone_number).toMatchObject({ status: 'CONNECTED', quality_rating: 'GREEN' });
    expect(result.waba).toMatchObject({ account_review_status: 'APPROVED' });
    expect(result.phone_number).not.toHaveProperty(field);
    expect(result.waba).not.toHaveProperty(field);
  });

  test('is omitted in the list of a WABA, with IDs as numbers', async () => {
    const ids = ['1001', '1002', '1003'];
    const { env, calls } = await whatsappDesk({
      wabas: [{ ...SUBSCRIBED, id: '5000', numbers: ids.map((id) => ({ id, sip_error: true })) }],
      whatsapp: { removed_fields: ['messaging_limit_tier'] },
      accounts: ids,
      seed: { bare_ids: true },
    });
    const { code, result } = await check(env, '--all');
    expect(code).toBe(0);
    expect(result.map((health: Health) => health.phone_number_id)).toEqual(ids);
    for (const { phone_number, problems } of result) {
      expect(phone_number).toMatchObject({ whatsapp_business_manager_messaging_limit: 'TIER_2K' });
      expect(problems.map(shortly)).toEqual([
        ['phone_number', 'warning', expect.stringContaining('SIP')],
      ]);
    }
    expect(calls('getPhoneNumber')).toEqual([]);
  });

  test('costs one more call each if there are several', async () => {
    const { env, calls } = await desk(['currency', 'messaging_limit_tier', 'throughput']);
    const { code } = await check(env, 'wa-1001');
    expect(code).toBe(0);
    expect(calls('getPhoneNumber')).toHaveLength(3);
    expect(calls('getWaba')).toHaveLength(2);
  });

  test.each([
    ['(#12) messaging_limit_tier field is deprecated for versions v25.0 and higher', 12],
    ['(#100) The field messaging_limit_tier is not available', 100],
  ])('is also recognized by other messages: %s', async (message, code) => {
    const { env, meta } = await oneNumber();
    meta.inject({ operation: 'getPhoneNumber', code, message });
    const { result } = await check(env, 'wa-1001');
    expect(result.problems).toEqual([]);
    expect(result.phone_number).not.toHaveProperty('messaging_limit_tier');
  });

  test('is not assumed if the object is not a number, or for another error', async () => {
    for (const message of [
      '(#100) Tried accessing nonexisting field (status) on node type (Business)',
      '(#100) Param status must be one of the known ones',
    ]) {
      const { env, meta, calls } = await oneNumber();
      meta.inject({ operation: 'getPhoneNumber', code: 100, message });
      const { result } = await check(env, 'wa-1001');
      expect(result.phone_number).toBeNull();
      expect(calls('getPhoneNumber')).toHaveLength(1);
    }
  });
});

describe('whatsapp health --all', () => {
  const TWO_WABAS: SeedWaba[] = [
    { ...SUBSCRIBED, id: '5000', numbers: [{ id: '1001' }, { id: '1002' }, { id: '1003' }] },
    { ...SUBSCRIBED, id: '6000', numbers: [{ id: '2001' }] },
  ];
  const IDS = ['2001', '1003', '1001', '1002'];

  test('returns an array in account order, and reads each WABA and the app once', async () => {
    const { env, calls } = await whatsappDesk({ wabas: TWO_WABAS, accounts: IDS });
    const { code, result } = await check(env, '--all');
    expect(code).toBe(0);
    expect(result.map((health: Health) => health.phone_number_id)).toEqual(IDS);
    const counts = [
      ...['getPhoneNumber', 'listPhoneNumbers', 'getWaba', 'listWabaSubscriptions'],
      'listAppSubscriptions',
    ].map((name) => calls(name).length);
    expect(counts).toEqual([0, 2, 2, 2, 1]);
  });

  test('returns an empty list if there are no accounts', async () => {
    const { env } = await whatsappDesk();
    expect(await check(env, '--all')).toMatchObject({ code: 0, result: [] });
  });

  test('omits inactive accounts unless --include-inactive is passed', async () => {
    const { env, json } = await whatsappDesk({ wabas: TWO_WABAS, accounts: ['1001', '1002'] });
    await json('accounts', 'update', 'wa-1001', '--inactive');
    expect((await check(env, '--all')).result).toHaveLength(1);
    expect((await check(env, '--all', '--include-inactive')).result).toHaveLength(2);
    expect((await check(env, 'wa-1001')).result.healthy).toBe(true);
  });

  test('an invalid token affects only its own account, not the others of the WABA', async () => {
    const { env } = await whatsappDesk({ wabas: TWO_WABAS, accounts: IDS });
    const spoiled = { CHANNELCTL_SECRET_WHATSAPP_WA_1003_ACCESS_TOKEN: 'EAAwithdrawn' };
    const { code, result } = await check({ ...env, ...spoiled }, '--all');
    expect(code).toBe(6);
    expect(result.map(({ healthy }: Health) => healthy)).toEqual([true, false, true, true]);
    expect(result[1].problems).toHaveLength(3);
  });

  test('tries the other tokens if Meta rejects one for a WABA', async () => {
    const { env, json, meta, calls } = await whatsappDesk({ wabas: TWO_WABAS, accounts: ['1001'] });
    const ids = ['--waba-id', '5000', '--phone-number-id', '1002', '--no-register'];
    await json('whatsapp', 'signup', '--code', await signupCode(meta, '1002'), ...ids);
    meta.inject({ operation: 'getWaba', code: 100, subcode: 33 });
    meta.inject({ operation: 'listWabaSubscriptions', code: 803 });
    const { result } = await check(env, '--all');
    expect(result.map(({ healthy }: Health) => healthy)).toEqual([false, true]);
    const tokens = calls('getWaba').map(({ headers }) => headers.authorization);
    expect(new Set(tokens).size).toBe(2);
  });

  test('accepts an override with the URL of another number of the WABA', async () => {
    const override = { id: APP_ID, override_callback_uri: 'https://desk.example/whatsapp/wa-1002' };
    const wabas = TWO_WABAS.map((waba) => ({ ...waba, subscribed_apps: [override] }));
    const extra = { CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.example' };
    const accounts = ['1001', '1002', '2001'];
    const { env } = await whatsappDesk({ wabas, accounts, extra });
    const { result } = await check(env, '--all');
    expect(result.map(({ problems }: Health) => problems.length)).toEqual([0, 0, 1]);
    expect((await check(env, 'wa-1001')).result.problems).toEqual([]);
  });

  test('names the affected account in the hint of an error', async () => {
    const { env, meta } = await whatsappDesk({ wabas: TWO_WABAS, accounts: ['1001', '1002'] });
    meta.inject({ operation: 'getWaba', code: 190 });
    const { result } = await check(env, '--all');
    const hints = result.map(({ problems }: Health) => problems.map(({ hint }) => hint));
    expect(hints).toEqual(
      ['1001', '1002'].map((id) => [
        expect.stringContaining(`accounts update whatsapp/wa-${id} --config access_token=@file`),
      ]),
    );
  });

  test('a missing token makes its account unhealthy without a call to Meta', async () => {
    const { env, calls } = await whatsappDesk({ wabas: TWO_WABAS, accounts: ['1001', '2001'] });
    const { CHANNELCTL_SECRET_WHATSAPP_WA_1001_ACCESS_TOKEN: _gone, ...rest } = env;
    const { code, result } = await check(rest, '--all');
    expect(code).toBe(6);
    const [lost, well] = result;
    expect(well.healthy).toBe(true);
    expect([lost.phone_number, lost.waba, lost.subscribed_apps, lost.subscribed_ok]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(lost.problems.map(({ part }: Problem) => part)).toEqual([
      ...['phone_number', 'waba', 'subscribed_apps'],
    ]);
    expect(lost.problems[0].hint).toContain(
      'accounts update whatsapp/wa-1001 --config access_token',
    );
    expect(calls('getPhoneNumber')).toHaveLength(1);
  });

  test('slows down while a rate limit is near, and warns once', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => String(3000 + index));
    const wabas = ids.map((id) => ({ ...SUBSCRIBED, id: `5${id}`, numbers: [{ id }] }));
    const { env, meta } = await whatsappDesk({ wabas, accounts: ids });
    const usage = { call_count: 82, total_cputime: 1, total_time: 1 };
    meta.inject({ times: 38, headers: { 'X-App-Usage': JSON.stringify(usage) } });
    const { code, stderr } = await check(env, '--all');
    expect([code, meta.requests.length]).toEqual([0, 38]);
    const warnings = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(warnings).toEqual([
      { warning: { message: expect.stringContaining('82%'), hint: expect.any(String) } },
    ]);
  });

  test.each([
    ['no account', []],
    ['an account and --all', ['wa-1001', '--all']],
    ['--include-inactive with one account', ['wa-1001', '--include-inactive']],
    ['--watch with JSON output', ['--all', '--watch', '5']],
    ['--watch without a number', ['--all', '--watch', 'soon']],
  ])('rejects %s', async (_what, args) => {
    const { failure, names } = await whatsappDesk({ wabas: TWO_WABAS, accounts: ['1001'] });
    const { code, stdout } = await failure('whatsapp', 'health', ...args);
    expect([code, stdout, names()]).toEqual([2, '', []]);
  });
});

describe('the report', () => {
  test('lists the facts, problems and next steps of each number', async () => {
    const wabas = [
      {
        ...SUBSCRIBED,
        id: '5000',
        name: 'Alder\u001b[2J Trading',
        numbers: [
          { id: '1001', display_phone_number: '+1 555-0101' },
          {
            id: '1002',
            quality_rating: 'RED',
            display_phone_number: '+1 555-0102',
            messaging_limit_tier: 'TIER_1K',
            ...OLD_LIMIT,
          },
        ],
      },
    ];
    const { cli } = await whatsappDesk({ wabas, accounts: ['1001', '1002'] });
    const { code, stdout, stderr } = await cli('whatsapp', 'health', '--all');
    expect([code, stderr]).toEqual([6, '']);
    expect(stdout).toBe(
      [
        'Number 1001  +1 555-0101  whatsapp/wa-1001  healthy',
        '  number    CONNECTED · quality GREEN · name APPROVED · messaging AVAILABLE · TIER_2K',
        '  WABA      Alder[2J Trading · 5000 · review APPROVED · business verified',
        '  webhooks  Small Desk',
        '',
        'Number 1002  +1 555-0102  whatsapp/wa-1002  unhealthy',
        '  number    CONNECTED · quality RED · name APPROVED · messaging AVAILABLE · TIER_1K',
        '  WABA      Alder[2J Trading · 5000 · review APPROVED · business verified',
        '  webhooks  Small Desk',
        '',
        '  error    The quality rating of the number is low (RED).',
        '           Send only messages that customers requested; WhatsApp Manager shows their feedback.',
        '',
        '2 numbers: 1 healthy, 1 unhealthy.',
        '',
      ].join('\n'),
    );
  });

  test('uses colour only for the result', async () => {
    const { env } = await oneNumber();
    const coloured = { ...env, FORCE_COLOR: '1' };
    const { stdout } = await run(['whatsapp', 'health', 'wa-1001'], coloured);
    expect(stdout).toContain('\u001b[32mhealthy\u001b[39m');
    expect(stdout).not.toContain('\u001b[31m');
  });
});
