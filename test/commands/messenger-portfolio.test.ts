import { describe, expect, test } from 'vitest';
import { proofOf, signInCode } from '../sandbox/support.ts';
import { APP, desks } from '../support/desk.ts';

/**
 * Ada has a role on four Pages. /me/accounts lists only the first; a portfolio owns the second and
 * has shared access to the third. The token was granted access to the fourth.
 */
const SEED = `
apps: [{ id: "${APP.id}", secret: ${APP.secret}, name: Small Desk }]
pages:
  - { id: "81", name: Alder Books }
  - { id: "82", name: Birch & Co, in_accounts: false }
  - { id: "83", name: Cedar Tea, in_accounts: false, is_unnamed: true }
  - { id: "84", name: Dogwood, in_accounts: false }
people:
  - id: "91"
    name: Ada
    pages: [{ id: "81" }, { id: "82" }, { id: "83", tasks: null }, { id: "84" }]
  - { id: "92", name: Bo, pages: [] }
businesses:
  - { id: "9002", name: Alder Group, people: ["91"], owned_pages: ["82"], client_pages: ["83", "81"] }
`;

const GROUP = { id: '9002', name: 'Alder Group' };
const desk = desks();

describe('Pages of a business portfolio', () => {
  test('are listed once, with their portfolio, together with the granted ones', async () => {
    const own = await desk({ seed: SEED });
    const code = await signInCode(own.meta);
    const { pages } = await own.json('messenger', 'connect', '--list-only', '--code', code);
    expect(pages).toMatchObject([
      { id: '81', name: 'Alder Books', business: GROUP },
      { id: '82', name: 'Birch & Co', business: GROUP },
      { id: '83', name: null, tasks: null, business: GROUP },
      { id: '84', name: 'Dogwood', business: null },
    ]);
  });

  test('are connected with --all-pages, also without a name or tasks', async () => {
    const own = await desk({ seed: SEED });
    const code = await signInCode(own.meta);
    const result = await own.json('messenger', 'connect', '--all-pages', '--code', code);
    expect(result.success).toBe(true);
    expect(result.pages.map((page: { connected: boolean }) => page.connected)).toEqual([
      ...[true, true, true, true],
    ]);
    const { display_name } = await own.json('accounts', 'get', 'fb-83');
    expect(display_name).toBeNull();
  });

  test('are found by ID without the permission business_management', async () => {
    const own = await desk({ seed: SEED });
    const code = await signInCode(own.meta, {
      scope: 'pages_show_list,pages_messaging,pages_manage_metadata',
    });
    const args = ['messenger', 'connect', '--page', '82', '--code', code];
    expect(await own.json(...args)).toMatchObject({ success: true, pages: [{ id: '82' }] });
    expect(await own.json('accounts', 'list', '--fields', 'account_key')).toEqual([
      { account_key: 'fb-82' },
    ]);
  });

  test('are reported as possibly missing if Meta is down', async () => {
    const own = await desk({ seed: SEED });
    own.meta.inject({ operation: 'listOwnedPages', code: 2, times: 4 });
    const code = await signInCode(own.meta);
    const args = ['messenger', 'connect', '--list-only', '--code', code, '--json'];
    const { code: exit, stdout, stderr } = await own.cli(...args);
    const ids = JSON.parse(stdout).pages.map(({ id }: { id: string }) => id);
    expect({ exit, ids }).toEqual({ exit: 0, ids: ['81', '83', '82', '84'] });
    expect(JSON.parse(stderr).warning.message).toMatch(/^Pages may be missing from the list\./);
  });

  test('do not make a named Page unknown if Meta is down', async () => {
    const own = await desk({ seed: SEED });
    own.meta.inject({ operation: 'listOwnedPages', code: 200 });
    own.meta.inject({ operation: 'debugToken', code: 200 });
    own.meta.inject({ operation: 'getPage', code: 2, times: 4 });
    const code = await signInCode(own.meta);
    const { code: exit, error } = await own.failure(
      ...['messenger', 'connect', '--page', '82', '--code', code],
    );
    expect({ exit, kind: error.kind }).toEqual({ exit: 5, kind: 'graph' });
    expect(await own.json('accounts', 'list')).toEqual([]);
  });

  test('do not end the search if they cannot be read', async () => {
    const own = await desk({ seed: SEED });
    for (const operation of ['listOwnedPages', 'debugToken']) {
      own.meta.inject({ operation, code: 200 });
    }
    const code = await signInCode(own.meta);
    const { pages } = await own.json('messenger', 'connect', '--list-only', '--code', code);
    expect(pages.map(({ id }: { id: string }) => id)).toEqual(['81', '83']);
  });
});

test('objects for which another permission was granted are not requested as Pages', async () => {
  const own = await desk({ seed: SEED });
  const granular_scopes = [
    { scope: 'pages_messaging', target_ids: ['84'] },
    { scope: 'instagram_basic', target_ids: ['17841400000000001'] },
  ];
  const data = { app_id: APP.id, type: 'USER', is_valid: true, granular_scopes };
  own.meta.inject({ operation: 'debugToken', body: { data } });
  const code = await signInCode(own.meta);
  await own.json('messenger', 'connect', '--list-only', '--code', code);
  const requested = own.meta.requests.filter(({ operation }) => operation === 'getPage');
  expect(requested.map(({ path }) => path.split('/').at(-1))).toEqual(['84']);
});

test.each(['--all-pages', '--list-only', '--page=81'])(
  'no Page at all is exit 3 with the likely reasons: %s',
  async (flag) => {
    const own = await desk({ seed: SEED });
    const code = await signInCode(own.meta, {}, '92');
    const { code: exit, error } = await own.failure('messenger', 'connect', flag, '--code', code);
    expect({ exit, message: error.message.split('.')[0] }).toEqual({
      exit: 3,
      message: 'No Pages found',
    });
    expect(error.message).toMatch(/role.*business_management/);
    expect(error.hint).toContain('channelctl messenger connect');
  },
);

test('the inspection of the token is sent with the proof of the app', async () => {
  const own = await desk({ seed: SEED });
  const code = await signInCode(own.meta);
  await own.json('messenger', 'connect', '--list-only', '--code', code);
  const inspection = own.meta.requests.find(({ operation }) => operation === 'debugToken');
  expect(inspection?.query.appsecret_proof).toBe(proofOf(`${APP.id}|${APP.secret}`, APP.secret));
});
