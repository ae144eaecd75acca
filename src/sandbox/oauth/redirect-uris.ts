import { isLoopbackHost } from '../../shared/url.ts';

/** In an app's list, this value matches any loopback URI, with any port and path. */
export const LOOPBACK = 'loopback';

export function isListed(listed: readonly string[], uri: string): boolean {
  return listed.includes(uri) || (listed.includes(LOOPBACK) && isOnLoopback(uri));
}

export function isListedOrigin(listed: readonly string[], origin: string): boolean {
  if (listed.includes(LOOPBACK) && isOnLoopback(origin)) return true;
  return listed.some((uri) => URL.canParse(uri) && new URL(uri).origin === origin);
}

function isOnLoopback(uri: string): boolean {
  if (!URL.canParse(uri) || uri.includes('#')) return false;
  const { protocol, hostname } = new URL(uri);
  return ['https:', 'http:'].includes(protocol) && isLoopbackHost(hostname);
}
