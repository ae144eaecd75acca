import { describe, expect, test } from 'vitest';
import { get, userToken } from '../sandbox/support.ts';
import { fleet } from './fleet.ts';

type Fleet = Awaited<ReturnType<typeof fleet>>;

const ACCOUNTS = {
  'whatsapp/wa-5012': {
    variable: 'NUMBER_TOKEN',
    field: 'access_token',
    config: { phone_number_id: '5012', waba_id: '501' },
  },
  'messenger/fb-81': { variable: 'PAGE_81', field: 'page_access_token', config: { page_id: '81' } },
  'messenger/fb-82': { variable: 'PAGE_82', field: 'page_access_token', config: { page_id: '82' } },
  'instagram/ig-17841': {
    variable: 'PROFILE_TOKEN',
    field: 'access_token',
    config: { ig_user_id: '17841' },
  },
} as const;

type Name = keyof typeof ACCOUNTS;
const NAMES = Object.keys(ACCOUNTS) as Name[];

function documentOf(names: readonly Name[], more: object = {}) {
  const accounts = names.map((name) => {
    const [channel, account_key] = name.split('/');
    const { variable, field, config } = ACCOUNTS[name];
    return { channel, account_key, config: { ...config, [field]: { env: variable } } };
  });
  const app = { app_id: '700', app_secret: { env: 'APP_SECRET' } };
  const integrations = ['whatsapp', 'messenger'].map((channel) => ({ channel, config: app }));
  return { version: 1, integrations, accounts, ...more };
}

async function appliedFleet() {
  const at = await fleet();
  for (const name of Object.keys(at.env)) {
    if (name.startsWith('CHANNELCTL_SECRET_')) delete at.env[name];
  }
  const page = (id: string) => at.meta.description.pages.find((one) => one.id === id);
  Object.assign(at.env, {
    APP_SECRET: at.meta.description.app_secret,
    NUMBER_TOKEN: at.meta.description.business_token,
    PAGE_81: page('81')?.access_token,
    PAGE_82: page('82')?.access_token,
    PROFILE_TOKEN: 'IGAA-token-of-alder',
  });
  expect(await at.result('apply', documentOf(NAMES), '--yes')).toMatchObject({ code: 0 });
  const token = async (name: Name): Promise<string> => {
    const { config } = await at.json('accounts', 'get', name, '--reveal');
    return config[ACCOUNTS[name].field];
  };
  const before = at.meta.requests.length;
  const calls = () => at.meta.requests.slice(before).map(({ operation }) => operation);
  return { ...at, token, calls };
}

async function newPageToken({ meta }: Fleet, id: string): Promise<string> {
  const { body } = await get(meta, `/${id}`, await userToken(meta), {
    fields: 'name,access_token',
  });
  return String(body.access_token);
}

test('apply verifies a token that replaces a stored one, before any step, and stores it', async () => {
  const at = await appliedFleet();
  at.env.PAGE_82 = await newPageToken(at, '82');
  const planned = at.calls().length;
  await at.result('plan', documentOf(NAMES));
  expect(at.calls().slice(planned)).not.toContain('getPage');
  expect(await at.result('apply', documentOf(NAMES), '--yes')).toMatchObject({ code: 0 });
  expect(await at.token('messenger/fb-82')).toBe(at.env.PAGE_82);
  expect(at.calls().filter((operation) => operation === 'getPage')).toHaveLength(1);
});

test('apply does not verify the token of a new account, which replaces none', async () => {
  const at = await fleet();
  at.env.PAGE_81 = 'EAA-a-token-that-never-was';
  const subscriptions = { 'messenger/fb-81': { subscribed: false } };
  at.env.APP_SECRET = at.meta.description.app_secret;
  const document = documentOf(['messenger/fb-81'], { subscriptions });
  expect(await at.result('apply', document, '--yes')).toMatchObject({ code: 0 });
  expect(at.meta.requests).toEqual([]);
});

describe.each([
  ['that Meta rejects', 'messenger/fb-81', 'EAA-a-token-that-never-was', '190'],
  ['that Meta rejects', 'instagram/ig-17841', 'IGAA-a-token-that-never-was', '190'],
  ['that Meta rejects', 'whatsapp/wa-5012', 'EAA-a-token-that-never-was', '190'],
  ['of another Page', 'messenger/fb-81', 'PAGE_82', 'to 82'],
  ['of another WABA', 'whatsapp/wa-5012', 'EAA-business-token-of-another-waba', 'not valid for'],
] as const)('a new token %s, for %s,', (_, name, given, reason) => {
  // The remote state of an account that is not subscribed is not read, but its token is verified.
  test.each([true, false])(
    'does not replace the stored one (subscribed: %s)',
    async (subscribed) => {
      const at = await appliedFleet();
      const before = await at.token(name);
      at.env[ACCOUNTS[name].variable] = at.env[given] ?? given;
      const subscriptions = { [name]: { subscribed } };
      const { code, steps } = await at.result(
        'apply',
        documentOf([name], { subscriptions }),
        '--yes',
      );
      expect(code).toBe(4);
      expect(steps[0]).toMatchObject({ part: 'account', name, result: 'failed' });
      expect(`${steps[0].error.message} ${steps[0].error.graph?.code}`).toContain(reason);
      expect(steps[0].error.hint).not.toMatch(/<|…/);
      expect(await at.token(name)).toBe(before);
    },
  );
});

test('a rejected token fails only the steps of its account', async () => {
  const at = await appliedFleet();
  const before = await at.token('messenger/fb-81');
  at.env.PAGE_81 = 'EAA-a-token-that-never-was';
  at.env.PAGE_82 = await newPageToken(at, '82');
  const { code, steps } = await at.result('apply', documentOf(NAMES), '--yes');
  expect(code).toBe(5);
  expect(steps.map(({ name, result }: Record<string, string>) => [name, result])).toEqual([
    ['messenger/fb-81', 'failed'],
    ['messenger/fb-82', 'done'],
  ]);
  expect(await at.token('messenger/fb-81')).toBe(before);
  expect(await at.token('messenger/fb-82')).toBe(at.env.PAGE_82);
});

test('a token that cannot be verified does not replace the stored one, and the exit code is 5', async () => {
  const at = await appliedFleet();
  const before = await at.token('messenger/fb-82');
  at.env.PAGE_82 = await newPageToken(at, '82');
  at.meta.inject({ operation: 'getPage', code: 2, times: 4 });
  const { code, steps } = await at.result('apply', documentOf(NAMES), '--yes');
  expect({ code, steps }).toMatchObject({
    code: 5,
    steps: [{ result: 'failed', error: { message: expect.stringContaining('Could not verify') } }],
  });
  expect(await at.token('messenger/fb-82')).toBe(before);
  expect(await at.result('apply', documentOf(NAMES), '--yes')).toMatchObject({ code: 0 });
  expect(await at.token('messenger/fb-82')).toBe(at.env.PAGE_82);
});

test('apply --offline stores a new token without verifying it', async () => {
  const at = await appliedFleet();
  at.env.PAGE_82 = 'EAA-a-token-that-never-was';
  const applied = await at.result('apply', documentOf(NAMES), '--yes', '--offline');
  expect(applied).toMatchObject({ code: 0, success: true });
  expect(await at.token('messenger/fb-82')).toBe(at.env.PAGE_82);
  expect(at.calls()).toEqual([]);
});

test('plan --check reports that an account could not be read, whether or not there are changes', async () => {
  const at = await appliedFleet();
  at.meta.inject({ operation: 'listPageSubscriptions', code: 190, times: 2 });
  const changed = documentOf(NAMES, { settings: { graph_version: 'v25.0' } });
  const { code, differences, problems } = await at.result('plan', changed, '--check');
  expect({ code, differences, problems: problems.length }).toEqual({
    ...{ code: 5, differences: 1, problems: 2 },
  });
  expect(await at.result('plan', changed, '--check')).toMatchObject({ code: 6, problems: [] });
});
