import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSeed, type Seed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { REDIRECT, signInCode } from '../sandbox/support.ts';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { homeIn } from '../support/cli.ts';
import { variablesFor } from '../support/desk.ts';
import {
  HTTPS_REDIRECT,
  INSTAGRAM_APP,
  instagramCode,
  MESSENGER_APP,
} from '../support/meta-desk.ts';
import { type Exchange, startRecorder } from './exchanges.ts';

/** Time between repeated requests, so that the limit of the Messenger profile does not apply. */
const REPEAT_INTERVAL_MS = 2 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const BUSINESS_TOKEN = 'EAA-business-token-of-the-desk';
const PIN = '204816';
const INSTAGRAM_TOKEN = 'IGAA-token-of-the-desk';

const ADA = { user_id: '17841445902716037', app_scoped_id: '27134509918264411' };

const SEED: Seed = {
  apps: [{ ...MESSENGER_APP, name: 'Small Desk', redirect_uris: [HTTPS_REDIRECT] }],
  pages: [
    { id: '81', name: 'Alder Books', category: 'Bookstore' },
    { id: '82', name: 'Birch & Co', in_accounts: false },
    { id: '83', name: 'Cedar Tea', in_accounts: false },
    { id: '84', name: 'Dogwood Dance', in_accounts: false },
  ],
  people: [{ id: '91', name: 'Ada', pages: [81, 82, 83, 84].map((id) => ({ id: String(id) })) }],
  businesses: [
    {
      id: '95',
      name: 'Alder Group',
      people: ['91'],
      owned_pages: ['82'],
      client_pages: ['83'],
      client_wabas: ['52'],
    },
  ],
  whatsapp: {
    pin: PIN,
    business_token: BUSINESS_TOKEN,
    signup_tokens_expire: true,
    wabas: [
      {
        id: '51',
        business_id: '95',
        name: 'Alder Trading',
        numbers: [
          { id: '61', registered: false },
          { id: '62' },
          { id: '63', is_on_biz_app: true, registered: false },
          { id: '64', status: 'FLAGGED', quality_rating: 'RED', name_status: 'DECLINED' },
        ],
      },
      { id: '52', name: 'Locked', locked: true, numbers: [{ id: '65' }] },
    ],
  },
  instagram: {
    app_id: INSTAGRAM_APP.id,
    app_secret: INSTAGRAM_APP.secret,
    redirect_uris: [HTTPS_REDIRECT],
    accounts: [
      {
        ...ADA,
        username: 'ada.alder',
        name: 'Ada Alder',
        access_token: INSTAGRAM_TOKEN,
        token_issued_at: new Date(Date.now() - 2 * DAY_MS).toISOString(),
      },
    ],
  },
};

const MENU = {
  get_started: { payload: 'START' },
  persistent_menu: [
    {
      locale: 'default',
      composer_input_disabled: false,
      call_to_actions: [
        { type: 'postback', title: 'Talk to us', payload: 'TALK' },
        {
          type: 'web_url',
          title: 'Shop',
          url: 'https://shop.example.com',
          webview_height_ratio: 'tall',
        },
      ],
    },
  ],
};

const SYSTEM_USER_CONFIG = { id: '56', business_id: '95', pages: [{ id: '81' }] };

const VARIANT: Seed = {
  ...SEED,
  apps: SEED.apps?.map((app) => ({ ...app, system_user_configs: [SYSTEM_USER_CONFIG] })),
  whatsapp: { ...SEED.whatsapp, signup_tokens_expire: false },
  instagram: { ...SEED.instagram, code_answer: 'data', bare_user_id: false },
};

interface Desk {
  meta: Sandbox;
  folder: string;
  exchanges: readonly Exchange[];
  failures: string[];
  run(...args: string[]): Promise<void>;
  refused(...args: string[]): Promise<void>;
  close(): Promise<void>;
}

const config = (...pairs: string[]) => pairs.flatMap((pair) => ['--config', pair]);

export async function recordCommands(): Promise<Pick<Desk, 'exchanges' | 'failures' | 'close'>> {
  const [desk, variant] = await Promise.all([openDesk(SEED), openDesk(VARIANT)]);
  await useMessenger(desk);
  await useWhatsApp(desk);
  await useInstagram(desk);
  await desk.run('accounts', 'check', '--all');
  await desk.run('status');
  await desk.run('doctor');
  await signUp(variant);
  await useSystemUser(variant);
  await connectInstagram(variant);
  return {
    exchanges: [...desk.exchanges, ...variant.exchanges],
    failures: [...desk.failures, ...variant.failures],
    async close() {
      await desk.close();
      await variant.close();
    },
  };
}

async function openDesk(seed: Seed): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'channelctl-test-contract-'));
  let passed = 0;
  const now = () => Date.now() + passed;
  const meta = await startSandbox({ port: 0, seed: parseSeed(JSON.stringify(seed)), now });
  const recorder = await startRecorder(meta, () => {
    passed += REPEAT_INTERVAL_MS;
  });
  const failures: string[] = [];
  const home = homeIn(folder, {
    ...variablesFor(recorder),
    APP_SECRET: MESSENGER_APP.secret,
    IG_SECRET: INSTAGRAM_APP.secret,
    BUSINESS: BUSINESS_TOKEN,
    INSTAGRAM: INSTAGRAM_TOKEN,
    PIN,
    OTHER_PIN: '111111',
  });
  const runs =
    (expected: readonly number[]) =>
    async (...args: string[]) => {
      const { code, stderr } = await home.cli(...args);
      if (expected.includes(code ?? -1)) return;
      failures.push(`${args.join(' ')}: exit ${code}\n${stderr}`);
    };
  const run = runs([0, 6]);
  const app = config(`app_id=${MESSENGER_APP.id}`, 'app_secret=env:APP_SECRET');
  await run('config', 'set', 'webhook_base_url', 'https://desk.example.com/hooks');
  await run('integrations', 'set', 'messenger', ...app);
  await run('integrations', 'set', 'whatsapp', ...app);
  await run(
    ...['integrations', 'set', 'instagram'],
    ...config(`app_id=${INSTAGRAM_APP.id}`, 'app_secret=env:IG_SECRET'),
    ...config(`meta_app_id=${MESSENGER_APP.id}`, 'meta_app_secret=env:APP_SECRET'),
  );
  return {
    meta,
    folder,
    exchanges: recorder.exchanges,
    failures,
    run,
    refused: runs([4, 5]),
    async close() {
      recorder.close();
      await meta.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function useMessenger({ meta, folder, run, refused }: Desk): Promise<void> {
  const code = ['--code', await signInCode(meta), '--redirect-uri', REDIRECT];
  await run('messenger', 'connect', ...code, '--page', '81');
  await refused('messenger', 'connect', ...code, '--page', '81');
  await run('messenger', 'pages', '--page', '82', '--page', '83', '--page', '84');
  await writeFile(join(folder, 'menu.json'), JSON.stringify(MENU));
  await run('menu', 'set', 'fb-81', '--file', join(folder, 'menu.json'));
  await run('menu', 'get', 'fb-81');
  await run('menu', 'set', 'fb-81', '--item', 'Talk=postback:TALK');
  await run('menu', 'delete', 'fb-81', '--yes');
  for (const action of ['set', 'unset', 'set']) {
    await run('webhooks', action, 'fb-81', '--level', 'app', '--yes');
    await run('webhooks', 'status', 'fb-81');
  }
  await refused('webhooks', 'set', 'fb-81', '--url', 'http://127.0.0.1:1/', '--yes');
  await run('accounts', 'check', 'fb-81');
  await run('tokens', 'inspect', 'fb-81');
  await run('api', 'DELETE', '81/subscribed_apps', '--account', 'fb-81', '--yes');
  await run('api', 'GET', MESSENGER_APP.id, '--app', 'messenger');
}

async function useSystemUser({ meta, run }: Desk): Promise<void> {
  const { id: config_id } = SYSTEM_USER_CONFIG;
  await run('integrations', 'set', 'messenger', ...config(`config_id=${config_id}`));
  const asked = { scope: null, config_id, override_default_response_type: 'true' };
  const code = ['--code', await signInCode(meta, asked), '--redirect-uri', REDIRECT];
  await run('messenger', 'connect', ...code, '--page', '81');
}

async function useWhatsApp(desk: Desk): Promise<void> {
  const { run, refused } = desk;
  const create = ['accounts', 'create', '--channel', 'whatsapp'];
  const token = config('waba_id=51', 'access_token=env:BUSINESS');
  await refused(...create, ...config('phone_number_id=61', 'pin=env:OTHER_PIN'), ...token);
  await run(...create, ...config('phone_number_id=61', 'pin=env:PIN'), ...token);
  await run(...create, ...config('phone_number_id=63'), ...token, '--no-register');
  await run(...create, ...config('phone_number_id=64'), ...token);
  await signUp(desk);
  const numbers = ['wa-61', 'wa-62', 'wa-63', 'wa-64'];
  for (const number of numbers) await run('whatsapp', 'health', number);
  await run('whatsapp', 'numbers', 'wa-61');
  await run('whatsapp', 'pin', 'set', 'wa-61', '--pin', 'env:PIN', '--yes');
  for (const level of ['app', 'waba', 'number']) {
    await run('webhooks', 'set', 'wa-61', '--level', level, '--yes');
    await run('webhooks', 'status', 'wa-61');
  }
  const dead = ['--level', 'number', '--url', 'http://127.0.0.1:1/'];
  await refused('webhooks', 'set', 'wa-61', ...dead, '--yes');
  for (const level of ['number', 'waba', 'app']) {
    await run('webhooks', 'unset', 'wa-61', '--level', level, '--yes');
  }
  await run('webhooks', 'set', 'wa-61', '--level', 'app', '--yes');
  await run('whatsapp', 'subscribe', 'wa-61', '--override', '--yes');
  await run('whatsapp', 'unsubscribe', 'wa-61', '--yes');
  await run('whatsapp', 'deregister', 'wa-61', '--yes');
  await refused('whatsapp', 'deregister', 'wa-61', '--yes');
  await run('whatsapp', 'register', 'wa-61', '--yes');
  await run('tokens', 'refresh', 'wa-62');
  const portfolio = (edge: string) => ['api', 'GET', `95/${edge}_whatsapp_business_accounts`];
  await run(...portfolio('owned'), '--account', 'wa-61');
  await run(...portfolio('client'), '--account', 'wa-61');
  await refused('api', 'GET', '4711/phone_numbers', '--account', 'wa-61');
  await run('api', 'GET', 'me', '--account', 'wa-61', '-f', 'fields=id,name');
}

async function signUp({ meta, run }: Desk): Promise<void> {
  const ids = ['--waba-id', '51', '--phone-number-id', '62'];
  await run('whatsapp', 'signup', '--code', await signupCode(meta, '62'), ...ids);
}

async function useInstagram(desk: Desk): Promise<void> {
  const { run } = desk;
  await run(
    ...['accounts', 'create', '--channel', 'instagram', '--account-key', 'ig-old'],
    ...config(`ig_user_id=${ADA.user_id}`, 'access_token=env:INSTAGRAM'),
  );
  await run('tokens', 'refresh', 'ig-old');
  await connectInstagram(desk);
  await run('webhooks', 'set', 'ig-old', '--yes');
  await run('webhooks', 'status', 'ig-old');
}

async function connectInstagram({ meta, run, refused }: Desk): Promise<void> {
  const code = ['--code', await instagramCode(meta, ADA), '--redirect-uri', HTTPS_REDIRECT];
  await run('instagram', 'connect', ...code);
  await refused('instagram', 'connect', ...code);
}
