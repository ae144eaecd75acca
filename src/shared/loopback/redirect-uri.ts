import { type ChannelctlError, usageError } from '../errors.ts';
import { checkAddress, isLoopbackHost } from '../url.ts';

/** Where on this machine a redirect address leads. */
export interface LoopbackPlace {
  /** The IP addresses to listen on, and no others. */
  addresses: readonly string[];
  port: number;
  /** Whether it is served with TLS. */
  secure: boolean;
  /** The `Host` headers that a browser can send when it means this place. */
  hosts: readonly string[];
}

/** A registered redirect address, taken apart. */
export interface RedirectAddress {
  origin: string;
  path: string;
  hostname: string;
  /** Null where the address is not this machine's, so that nobody can listen there. */
  loopback: LoopbackPlace | null;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Takes a redirect address apart. Meta compares it character by character and adds a query of its
 * own, so it may have neither query nor fragment.
 *
 * @throws ChannelctlError of kind `usage` naming `redirect_uri` where nobody could be sent back there
 */
export function parseRedirectAddress(redirectUri: string): RedirectAddress {
  const url = checkAddress('redirect_uri', redirectUri);
  if (/[?#]/.test(redirectUri)) throw unusable('It has a query or a fragment.');
  if (url.port === '0') throw unusable('Port 0 means any free port, and Meta compares the port.');
  return {
    origin: url.origin,
    path: url.pathname,
    hostname: url.hostname,
    loopback: isLoopbackHost(url.hostname) ? loopbackPlace(url) : null,
  };
}

function unusable(reason: string): ChannelctlError {
  return usageError(
    'redirect_uri is not an address that a sign-in can return to.',
    reason,
    'Set redirect_uri to the address registered at Meta, such as http://localhost:8976/callback.',
  );
}

function loopbackPlace(url: URL): LoopbackPlace {
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port);
  const addresses =
    url.hostname === 'localhost' ? ['127.0.0.1', '::1'] : [url.hostname.replace(/^\[|\]$/g, '')];
  const names = [url.hostname, ...addresses.map(bracketed)];
  const withPort = names.map((name) => `${name}:${port}`);
  return {
    addresses,
    port,
    secure: url.protocol === 'https:',
    hosts: url.port === '' ? [...names, ...withPort] : withPort,
  };
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
