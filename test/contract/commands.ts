import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
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

const DAY_MS = 24 * 60 * 60 * 1000;
const BUSINESS_TOKEN = 'EAA-business-token-of-the-desk';
const INSTAGRAM_TOKEN = 'IGAA-token-of-the-desk';

const ADA = { user_id: '17841445902716037', app_scoped_id: '27134509918264411' };

/** Objects of every kind, and numbers in many states. */
const SEED = {
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
    pin: '204816',
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

/** Runs commands that call every operation, against one sandbox. */
export async function recordCommands() {
  const folder = await mkdtemp(join(tmpdir(), 'channelctl-test-contract-'));
  const meta = await startSandbox({ port: 0, seed: parseSeed(JSON.stringify(SEED)) });
  const recorder = await startRecorder(meta);
  const desk = homeIn(folder, {
    ...variablesFor(recorder),
    APP_SECRET: MESSENGER_APP.secret,
    IG_SECRET: INSTAGRAM_APP.secret,
    BUSINESS: BUSINESS_TOKEN,
    INSTAGRAM: INSTAGRAM_TOKEN,
    PIN: '204816',
  });
  const failures: string[] = [];
  /** Runs a command that must not fail, except that a check can find problems (exit code 6). */
  const run = async (...args: string[]) => {
    const { code, stderr } = await desk.cli(...args);
    if (code !== 0 && code !== 6) failures.push(`${args.join(' ')}: exit ${code}\n${stderr}`);
  };
  const config = (...pairs: string[]) => pairs.flatMap((pair) => ['--config', pair]);
  const app = config(`app_id=${MESSENGER_APP.id}`, 'app_secret=env:APP_SECRET');
  await writeFile(join(folder, 'menu.json'), JSON.stringify(MENU));

  await run('config', 'set', 'webhook_base_url', 'https://desk.example.com/hooks');
  await run('integrations', 'set', 'messenger', ...app);
  await run('integrations', 'set', 'whatsapp', ...app);
  await run(
    ...['integrations', 'set', 'instagram'],
    ...config(`app_id=${INSTAGRAM_APP.id}`, 'app_secret=env:IG_SECRET'),
    ...config(`meta_app_id=${MESSENGER_APP.id}`, 'meta_app_secret=env:APP_SECRET'),
  );

  const code = await signInCode(meta);
  await run('messenger', 'connect', '--code', code, '--redirect-uri', REDIRECT, '--page', '81');
  await run('messenger', 'pages', '--page', '82', '--page', '83', '--page', '84');
  await run('menu', 'set', 'fb-81', '--file', join(folder, 'menu.json'));
  await run('menu', 'get', 'fb-81');
  await run('menu', 'set', 'fb-81', '--item', 'Talk=postback:TALK');
  await run('menu', 'delete', 'fb-81', '--yes');
  await run('webhooks', 'set', 'fb-81', '--yes');
  await run('webhooks', 'status', 'fb-81');
  await run('webhooks', 'unset', 'fb-81', '--level', 'app', '--yes');
  await run('webhooks', 'set', 'fb-81', '--yes');
  await run('accounts', 'check', 'fb-81');
  await run('api', 'DELETE', '81/subscribed_apps', '--account', 'fb-81', '--yes');

  const create = ['accounts', 'create', '--channel', 'whatsapp'];
  const token = config('waba_id=51', 'access_token=env:BUSINESS');
  await run(...create, ...config('phone_number_id=61', 'pin=env:PIN'), ...token);
  await run(...create, ...config('phone_number_id=63'), ...token, '--no-register');
  await run(...create, ...config('phone_number_id=64'), ...token);
  const ids = ['--waba-id', '51', '--phone-number-id', '62'];
  await run('whatsapp', 'signup', '--code', await signupCode(meta, '62'), ...ids);
  for (const number of ['wa-61', 'wa-62', 'wa-63', 'wa-64'])
    await run('whatsapp', 'health', number);
  await run('whatsapp', 'numbers', 'wa-61');
  await run('whatsapp', 'pin', 'set', 'wa-61', '--pin', 'env:PIN', '--yes');
  for (const level of ['app', 'waba', 'number']) {
    await run('webhooks', 'set', 'wa-61', '--level', level, '--yes');
    await run('webhooks', 'status', 'wa-61');
  }
  for (const level of ['number', 'waba', 'app']) {
    await run('webhooks', 'unset', 'wa-61', '--level', level, '--yes');
  }
  await run('webhooks', 'set', 'wa-61', '--level', 'app', '--yes');
  await run('whatsapp', 'subscribe', 'wa-61', '--override', '--yes');
  await run('whatsapp', 'unsubscribe', 'wa-61', '--yes');
  await run('whatsapp', 'deregister', 'wa-61', '--yes');
  await run('whatsapp', 'register', 'wa-61', '--yes');
  await run('tokens', 'refresh', 'wa-62');
  await run('api', 'GET', 'me', '--account', 'wa-61', '-f', 'fields=id,name');
  await run('api', 'GET', MESSENGER_APP.id, '--app', 'messenger');
  await run('api', 'GET', '95/owned_whatsapp_business_accounts', '--account', 'wa-61');
  await run('api', 'GET', '95/client_whatsapp_business_accounts', '--account', 'wa-61');

  await run(
    ...['accounts', 'create', '--channel', 'instagram', '--account-key', 'ig-old'],
    ...config(`ig_user_id=${ADA.user_id}`, 'access_token=env:INSTAGRAM'),
  );
  await run('tokens', 'refresh', 'ig-old');
  const instagram = await instagramCode(meta, ADA);
  await run('instagram', 'connect', '--code', instagram, '--redirect-uri', HTTPS_REDIRECT);
  await run('webhooks', 'set', 'ig-old', '--yes');
  await run('webhooks', 'status', 'ig-old');

  await run('tokens', 'inspect', 'fb-81');
  await run('accounts', 'check', '--all');
  await run('status');
  await run('doctor');

  return {
    exchanges: recorder.exchanges as readonly Exchange[],
    /** The commands that failed, with their errors. */
    failures,
    async close() {
      recorder.close();
      await meta.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
