import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserNote, hasChromium, launchChromium } from '../../support/browser.ts';
import { freePort, isWaiting } from '../oauth/support.ts';
import {
  CONFIG_ID,
  errorOf,
  exchanged,
  messageOf,
  NUMBER,
  newPage,
  openFacebook,
  resultIn,
  serveScript,
  signupCode,
  startSignup,
} from './support.ts';

const SCRIPT = `
const { origin } = new URL(document.currentScript.src);
window.FB = {
  init: (options) => { window.begun = options; },
  login: (callback, options) => {
    window.asked = options;
    window.answer = callback;
    window.open(origin + '/window', 'facebook');
  },
};
window.fbAsyncInit();
`;

const say = (window: Page, text: string) =>
  window.evaluate(`opener.postMessage(${JSON.stringify(text)}, '*')`);

const answer = (page: Page, code: string | null) =>
  page.evaluate(`answer(${JSON.stringify({ authResponse: code === null ? null : { code } })})`);

async function startWithFacebook(browser: Browser, args: string[] = []) {
  const facebook = await serveScript(SCRIPT);
  const signup = await startSignup({
    args,
    env: {
      CHANNELCTL_FACEBOOK_URL: `${facebook.origin}/facebook`,
      CHANNELCTL_FACEBOOK_SDK_URL: facebook.url,
    },
  });
  const page = await newPage(browser);
  const seen: { url: string; referer: string | undefined; body: string | null }[] = [];
  page.context().on('request', (request) => {
    seen.push({
      url: request.url(),
      referer: request.headers().referer,
      body: request.postData(),
    });
  });
  const window = await openFacebook(page, signup.address);
  return { ...signup, page, window, seen };
}

describe.skipIf(!hasChromium)(`the page and Facebook's script, in Chromium${browserNote}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test('calls FB.init and FB.login as documented by Meta, with the value of --extras', async () => {
    const extras = { featureType: 'only_waba_sharing', note: '</script><b>' };
    const { page } = await startWithFacebook(browser, ['--extras', JSON.stringify(extras)]);
    expect(await page.evaluate('begun')).toEqual({
      appId: '700',
      autoLogAppEvents: true,
      xfbml: true,
      version: 'v26.0',
    });
    expect(await page.evaluate('asked')).toEqual({
      config_id: CONFIG_ID,
      response_type: 'code',
      override_default_response_type: true,
      extras,
    });
  });

  test.each(['code first', 'ids first'])(
    'accepts code and message in either order: %s',
    async (order) => {
      const { page, window, on, ended } = await startWithFacebook(browser);
      const code = await signupCode(on);
      if (order === 'ids first') await say(window, messageOf('FINISH'));
      else await answer(page, code);
      expect(await isWaiting(ended)).toBe(true);
      if (order === 'ids first') await answer(page, code);
      else await say(window, messageOf('FINISH'));
      expect(await resultIn(page)).toMatchObject({ state: 'good' });
      expect((await ended).code).toBe(0);
      expect(exchanged(on)).toEqual([code]);
    },
  );

  test('waits for a late message, and accepts a new FINISH event', async () => {
    const { page, window, on, ended } = await startWithFacebook(browser);
    const code = await signupCode(on);
    await answer(page, code);
    await page.waitForTimeout(4_000);
    await say(window, messageOf('FINISH_GRANT_ONLY_API_ACCESS'));
    expect(await resultIn(page)).toMatchObject({ state: 'good' });
    expect((await ended).code).toBe(0);
    expect(exchanged(on)).toEqual([code]);
  });

  test('puts neither code nor CSRF token into a URL, the history or a referrer', async () => {
    const { page, window, on, address, ended, seen } = await startWithFacebook(browser);
    const code = await signupCode(on);
    await say(window, messageOf('FINISH'));
    await answer(page, code);
    await resultIn(page);
    await ended;
    const posted = seen.filter(({ body }) => body?.includes(code));
    expect(posted.map(({ url }) => url)).toEqual([`${address}/result`]);
    const { csrfToken } = JSON.parse(posted[0]?.body ?? '');
    const cdp = await page.context().newCDPSession(page);
    const { entries } = await cdp.send('Page.getNavigationHistory');
    const places = [page.url(), ...entries.map(({ url }) => url), ...seen.map(({ url }) => url)];
    for (const secret of [code, csrfToken]) {
      expect(places.filter((place) => place.includes(secret))).toEqual([]);
    }
    expect(page.url()).toBe(address);
    const foreign = seen.filter(({ url }) => !url.startsWith(address));
    expect(foreign.length).toBeGreaterThanOrEqual(2);
    expect(foreign.map(({ referer }) => referer ?? '')).toEqual(foreign.map(() => ''));
    expect(await window.evaluate('document.referrer')).toBe('');
  });

  test('ignores messages from other origins and unrelated messages', async () => {
    const { page, window, on, ended } = await startWithFacebook(browser);
    const lie = messageOf('CANCEL', { current_step: 'A_LIE' });
    const other = await serveScript('');
    const opened = page.waitForEvent('popup');
    await page.evaluate(`void window.open('${other.origin}/', 'other')`);
    const stranger = await opened;
    await stranger.waitForLoadState();
    await say(stranger, lie);
    // If CHANNELCTL_FACEBOOK_URL is set, messages from the real Facebook are ignored too.
    const event = JSON.stringify({ origin: 'https://www.facebook.com', data: lie });
    await page.evaluate(`dispatchEvent(new MessageEvent('message', ${event}))`);
    for (const noise of [
      'cb=f1&type=resize',
      '{"type":"OTHER","event":"CANCEL"}',
      'null',
      messageOf('SOMETHING_NEW', {}),
    ]) {
      await say(window, noise);
    }
    expect(await isWaiting(ended)).toBe(true);
    await say(window, messageOf('FINISH'));
    await answer(page, await signupCode(on));
    expect(await resultIn(page)).toMatchObject({ state: 'good' });
    expect((await ended).code).toBe(0);
  });

  test('fails with only the IDs, and exchanges nothing', async () => {
    const { page, window, on, ended } = await startWithFacebook(browser);
    await say(window, messageOf('FINISH'));
    await answer(page, null);
    expect(await resultIn(page)).toMatchObject({ state: 'bad', title: 'Sign-up failed' });
    const run = await ended;
    expect(run.code).toBe(5);
    expect(errorOf(run).hint).toContain('config_id');
    expect(exchanged(on)).toEqual([]);
  });

  test('resolves the WABA from the token if the message is lost', async () => {
    const { page, on, ended } = await startWithFacebook(browser, ['--phone-number-id', NUMBER]);
    await answer(page, await signupCode(on));
    expect(await resultIn(page)).toMatchObject({ state: 'good' });
    expect((await ended).code).toBe(0);
  });

  test('accepts messages from any subdomain of facebook.com, and no other origin', async () => {
    const facebook = await serveScript(SCRIPT);
    const { address, on, ended } = await startSignup({
      env: { CHANNELCTL_FACEBOOK_URL: '', CHANNELCTL_FACEBOOK_SDK_URL: facebook.url },
    });
    const page = await newPage(browser);
    await openFacebook(page, address);
    const dispatch = (origin: string, data: string) =>
      page.evaluate(
        `dispatchEvent(new MessageEvent('message', ${JSON.stringify({ origin, data })}))`,
      );
    const lie = messageOf('CANCEL', { current_step: 'A_LIE' });
    for (const origin of [
      ...['http://www.facebook.com', 'https://facebook.com.evil.example'],
      ...['https://evilfacebook.com', 'https://www.facebook.com:8443', 'null'],
    ]) {
      await dispatch(origin, lie);
    }
    expect(await isWaiting(ended)).toBe(true);
    await dispatch('https://business.m.facebook.com', messageOf('FINISH'));
    await answer(page, await signupCode(on));
    expect(await resultIn(page)).toMatchObject({ state: 'good' });
    expect((await ended).code).toBe(0);
  });

  test('shows on the page that channelctl was interrupted', async () => {
    const { page, window, child, ended } = await startWithFacebook(browser);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await say(window, messageOf('CANCEL'));
    expect(await resultIn(page)).toMatchObject({
      state: 'lost',
      title: 'channelctl is no longer running',
    });
  });

  test("reports on the page that Facebook's script cannot be loaded, and can retry", async () => {
    const port = await freePort();
    const { address } = await startSignup({
      env: { CHANNELCTL_FACEBOOK_SDK_URL: `http://127.0.0.1:${port}/sdk.js` },
    });
    const page = await newPage(browser);
    await page.goto(address);
    await page.waitForSelector('[data-state=unreachable]');
    expect(await page.textContent('#text')).toContain(`127.0.0.1:${port}`);
    await serveScript(SCRIPT, port);
    await page.click('#again');
    await page.waitForSelector('#go:enabled');
  });
});
