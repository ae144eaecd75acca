import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { get, proofOf, sandbox, send, stoppedClock } from './support.ts';
import { register, SEED, signupCode, TOKEN } from './whatsapp-support.ts';

const HOUR = 3_600_000;

describe('a WABA', () => {
  it('returns the requested fields, or its name by default', async () => {
    const on = await sandbox(SEED);
    const fields = 'account_review_status,health_status';
    expect((await get(on, '/30', TOKEN, { fields })).body).toMatchObject({
      id: '30',
      account_review_status: 'APPROVED',
      health_status: { can_send_message: 'BLOCKED' },
    });
    expect((await get(on, '/10', TOKEN)).body).toEqual({ id: '10', name: 'Alder WABA' });
    const unknown = await get(on, '/10', TOKEN, { fields: 'business_token' });
    expect(unknown.body.error?.code).toBe(100);
  });

  it('lists its numbers with their status, or with that of the seed', async () => {
    const on = await sandbox(SEED.replace('id: "12",', 'id: "12", listed_status: LINKED,'));
    await send(on, 'POST', '/13/deregister', TOKEN, {});
    await register(on, '11', '111111');
    const { body } = await get(on, '/10/phone_numbers', TOKEN, { fields: 'status', limit: '3' });
    expect(body.data).toEqual([
      { id: '11', status: 'CONNECTED' },
      { id: '12', status: 'LINKED' },
      { id: '13', status: 'DISCONNECTED' },
    ]);
  });

  it('can omit the status of a number from its list', async () => {
    const on = await sandbox(SEED.replace('id: "11"', 'id: "11", listed_status: null'));
    const fields = 'status';
    const { body } = await get(on, '/10/phone_numbers', TOKEN, { fields, limit: '1' });
    expect(body.data).toEqual([{ id: '11' }]);
    expect((await get(on, '/11', TOKEN, { fields })).body).toEqual({ id: '11', status: 'PENDING' });
  });

  it('lists neither the status nor the limit of its numbers by default', async () => {
    const on = await sandbox(SEED);
    const { body } = await get(on, '/10/phone_numbers', TOKEN, { limit: '1' });
    const { data }: Numbers = JSON.parse(JSON.stringify(body));
    expect(Object.keys(data[0] ?? {}).sort()).toEqual([
      ...['code_verification_status', 'display_phone_number', 'id', 'platform_type'],
      ...['quality_rating', 'throughput', 'verified_name', 'webhook_configuration'],
    ]);
  });

  it('rejects the removed fields of the seed, also for its numbers', async () => {
    const seed = SEED.replace('pin:', 'removed_fields: [currency, messaging_limit_tier]\n  pin:');
    const on = await sandbox(seed);
    for (const [path, field] of [
      ['/10', 'currency'],
      ['/11', 'messaging_limit_tier'],
      ['/10/phone_numbers', 'messaging_limit_tier'],
    ] as const) {
      const { status, body } = await get(on, path, TOKEN, { fields: `id,${field}` });
      expect([status, body.error?.code]).toEqual([400, 100]);
      expect(body.error?.message).toContain(`nonexisting field (${field})`);
    }
  });

  it('lists 25 numbers per page, and continues from a cursor', async () => {
    const numbers = Array.from({ length: 60 }, (_, index) => ({ id: `${1000 + index}` }));
    const on = await sandbox(JSON.stringify({ whatsapp: { wabas: [{ id: '10', numbers }] } }));
    const token = on.description.business_token;
    const found: string[] = [];
    const sizes: number[] = [];
    let query: Record<string, string> = { fields: 'id' };
    for (;;) {
      const { body } = await get(on, '/10/phone_numbers', token, query);
      const { data, paging }: Numbers = JSON.parse(JSON.stringify(body));
      sizes.push(data.length);
      found.push(...data.map(({ id }) => id));
      if (paging.next === undefined) break;
      expect(new URL(paging.next).searchParams.get('access_token')).toBe(token);
      query = { fields: 'id', after: paging.cursors.after };
    }
    expect(sizes).toEqual([25, 25, 10]);
    expect(found).toEqual(numbers.map(({ id }) => id));
  });
});

describe('the list of a WABA’s numbers', () => {
  const ids = async (on: Sandbox, query: Record<string, string>) => {
    const { body } = await get(on, '/10/phone_numbers', TOKEN, { fields: 'id', ...query });
    const { data }: Numbers = JSON.parse(JSON.stringify(body));
    return data.map(({ id }) => id);
  };
  const filtering = (value: unknown) => ({ filtering: JSON.stringify(value) });
  const tier = { field: 'messaging_limit_tier', operator: 'EQUAL', value: 'TIER_1K' };

  it('can be sorted and filtered', async () => {
    const on = await sandbox(
      SEED.replace(/id: "1([3-6])",/g, 'id: "1$1", messaging_limit_tier: TIER_1K,'),
    );
    expect(await ids(on, { sort: 'creation_time.desc', limit: '2' })).toEqual(['16', '15']);
    expect(await ids(on, { sort: 'last_onboarded_time.asc', limit: '2' })).toEqual(['11', '12']);
    expect(await ids(on, filtering([tier]))).toEqual(['13', '14', '15', '16']);
    expect(await ids(on, filtering([{ ...tier, operator: 'NOT_IN', value: ['TIER_1K'] }]))).toEqual(
      ['11', '12'],
    );
  });

  it('goes back from a cursor, and returns the fields in Meta’s OpenAPI description', async () => {
    const on = await sandbox(SEED);
    const fields = 'id,country_code,country_dial_code,host_platform,unified_cert_status,username';
    const { body } = await get(on, '/10/phone_numbers', TOKEN, { fields, limit: '1' });
    expect(body.data).toEqual([
      {
        id: '11',
        country_code: 'US',
        country_dial_code: '1',
        host_platform: 'NOT_APPLICABLE',
        unified_cert_status: 'APPROVED',
      },
    ]);
    const before = Buffer.from('13').toString('base64url');
    expect(await ids(on, { before, limit: '1' })).toEqual(['12']);
  });

  it.each([
    ['a limit above 100', { limit: '101' }, 'limit'],
    ['an unsupported order', { sort: 'name.asc' }, 'sort'],
    ['a filter that is not JSON', { filtering: 'all' }, 'filtering must be valid JSON'],
    ['an unsupported filter field', filtering([{ ...tier, field: 'name' }]), 'filtering'],
  ])('rejects %s', async (_, query, words) => {
    const on = await sandbox(SEED);
    const { status, body } = await get(on, '/10/phone_numbers', TOKEN, query);
    expect([status, body.error?.code]).toEqual([400, 100]);
    expect(body.error?.message).toContain(words);
  });
});

interface Numbers {
  data: { id: string }[];
  paging: { cursors: { after: string }; next?: string };
}

describe('webhooks of a WABA', () => {
  const subscribe = (on: Sandbox, id: string, body: object = {}) =>
    send(on, 'POST', `/${id}/subscribed_apps`, TOKEN, body);
  const subscriptions = async (on: Sandbox, id: string, token = TOKEN) =>
    (await get(on, `/${id}/subscribed_apps`, token)).body.data;
  const ours = {
    id: '700',
    name: 'Small Desk',
    link: 'https://www.facebook.com/games/?app_id=700',
  };

  it('are sent to the app while it is subscribed, and it can unsubscribe once', async () => {
    const on = await sandbox(SEED);
    expect(await subscriptions(on, '10')).toEqual([]);
    for (const _ of [1, 2]) expect((await subscribe(on, '10')).body).toEqual({ success: true });
    expect(await subscriptions(on, '10')).toEqual([{ whatsapp_business_api_data: ours }]);
    const unsubscribe = () => send(on, 'DELETE', '/10/subscribed_apps', TOKEN, {});
    expect((await unsubscribe()).body).toEqual({ success: true });
    const { status, body } = await unsubscribe();
    expect(status).toBe(404);
    expect(body.error).toMatchObject({
      code: 803,
      message: 'WhatsApp Business Account not found or not subscribed',
    });
    expect(await subscriptions(on, '10')).toEqual([]);
  });

  it('belong to one WABA, and other apps keep theirs', async () => {
    const on = await sandbox(SEED);
    await subscribe(on, '10');
    const other = [{ whatsapp_business_api_data: { id: '701', name: 'Other Desk' } }];
    expect(await subscriptions(on, '20', 'EAAown')).toMatchObject(other);
    await send(on, 'DELETE', '/20/subscribed_apps', 'EAAown', {});
    const fields = await get(on, '/20/subscribed_apps', 'EAAown', { fields: 'link' });
    expect(fields.body.data).toEqual([
      { whatsapp_business_api_data: { link: 'https://www.facebook.com/games/?app_id=701' } },
    ]);
    expect(await subscriptions(on, '20', 'EAAown')).toMatchObject(other);
  });

  async function webhook(answer: RequestListener) {
    const calls: URL[] = [];
    const agents: unknown[] = [];
    const server = createServer((request, response) => {
      calls.push(new URL(request.url ?? '', 'http://localhost'));
      agents.push(request.headers['user-agent']);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const bound = server.address();
    const port = typeof bound === 'object' ? bound?.port : undefined;
    return { address: `http://127.0.0.1:${port}/whatsapp/wa-11?desk=1`, calls, agents };
  }

  const echo: RequestListener = (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    response.end(searchParams.get('hub.challenge'));
  };

  it('are sent to an override, which is verified with the handshake first', async () => {
    const on = await sandbox(SEED);
    await subscribe(on, '10');
    const { address, calls, agents } = await webhook(echo);
    const answer = await subscribe(on, '10', {
      override_callback_uri: address,
      verify_token: 'token-1',
    });
    expect(answer.body).toEqual({ success: true });
    expect(Object.fromEntries(calls[0]?.searchParams ?? [])).toEqual({
      desk: '1',
      'hub.mode': 'subscribe',
      'hub.verify_token': 'token-1',
      'hub.challenge': expect.stringMatching(/^\d+$/),
    });
    expect(agents).toEqual(['facebookexternalua']);
    expect(await subscriptions(on, '10')).toEqual([
      { whatsapp_business_api_data: ours, override_callback_uri: address },
    ]);
    await subscribe(on, '10');
    expect(await subscriptions(on, '10')).toEqual([{ whatsapp_business_api_data: ours }]);
  });

  // The messages are those that Meta returns.
  it.each<[string, number, string, RequestListener]>([
    [
      'responds with something else',
      2201,
      'received="hello..."',
      (_, response) => response.end('hello'),
    ],
    [
      'responds with more than the challenge',
      2201,
      'response does not match challenge',
      (request, response) => {
        response.write('\n');
        echo(request, response);
      },
    ],
    [
      'responds with an error',
      2200,
      'errors: HTTP Status Code = 403; HTTP Message = Forbidden',
      (request, response) => {
        response.statusCode = 403;
        echo(request, response);
      },
    ],
    [
      'redirects',
      2200,
      'HTTP Status Code = 302; HTTP Message = Found',
      (_, response) => {
        response.writeHead(302, { location: '/elsewhere' }).end();
      },
    ],
    [
      'closes the connection',
      2200,
      'curl_errno = 52; curl_error = Empty reply from server',
      (request) => request.destroy(),
    ],
  ])('reject an override that %s: %i', async (_, code, words, answer) => {
    const on = await sandbox(SEED);
    await subscribe(on, '10');
    const { address } = await webhook(answer);
    const { status, body } = await subscribe(on, '10', {
      override_callback_uri: address,
      verify_token: 'token-1',
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code, type: 'OAuthException' });
    expect(body.error?.message).toContain(words);
    expect(await subscriptions(on, '10')).toEqual([{ whatsapp_business_api_data: ours }]);
  });

  it.each([
    ['an override without a verify token', { override_callback_uri: 'https://desk.example/' }],
    ['plain http', { override_callback_uri: 'http://desk.example/', verify_token: 't' }, 2200],
  ])('reject %s', async (_, body, code = 100) => {
    const on = await sandbox(SEED);
    await subscribe(on, '10');
    expect((await subscribe(on, '10', body)).body.error?.code).toBe(code);
  });

  const OVERRIDE = { override_callback_uri: 'https://desk.example/wa-11', verify_token: 't' };
  const setNumber = (on: Sandbox, id: string, webhook_configuration: object) =>
    send(on, 'POST', `/${id}`, TOKEN, { webhook_configuration });
  const urlsOf = async (on: Sandbox, id: string) =>
    (await get(on, `/${id}`, TOKEN, { fields: 'webhook_configuration' })).body
      .webhook_configuration;

  it.each([
    ['the plain subscription of the WABA', SEED],
    ["the app's subscription", SEED.replace(/webhooks:[\s\S]*/, '')],
    ["the field messages in the app's subscription", SEED.replace('[messages]', '[security]')],
  ])('reject an override without %s', async (what, seed) => {
    const on = await sandbox(seed);
    if (!what.startsWith('the plain')) await subscribe(on, '10');
    const rejected = [await subscribe(on, '10', OVERRIDE), await setNumber(on, '11', OVERRIDE)];
    for (const { status, body } of rejected) {
      expect(status).toBe(400);
      expect(body.error).toMatchObject({
        code: 100,
        message: expect.stringContaining('Before override the current callback uri'),
      });
    }
  });

  it('are sent to the URL of a number until an empty one clears it', async () => {
    const on = await sandbox(SEED);
    await subscribe(on, '10');
    const own = { ...OVERRIDE, override_callback_uri: 'https://desk.example/own' };
    await subscribe(on, '10', OVERRIDE);
    const common = {
      whatsapp_business_account: OVERRIDE.override_callback_uri,
      application: 'https://desk.example/all',
    };
    expect((await setNumber(on, '11', own)).body).toEqual({ success: true });
    expect(await urlsOf(on, '11')).toEqual({ phone_number: 'https://desk.example/own', ...common });
    expect(await urlsOf(on, '12')).toEqual(common);
    await setNumber(on, '11', { override_callback_uri: '' });
    expect(await urlsOf(on, '11')).toEqual(common);
  });

  it('cannot be redirected for a number if its system user cannot manage the WABA', async () => {
    const on = await sandbox(SEED.replace('id: "11",', 'id: "11", webhook_override_denied: true,'));
    await subscribe(on, '10');
    const { status, body } = await setNumber(on, '11', OVERRIDE);
    expect(status).toBe(403);
    expect(body.error).toMatchObject({ code: 200, message: '(#200) Permissions error' });
  });

  it('reject an override that is not a URL, with the message in Meta’s OpenAPI description', async () => {
    const on = await sandbox(SEED);
    const override = { override_callback_uri: 'desk', verify_token: 't' };
    const { status, body } = await subscribe(on, '10', override);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100, message: 'Invalid callback URI format' });
  });

  it('accept an override on another machine without verifying it', async () => {
    const on = await sandbox(SEED);
    await subscribe(on, '10');
    const override_callback_uri = 'https://desk.example/whatsapp/wa-11';
    expect((await subscribe(on, '10', { override_callback_uri, verify_token: 't' })).status).toBe(
      200,
    );
    expect(await subscriptions(on, '10')).toMatchObject([{ override_callback_uri }]);
  });
});

describe('a business token', () => {
  it('is valid for every number of its WABAs, with or without appsecret_proof', async () => {
    const on = await sandbox(SEED);
    const appsecret_proof = proofOf(TOKEN, 'app-secret-700');
    for (const id of ['11', '16', '31']) {
      expect((await get(on, `/${id}`, TOKEN)).status).toBe(200);
      expect((await get(on, `/${id}`, TOKEN, { appsecret_proof })).status).toBe(200);
    }
  });

  it.each([
    ['another WABA', '/20', 1349174],
    ['the numbers of another WABA', '/20/phone_numbers', 1349174],
    ['the webhooks of another WABA', '/20/subscribed_apps', 1349174],
    ['a number of another WABA', '/21', 1349175],
  ])('is rejected for %s: 200', async (_, path, error_subcode) => {
    const on = await sandbox(SEED);
    const { status, body } = await get(on, path, TOKEN);
    expect(status).toBe(403);
    expect(body.error).toMatchObject({ code: 200, error_subcode });
    expect((await get(on, path, 'EAAown')).status).toBe(200);
  });

  it('lacks a permission, which Meta does not name, if the seed says so', async () => {
    const seed = SEED.replace('pin:', 'business_permissions: [business_management]\n  pin:');
    const { status, body } = await get(await sandbox(seed), '/10', TOKEN);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100, message: '(#100) Missing Permission' });
  });

  it('is the only kind of token for these calls', async () => {
    const on = await sandbox();
    const { waba_id, pages } = on.description;
    const { body } = await get(on, `/${waba_id}`, pages[0]?.access_token ?? '');
    expect(body.error).toMatchObject({ code: 190 });
  });
});

describe('an Embedded Signup code', () => {
  const exchange = (on: Sandbox, code: string, changed: Record<string, string> = {}) =>
    get(on, '/oauth/access_token', null, {
      client_id: '700',
      client_secret: 'app-secret-700',
      code,
      ...changed,
    });

  it('is exchanged for a business token of the chosen WABA that does not expire', async () => {
    const clock = stoppedClock();
    const on = await sandbox(SEED, clock.now);
    const { body } = await exchange(on, await signupCode(on, '21'));
    expect(body).toEqual({ access_token: expect.stringMatching(/^EAA/), token_type: 'bearer' });
    clock.pass(1000 * 24 * HOUR);
    const token = String(body.access_token);
    expect((await get(on, '/20', token)).status).toBe(200);
    expect((await get(on, '/10', token)).body.error?.code).toBe(200);
  });

  it('works once', async () => {
    const on = await sandbox(SEED);
    const code = await signupCode(on, '11');
    expect((await exchange(on, code)).status).toBe(200);
    expect((await exchange(on, code)).body.error).toMatchObject({
      code: 100,
      error_subcode: 36009,
    });
  });

  it('expires after 30 seconds', async () => {
    const clock = stoppedClock();
    const on = await sandbox(SEED, clock.now);
    const [early, late] = [await signupCode(on, '11'), await signupCode(on, '11')];
    clock.pass(29_999);
    expect((await exchange(on, early)).status).toBe(200);
    clock.pass(1);
    expect((await exchange(on, late)).body.error).toMatchObject({
      code: 100,
      error_subcode: 36007,
    });
  });

  it('is rejected for another app, with an incorrect secret, or with a redirect URI', async () => {
    const on = await sandbox(SEED);
    const code = await signupCode(on, '11');
    const other = { client_id: '701', client_secret: 'app-secret-701' };
    expect((await exchange(on, code, other)).body.error?.error_subcode).toBe(36007);
    expect((await exchange(on, code, { client_secret: 'wrong' })).body.error?.code).toBe(1);
    const redirected = await exchange(on, code, { redirect_uri: 'https://localhost:8976/' });
    expect(redirected.body.error).toMatchObject({ code: 100, error_subcode: 36008 });
    expect((await exchange(on, code)).status).toBe(200);
  });
});
