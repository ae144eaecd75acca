import { BlockList, isIP } from 'node:net';
import { type ChannelctlError, usageError } from '../../shared/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface HttpProxy {
  /** The URL of the proxy, without username and password. */
  url: URL;
  host: string;
  /** The Proxy-Authorization header; null if the proxy has no username and password. */
  authorization: string | null;
  secrets: string[];
}

/**
 * Returns the proxy for requests to `target`; null for a direct connection. Reads HTTPS_PROXY,
 * HTTP_PROXY and NO_PROXY, in upper or lower case.
 *
 * @throws ChannelctlError `usage` for an invalid proxy; the error omits the value, which may
 *   contain a password
 */
export function proxyFor(target: URL, env: Environment): HttpProxy | null {
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = variable(env, name);
  if (value === '' || isExempt(target, variable(env, 'NO_PROXY'))) return null;
  return parseProxy(name, value);
}

/** Returns a variable, by its lower-case name if that is set. An empty variable counts as unset. */
function variable(env: Environment, name: string): string {
  return (env[name.toLowerCase()] || env[name] || '').trim();
}

function parseProxy(name: string, value: string): HttpProxy {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const user = text.slice(text.indexOf('://') + 3, Math.max(0, text.lastIndexOf('@')));
  if (/[/?#]/.test(user)) throw unencodedPassword(name);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(`${name} is not a valid HTTP proxy URL.`, {
      hint: `Set ${name} to a URL such as http://proxy.example:3128, or unset it.`,
    });
  }
  const { username, password, host } = url;
  url.username = '';
  url.password = '';
  if (username === '' && password === '') return { url, host, authorization: null, secrets: [] };
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { url, host, authorization, secrets: [pair, password, percentDecoded(password)] };
}

/** The error for `http://user:a#b@proxy`, which would name a host called `user`. */
function unencodedPassword(name: string): ChannelctlError {
  return usageError(`${name} is not a valid HTTP proxy URL.`, {
    reason: 'A user name or password contains /, ? or #, which must be percent-encoded.',
    hint: `In ${name}, write / as %2F, ? as %3F and # as %23.`,
  });
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A password may contain an unencoded %.
  }
}

/** Whether NO_PROXY covers the target. Entries are separated by commas or spaces. */
function isExempt(target: URL, noProxy: string): boolean {
  const host = bareHost(target.hostname);
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || covers(entry, host, port));
}

/**
 * Whether an entry covers a host. `example.com`, `.example.com` and `*.example.com` all cover the
 * name and its subdomains.
 */
function covers(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return isInNetwork(host, entry);
  const [name, onlyPort] = splitPort(entry);
  if (onlyPort !== null && onlyPort !== port) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return name === host;
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

function splitPort(entry: string): [name: string, port: string | null] {
  if (isIP(entry) === 6) return [entry, null];
  const port = /:(\d+)$/.exec(entry)?.[1] ?? null;
  const name = port === null ? entry : entry.slice(0, -port.length - 1);
  return [bareHost(name).replace(/^\*?\./, ''), port];
}

/** Removes the brackets of an IPv6 address and the trailing dot of a fully qualified name. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isInNetwork(host: string, network: string): boolean {
  const [start = '', bits = ''] = network.split('/');
  const family = isIP(start);
  const prefix = Number(bits);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits)) return false;
  if (prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(start, prefix, kind);
  return list.check(host, kind);
}
