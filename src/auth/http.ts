import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import type { Certificate } from '../shared/loopback/certificate.ts';
import {
  type ListenErrorText,
  type ListenFailure,
  type LoopbackServer,
  refusedPort,
  startLoopbackServer,
} from '../shared/loopback/server.ts';
import { type HtmlPage, messagePage } from './page.ts';
import type { LoopbackEndpoint } from './redirect-uri.ts';

const LIMITS: ServerOptions = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  // Browsers send the cookies of all programs that have run on localhost, so headers can be large.
  maxHeaderSize: 32 * 1024,
};

const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  Connection: 'close',
};

type Headers = Readonly<Record<string, string>>;

export interface RequestTarget {
  path: string;
  query: URLSearchParams;
}

export interface ListenTexts {
  /** What the user can do instead, as the end of a hint. */
  alternative: string;
  /** Prints an explanation of an unexpected request, once for each kind. */
  print(line: string): void;
}

/**
 * Listens at the endpoint of a redirect URI.
 *
 * @param certificate for TLS; null for plain HTTP
 * @throws ChannelctlError `conflict` if the port is in use on any of the addresses, `usage` if the
 *   system does not allow listening on it
 */
export function listenAtEndpoint(
  { addresses, port, secure, hosts }: LoopbackEndpoint,
  certificate: Certificate | null,
  handle: RequestListener,
  { alternative, print }: ListenTexts,
): Promise<LoopbackServer> {
  const [scheme, other] = secure ? ['https', 'http'] : ['http', 'https'];
  const advice = `In the address bar, change ${other}:// to ${scheme}://.`;
  let isReported = false;
  return startLoopbackServer({
    addresses,
    port,
    certificate,
    limits: LIMITS,
    handle,
    describeError: (failure) => listenErrorText(failure, alternative),
    onOtherScheme() {
      if (!isReported) {
        print(
          `The browser opened ${other}://${hosts[0]}, but the redirect URI begins with ${scheme}://. ${advice} If the browser changes it back, ${alternative}.`,
        );
      }
      isReported = true;
      const title = `This address requires ${scheme}`;
      return messagePage({ tone: 'bad', title, text: advice, quote: null }).html;
    },
  });
}

function listenErrorText(
  { address, port, code }: ListenFailure,
  alternative: string,
): ListenErrorText {
  const message = `Could not listen on port ${port} (${address}).`;
  if (code === 'EADDRINUSE') {
    return {
      message,
      reason: 'The port is already in use, possibly by another sign-in.',
      hint: `Stop the other program, set redirect_uri to a registered URI with another port, or ${alternative}.`,
    };
  }
  return {
    message,
    reason:
      code === 'EACCES'
        ? refusedPort()
        : `The operating system reported ${code ?? 'an unknown error'}.`,
    hint: `Set redirect_uri to a registered URI with a port above 1023, or ${alternative}.`,
  };
}

/**
 * Returns the target of a request that could come from the user's browser. Responds to any other
 * request with an error and returns null.
 *
 * @param methods the accepted method of each path
 */
export function acceptRequest(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: LoopbackEndpoint,
  methods: Readonly<Record<string, string>>,
): RequestTarget | null {
  const target = parseTarget(request.url ?? '');
  const method = Object.hasOwn(methods, target.path) ? methods[target.path] : undefined;
  if (!endpoint.hosts.includes(request.headers.host?.toLowerCase() ?? '')) {
    reply(response, 400, 'Unexpected Host header.');
  } else if (method === undefined) {
    reply(response, 404, 'Not found.');
  } else if (request.method !== method) {
    reply(response, 405, `Method not allowed. Use ${method}.`, { Allow: method });
  } else if (isCrossSite(request, endpoint)) {
    reply(response, 400, 'Cross-site requests are not allowed.');
  } else {
    return target;
  }
  return null;
}

function parseTarget(target: string): RequestTarget {
  const queryStart = target.indexOf('?');
  return queryStart === -1
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, queryStart), query: new URLSearchParams(target.slice(queryStart)) };
}

/**
 * Whether a script on another site sent the request. A browser that follows a redirect from a login
 * page sends no `Origin` header or, after a form was submitted, `Origin: null`. With any method
 * except GET, a browser always sends the page's origin.
 */
function isCrossSite(
  { method, headers: { origin } }: IncomingMessage,
  endpoint: LoopbackEndpoint,
): boolean {
  if (method === 'GET' && (origin === undefined || origin === 'null')) return false;
  const scheme = endpoint.secure ? 'https' : 'http';
  return !endpoint.hosts.some((host) => origin === `${scheme}://${host}`);
}

export function reply(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Headers = {},
): void {
  response
    .writeHead(status, {
      ...SECURITY_HEADERS,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      ...headers,
    })
    .end(`${text}\n`);
}

/** Replies with an explanation of why a request from the browser has no effect. */
export function replyExplanation(
  response: ServerResponse,
  status: number,
  title: string,
  text: string,
): void {
  replyPage(response, messagePage({ tone: 'bad', title, text, quote: null }), {}, status);
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { ...SECURITY_HEADERS, Location: location }).end();
}

export function replyPage(
  response: ServerResponse,
  page: HtmlPage,
  headers: Headers = {},
  status = 200,
): void {
  response
    .writeHead(status, {
      ...SECURITY_HEADERS,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': page.contentSecurityPolicy,
      ...headers,
    })
    .end(page.html);
}

export function replyJson(response: ServerResponse, value: unknown): void {
  response
    .writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(value));
}
