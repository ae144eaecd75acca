import { describe, expect, it } from 'vitest';
import { decide, dialogAddress, exchange, extend, get, sandbox, signInCode } from './support.ts';

/** Two Pages of a portfolio: one is assigned to the system user, and the other is shared. */
const SEED = `
apps:
  - id: "700"
    secret: app-secret-700
    name: Small Desk
    system_user_configs:
      - { id: "56", business_id: "9002", pages: [{ id: "81" }] }
      - { id: "57", business_id: "9002", pages: [{ id: "81" }], expires: true }
pages: [{ id: "81", name: Alder Books }, { id: "82", name: Birch & Co }]
people: [{ id: "91", name: Ada, pages: [{ id: "81" }] }]
businesses:
  - { id: "9002", name: Alder Group, people: [], owned_pages: ["81"], client_pages: ["82"] }
`;

const CONFIGURED = { scope: null, override_default_response_type: 'true' };

async function systemUser(config_id = '56') {
  const running = await sandbox(SEED);
  const code = await signInCode(running, { ...CONFIGURED, config_id });
  const { body } = await exchange(running, code);
  return { running, answer: body, token: String(body.access_token) };
}

describe('a configuration that issues the token of a system user', () => {
  it('requires override_default_response_type', async () => {
    const running = await sandbox(SEED);
    const address = dialogAddress(running, { scope: null, config_id: '56' });
    expect((await fetch(address)).status).toBe(400);
    const ok = dialogAddress(running, { ...CONFIGURED, config_id: '56' });
    expect((await decide(ok, 'allow')).status).toBe(302);
  });

  it.each([
    ['56', undefined],
    ['57', 5_184_000],
  ])('%s: expires_in is %s', async (config, expires_in) => {
    expect((await systemUser(config)).answer.expires_in).toBe(expires_in);
  });
});

describe('the token of a system user', () => {
  it('is inspected as SYSTEM_USER, and applies to all assigned objects', async () => {
    const { running, token } = await systemUser();
    const { app_id, app_secret } = running.description;
    const query = { input_token: token };
    const { body } = await get(running, '/debug_token', `${app_id}|${app_secret}`, query);
    expect(body.data).toMatchObject({
      type: 'SYSTEM_USER',
      expires_at: 0,
      data_access_expires_at: 0,
      granular_scopes: expect.arrayContaining([{ scope: 'pages_messaging' }]),
    });
  });

  it('is not exchanged for a long-lived one, but can get an expiry of 60 days', async () => {
    const { running, token } = await systemUser();
    expect((await extend(running, token)).body.error).toMatchObject({ code: 190 });
    const renewed = await extend(running, token, { set_token_expires_in_60_days: 'true' });
    expect(renewed.body).toMatchObject({ expires_in: 5_184_000 });
  });

  it('lists the assigned Pages, and those of its business portfolio', async () => {
    const { running, token } = await systemUser();
    const { body: owner } = await get(running, '/me', token);
    const lists = ['/me/accounts', `/${owner.id}/assigned_pages`, '/me/assigned_pages'].map(
      async (path) => (await get(running, path, token, { fields: 'id,name' })).body.data,
    );
    const assigned = [{ id: '81', name: 'Alder Books' }];
    expect(await Promise.all(lists)).toEqual([[], assigned, assigned]);
    const { body } = await get(running, '/me', token, { fields: 'client_business_id' });
    expect(body).toEqual({ id: owner.id, client_business_id: '9002' });
    const client = await get(running, '/9002/client_pages', token, { fields: 'id,name' });
    expect(client.body.data).toEqual([{ id: '82', name: 'Birch & Co' }]);
  });

  it('has no edge for business portfolios', async () => {
    const { running, token } = await systemUser();
    expect((await get(running, '/me/businesses', token)).body.error).toMatchObject({
      code: 100,
      message: expect.stringContaining('nonexisting field (businesses)'),
    });
  });
});

it('a user has no client_business_id: 190', async () => {
  const running = await sandbox(SEED);
  const { body } = await exchange(running, await signInCode(running));
  const token = String(body.access_token);
  const asked = await get(running, '/me', token, { fields: 'client_business_id' });
  expect(asked.body.error).toMatchObject({ code: 190 });
});
