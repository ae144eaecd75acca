import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserNote, hasChromium, launchChromium } from '../support/browser.ts';
import { controlsByKeyboard, layoutProblems, SCREENS } from '../support/layout.ts';
import { newPage, openFacebook, resultIn, startSignup } from './embedded-signup/support.ts';
import { startSignIn } from './oauth/support.ts';

const LONG_TEXT = `URL blocked: https://desk.example/${'callback/'.repeat(30)} is not listed. ${'Check the settings of the app. '.repeat(5)}`;
const LONG_NAME = `Donaudampfschifffahrt für Reisen an die Nordsee ${'x'.repeat(60)}`;

describe.skipIf(!hasChromium)(`the result pages in Chromium${browserNote}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  const PAGES = [
    ['Signed in to Facebook', { code: 'AQB-code' }],
    ['Facebook denied access', { error: 'access_denied' }],
    ['Facebook sign-in failed', { error: 'server_error', error_description: LONG_TEXT }],
    ['This tab belongs to another sign-in', { code: 'AQB-code', state: 'older' }],
    ['This is not a complete callback', {}],
    ['This address requires https', { scheme: 'http' }],
  ] as const;
  const SCENES = PAGES.flatMap(([title, parameters]) =>
    (['phone', 'desktop'] as const).map((screen) => ({ title, parameters, screen })),
  );

  test.each(SCENES)('$title: fits a $screen', async ({ title, parameters, screen }) => {
    const { redirectUri, state, answer } = await startSignIn({ scheme: 'https' });
    answer.catch(() => {});
    const page = await newPage(browser, { viewport: SCREENS[screen] });
    const { scheme = 'https', ...query }: Record<string, string> = parameters;
    const address = redirectUri.replace('https', scheme);
    await page.goto(`${address}?${new URLSearchParams({ state, ...query })}`);
    expect(await page.textContent('h1')).toBe(title);
    expect(await layoutProblems(page)).toEqual([]);
  });

  test.each(['phone', 'desktop'] as const)(
    'the sign-up page fits a %s with long names, before and after the sign-up',
    async (screen) => {
      const number = '1045390276615530';
      const { address, ended } = await startSignup({
        seed: `whatsapp: { wabas: [{ id: "10458220944173061045", numbers: [{ id: "${number}", verified_name: "${LONG_NAME}", registered: false, pin: null }] }] }`,
      });
      const page = await newPage(browser, { viewport: SCREENS[screen] });
      await page.goto(address);
      await page.waitForSelector('#go:enabled');
      expect(await layoutProblems(page)).toEqual([]);
      expect(await controlsByKeyboard(page)).toEqual(['Continue with Facebook']);
      const window: Page = await openFacebook(page, address);
      expect(await layoutProblems(page)).toEqual([]);
      await window.click('text=Finish');
      expect((await resultIn(page)).state).toBe('good');
      expect(await layoutProblems(page)).toEqual([]);
      expect((await ended).code).toBe(0);
    },
  );
});
