import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { home, run } from '../support/cli.ts';
import { variablesFor } from '../support/desk.ts';

export const SEED = `
apps:
  - { id: "700", secret: app-secret-700-of-the-desk, name: Small Desk }
pages:
  - { id: "81", name: Alder Books }
  - { id: "82", name: Birch & Co }
people:
  - { id: "91", name: Ada Alder, pages: [{ id: "81" }, { id: "82" }] }
whatsapp:
  business_token: EAA-business-token-of-the-desk
  pin: "204816"
  wabas:
    - id: "501"
      numbers:
        - { id: "5011", verified_name: Alder Orders, registered: false }
        - { id: "5012", verified_name: Alder Help, registered: true }
        - { id: "5014", verified_name: Alder Slow, status: RESTRICTED }
        - { id: "5013", verified_name: Alder New, registered: false, pin: null }
    - { id: "502", business_token: EAA-business-token-of-another-waba }
instagram:
  accounts:
    - { user_id: "17841", app_scoped_id: "27134", username: alder, name: Alder, access_token: IGAA-token-of-alder }
webhooks:
  - { app_id: "700", object: whatsapp_business_account, callback_url: "https://desk.example.com/all", fields: [messages] }
`;

export type Draft = Record<string, unknown>;

export function fleetDocument(): Draft {
  const secret = (name: string) => ({ env: `CHANNELCTL_SECRET_${name}` });
  return {
    version: 1,
    settings: { webhook_base_url: 'https://desk.example.com/hooks' },
    integrations: [
      {
        channel: 'whatsapp',
        config: { app_id: '700', app_secret: secret('WHATSAPP_APP_SECRET') },
      },
      {
        channel: 'messenger',
        config: { app_id: '700', app_secret: secret('MESSENGER_APP_SECRET') },
      },
    ],
    accounts: [
      ...['5011', '5012'].map((id) => ({
        channel: 'whatsapp',
        account_key: `wa-${id}`,
        config: {
          phone_number_id: id,
          waba_id: '501',
          access_token: secret(`WHATSAPP_WA_${id}_ACCESS_TOKEN`),
          pin: secret(`WHATSAPP_WA_${id}_PIN`),
        },
      })),
      ...['81', '82'].map((id) => ({
        channel: 'messenger',
        account_key: `fb-${id}`,
        display_name: `Page ${id}`,
        config: { page_id: id, page_access_token: secret(`MESSENGER_FB_${id}_PAGE_ACCESS_TOKEN`) },
      })),
      {
        channel: 'instagram',
        account_key: 'ig-17841',
        config: { ig_user_id: '17841', access_token: secret('INSTAGRAM_IG_17841_ACCESS_TOKEN') },
      },
      {
        channel: 'email',
        account_key: 'support',
        config: {
          address: 'support@example.com',
          imap_port: 993,
          password: secret('EMAIL_SUPPORT_PASSWORD'),
        },
      },
    ],
    menus: {
      'messenger/fb-81': {
        get_started: 'START',
        persistent_menu: [
          {
            locale: 'default',
            call_to_actions: [{ type: 'postback', title: 'Talk to us', payload: 'TALK' }],
          },
        ],
      },
    },
  };
}

export async function fleet({ now }: { now?: () => number } = {}) {
  const meta = await startSandbox({ port: 0, seed: parseSeed(SEED), now });
  onTestFinished(() => meta.close());
  const pageToken = (id: string) =>
    meta.description.pages.find((page) => page.id === id)?.access_token ?? '';
  const secrets = {
    CHANNELCTL_SECRET_WHATSAPP_APP_SECRET: meta.description.app_secret,
    CHANNELCTL_SECRET_MESSENGER_APP_SECRET: meta.description.app_secret,
    CHANNELCTL_SECRET_WHATSAPP_WA_5011_ACCESS_TOKEN: meta.description.business_token,
    CHANNELCTL_SECRET_WHATSAPP_WA_5012_ACCESS_TOKEN: meta.description.business_token,
    CHANNELCTL_SECRET_WHATSAPP_WA_5011_PIN: meta.description.pin,
    CHANNELCTL_SECRET_WHATSAPP_WA_5012_PIN: meta.description.pin,
    CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: pageToken('81'),
    CHANNELCTL_SECRET_MESSENGER_FB_82_PAGE_ACCESS_TOKEN: pageToken('82'),
    CHANNELCTL_SECRET_INSTAGRAM_IG_17841_ACCESS_TOKEN: 'IGAA-token-of-alder',
    CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD: 'mail password of support',
  };
  const place = await documentHome({ ...variablesFor(meta), ...secrets });
  return { ...place, meta, secrets };
}

export async function documentHome(extra: Record<string, string> = {}) {
  const place = await home(extra);
  const path = join(place.configDir, 'channels.yaml');
  const withDocument = async (document: Draft | string, ...args: string[]) => {
    await writeFile(path, typeof document === 'string' ? document : stringify(document));
    return run(args, place.env);
  };
  return {
    ...place,
    path,
    async with(verb: string, document: Draft | string, ...args: string[]) {
      return withDocument(document, verb, '-f', path, ...args);
    },
    async result(verb: string, document: Draft | string, ...args: string[]) {
      const { code, stdout, stderr } = await withDocument(
        document,
        verb,
        '-f',
        path,
        '--json',
        ...args,
      );
      if (stdout === '') throw new Error(`exit ${code}: ${stderr}`);
      return { code, stderr, ...JSON.parse(stdout) };
    },
    async exported(...args: string[]) {
      const { stdout } = await run(['export', ...args], place.env);
      return { text: stdout, document: parse(stdout) };
    },
  };
}

export function inShort(steps: { action: string; part: string; name: string }[]): string[] {
  const signs: Record<string, string> = { create: '+', change: '~', remove: '-' };
  return steps.map(({ action, part, name }) => `${signs[action]} ${part} ${name}`);
}
