import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { browserNote, hasChromium, launchChromium } from '../support/browser.ts';
import { controlsByKeyboard, layoutProblems, SCREENS } from '../support/layout.ts';
import { dialogAddress, sandbox } from './support.ts';

const LONG_NAME = 'Donaudampfschifffahrt für Reisen an die Nordsee und zurück GmbH';

const many = <Item>(count: number, item: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => item(index));

const LONG_SEED = JSON.stringify({
  apps: [{ id: '700', name: `${LONG_NAME} ${'x'.repeat(120)}`, redirect_uris: ['loopback'] }],
  pages: many(180, (index) => ({ id: String(8_000 + index), name: `${LONG_NAME} ${index}` })),
  people: many(180, (index) => ({
    id: String(9_000 + index),
    name: `${LONG_NAME} ${index}`,
    pages: many(index === 0 ? 180 : 1, (page) => ({ id: String(8_000 + page) })),
  })),
  whatsapp: {
    wabas: many(40, (index) => ({
      id: String(10_000 + index),
      name: LONG_NAME,
      numbers: [{ id: String(20_000 + index), verified_name: `${LONG_NAME} ${index}` }],
    })),
  },
  instagram: {
    redirect_uris: ['loopback'],
    accounts: many(20, (index) => ({
      user_id: String(30_000 + index),
      app_scoped_id: String(40_000 + index),
      name: LONG_NAME,
      username: `aldersey.books.${'and.tea.'.repeat(8)}${index}`,
    })),
  },
});

async function addresses(seed: string) {
  const running = await sandbox(seed);
  const { app_id, instagram_app_id, facebook_url, instagram_url } = running.description;
  const signup = new URLSearchParams({
    client_id: app_id,
    config_id: '55',
    response_type: 'code',
    override_default_response_type: 'true',
    origin: 'https://localhost:8976',
  });
  const instagram = new URLSearchParams({
    client_id: instagram_app_id,
    redirect_uri: 'https://localhost:8976/callback',
    response_type: 'code',
    scope: 'instagram_business_basic,instagram_business_manage_messages',
    state: 'state-1',
  });
  const redirect_uri = `http://desk.example/${'callback/'.repeat(20)}`;
  return {
    login: dialogAddress(running, { client_id: app_id }),
    error: dialogAddress(running, { client_id: app_id, redirect_uri }),
    signup: `${facebook_url}/v26.0/dialog/embedded_signup?${signup}`,
    instagram: `${instagram_url}/oauth/authorize?${instagram}`,
  };
}

const OUTCOMES = [
  'Share only the WABA',
  'Keep using the WhatsApp Business app',
  'Log in with the WhatsApp Business app',
  'Report an error',
  'Fail',
];

describe.skipIf(!hasChromium)(`the dialogs of the sandbox in Chromium${browserNote}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  const DIALOGS = [
    ['login', '{}', ['Cancel', 'Allow']],
    ['login', LONG_SEED, ['person', 'Cancel', 'Allow']],
    ['instagram', '{}', ['Cancel', 'Allow']],
    ['instagram', LONG_SEED, ['person', 'Cancel', 'Allow']],
    ['signup', '{}', ['phone_number_id', ...OUTCOMES, 'Cancel', 'Finish']],
    ['signup', LONG_SEED, ['phone_number_id', ...OUTCOMES, 'Cancel', 'Finish']],
    ['error', LONG_SEED, []],
  ] as const;
  const SCENES = DIALOGS.flatMap(([dialog, seed, controls]) =>
    (['phone', 'popup', 'desktop'] as const).map((screen) => ({
      ...{ dialog, screen, seed, controls },
      names: seed === '{}' ? 'short' : 'long',
    })),
  );

  test.each(SCENES)(
    '$dialog with $names names fits a $screen and can be used with the keyboard',
    async ({ dialog, screen, seed, controls }) => {
      const context = await browser.newContext({ viewport: SCREENS[screen] });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      await page.goto((await addresses(seed))[dialog]);
      expect(await layoutProblems(page)).toEqual([]);
      expect(await controlsByKeyboard(page)).toEqual(controls);
    },
  );
});
