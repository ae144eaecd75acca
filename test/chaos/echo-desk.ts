import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { REDIRECT, signInCode } from '../sandbox/support.ts';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { home } from '../support/cli.ts';
import { variablesFor } from '../support/desk.ts';
import { HTTPS_REDIRECT, instagramCode } from '../support/meta-desk.ts';
import { below } from './dice.ts';
import { startEchoServer } from './echo-server.ts';
import { readTree, type Tree, writeTree } from './tree.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const APP_ID = '7001234567890123';
const USER_ID = '17841445902716037';
const HEX = '0123456789abcdef';
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
}

export function textOf(tree: Tree): string {
  return Buffer.concat([...tree.values()]).toString('utf8');
}

export interface EchoCommand {
  line: string;
  code?: () => Promise<string>;
}

export async function echoDesk() {
  const secrets = {
    app: randomText(HEX, 32),
    instagram: randomText(HEX, 32),
    business: `EAA${randomText(ALPHANUMERIC, 60)}`,
    user: `IGAA${randomText(ALPHANUMERIC, 60)}`,
  };
  let passed = 0;
  const meta = await startSandbox({
    port: 0,
    seed: parseSeed(JSON.stringify(seedWith(secrets))),
    now: () => Date.now() + passed,
  });
  onTestFinished(() => meta.close());
  const server = await startEchoServer(meta);
  onTestFinished(server.close);
  const own = await home({
    ...variablesFor(meta),
    APP_SECRET: secrets.app,
    INSTAGRAM_SECRET: secrets.instagram,
    BUSINESS: secrets.business,
    USER_TOKEN: secrets.user,
    PIN: '204816',
    PAGE_TOKEN: meta.description.pages[0]?.access_token ?? '',
    CHANNELCTL_WEBHOOK_BASE_URL: 'https://desk.invalid/hooks',
  });
  for (const line of SETUP) {
    const { code, stderr } = await own.cli(...line.split(' '));
    if (code !== 0) throw new Error(`${line}: ${stderr}`);
  }
  const signIn = ['messenger', 'connect', '--list-only', '--redirect-uri', REDIRECT, '--code'];
  await own.json(...signIn, await signInCode(meta));
  const document = await own.json('export');
  const path = join(own.configDir, 'channels.json');
  await writeFile(path, JSON.stringify({ ...document, menus: MENUS }));
  const tree = await readTree(own.configDir);
  return {
    ...own,
    env: { ...own.env, ...variablesFor(server) },
    server: server.state,
    commands: commandsOf(meta, { path, receiver: server.receiver }),
    files: textOf(tree),
    async restore() {
      passed += 2 * 60 * 1000; // The Messenger profile has a limit of calls per 10 minutes.
      await writeTree(own.configDir, tree);
    },
  };
}

function seedWith(secrets: Record<'app' | 'instagram' | 'business' | 'user', string>): object {
  return {
    apps: [{ id: APP_ID, secret: secrets.app, name: 'Desk', redirect_uris: [HTTPS_REDIRECT] }],
    pages: [
      { id: '81', name: 'Alder Books', category: 'Bookstore' },
      { id: '82', name: 'Birch & Co' },
    ],
    people: [{ id: '91', name: 'Ada', pages: [{ id: '81' }, { id: '82' }] }],
    whatsapp: {
      pin: '204816',
      business_token: secrets.business,
      wabas: [
        {
          id: '51',
          name: 'Alder Trading',
          numbers: [{ id: '61' }, { id: '62', registered: false }],
        },
      ],
    },
    instagram: {
      app_id: '800',
      app_secret: secrets.instagram,
      redirect_uris: [HTTPS_REDIRECT],
      accounts: [
        {
          ...{ user_id: USER_ID, app_scoped_id: '27134509918264411', username: 'ada', name: 'Ada' },
          ...{
            access_token: secrets.user,
            token_issued_at: new Date(Date.now() - 2 * DAY_MS).toISOString(),
          },
        },
      ],
    },
  };
}

const MENUS = {
  'messenger/fb-81': {
    get_started: 'START',
    persistent_menu: [
      {
        locale: 'default',
        call_to_actions: [{ type: 'postback', title: 'Talk', payload: 'TALK' }],
      },
    ],
  },
};

const SETUP = [
  `integrations set messenger --config app_id=${APP_ID} --config app_secret=env:APP_SECRET`,
  `integrations set whatsapp --config app_id=${APP_ID} --config app_secret=env:APP_SECRET`,
  'integrations set instagram --config app_id=800 --config app_secret=env:INSTAGRAM_SECRET',
  `integrations set instagram --config meta_app_id=${APP_ID} --config meta_app_secret=env:APP_SECRET`,
  'accounts create --channel messenger --account-key fb-81 --config page_id=81 --config page_access_token=env:PAGE_TOKEN',
  'accounts create --channel whatsapp --config phone_number_id=61 --config waba_id=51 --config access_token=env:BUSINESS --config pin=env:PIN --no-register',
  `accounts create --channel instagram --account-key ig --config ig_user_id=${USER_ID} --config access_token=env:USER_TOKEN`,
];

function commandsOf(
  meta: Sandbox,
  { path, receiver }: { path: string; receiver: string },
): EchoCommand[] {
  const facebook = () => signInCode(meta);
  const lines = `
    accounts check fb-81
    accounts check wa-61
    accounts check ig
    accounts check --all
    accounts create --channel whatsapp --config phone_number_id=62 --config waba_id=51 --config access_token=env:BUSINESS --config pin=env:PIN
    status
    doctor
    integrations set messenger --config app_secret=env:APP_SECRET
    tokens inspect fb-81
    tokens inspect wa-61
    tokens inspect ig
    tokens refresh ig
    tokens refresh --all
    plan -f ${path}
    apply -f ${path}
    menu get fb-81
    menu set fb-81 --item Talk=postback:TALK --get-started START
    menu delete fb-81
    messenger pages --page 82
    messenger pages --all-pages
    instagram subscribe ig
    whatsapp health wa-61
    whatsapp numbers wa-61
    whatsapp register wa-61
    whatsapp deregister wa-61
    whatsapp subscribe wa-61
    whatsapp unsubscribe wa-61
    whatsapp pin set wa-61 --pin env:PIN
    webhooks status fb-81
    webhooks status wa-61
    webhooks status ig
    webhooks test fb-81 --url ${receiver}
    webhooks set fb-81 --level app
    webhooks unset wa-61 --level number
    webhooks set ig
    api GET 81 --account fb-81 -f fields=id,name
    api POST 61/register --account wa-61 -f pin=204816
    api GET ${APP_ID} --app messenger
    export`;
  return [
    ...lines
      .trim()
      .split('\n')
      .map((line) => ({ line: line.trim() })),
    { line: `messenger connect --list-only --redirect-uri ${REDIRECT} --code`, code: facebook },
    { line: `messenger connect --all-pages --redirect-uri ${REDIRECT} --code`, code: facebook },
    {
      line: `instagram connect --redirect-uri ${HTTPS_REDIRECT} --code`,
      code: () => instagramCode(meta, ADA),
    },
    {
      line: 'whatsapp signup --waba-id 51 --phone-number-id 62 --code',
      code: () => signupCode(meta, '62'),
    },
  ];
}

const ADA = { user_id: USER_ID, app_scoped_id: '27134509918264411' };
