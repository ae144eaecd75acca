import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';

/** Whether tests with a real browser can run here. */
export const hasChromium = existsSync(CHROMIUM);

/** What to add to the title of a test that needs the browser: nothing, or why it is skipped. */
export const browserNote = hasChromium ? '' : ` (skipped: there is no ${CHROMIUM})`;

/** Starts a Chromium. Who starts it closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** Opens a page in a Chromium of its own, which ends with the test. */
export async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const context = await browser.newContext(options);
  return await context.newPage();
}
