import { onTestFinished } from 'vitest';
import { instagramWebhooks } from '../../src/channels/instagram/webhooks.ts';
import { messengerWebhooks } from '../../src/channels/messenger/webhooks.ts';
import type { Seed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { home, run } from './cli.ts';
import { variablesFor } from './desk.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
export const SECRET = 'app-secret-700-of-the-desk';
const OTHER_SECRET = 'app-secret-999-of-another';
export const BUSINESS_TOKEN = 'EAA-business-token-of-the-desk';
export const INSTAGRAM_TOKEN = 'IGAA-token-of-the-desk';

/** An ISO 8601 time, in whole seconds as Meta counts them. */
export const inDays = (days: number) =>
  new Date(Math.floor((Date.now() + days * DAY_MS) / 1000) * 1000).toISOString();

type PageSeed = NonNullable<Seed['pages']>[number];
interface DeskOptions {
  page?: Partial<PageSeed>;
  whatsapp?: Partial<NonNullable<Seed['whatsapp']>>;
  subscribed?: string[];
  onInstagram?: string[];
  secret?: boolean;
}

export async function grantsDesk(options: DeskOptions = {}) {
  const { page = {}, whatsapp = {}, subscribed = ['700'], secret = true } = options;
  const { onInstagram = ['800'] } = options;
  const fields = [...messengerWebhooks.fields];
  const hooks = { app_id: '700', callback_url: 'https://desk.example.com/hooks' };
  const seed: Seed = {
    apps: [
      { id: '700', secret: SECRET, name: 'Desk' },
      { id: '999', secret: OTHER_SECRET, name: 'Other' },
    ],
    pages: [
      {
        id: '81',
        name: 'Alder Books',
        subscribed_apps: [{ id: '700', subscribed_fields: fields }],
        ...page,
      },
      { id: '82', name: 'Birch & Co' },
    ],
    whatsapp: {
      business_token: BUSINESS_TOKEN,
      wabas: [
        { id: '51', numbers: [{ id: '61' }], subscribed_apps: subscribed.map((id) => ({ id })) },
      ],
      ...whatsapp,
    },
    instagram: {
      app_id: '800',
      accounts: [
        {
          ...{ user_id: '71', app_scoped_id: '72', username: 'alder', name: 'Alder' },
          access_token: INSTAGRAM_TOKEN,
          subscribed_apps: onInstagram.map((id) => ({
            id,
            subscribed_fields: [...instagramWebhooks.fields],
          })),
        },
      ],
    },
    webhooks: [
      { ...hooks, object: 'page', fields },
      { ...hooks, object: 'whatsapp_business_account', fields: ['messages'] },
      { ...hooks, object: 'instagram', fields: [...instagramWebhooks.fields] },
    ],
  };
  const meta = await startSandbox({ port: 0, seed });
  onTestFinished(() => meta.close());
  const own = await home({
    ...variablesFor(meta),
    ...{ SECRET, BUSINESS: BUSINESS_TOKEN, INSTAGRAM: INSTAGRAM_TOKEN },
    PAGE: meta.description.pages[0]?.access_token ?? '',
  });
  const config = (...pairs: string[]) => pairs.flatMap((pair) => ['--config', pair]);
  const known = secret ? ['app_secret=env:SECRET'] : [];
  for (const channel of ['messenger', 'whatsapp']) {
    await own.json('integrations', 'set', channel, ...config('app_id=700', ...known));
  }
  const metaApp = secret ? ['meta_app_id=700', 'meta_app_secret=env:SECRET'] : [];
  await own.json('integrations', 'set', 'instagram', ...config('app_id=800', ...metaApp));
  const create = (channel: string, ...pairs: string[]) => [
    ...['accounts', 'create', '--channel', channel],
    ...config(...pairs),
  ];
  await own.json(
    ...create('messenger', 'page_id=81', 'page_access_token=env:PAGE'),
    ...['--account-key', 'fb-81'],
  );
  await own.json(
    ...create('whatsapp', 'phone_number_id=61', 'waba_id=51', 'access_token=env:BUSINESS'),
    ...['--no-register', '--no-subscribe'],
  );
  await own.json(
    ...create('instagram', 'ig_user_id=71', 'access_token=env:INSTAGRAM'),
    ...['--account-key', 'ig-71'],
  );
  const result = async (...args: string[]) => {
    const { stdout, code } = await run([...args, '--json'], own.env);
    return { code, data: JSON.parse(stdout) };
  };
  return {
    ...own,
    meta,
    check: async (account: string) => (await result('accounts', 'check', account)).data,
    health: async () => (await result('whatsapp', 'health', 'wa-61')).data,
    status: async () => (await result('status')).data,
    storedExpiry: async (account: string) =>
      (await own.json('accounts', 'get', account)).config.token_expires_at,
  };
}

export type GrantsDesk = Awaited<ReturnType<typeof grantsDesk>>;
