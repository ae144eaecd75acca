import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';

/** Whether tests with a real browser can run on this machine. */
export const hasChromium = existsSync(CHROMIUM);

/**
 * The suffix for the title of a test that needs the browser: empty, or the reason why it is
 * skipped.
 */
export const browserNote = hasChromium ? '' : ` (skipped: ${CHROMIUM} is not installed)`;

/** Starts Chromium. The caller must close it. */
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

/** Opens a page in its own Chromium, which is closed at the end of the test. */
export async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const context = await browser.newContext(options);
  return await context.newPage();
}
