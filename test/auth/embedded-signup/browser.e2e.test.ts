import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserNote, hasChromium, launchChromium } from '../../support/browser.ts';
import { errorOf, NUMBER, newPage, openFacebook, resultIn, startSignup, WABA } from './support.ts';

const ONE_NUMBER = `whatsapp: { wabas: [{ id: "${WABA}", numbers: [{ id: "${NUMBER}", verified_name: Small Desk, registered: false, pin: null }] }] }`;

const ACCOUNT_KEY = `wa-${NUMBER}`;

describe.skipIf(!hasChromium)(`whatsapp signup in Chromium${browserNote}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test('connects the number that was chosen on Facebook, and shows it', async () => {
    const { address, ended, on, json } = await startSignup();
    const page = await newPage(browser);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const window = await openFacebook(page, address);
    await window.selectOption('select', NUMBER);
    await window.click('text=Finish');
    expect(await resultIn(page)).toEqual({
      state: 'good',
      title: 'Aldersey UK is connected',
      text: expect.stringContaining('You can close this tab.'),
      rows: [ACCOUNT_KEY, NUMBER, WABA],
      quote: '',
    });
    const run = await ended;
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual({
      success: true,
      account_key: ACCOUNT_KEY,
      display_name: 'Aldersey UK',
      waba_id: WABA,
      phone_number_id: NUMBER,
    });
    expect(complaints).toEqual([]);
    expect(await json('accounts', 'get', ACCOUNT_KEY)).toMatchObject({
      display_name: 'Aldersey UK',
    });
    const calls = on.requests.map(({ operation }) => operation).filter((name) => name !== null);
    expect(calls[0]).toBe('exchangeSignupCode');
    expect(calls).toContain('subscribeWaba');
    expect(calls.filter((name) => name === 'registerPhoneNumber')).toHaveLength(1);
  });

  test('uses the only number of a WABA if none was chosen', async () => {
    const { address, ended } = await startSignup({ seed: ONE_NUMBER });
    const page = await newPage(browser);
    await (await openFacebook(page, address)).click('text=Share only the WABA');
    expect(await resultIn(page)).toMatchObject({
      state: 'good',
      title: 'Small Desk is connected',
    });
    expect(JSON.parse((await ended).stdout)).toMatchObject({ phone_number_id: NUMBER });
  });

  test('does not register a number that stays in the WhatsApp Business app', async () => {
    const { address, ended, on } = await startSignup({ seed: ONE_NUMBER });
    const page = await newPage(browser);
    await (await openFacebook(page, address)).click('text=Keep using the WhatsApp Business app');
    expect(await resultIn(page)).toMatchObject({ state: 'good' });
    expect((await ended).code).toBe(0);
    const calls = on.requests.map(({ operation }) => operation);
    expect(calls).toContain('subscribeWaba');
    expect(calls).not.toContain('registerPhoneNumber');
  });

  test('exits with 4 and reports the step if the user cancels', async () => {
    const { address, ended } = await startSignup();
    const page = await newPage(browser);
    await (await openFacebook(page, address)).click('text=Cancel');
    expect(await resultIn(page)).toMatchObject({
      state: 'bad',
      title: 'Sign-up cancelled',
      text: expect.stringContaining('PHONE_NUMBER_SETUP'),
    });
    const run = await ended;
    expect(run.code).toBe(4);
    expect(errorOf(run)).toMatchObject({
      kind: 'not_allowed',
      message: expect.stringContaining('PHONE_NUMBER_SETUP'),
    });
  });

  test("exits with 4 if Facebook's window is closed", async () => {
    const { address, ended } = await startSignup();
    const page = await newPage(browser);
    await (await openFacebook(page, address)).close();
    expect(await resultIn(page)).toMatchObject({ state: 'bad', title: 'Sign-up cancelled' });
    expect((await ended).code).toBe(4);
  });

  test("exits with 5 and shows Meta's message and IDs if Facebook reports an error", async () => {
    const { address, ended } = await startSignup();
    const page = await newPage(browser);
    await (await openFacebook(page, address)).click('text=Fail');
    expect(await resultIn(page)).toMatchObject({
      state: 'bad',
      title: 'Sign-up failed',
      quote: expect.stringContaining('Your verified name violates WhatsApp guidelines'),
    });
    const run = await ended;
    expect(run.code).toBe(5);
    expect(errorOf(run)).toMatchObject({
      kind: 'graph',
      message: expect.stringMatching(/verified name.*error_id 524126, session_id [0-9a-f]{32}/),
      graph: { message: 'Your verified name violates WhatsApp guidelines.' },
    });
  });

  test("shows Meta's error after the sign-up, as in the terminal", async () => {
    const { address, ended, on, json } = await startSignup();
    on.inject({ operation: 'registerPhoneNumber', code: 133016 });
    const page = await newPage(browser);
    const window = await openFacebook(page, address);
    await window.selectOption('select', NUMBER);
    await window.click('text=Finish');
    const { state, quote } = await resultIn(page);
    expect({ state, quote }).toEqual({ state: 'bad', quote: expect.stringContaining(ACCOUNT_KEY) });
    const run = await ended;
    expect(run.code).toBe(5);
    expect(errorOf(run)).toMatchObject({
      hint: expect.stringContaining(`channelctl whatsapp register whatsapp/${ACCOUNT_KEY}`),
      graph: { code: 133016 },
    });
    expect(await json('accounts', 'list')).toHaveLength(1);
  });

  test('shows a light or dark page, as the user prefers, that fits a phone', async () => {
    const { address } = await startSignup();
    const page = await newPage(browser, { viewport: { width: 360, height: 640 } });
    await page.goto(address);
    await page.waitForSelector('#go:enabled');
    const brightness = async (colorScheme: 'light' | 'dark') => {
      await page.emulateMedia({ colorScheme });
      const colour = await page.evaluate<string>(
        "getComputedStyle(document.querySelector('main')).backgroundColor",
      );
      return (colour.match(/\d+/g) ?? []).map(Number);
    };
    expect(Math.min(...(await brightness('light')))).toBeGreaterThan(200);
    expect(Math.max(...(await brightness('dark')))).toBeLessThan(60);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
