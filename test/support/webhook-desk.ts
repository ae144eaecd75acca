import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Fault } from '../../src/sandbox/http/faults.ts';
import { parseSeed, type Seed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { bareEnvironment, homeIn, run } from './cli.ts';
import { variablesFor } from './desk.ts';

export const WEBHOOK_APP = { id: '700', secret: 'app-secret-700-of-the-desk' };
export const INSTAGRAM_APP = { id: '701', secret: 'app-secret-701-of-instagram' };
export const BUSINESS_TOKEN = 'EAA-business-token-of-the-desk';
export const INSTAGRAM_TOKEN = 'IGAA-token-of-the-desk';
export const OTHER_INSTAGRAM_TOKEN = 'IGAA-token-of-another-profile';
export const BASE_URL = 'https://desk.example.com/hooks';

const SEED = `
apps: [{ id: "${WEBHOOK_APP.id}", secret: ${WEBHOOK_APP.secret}, name: Small Desk }]
pages: [{ id: "81", name: Alder Books }]
whatsapp:
  business_token: ${BUSINESS_TOKEN}
  wabas: [{ id: "51", name: Alder Books, numbers: [{ id: "61" }] }]
instagram:
  app_id: "${INSTAGRAM_APP.id}"
  app_secret: ${INSTAGRAM_APP.secret}
  accounts:
    - { user_id: "71", app_scoped_id: "72", username: alder, name: Alder, access_token: ${INSTAGRAM_TOKEN} }
    - { user_id: "73", app_scoped_id: "74", username: birch, name: Birch, access_token: ${OTHER_INSTAGRAM_TOKEN} }
`;

interface WebhookDeskOptions {
  webhooks?: Seed['webhooks'];
  whatsapp?: {
    subscribed_apps?: { id: string; override_callback_uri?: string }[];
    number?: object;
    more?: number;
  };
  faults?: Fault[];
  extra?: Record<string, string>;
}

/**
 * Creates the accounts whatsapp/wa-61, messenger/fb-81, instagram/ig-71 and email/post once for all
 * tests of a file, and returns a function that creates a sandbox for each test.
 */
export function webhookDesks() {
  let configDir = '';
  let verifyTokens: Record<string, string> = {};
  beforeAll(async () => {
    configDir = await mkdtemp(join(tmpdir(), 'channelctl-test-webhooks-'));
    const meta = await startSandbox({ port: 0, seed: parseSeed(SEED) });
    const env = {
      ...bareEnvironment(configDir),
      ...variablesFor(meta),
      APP_SECRET: WEBHOOK_APP.secret,
      IG_SECRET: INSTAGRAM_APP.secret,
      BUSINESS: BUSINESS_TOKEN,
      INSTAGRAM: INSTAGRAM_TOKEN,
    };
    const app = ['--config', `app_id=${WEBHOOK_APP.id}`, '--config', 'app_secret=env:APP_SECRET'];
    const instagram = [
      '--config',
      `app_id=${INSTAGRAM_APP.id}`,
      '--config',
      'app_secret=env:IG_SECRET',
      '--config',
      `meta_app_id=${WEBHOOK_APP.id}`,
      '--config',
      'meta_app_secret=env:APP_SECRET',
    ];
    const create = (channel: string, ...config: string[]) => [
      ...['accounts', 'create', '--channel', channel],
      ...config.flatMap((pair) => ['--config', pair]),
    ];
    const commands = [
      ['config', 'set', 'webhook_base_url', BASE_URL],
      ['integrations', 'set', 'whatsapp', ...app],
      ['integrations', 'set', 'messenger', ...app],
      ['integrations', 'set', 'instagram', ...instagram],
      [
        ...create('whatsapp', 'phone_number_id=61', 'waba_id=51', 'access_token=env:BUSINESS'),
        '--no-register',
        '--no-subscribe',
      ],
      [
        ...create('messenger', 'page_id=81', 'page_access_token=env:APP_SECRET'),
        ...['--account-key', 'fb-81'],
      ],
      [
        ...create('instagram', 'ig_user_id=71', 'access_token=env:INSTAGRAM'),
        ...['--account-key', 'ig-71'],
      ],
      [...create('email', 'address=post@example.com'), '--account-key', 'post'],
    ];
    for (const command of commands) {
      const { code, stderr } = await run(command, env);
      if (code !== 0) throw new Error(stderr);
    }
    const { stdout } = await run(['accounts', 'list', '--json'], env);
    const accounts: { account_key: string; verify_token: string }[] = JSON.parse(stdout);
    verifyTokens = Object.fromEntries(
      accounts.map(({ account_key, verify_token }) => [account_key, verify_token]),
    );
    await meta.close();
  });
  afterAll(() => rm(configDir, { recursive: true, force: true }));

  return async (options: WebhookDeskOptions = {}) => {
    const seed = parseSeed(SEED);
    const [waba] = seed.whatsapp?.wabas ?? [];
    if (waba !== undefined) {
      waba.subscribed_apps = options.whatsapp?.subscribed_apps ?? [];
      const more = Array.from({ length: options.whatsapp?.more ?? 0 }, (_, at) => ({
        id: `610${at}`,
      }));
      waba.numbers = [{ id: '61', ...options.whatsapp?.number }, ...more];
    }
    seed.webhooks = options.webhooks ?? [];
    seed.faults = options.faults ?? [];
    const meta = await startSandbox({ port: 0, seed });
    onTestFinished(() => meta.close());
    const pageToken = meta.description.pages[0]?.access_token ?? '';
    const own = homeIn(configDir, {
      ...variablesFor(meta),
      CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: pageToken,
      ...options.extra,
    });
    return { ...own, meta, pageToken, verifyTokens };
  };
}

export interface Delivered {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Starts a webhook receiver. `answer` must end the response. */
export async function receiver(answer: (asked: Delivered, response: ServerResponse) => void) {
  const received: Delivered[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const asked = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://localhost'),
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    received.push(asked);
    answer(asked, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/webhook`, received };
}

export function rightAnswer(verifyToken: string, appSecret: string) {
  return ({ method, url, headers, body }: Delivered, response: ServerResponse) => {
    if (method === 'GET') {
      const isRight = url.searchParams.get('hub.verify_token') === verifyToken;
      response
        .writeHead(isRight ? 200 : 403)
        .end(isRight ? url.searchParams.get('hub.challenge') : '');
    } else {
      const isSigned = headers['x-hub-signature-256'] === signed(body, appSecret);
      response.writeHead(isSigned ? 200 : 401).end();
    }
  };
}

export function signed(body: string, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
}
