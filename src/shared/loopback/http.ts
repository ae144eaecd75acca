import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoopbackPlace } from './redirect-uri.ts';

/** The headers of every answer to the browser. */
const SAFE_HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  Connection: 'close',
};

type Headers = Readonly<Record<string, string>>;

/** A page for the browser, with the only policy that it works under. */
export interface Page {
  html: string;
  /** The `Content-Security-Policy`. */
  policy: string;
}

/** What a request that may be answered asks for. */
export interface Target {
  path: string;
  query: URLSearchParams;
}

/**
 * What the request asks for, where it is one that the browser of this sign-in could send. Every
 * other one is turned away here, and null is given.
 *
 * @param methods the only method that each path is asked with
 */
export function admit(
  request: IncomingMessage,
  response: ServerResponse,
  place: LoopbackPlace,
  methods: Readonly<Record<string, string>>,
): Target | null {
  const target = splitTarget(request.url ?? '');
  const method = Object.hasOwn(methods, target.path) ? methods[target.path] : undefined;
  if (!place.hosts.includes(request.headers.host?.toLowerCase() ?? '')) {
    reply(response, 400, 'This is not the address of this listener.');
  } else if (method === undefined) {
    reply(response, 404, 'There is nothing here.');
  } else if (request.method !== method) {
    reply(response, 405, `Only ${method} is answered here.`, { Allow: method });
  } else if (isForeign(request, place)) {
    reply(response, 400, 'Requests of other sites are not answered here.');
  } else {
    return target;
  }
  return null;
}

function splitTarget(target: string): Target {
  const mark = target.indexOf('?');
  return mark === -1
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark)) };
}

/**
 * True for a request that a script of another site makes. A browser that follows a login page's
 * redirect sends no `Origin`, or `null` where it came there by a form; with any other method than
 * GET it always says which page sends it.
 */
function isForeign(
  { method, headers: { origin } }: IncomingMessage,
  place: LoopbackPlace,
): boolean {
  if (method === 'GET' && (origin === undefined || origin === 'null')) return false;
  const scheme = place.secure ? 'https' : 'http';
  return !place.hosts.some((host) => origin === `${scheme}://${host}`);
}

export function reply(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Headers = {},
): void {
  response
    .writeHead(status, {
      ...SAFE_HEADERS,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      ...headers,
    })
    .end(`${text}\n`);
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { ...SAFE_HEADERS, Location: location }).end();
}

export function replyPage(response: ServerResponse, page: Page, headers: Headers = {}): void {
  response
    .writeHead(200, {
      ...SAFE_HEADERS,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': page.policy,
      ...headers,
    })
    .end(page.html);
}

export function replyJson(response: ServerResponse, value: unknown): void {
  response
    .writeHead(200, { ...SAFE_HEADERS, 'Content-Type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(value));
}
