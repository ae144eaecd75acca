import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { freePort } from '../auth/oauth/support.ts';
import { browserNote, hasChromium, openPage } from '../support/browser.ts';
import { APP, DESK_SEED, desks } from '../support/desk.ts';

const desk = desks();

async function atLoginPage(scheme: 'http' | 'https', ...args: string[]) {
  const redirectUri = `${scheme}://localhost:${await freePort()}/callback`;
  const seed = DESK_SEED.replace('name: Small Desk', `$&, redirect_uris: ["${redirectUri}"]`);
  const own = await desk({ seed, extra: { CHANNELCTL_REDIRECT_URI: redirectUri } });
  const signIn = await own.signIn('messenger', 'connect', '--no-browser', '--json', ...args);
  const page: Page = await openPage({ ignoreHTTPSErrors: true });
  await page.goto(signIn.address);
  return { own, redirectUri, signIn, page };
}

describe.skipIf(!hasChromium)(`messenger connect in Chromium${browserNote}`, () => {
  test.each(['http', 'https'] as const)(
    'connects the Page after Allow, over %s',
    async (scheme) => {
      const { own, redirectUri, signIn, page } = await atLoginPage(scheme, '--page', '81');
      await page.selectOption('select[name=person]', { label: 'Ada Alder' });
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.waitForURL(`${redirectUri}/done/*`);
      expect(await page.textContent('h1')).toBe('Signed in to Facebook');
      const { code, stdout, stderr } = await signIn.ended;
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, success: true });
      expect(/fingerprint/.test(stderr)).toBe(scheme === 'https');
      expect(await own.json('accounts', 'list', '--fields', 'account_key')).toEqual([
        { account_key: 'fb-81' },
      ]);
      expect(own.meta.requests.some(({ query }) => query.client_secret === APP.secret)).toBe(true);
    },
  );

  test.each(['http', 'https'] as const)(
    'connects nothing after Cancel, over %s',
    async (scheme) => {
      const { own, signIn, page } = await atLoginPage(scheme, '--page', '81');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.waitForURL('**/done/*');
      expect(await page.textContent('h1')).toBe('Facebook denied access');
      const { code, stdout } = await signIn.ended;
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(await own.json('accounts', 'list')).toEqual([]);
    },
  );
});
