import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';

export const hasChromium = existsSync(CHROMIUM);

export const browserNote = hasChromium ? '' : ` (skipped: ${CHROMIUM} is not installed)`;

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

export async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const context = await browser.newContext(options);
  return await context.newPage();
}
