import type { Certificate } from '../shared/loopback/certificate.ts';
import { plainText } from '../shared/text.ts';
import type { BrowserPorts } from './types.ts';

/** An address for the person's browser. */
export interface Shown {
  address: string;
  /** What it is for, as the end of a sentence: `to sign in at Facebook`. */
  purpose: string;
  /** Whether to open it here. */
  opens: boolean;
}

/** Prints the address on a line of its own, always, and opens it where that is asked for. */
export function showAddress(
  { address, purpose, opens }: Shown,
  ports: BrowserPorts,
  over: AbortSignal,
): void {
  ports.print(
    opens
      ? `Opening your browser ${purpose}. If nothing opens, open this address:`
      : `Open this address in your browser ${purpose}:`,
  );
  ports.print(address);
  if (!opens) return;
  ports.openInBrowser(address).catch((error: unknown) => {
    if (over.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    ports.print(`The browser could not be opened: ${plainText(why)}. Open the address yourself.`);
  });
}

/** @param when when the browser warns: `At the end` */
export function explainCertificate(
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
