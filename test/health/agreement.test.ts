import { cp, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { instagramWebhooks } from '../../src/channels/instagram/webhooks.ts';
import { messengerWebhooks } from '../../src/channels/messenger/webhooks.ts';
import { whatsappWebhooks } from '../../src/channels/whatsapp/webhooks.ts';
import type { Fault } from '../../src/sandbox/http/faults.ts';
import { authorization, VERSION } from '../sandbox/support.ts';
import { type Home, homeIn, run, temporaryFolder } from '../support/cli.ts';
import {
  BASE_URL,
  INSTAGRAM_TOKEN,
  OTHER_INSTAGRAM_TOKEN,
  WEBHOOK_APP,
  webhookDesks,
} from '../support/webhook-desk.ts';

const desk = webhookDesks();

const ELSEWHERE = 'https://elsewhere.example.net/hook';

const CHANNELS = {
  whatsapp: {
    account: 'wa-61',
    app: WEBHOOK_APP.id,
    secret: 'CHANNELCTL_SECRET_WHATSAPP_APP_SECRET',
    webhooks: whatsappWebhooks,
    token: 'CHANNELCTL_SECRET_WHATSAPP_WA_61_ACCESS_TOKEN',
  },
  messenger: {
    account: 'fb-81',
    app: WEBHOOK_APP.id,
    secret: 'CHANNELCTL_SECRET_MESSENGER_APP_SECRET',
    webhooks: messengerWebhooks,
    token: 'CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN',
  },
  instagram: {
    account: 'ig-71',
    // The Instagram app is part of this Meta app, to which its webhooks belong.
    app: WEBHOOK_APP.id,
    secret: 'CHANNELCTL_SECRET_INSTAGRAM_META_APP_SECRET',
    webhooks: instagramWebhooks,
    token: 'CHANNELCTL_SECRET_INSTAGRAM_IG_71_ACCESS_TOKEN',
  },
} as const;

type Channel = keyof typeof CHANNELS;

interface Situation {
  /** False if the app is not subscribed to the WABA, the Page or the profile. */
  own?: false;
  ownFields?: string[];
  /** The changes to the app-level subscription; null if there is none. */
  app?: { callback_url?: string; fields?: string[]; active?: boolean } | null;
  waba?: string;
  number?: string;
  status?: string;
  otherApp?: true;
  token?: string;
  settings?: 'unknown' | 'no secret' | 'wrong secret' | 'no ID' | 'numeric ID';
  baseUrl?: string;
  faults?: Fault[];
  /** Whether the document for `plan` sets an override with this account's URL. */
  override?: true;
}

/** Exit codes. A command that cannot decide exits with a code other than 0 and 6. */
interface Codes {
  check: number;
  webhooks: number;
  /** The exit code of `plan --check`, which ignores the app-level subscription. */
  plan: number;
}

const HEALTHY: Codes = { check: 0, webhooks: 0, plan: 0 };
/** The problem is outside the scope of a document. */
const UNHEALTHY: Codes = { check: 6, webhooks: 6, plan: 0 };
const PLANNED: Codes = { check: 6, webhooks: 6, plan: 6 };
/** Messages arrive, but the state differs from the document. */
const IMPERFECT: Codes = { check: 0, webhooks: 0, plan: 6 };
/** Meta does not return the state that a plan compares. */
const UNREAD: Codes = { check: 6, webhooks: 6, plan: 5 };
/** Only the app has a URL, so `webhooks status` cannot decide without the app's settings. */
const NOT_JUDGED: Codes = { check: 0, webhooks: 2, plan: 0 };

/** By exit code of `webhooks status`: the values of `webhook` that `status` may show. */
const DELIVERIES: Record<number, unknown[]> = {
  0: ['subscribed', 'incomplete'],
  2: [null],
  6: ['missing', null],
};

/**
 * Returns an outage that is not retried, because Meta asks for a longer wait than channelctl
 * allows.
 */
function failing(operation?: string): Fault[] {
  return [{ operation, times: 100, after: 0, status: 500, headers: { 'Retry-After': '3600' } }];
}

const SITUATIONS: [string, Situation, Partial<Record<Channel, Codes>>][] = [
  ['everything is correct', {}, all(HEALTHY)],
  ['the account has no subscription', { own: false }, all(PLANNED)],
  ['the app has no subscription', { app: null }, all(UNHEALTHY)],
  [
    'the app lacks the field messages',
    { app: { fields: ['messaging_referrals'] } },
    all(UNHEALTHY),
  ],
  ['the app has only the field messages', { app: { fields: ['messages'] } }, all(HEALTHY)],
  ['Meta has disabled the subscription of the app', { app: { active: false } }, all(UNHEALTHY)],
  ["the app's URL is on another host", { app: { callback_url: ELSEWHERE } }, all(UNHEALTHY)],
  [
    "the app's URL belongs to another account of the profile",
    { app: { callback_url: `${BASE_URL}/another` } },
    all(HEALTHY),
  ],
  ["the WABA's URL is on another host", { waba: ELSEWHERE }, { whatsapp: UNHEALTHY }],
  ["the number's URL is on another host", { number: ELSEWHERE }, { whatsapp: UNHEALTHY }],
  [
    "only the app's URL is on another host",
    { app: { callback_url: ELSEWHERE }, waba: `${BASE_URL}/whatsapp/wa-61` },
    { whatsapp: HEALTHY },
  ],
  [
    "the WABA's URL is correct and the app has no subscription",
    { app: null, waba: `${BASE_URL}/whatsapp/wa-61` },
    { whatsapp: UNHEALTHY },
  ],
  [
    "the WABA's URL is on another host and should be the account's",
    { waba: ELSEWHERE, override: true },
    { whatsapp: PLANNED },
  ],
  [
    "the WABA's URL is the account's, as it should be",
    { waba: `${BASE_URL}/whatsapp/wa-61`, override: true },
    { whatsapp: HEALTHY },
  ],
  ['only another app is subscribed', { own: false, otherApp: true }, { whatsapp: PLANNED }],
  ['the token is invalid', { token: 'a-token-that-is-dead' }, all(UNREAD)],
  [
    'the token belongs to another profile, which is subscribed',
    { token: OTHER_INSTAGRAM_TOKEN },
    { instagram: UNREAD },
  ],
  [
    "the app's settings are unknown",
    { settings: 'unknown' },
    { whatsapp: HEALTHY, messenger: NOT_JUDGED, instagram: NOT_JUDGED },
  ],
  [
    "the app's settings are unknown and the WABA's URL is on another host",
    { settings: 'unknown', waba: ELSEWHERE },
    { whatsapp: UNHEALTHY },
  ],
  [
    'Meta does not return the app',
    { faults: failing('listAppSubscriptions') },
    { whatsapp: UNHEALTHY, messenger: UNHEALTHY, instagram: HEALTHY },
  ],
  [
    'Meta does not return the WABA',
    { faults: failing('listWabaSubscriptions') },
    { whatsapp: UNREAD },
  ],
  ['Meta does not return the number', { faults: failing('getPhoneNumber') }, { whatsapp: UNREAD }],
  [
    'the connection is lost when the number is read',
    { faults: [{ operation: 'getPhoneNumber', times: 100, cut: 'before' }] },
    { whatsapp: UNREAD },
  ],
  ['Meta returns 500', { faults: failing() }, all(UNREAD)],
  [
    "the app's secret is missing",
    { settings: 'no secret' },
    { whatsapp: HEALTHY, messenger: NOT_JUDGED, instagram: NOT_JUDGED },
  ],
  [
    "the app's secret is wrong",
    { settings: 'wrong secret' },
    { whatsapp: UNREAD, messenger: UNREAD, instagram: HEALTHY },
  ],
  [
    "the app's ID is empty",
    { settings: 'no ID' },
    { whatsapp: HEALTHY, messenger: NOT_JUDGED, instagram: NOT_JUDGED },
  ],
  ["the app's ID is stored as a number", { settings: 'numeric ID' }, all(HEALTHY)],
  [
    "the app's ID is stored as a number and only another app is subscribed",
    { settings: 'numeric ID', own: false, otherApp: true },
    { whatsapp: PLANNED },
  ],
  [
    'the base URL has a trailing slash',
    { baseUrl: `${BASE_URL}/`, waba: `${BASE_URL}/whatsapp/wa-61`, override: true },
    { whatsapp: HEALTHY },
  ],
  [
    'the host of the base URL has capital letters',
    { baseUrl: 'https://DESK.Example.com/hooks' },
    all(HEALTHY),
  ],
  [
    "the host of the WABA's URL is written differently",
    {
      baseUrl: 'https://bücher.example/hooks',
      waba: 'https://XN--BCHER-KVA.example:443/hooks/whatsapp/wa-61',
      override: true,
    },
    { whatsapp: HEALTHY },
  ],
  [
    "the WABA's URL has an additional slash",
    { waba: `${BASE_URL}/whatsapp/wa-61/`, override: true },
    { whatsapp: IMPERFECT },
  ],
  [
    'the account is subscribed to the field messages only',
    { ownFields: ['messages'] },
    { messenger: IMPERFECT, instagram: IMPERFECT },
  ],
  [
    'the account lacks the field messages',
    { ownFields: ['messaging_postbacks'] },
    { messenger: PLANNED, instagram: IMPERFECT },
  ],
];

function all(codes: Codes): Record<Channel, Codes> {
  return { whatsapp: codes, messenger: codes, instagram: codes };
}

const CASES = SITUATIONS.flatMap(([title, situation, codes]) =>
  (['whatsapp', 'messenger', 'instagram'] as const).flatMap((channel) => {
    const expected = codes[channel];
    return expected === undefined ? [] : [[channel, title, situation, expected] as const];
  }),
);

function isOutage({ faults = [] }: Situation): boolean {
  return faults.length > 0;
}

describe('the commands agree on an account', () => {
  test.each(CASES)(
    'of %s when %s',
    async (channel, _title, situation, expected) => {
      const { account } = CHANNELS[channel];
      const own = await deskIn(channel, situation);
      const [plan, doctor, status, check, webhooks, ...health] = await Promise.all([
        planned(own, channel, situation),
        appDiagnosis(own, channel),
        judged(own, account, 'status'),
        judged(own, account, 'accounts', 'check', account),
        judged(own, account, 'webhooks', 'status', account),
        ...(channel === 'whatsapp' ? [judged(own, account, 'whatsapp', 'health', account)] : []),
      ]);
      const codes = { check: check.code, webhooks: webhooks.code, plan: plan.code };
      const isUnknown = expected.check !== 0 && isOutage(situation);
      expect({ status: status.code, ...codes }).toEqual({
        status: isUnknown ? 5 : expected.check,
        ...expected,
      });
      expect([status.healthy, check.healthy]).toEqual([status.code === 0, check.code === 0]);
      expect(webhooks.healthy).toBe(webhooks.code === 2 ? undefined : webhooks.code === 0);
      if (plan.code === 6) expect(plan.parts).toEqual(['subscription']);
      if (plan.code === 6) expect(webhooks.parts).not.toEqual([]);
      const lacksApp = webhooks.code === 2 || webhooks.parts.includes('app');
      if (doctor === 'error') expect(lacksApp).toBe(true);
      if (!lacksApp) expect(doctor).toBe('ok');
      for (const one of health) {
        expect(one).toMatchObject({ code: check.code, healthy: check.healthy });
      }
      expect(DELIVERIES[expected.webhooks]).toContain(status.webhook);
    },
    60_000,
  );
});

describe('a check of several accounts agrees with that of one', () => {
  const cases = CASES.filter(
    ([channel, , { faults = [] }]) =>
      channel === 'whatsapp' &&
      // The number is read from the list of its WABA.
      faults.every(({ operation }) => operation !== 'getPhoneNumber'),
  );

  test.each(cases)(
    'of %s when %s',
    async (channel, _title, situation) => {
      const own = await deskIn(channel, situation);
      const one = await judged(own, 'wa-61', 'whatsapp', 'health', 'wa-61');
      await addTwin(own);
      for (const args of [
        ['whatsapp', 'health', '--all'],
        ['accounts', 'check', '--all'],
      ]) {
        const { code, healthy, parts } = await judged(own, 'wa-61', ...args);
        expect({ code, healthy, parts }).toEqual({
          code: one.code,
          healthy: one.healthy,
          parts: one.parts,
        });
      }
      const status = await judged(own, 'wa-61', 'status');
      expect(status.healthy).toBe(one.healthy);
      // `status` reports an outage as a single problem, with its own exit code.
      if (one.code !== 0 && isOutage(situation)) expect(status.code).toBe(5);
      else expect(status).toMatchObject({ code: one.code, parts: one.parts });
    },
    60_000,
  );
});

test.each(['DISCONNECTED', 'pending'])(
  'a number with the status %s is unhealthy, and a plan registers it',
  async (status) => {
    const own = await deskIn('whatsapp', { status });
    const health = await judged(own, 'wa-61', 'whatsapp', 'health', 'wa-61');
    expect(health).toMatchObject({ code: 6, parts: ['phone_number'] });
    expect(await planned(own, 'whatsapp', {})).toEqual({ code: 6, parts: ['registration'] });
  },
);

test('status and plan ignore an inactive account, but a check of that account does not', async () => {
  const own = await deskIn('messenger', { own: false });
  await own.json('accounts', 'update', 'fb-81', '--inactive');
  expect(await judged(own, 'fb-81', 'status')).toMatchObject({ code: 0, healthy: null });
  expect(await planned(own, 'messenger', {})).toEqual({ code: 0, parts: [] });
  expect(await judged(own, 'fb-81', 'accounts', 'check', 'fb-81')).toMatchObject({
    code: 6,
    healthy: false,
  });
  expect(await judged(own, 'fb-81', 'webhooks', 'status', 'fb-81')).toMatchObject({
    code: 6,
    healthy: false,
  });
});

async function deskIn(channel: Channel, situation: Situation): Promise<Home> {
  const { app, account, webhooks, token, secret: secretVariable } = CHANNELS[channel];
  const url = `${BASE_URL}/${channel}/${account}`;
  const level = { callback_url: url, fields: [...webhooks.fields], ...situation.app };
  const own = await desk({
    webhooks: situation.app === null ? [] : [{ app_id: app, object: webhooks.object, ...level }],
    whatsapp: {
      subscribed_apps: [
        ...(situation.otherApp ? [{ id: '799' }] : []),
        ...(situation.own === false
          ? []
          : [{ id: app, ...(situation.waba && { override_callback_uri: situation.waba }) }]),
      ],
      number: {
        ...(situation.number !== undefined && { webhook_override: situation.number }),
        ...(situation.status !== undefined && { status: situation.status }),
      },
    },
  });
  if (situation.own !== false && channel !== 'whatsapp') {
    const { graph_url, instagram_graph_url } = own.meta.urls;
    const [graph, tokens] =
      channel === 'messenger'
        ? [graph_url, [own.pageToken]]
        : [instagram_graph_url, [INSTAGRAM_TOKEN, OTHER_INSTAGRAM_TOKEN]];
    for (const secret of tokens) {
      const response = await fetch(`${graph}/${VERSION}/me/subscribed_apps`, {
        method: 'POST',
        headers: { ...authorization(secret), 'Content-Type': 'application/json' },
        body: JSON.stringify({ subscribed_fields: situation.ownFields ?? webhooks.fields }),
      });
      expect(response.status).toBe(200);
    }
  }
  for (const fault of situation.faults ?? []) own.meta.inject(fault);
  const folder = await temporaryFolder();
  await cp(own.configDir, folder, { recursive: true });
  const place = homeIn(folder, {
    ...own.env,
    CHANNELCTL_CONFIG_DIR: folder,
    ...(situation.token !== undefined && { [token]: situation.token }),
    ...(situation.baseUrl !== undefined && { CHANNELCTL_WEBHOOK_BASE_URL: situation.baseUrl }),
    ...(situation.settings === 'wrong secret' && {
      [secretVariable]: 'a-secret-of-another-app',
    }),
  });
  const state = JSON.parse(await readFile(place.stateFile(), 'utf8'));
  if (situation.settings === 'unknown') state.integrations = [];
  for (const one of state.integrations) {
    if (situation.settings === 'no secret') one.secrets = {};
    for (const key of ['app_id', 'meta_app_id'].filter((name) => name in one.config)) {
      if (situation.settings === 'no ID') one.config[key] = '';
      if (situation.settings === 'numeric ID') one.config[key] = Number(one.config[key]);
    }
  }
  state.accounts = state.accounts.filter(
    (one: { account_key: string }) => one.account_key === account,
  );
  await writeFile(place.stateFile(), JSON.stringify(state));
  return place;
}

async function addTwin(own: Home): Promise<void> {
  const state = JSON.parse(await readFile(own.stateFile(), 'utf8'));
  const [account] = state.accounts;
  const id = account.id.replace(/^.{8}/, '12345678');
  const { config } = await own.json('accounts', 'get', account.id, '--reveal');
  own.env.CHANNELCTL_SECRET_WHATSAPP_WA_62_ACCESS_TOKEN ??= config.access_token;
  state.accounts.push({ ...account, id, account_key: 'wa-62', is_default: false, secrets: {} });
  await writeFile(own.stateFile(), JSON.stringify(state));
}

async function judged(own: Home, account: string, ...args: string[]) {
  const { code, stdout } = await own.cli(...args, '--json');
  const found = JSON.parse(stdout || '{}');
  const [one] = Array.isArray(found) ? found : [found];
  if (one.account_key !== undefined) expect(one.account_key).toBe(account);
  const parts = (one.problems ?? []).map(({ part }: { part: string }) => part);
  return { code, healthy: one.healthy, webhook: one.webhook, parts };
}

async function planned(own: Home, channel: Channel, { override }: Situation) {
  const state = JSON.parse(await readFile(own.stateFile(), 'utf8'));
  const [{ account_key, config }] = state.accounts;
  const document = {
    version: 1,
    integrations: state.integrations
      .filter((one: { channel: string }) => one.channel === channel)
      .map((one: { config: object }) => ({ channel, config: one.config })),
    accounts: [{ channel, account_key, config }],
    ...(override && { subscriptions: { [`${channel}/${account_key}`]: { override } } }),
  };
  const args = ['plan', '-f', '-', '--check', '--json'];
  const { code, stdout } = await run(args, own.env, JSON.stringify(document));
  return { code, parts: JSON.parse(stdout).steps.map(({ part }: { part: string }) => part) };
}

async function appDiagnosis(own: Home, channel: Channel): Promise<string | undefined> {
  const { stdout } = await own.cli('doctor', '--json');
  const results: { check: string; status: string }[] = JSON.parse(stdout);
  return results.find(({ check }) => check === `app:${channel}`)?.status;
}
