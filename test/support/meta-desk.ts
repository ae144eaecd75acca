import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { instagramWebhooks } from '../../src/channels/instagram/webhooks.ts';
import { messengerWebhooks } from '../../src/channels/messenger/webhooks.ts';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { decide, signInCode } from '../sandbox/support.ts';
import { bareEnvironment, home, run } from './cli.ts';
import { variablesFor } from './desk.ts';

export const MESSENGER_APP = { id: '700', secret: 'app-secret-700-of-the-desk' };
export const INSTAGRAM_APP = { id: '800', secret: 'app-secret-800-of-the-desk' };

const HOOKS = 'https://desk.example.com';

export const HTTPS_REDIRECT = 'https://localhost:8976/callback';

/** IDs above 2^53, which lose their last digits as numbers. */
export const ADA = { user_id: '17841445902716037', app_scoped_id: '27134509918264411' };
export const BO = { user_id: '17841445902716039', app_scoped_id: '27134509918264413' };

export interface DeskOptions {
  codeAnswer?: 'plain' | 'data';
  ada?: object;
  redirects?: string[];
  renewals?: Record<string, string>;
  now?: () => number;
  extra?: Record<string, string>;
}

/** Ada can reply to messages to Alder Books, but not to Birch & Co. */
function seedOf(options: DeskOptions): string {
  const { codeAnswer = 'plain', redirects = [], ada = {}, renewals = {} } = options;
  return JSON.stringify({
    apps: [{ ...MESSENGER_APP, name: 'Small Desk' }],
    pages: [
      { id: '81', name: 'Alder Books' },
      { id: '82', name: 'Birch & Co' },
    ],
    webhooks: [
      {
        app_id: MESSENGER_APP.id,
        object: 'page',
        callback_url: `${HOOKS}/messenger/fb-81`,
        fields: messengerWebhooks.fields,
      },
      {
        app_id: MESSENGER_APP.id,
        object: 'instagram',
        callback_url: `${HOOKS}/instagram/ig-${ADA.user_id}`,
        fields: instagramWebhooks.fields,
      },
    ],
    people: [{ id: '91', name: 'Ada', pages: [{ id: '81' }, { id: '82', tasks: ['ANALYZE'] }] }],
    token_renewals: renewals,
    instagram: {
      app_id: INSTAGRAM_APP.id,
      app_secret: INSTAGRAM_APP.secret,
      redirect_uris: [HTTPS_REDIRECT, ...redirects],
      code_answer: codeAnswer,
      accounts: [
        { ...ADA, username: 'ada.alder', name: 'Ada Alder', ...ada },
        { ...BO, username: 'bo.birch', name: 'Bo Birch' },
      ],
    },
  });
}

/**
 * Stores the settings of both apps once for all tests of a file, and returns a function that
 * creates a copy and a sandbox for each test.
 */
export function metaDesks() {
  let template = '';
  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), 'channelctl-test-desk-'));
    for (const [channel, keys] of [
      ['messenger', { app_id: MESSENGER_APP.id, app_secret: 'env:APP_SECRET' }],
      ['instagram', { app_id: INSTAGRAM_APP.id, app_secret: 'env:INSTAGRAM_SECRET' }],
      ['instagram', { meta_app_id: MESSENGER_APP.id, meta_app_secret: 'env:APP_SECRET' }],
    ] as const) {
      const env = {
        ...bareEnvironment(template),
        APP_SECRET: MESSENGER_APP.secret,
        INSTAGRAM_SECRET: INSTAGRAM_APP.secret,
      };
      const settings = Object.entries(keys).flatMap((pair) => ['--config', pair.join('=')]);
      const { code, stderr } = await run(['integrations', 'set', channel, ...settings], env);
      if (code !== 0) throw new Error(stderr);
    }
  });
  afterAll(() => rm(template, { recursive: true, force: true }));

  return async (options: DeskOptions = {}) => {
    const { now, extra } = options;
    const meta = await startSandbox({ port: 0, seed: parseSeed(seedOf(options)), now });
    onTestFinished(() => meta.close());
    const own = await home({ ...variablesFor(meta), ...extra });
    await cp(template, own.configDir, { recursive: true });
    return {
      ...own,
      meta,
      connectInstagram: async (person = ADA) => {
        const code = await instagramCode(meta, person);
        const where = ['--redirect-uri', HTTPS_REDIRECT];
        return own.json('instagram', 'connect', '--code', code, ...where);
      },
      connectPage: async () => {
        const where = ['--redirect-uri', 'http://localhost:8976/callback', '--page', '81'];
        return own.json('messenger', 'connect', '--code', await signInCode(meta), ...where);
      },
      calls: () => meta.requests.flatMap(({ operation }) => operation ?? []),
    };
  };
}

export type MetaDesk = Awaited<ReturnType<ReturnType<typeof metaDesks>>>;

export async function allowed(url: string, person = ADA): Promise<string> {
  const response = await decide(url, 'allow', person.user_id);
  return response.headers.get('location') ?? '';
}

export async function instagramCode(
  on: Sandbox,
  person = ADA,
  scope = 'instagram_business_basic,instagram_business_manage_messages',
): Promise<string> {
  const url = new URL(`${on.urls.instagram_url}/oauth/authorize`);
  url.search = new URLSearchParams({
    client_id: INSTAGRAM_APP.id,
    redirect_uri: HTTPS_REDIRECT,
    response_type: 'code',
    scope,
    state: 'a-state',
  }).toString();
  return new URL(await allowed(url.href, person)).searchParams.get('code') ?? '';
}
