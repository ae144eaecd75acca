import { type ChannelctlError, usageError } from '../shared/errors.ts';
import { LOOPBACK_ADDRESSES } from '../shared/loopback/server.ts';
import { checkUrl, isLoopbackHost } from '../shared/url.ts';

export interface LoopbackEndpoint {
  addresses: readonly string[];
  port: number;
  secure: boolean;
  hosts: readonly string[];
}

export interface RedirectUri {
  origin: string;
  path: string;
  hostname: string;
  /** Null if the URI is on another machine, where channelctl cannot listen. */
  loopback: LoopbackEndpoint | null;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Parses a redirect URI. Meta compares the URI character by character and appends its own query, so
 * the URI must have neither a query nor a fragment.
 *
 * @throws ChannelctlError `usage` if the URI is invalid
 */
export function parseRedirectUri(redirectUri: string): RedirectUri {
  const url = checkUrl('redirect_uri', redirectUri);
  if (/[?#]/.test(redirectUri)) throw invalid('It must not contain a query or fragment.');
  if (url.port === '0')
    throw invalid(
      'Port 0 is not allowed, because the port must match the one registered with Meta.',
    );
  return {
    origin: url.origin,
    path: url.pathname,
    hostname: url.hostname,
    loopback: isLoopbackHost(url.hostname) ? loopbackEndpoint(url) : null,
  };
}

function invalid(reason: string): ChannelctlError {
  return usageError('redirect_uri is not a valid redirect URI.', {
    reason,
    hint: 'Set redirect_uri to the URI registered with Meta, such as http://localhost:8976/callback.',
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
