import { type ChannelctlError, usageError } from '../shared/errors.ts';
import { LOOPBACK_ADDRESSES } from '../shared/loopback/server.ts';
import { checkUrl, isLoopbackHost } from '../shared/url.ts';

/** The endpoint on this machine that a redirect URI leads to. */
export interface LoopbackEndpoint {
  /** The IP addresses to listen on, and no others. */
  addresses: readonly string[];
  port: number;
  /** Whether it is served with TLS. */
  secure: boolean;
  /** The `Host` headers that a browser can send to it. A request with another one is refused. */
  hosts: readonly string[];
}

/** A registered redirect URI, parsed. */
export interface RedirectUri {
  origin: string;
  path: string;
  hostname: string;
  /** Null if the URI leads to another machine, so channelctl can't listen there. */
  loopback: LoopbackEndpoint | null;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Parses a redirect URI. Meta compares it character by character and adds a query of its own, so
 * it may have neither query nor fragment.
 *
 * @throws ChannelctlError of kind `usage` that names `redirect_uri` if no browser can return there
 */
export function parseRedirectUri(redirectUri: string): RedirectUri {
  const url = checkUrl('redirect_uri', redirectUri);
  if (/[?#]/.test(redirectUri)) throw invalid('It has a query or a fragment.');
  if (url.port === '0') throw invalid('Port 0 means any free port, and Meta compares the port.');
  return {
    origin: url.origin,
    path: url.pathname,
    hostname: url.hostname,
    loopback: isLoopbackHost(url.hostname) ? loopbackEndpoint(url) : null,
  };
}

function invalid(reason: string): ChannelctlError {
  return usageError('redirect_uri is not an address that a sign-in can return to.', {
    reason,
    hint: 'Set redirect_uri to the address registered at Meta, such as http://localhost:8976/callback.',
  });
}

function loopbackEndpoint(url: URL): LoopbackEndpoint {
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port);
  const addresses =
    url.hostname === 'localhost' ? LOOPBACK_ADDRESSES : [url.hostname.replace(/^\[|\]$/g, '')];
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
