import type { Certificate } from '../shared/loopback/certificate.ts';
import { stripControlCharacters } from '../shared/text.ts';
import type { BrowserPorts } from './types.ts';

/**
 * Prints a URL on its own line, and optionally opens it in the browser.
 *
 * @param purpose the end of a sentence, for example `to sign in to Facebook`
 * @param done if this signal is aborted, a failure to open the browser is no longer reported
 */
export function showUrl(
  { url, purpose, openBrowser }: { url: string; purpose: string; openBrowser: boolean },
  ports: BrowserPorts,
  done: AbortSignal,
): void {
  ports.print(
    openBrowser
      ? `Opening your browser ${purpose}. If it does not open, open this URL:`
      : `Open this URL in your browser ${purpose}:`,
  );
  ports.print(url);
  if (!openBrowser) return;
  ports.openInBrowser(url).catch((error: unknown) => {
    if (done.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    ports.print(
      `Could not open the browser (${stripControlCharacters(reason)}). Open the URL manually.`,
    );
  });
}

/**
 * Explains the browser's warning about the self-signed certificate.
 *
 * @param when the start of a sentence, for example `After you sign in`
 */
export function explainCertificateWarning(
  { fingerprint }: Certificate,
  origin: string,
  when: string,
  ports: BrowserPorts,
): void {
  ports.print(
    `${when}, the browser warns about the certificate for ${origin}, which channelctl generated. ` +
      'Proceed anyway: the connection does not leave this machine.',
  );
  ports.print(`SHA-256 fingerprint of the certificate: ${fingerprint}`);
}
