import { describe, expect, it } from 'vitest';
import type { Seed } from '../../src/sandbox/seed/seed.ts';
import { run } from '../support/cli.ts';
import { TOKEN as DESK_TOKEN, whatsappDesk } from '../support/whatsapp.ts';
import { get, sandbox, userToken } from './support.ts';

/**
 * Two WABAs that a portfolio owns, and two that another shares with it. The token is valid for
 * three of them.
 */
const WABAS = [
  { id: '5000', name: 'Alder Trading', business_id: '9001', numbers: [{ id: '1001' }] },
  { id: '5001', name: 'Alder Retail', business_id: '9001' },
  { id: '6000', name: 'Birch', business_id: '9002' },
  { id: '6001', name: 'Birch Outlet', business_id: '9002', business_token: 'EAAother' },
];
const BUSINESSES: Seed['businesses'] = [
  { id: '9001', name: 'Alder Group', people: ['91'], client_wabas: ['6000', '6001'] },
  { id: '9003', name: 'Cedar Group', people: [] },
];
const PEOPLE: Seed['people'] = [{ id: '91', name: 'Ada', pages: [] }];
const seed = { businesses: BUSINESSES, people: PEOPLE };

describe('the WABAs of a business portfolio', () => {
  it('are those of the system user, through channelctl api', async () => {
    const own = await whatsappDesk({ wabas: WABAS, accounts: ['1001'], seed });
    const ids = async (edge: string, ...more: string[]) => {
      const path = `9001/${edge}_whatsapp_business_accounts`;
      const { data } = await own.json('api', 'GET', path, '--account', 'wa-1001', ...more);
      return data.map(({ id }: { id: string }) => id);
    };
    expect(await ids('owned')).toEqual(['5000', '5001']);
    expect(await ids('client')).toEqual(['6000']);
    expect(await ids('owned', '-f', 'find=5001')).toEqual(['5001']);
    const [first] = own.meta.requests;
    expect(first).toMatchObject({
      path: '/graph/v26.0/9001/owned_whatsapp_business_accounts',
      operation: 'listOwnedWabas',
    });
  });

  it('are returned page by page', async () => {
    const own = await whatsappDesk({ wabas: WABAS, accounts: ['1001'], seed });
    const path = '9001/owned_whatsapp_business_accounts';
    const args = ['api', 'GET', path, '--account', 'wa-1001', '-f', 'limit=1', '--paginate'];
    expect(await own.json(...args)).toMatchObject([{ id: '5000' }, { id: '5001' }]);
    expect(own.calls('listOwnedWabas')).toHaveLength(2);
  });

  it("have Meta's default fields, or the requested ones", async () => {
    const own = await whatsappDesk({ wabas: WABAS, accounts: ['1001'], seed });
    const path = '/9001/owned_whatsapp_business_accounts';
    const { body } = await get(own.meta, path, DESK_TOKEN, { find: '5000' });
    expect(body.data).toEqual([
      {
        id: '5000',
        name: 'Alder Trading',
        currency: 'USD',
        timezone_id: '1',
        message_template_namespace: expect.any(String),
      },
    ]);
    const fields = await get(own.meta, path, DESK_TOKEN, { find: '5000', fields: 'country' });
    expect(fields.body.data).toEqual([{ id: '5000', country: 'US' }]);
  });

  it('include all of them for a member with the permission', async () => {
    const on = await sandbox(JSON.stringify({ ...seed, whatsapp: { wabas: WABAS } }));
    const scope = 'business_management,whatsapp_business_management';
    const path = '/9001/client_whatsapp_business_accounts';
    const { body } = await get(on, path, await userToken(on, { scope }), { fields: 'id' });
    expect(body.data).toEqual([{ id: '6000' }, { id: '6001' }]);
    const plain = await get(on, path, await userToken(on));
    expect(plain.body.error?.message).toContain('whatsapp_business_management');
  });

  it.each([
    ['of which the token has no WABA', '9003'],
    ['that does not exist', '4711'],
  ])('are not returned for a portfolio %s', async (_, id) => {
    const own = await whatsappDesk({ wabas: WABAS, accounts: ['1001'], seed });
    const path = `${id}/owned_whatsapp_business_accounts`;
    const { code } = await run(['api', 'GET', path, '--account', 'wa-1001', '--json'], own.env);
    expect(code).toBe(5);
  });

  it('must exist in the seed', async () => {
    const businesses = [{ id: '9001', name: 'Alder', people: [], client_wabas: ['7'] }];
    await expect(sandbox(JSON.stringify({ businesses }))).rejects.toMatchObject({
      reason: 'businesses[0].client_wabas[0]: the seed has no WABA 7.',
    });
  });
});

describe('the usage of the rate limits of a business portfolio', () => {
  const usage = (business_id: string, more = {}): Seed['usage'] => [
    { business_id, type: 'whatsapp_business_management', call_count: 28, total_time: 25, ...more },
    { business_id, type: 'pages', call_count: 1 },
  ];
  const HEADER = 'X-Business-Use-Case-Usage';

  it('is reported with its WABAs and numbers only', async () => {
    const more = { seed: { ...seed, usage: usage('9001') }, wabas: WABAS, accounts: ['1001'] };
    const { meta } = await whatsappDesk(more);
    for (const path of ['/5000', '/5000/phone_numbers', '/1001']) {
      const { headers } = await get(meta, path, DESK_TOKEN);
      expect(JSON.parse(headers.get(HEADER) ?? '')).toEqual({
        9001: [
          {
            type: 'whatsapp_business_management',
            call_count: 28,
            total_cputime: 0,
            total_time: 25,
            estimated_time_to_regain_access: 0,
          },
        ],
      });
    }
    expect((await get(meta, '/6000', DESK_TOKEN)).headers.get(HEADER)).toBeNull();
  });

  it('rejects calls while the limit is exceeded, and the error says how long to wait', async () => {
    const exceeded = usage('9001', { call_count: 104, estimated_time_to_regain_access: 14 });
    const more = { seed: { ...seed, usage: exceeded }, wabas: WABAS, accounts: ['1001'] };
    const own = await whatsappDesk(more);
    const { code, stderr } = await run(['whatsapp', 'numbers', 'wa-1001', '--json'], own.env);
    expect(code).toBe(5);
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect(error.graph).toMatchObject({ status: 400, code: 80008 });
    expect(error.hint).toContain('about 14 minutes');
    expect(own.calls('listPhoneNumbers')).toHaveLength(1);
    expect((await get(own.meta, '/6000', DESK_TOKEN)).status).toBe(200);
  });

  it('slows down channelctl if it is high', async () => {
    const high = usage('9001', { call_count: 85 });
    const more = { seed: { ...seed, usage: high }, wabas: WABAS, accounts: ['1001'] };
    const own = await whatsappDesk(more);
    const { stderr } = await run(['whatsapp', 'health', 'wa-1001', '--json'], own.env);
    expect(stderr).toContain('85%');
  });
});
