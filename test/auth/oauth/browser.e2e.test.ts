import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { browserNote, hasChromium, openPage } from '../../support/browser.ts';
import { freePort, startSignIn } from './support.ts';

const CODE = 'AQB-secret-code';

async function loginPage(redirected: string): Promise<string> {
  const port = await freePort();
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Referrer-Policy', 'unsafe-url');
    response.end(
      `<title>Log in</title><a href="${redirected.replaceAll('&', '&amp;')}">Continue</a>`,
    );
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${port}/dialog`;
}

async function clickThrough(page: Page, redirected: string) {
  const referers = new Map<string, string | undefined>();
  const complaints: string[] = [];
  page.on('request', (request) => referers.set(request.url(), request.headers().referer));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(await loginPage(redirected));
  await page.click('a');
  await page.waitForURL('**/done/*');
  return { referers, complaints };
}

describe.skipIf(!hasChromium)(`in Chromium${browserNote}`, () => {
  test.each(['http', 'https'] as const)('signs in with a click over %s', async (scheme) => {
    const { answer, redirectUri, state } = await startSignIn({ scheme });
    const page = await openPage({ ignoreHTTPSErrors: true });
    const { referers, complaints } = await clickThrough(
      page,
      `${redirectUri}?code=${CODE}&state=${state}`,
    );
    const { code, resultPageSent } = await answer;
    await resultPageSent;
    expect(code).toBe(CODE);

    expect(await page.title()).toBe('Signed in to Facebook · channelctl');
    expect(await page.textContent('h1')).toBe('Signed in to Facebook');
    expect(await page.textContent('main')).toContain('You can close this tab.');
    expect(complaints).toEqual([]);

    expect(page.url()).toMatch(new RegExp(`^${redirectUri}/done/[\\w-]{22}$`));
    const { entries } = await (await page.context().newCDPSession(page)).send(
      'Page.getNavigationHistory',
    );
    expect(entries.at(-1)?.url).toBe(page.url());
    expect(entries.map(({ url }) => url).filter((url) => url.includes(CODE))).toEqual([]);

    expect(referers.has(page.url())).toBe(true);
    expect(referers.get(page.url())).toBeUndefined();
    expect(await page.evaluate('document.referrer')).toBe('');
  });

  test('shows a denied sign-in before the program ends', async () => {
    const { answer, redirectUri, state } = await startSignIn();
    const page = await openPage();
    await clickThrough(page, `${redirectUri}?error=access_denied&state=${state}`);
    await expect(answer).rejects.toMatchObject({ kind: 'not_allowed' });
    expect(await page.textContent('h1')).toBe('Facebook denied access');
  });

  test.each([
    ['light', 200, 255],
    ['dark', 0, 60],
  ] as const)('shows a %s page if the user prefers it', async (colorScheme, from, to) => {
    const { redirectUri, state } = await startSignIn();
    const page = await openPage({ colorScheme, viewport: { width: 360, height: 640 } });
    await clickThrough(page, `${redirectUri}?code=${CODE}&state=${state}`);
    const colour = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('main')).backgroundColor",
    );
    for (const channel of colour.match(/\d+/g) ?? []) {
      expect(Number(channel)).toBeGreaterThanOrEqual(from);
      expect(Number(channel)).toBeLessThanOrEqual(to);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
