import { usageError } from './errors.ts';

export const META_URL_VARIABLES = [
  'CHANNELCTL_GRAPH_URL',
  'CHANNELCTL_FACEBOOK_URL',
  'CHANNELCTL_INSTAGRAM_URL',
  'CHANNELCTL_INSTAGRAM_API_URL',
  'CHANNELCTL_INSTAGRAM_GRAPH_URL',
  'CHANNELCTL_FACEBOOK_SDK_URL',
] as const;

export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Checks a URL before it is used: `https:`, or `http:` on a loopback host, without whitespace, a
 * user name or a password.
 *
 * @param name the setting, variable or flag that contains the URL, for the error
 * @throws ChannelctlError `usage`
 */
export function checkUrl(name: string, value: string): URL {
  const wrong = (reason: string) =>
    usageError(`${name} is not a valid URL.`, {
      reason,
      hint: 'Use a URL such as https://desk.example.com.',
    });
  if (/\s/.test(value)) throw wrong('It contains whitespace.');
  const url = parseUrl(value);
  if (url === null) throw wrong(`"${value}" is not a complete URL.`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw wrong(`It begins with ${url.protocol} instead of https:.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong('It contains a user name or password.');
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw wrong(`Plain http: is allowed only for this machine, not for ${url.hostname}.`);
  }
  return url;
}

/**
 * Checks a base URL as `checkUrl` does, and rejects a query or fragment. Returns the URL without
 * trailing slashes.
 */
export function checkBaseUrl(name: string, value: string): string {
  const url = checkUrl(name, value);
  if (url.search !== '' || url.hash !== '') {
    throw usageError(`${name} is not a valid base URL.`, {
      reason: 'A base URL cannot have a query or fragment.',
      hint: 'Remove the ? or # and everything after it.',
    });
  }
  return withoutFinalSlashes(url.href);
}

/**
 * Whether two URLs are equivalent. The case and encoding of the host (Unicode or ASCII), a default
 * port and an empty path make no difference, but a trailing slash does.
 */
export function sameUrl(one: string, other: string): boolean {
  return normalizedUrl(one) === normalizedUrl(other);
}

export function isBelowUrl(url: string, base: string): boolean {
  return normalizedUrl(url).startsWith(`${withoutFinalSlashes(normalizedUrl(base))}/`);
}

export function withoutFinalSlashes(url: string): string {
  let end = url.length;
  while (end > 0 && url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
}

/**
 * Returns the URL in ASCII, with its host as an A-label (`xn--…`, RFC 5890): Meta accepts only that
 * form. An ASCII URL is returned unchanged.
 */
export function asciiUrl(url: string): string {
  return isAscii(url) ? url : normalizedUrl(url);
}

/**
 * Returns the host name in ASCII, as DNS and certificates contain it: `xn--bcher-kva.example`. An
 * ASCII name is returned unchanged. Returns null if it cannot be a host name.
 */
export function asciiHost(host: string): string | null {
  if (isAscii(host)) return host;
  // These characters would end or change the host of a URL.
  if (/[\s/?#@:%\\[\]]/.test(host)) return null;
  return parseUrl(`https://${host}`)?.hostname ?? null;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function normalizedUrl(url: string): string {
  return parseUrl(url)?.href ?? url;
}

/**
 * Parses a URL; returns null if the text is not a complete URL. Does not use `URL.canParse`, which
 * rejects URLs with `ü` in Node.js 20 once V8 has optimized it, after several thousand calls.
 */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
