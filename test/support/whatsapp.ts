import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { upsertAccount } from '../../src/accounts/accounts.ts';
import { openProfile } from '../../src/profile/profile.ts';
import { completeSeed, type Seed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { RecordedRequest } from '../../src/sandbox/types.ts';
import { openStore } from '../../src/secrets/open.ts';
import { home } from './cli.ts';

export const APP_ID = '700';
export const APP_SECRET = 'app-secret-700-of-the-desk';
export const TOKEN = 'EAAtoken-of-the-business-7001';
export const PIN = '204816';

const SIGNUP_PAGE = 'https://localhost:8976/callback';

type Whatsapp = NonNullable<Seed['whatsapp']>;
export type SeedWaba = NonNullable<Whatsapp['wabas']>[number];
export type SeedNumber = NonNullable<SeedWaba['numbers']>[number];

export const WABA: SeedWaba = {
  id: '5000',
  name: 'Alder Trading',
  subscribed_apps: [{ id: APP_ID }],
  numbers: [
    { id: '1001', verified_name: 'Alder Orders', registered: false, pin: PIN },
    { id: '1002', verified_name: 'Alder Support', pin: PIN },
    { id: '1003', verified_name: 'Alder UK', registered: false, pin: null },
  ],
};

const WEBHOOKS: NonNullable<Seed['webhooks']> = [
  {
    app_id: APP_ID,
    object: 'whatsapp_business_account',
    callback_url: 'https://desk.example.com/hooks/whatsapp/wa-1001',
    fields: ['messages'],
  },
];

interface DeskOptions {
  wabas?: SeedWaba[];
  whatsapp?: Partial<Whatsapp>;
  now?: () => number;
  accounts?: readonly string[];
  appId?: boolean;
  webhookFields?: 'replace' | 'add';
  webhooks?: Seed['webhooks'];
  seed?: Partial<Seed>;
  extra?: Record<string, string>;
}

export async function whatsappDesk(options: DeskOptions = {}) {
  const { wabas = [WABA], whatsapp = {}, now, accounts = [], appId = true, extra = {} } = options;
  const { webhooks = WEBHOOKS, webhookFields: webhook_fields } = options;
  const app = { id: APP_ID, secret: APP_SECRET, name: 'Small Desk', webhook_fields };
  const seed: Seed = {
    apps: [{ ...app, redirect_uris: [SIGNUP_PAGE] }],
    whatsapp: { business_token: TOKEN, wabas, ...whatsapp },
    webhooks,
    ...options.seed,
  };
  const meta = await startSandbox({ port: 0, seed, now });
  onTestFinished(() => meta.close());
  const tokens = accounts.map((id) => [`CHANNELCTL_SECRET_WHATSAPP_WA_${id}_ACCESS_TOKEN`, TOKEN]);
  const own = await home({
    CHANNELCTL_GRAPH_URL: meta.urls.graph_url,
    CHANNELCTL_SECRET_WHATSAPP_APP_SECRET: APP_SECRET,
    TOKEN,
    PIN,
    ...Object.fromEntries(tokens),
    ...extra,
  });
  await fill(own.configDir, completeSeed(seed).whatsapp.wabas, accounts, appId);
  const calls = (operation?: string) =>
    meta.requests.filter((request) => operation === undefined || request.operation === operation);
  return {
    ...own,
    meta,
    calls,
    names: () => calls().map((request) => request.operation),
    bodyOf: (request: RecordedRequest | undefined) => JSON.parse(request?.body || '{}'),
  };
}

export type WhatsAppDesk = Awaited<ReturnType<typeof whatsappDesk>>;

/** Writes the integration and accounts directly, which is faster than one command each. */
async function fill(
  configDir: string,
  wabas: readonly SeedWaba[],
  accounts: readonly string[],
  appId: boolean,
): Promise<void> {
  const profile = openProfile({
    configDir,
    name: 'default',
    activeStore: () => 'env',
    serverKeys: () => [],
    stores: (name) =>
      openStore(name, {
        ...{ path: '', env: {}, user: null, platform: process.platform },
        signal: new AbortController().signal,
      }),
    now: Date.now,
  });
  const wabaOf = (id: string) =>
    wabas.find(({ numbers }) => numbers?.some((number) => number.id === id))?.id ?? '';
  const now = () => new Date();
  await profile.change((draft) => {
    const time = now().toISOString();
    draft.integrations.push({
      id: 'c1f7a2de-0000-4000-8000-000000000001',
      channel: 'whatsapp',
      is_active: true,
      config: appId ? { app_id: APP_ID } : {},
      secrets: {},
      created_at: time,
      updated_at: time,
      division_id: null,
    });
    for (const id of accounts) {
      const account = {
        channel: 'whatsapp',
        account_key: `wa-${id}`,
        display_name: `Number ${id}`,
        config: { phone_number_id: id, waba_id: wabaOf(id) },
      };
      upsertAccount(draft, account, { now, randomBytes });
    }
  });
}

export function connect(id = '1001', ...more: string[]): string[] {
  return [
    ...['accounts', 'create', '--channel', 'whatsapp', '--config', `phone_number_id=${id}`],
    ...['--config', 'waba_id=5000', '--config', 'access_token=env:TOKEN', ...more],
  ];
}

export function sentPins(desk: WhatsAppDesk): string[] {
  return desk.calls('registerPhoneNumber').map((request) => desk.bodyOf(request).pin);
}

export async function revealedPin({ json }: WhatsAppDesk, id = '1001'): Promise<string> {
  return (await json('accounts', 'get', `wa-${id}`, '--reveal')).config.pin;
}

export const SUBSCRIBED: Omit<SeedWaba, 'id'> = { subscribed_apps: [{ id: APP_ID }] };

export function oneNumber(number: Partial<SeedNumber> = {}, waba: Partial<SeedWaba> = {}) {
  const numbers = [{ id: '1001', verified_name: 'Alder Orders', ...number }];
  const wabas = [{ id: '5000', name: 'Alder Trading', ...SUBSCRIBED, numbers, ...waba }];
  return whatsappDesk({ wabas, accounts: ['1001'] });
}
