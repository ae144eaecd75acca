import { describe, expect, test } from 'vitest';
import { signInCode } from '../sandbox/support.ts';
import { APP, desks } from '../support/desk.ts';

/**
 * Page 81 is assigned to the system user, Page 82 belongs to its business portfolio, and Page 83 is
 * both.
 */
const SEED = `
apps:
  - id: "${APP.id}"
    secret: ${APP.secret}
    name: Small Desk
    system_user_configs:
      - { id: "56", business_id: "9002", pages: [{ id: "81" }, { id: "83", tasks: [ANALYZE] }] }
      - { id: "57", business_id: "9002", pages: [{ id: "81" }], expires: true }
pages:
  - { id: "81", name: Alder Books }
  - { id: "82", name: Birch & Co }
  - { id: "83", name: Cedar Tea }
people: [{ id: "91", name: Ada, pages: [{ id: "81" }] }]
businesses: [{ id: "9002", name: Alder Group, people: [], owned_pages: ["82", "83"] }]
`;

const desk = desks();

async function signedIn(config_id: string) {
  const own = await desk({ seed: SEED });
  await own.json('integrations', 'set', 'messenger', '--config', `config_id=${config_id}`);
  const code = await signInCode(own.meta, {
    scope: null,
    config_id,
    override_default_response_type: 'true',
  });
  const calls = () => own.meta.requests.map(({ operation }) => operation);
  const userToken = async () => {
    const tokens = await own.json('tokens', 'list');
    return tokens.find(({ field }: { field: string }) => field === 'user_token');
  };
  return { own, code, calls, userToken };
}

describe('a sign-in that issues the token of a system user', () => {
  test('connects the assigned Pages, without exchanging the token', async () => {
    const { own, code, calls, userToken } = await signedIn('56');
    const args = ['messenger', 'connect', '--page', '81', '--code', code];
    expect(await own.json(...args)).toMatchObject({ success: true, pages: [{ id: '81' }] });
    expect(calls()).not.toContain('extendUserToken');
    expect(await userToken()).toMatchObject({ expires_at: null });
    const [refreshed] = await own.json('tokens', 'refresh', '--expiring-within', '90d');
    expect(refreshed).toMatchObject({ refreshed: false, note: 'The token does not expire.' });
    expect(calls()).not.toContain('renewBusinessToken');
  });

  test('lists each Page once, without a warning', async () => {
    const { own, code } = await signedIn('56');
    const args = ['messenger', 'connect', '--list-only', '--code', code, '--json'];
    const { stdout, stderr } = await own.cli(...args);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).pages).toMatchObject([
      { id: '81', business: null },
      { id: '83', business: { id: '9002', name: null } },
      { id: '82', business: { id: '9002', name: null } },
    ]);
  });

  test('stores the expiry of a token that expires, and renews it as that of a system user', async () => {
    const { own, code, calls, userToken } = await signedIn('57');
    await own.json('messenger', 'connect', '--list-only', '--code', code);
    const { expires_at } = await userToken();
    expect(Date.parse(expires_at)).toBeGreaterThan(Date.now() + 59 * 24 * 60 * 60 * 1000);
    await own.cli('tokens', 'refresh', '--expiring-within', '90d');
    expect(calls()).toContain('renewBusinessToken');
    expect(calls()).not.toContain('extendUserToken');
  });

  test.each([
    ['listPages', ['81', '83', '82']],
    ['listAssignedPages', ['82', '83']],
    ['listOwnedPages', ['81', '83']],
    ['debugToken', ['81', '83', '82']],
  ])('the other Pages are found if %s fails', async (operation, ids) => {
    const { own, code } = await signedIn('56');
    own.meta.inject({ operation, code: 2, times: 4 });
    const { code: exit, stdout } = await own.cli(
      ...['messenger', 'connect', '--list-only', '--code', code, '--json'],
    );
    const found = JSON.parse(stdout).pages.map(({ id }: { id: string }) => id);
    expect({ exit, found }).toEqual({ exit: 0, found: ids });
  });

  test('is found by messenger pages if the app is unknown', async () => {
    const { own, code } = await signedIn('56');
    await own.json('messenger', 'connect', '--list-only', '--code', code);
    await own.json('integrations', 'set', 'messenger', '--unset', 'app_id');
    const result = await own.json('messenger', 'pages', '--page', '81');
    expect(result).toMatchObject({ success: true });
  });
});

test('a user token needs no requests for a system user', async () => {
  const own = await desk({ seed: SEED });
  const code = await signInCode(own.meta);
  await own.json('messenger', 'connect', '--list-only', '--code', code);
  const calls = own.meta.requests.map(({ operation }) => operation);
  expect(calls).toContain('extendUserToken');
  expect(calls).not.toContain('listAssignedPages');
  expect(calls).not.toContain('getUser');
});
