import { usageError } from './errors.ts';

/** Whether only this machine can reach a host: localhost, 127.0.0.0/8 or ::1. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Checks a URL before anything is sent to it: `https:`, or `http:` on a loopback host, no user name
 * or password, and no part that would be lost or look different elsewhere.
 *
 * @param name the setting, variable or flag with the URL, for the error
 * @throws ChannelctlError of kind `usage`
 */
export function checkUrl(name: string, value: string): URL {
  const wrong = (reason: string) =>
    usageError(`${name} is not an address that channelctl can use.`, {
      reason,
      hint: `Give ${name} an address such as https://desk.example.com.`,
    });
  if (/\s/.test(value)) throw wrong('It contains a space or a line break.');
  const url = parseUrl(value);
  if (url === null) throw wrong(`"${value}" is not a complete address.`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw wrong(`It begins with ${url.protocol} where https: is needed.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong('It contains a user name or a password.');
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw wrong(`Plain http: is accepted for this machine only, and ${url.hostname} is another.`);
  }
  return url;
}

/** Checks a base URL, to which paths are added: like `checkUrl`, and without query or fragment. */
export function checkBaseUrl(name: string, value: string): string {
  const url = checkUrl(name, value);
  if (url.search !== '' || url.hash !== '') {
    throw usageError(`${name} is not an address that channelctl can use.`, {
      reason: 'It has a query or a fragment, and paths are added to it.',
      hint: `Give ${name} an address without ? and #.`,
    });
  }
  return url.href.replace(/\/+$/, '');
}

/**
 * Whether two URLs mean the same: the case and the script of the host, a default port and an empty
 * path make no difference, a slash at the end of a path does.
 */
export function sameUrl(one: string, other: string): boolean {
  return normalizedUrl(one) === normalizedUrl(other);
}

/** Whether a URL is below a base URL. */
export function isBelowUrl(url: string, base: string): boolean {
  return normalizedUrl(url).startsWith(`${normalizedUrl(base).replace(/\/+$/, '')}/`);
}

function normalizedUrl(url: string): string {
  return parseUrl(url)?.href ?? url;
}

/**
 * Null if it is not a complete URL. In Node.js 20, `URL.canParse` refuses an `ü` once it has been
 * called some thousand times and is optimized.
 */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
