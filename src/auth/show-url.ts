import type { Certificate } from '../shared/loopback/certificate.ts';
import { stripControlCharacters } from '../shared/text.ts';
import type { BrowserPorts } from './types.ts';

/**
 * Prints a URL on its own line and, if asked to, opens it in the browser.
 *
 * @param purpose the end of a sentence: `to sign in at Facebook`
 * @param done after it is aborted, a browser that failed to start is not reported
 */
export function showUrl(
  { url, purpose, openBrowser }: { url: string; purpose: string; openBrowser: boolean },
  ports: BrowserPorts,
  done: AbortSignal,
): void {
  ports.print(
    openBrowser
      ? `Opening your browser ${purpose}. If nothing opens, open this address:`
      : `Open this address in your browser ${purpose}:`,
  );
  ports.print(url);
  if (!openBrowser) return;
  ports.openInBrowser(url).catch((error: unknown) => {
    if (done.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    ports.print(
      `The browser could not be opened: ${stripControlCharacters(reason)}. Open the address yourself.`,
    );
  });
}

/**
 * Prints why the browser will warn of a self-signed certificate.
 *
 * @param when when the browser warns: `At the end`
 */
export function explainCertificateWarning(
  { fingerprint }: Certificate,
  origin: string,
  when: string,
  ports: BrowserPorts,
): void {
  ports.print(
    `${when} the browser warns of the certificate of ${origin}: channelctl made it on this ` +
      'machine, so nobody vouches for it. Go on: the connection never leaves this machine.',
  );
  ports.print(`The SHA-256 fingerprint of that certificate is ${fingerprint}`);
}
