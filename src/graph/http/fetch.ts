import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { lookup } from './lookup.ts';
import { bareHost, type HttpProxy } from './proxy.ts';

export type Fetch = (input: Request | URL | string, init?: RequestInit) => Promise<Response>;

export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly status: number;

  constructor(status: number) {
    super(`The proxy returned HTTP ${status}.`);
    this.status = status;
  }
}

/**
 * Wraps Node's HTTP client in the interface of `fetch`, with an optional proxy.
 *
 * Two alternatives are unsuitable. The global `fetch` repeats a request after a 421 response (Fetch
 * standard, "HTTP-network-or-cache fetch"), but a call such as `register` must never be sent twice.
 * undici's ProxyAgent reconnects without delay or limit if a proxy closes the connection.
 */
export function createFetch(proxy: HttpProxy | null): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
    const { end, options } = await connectionTo(new URL(request.url), proxy, request.signal);
    const message = await sendRequest(end, body, {
      ...options,
      method: request.method,
      signal: request.signal,
      headers: {
        ...Object.fromEntries(request.headers),
        ...options.headers,
        // Meta ignores a body without a Content-Length header, and Node does not send one for a
        // DELETE.
        ...(body === null ? {} : { 'content-length': body.length }),
      },
    });
    if (proxy !== null && message.statusCode === 407) {
      message.destroy();
      throw new ProxyError(407);
    }
    return toFetchResponse(message);
  };
}

interface Connection {
  end: URL;
  options: { path?: string; headers?: Record<string, string>; createConnection?: () => Socket };
}

/**
 * Returns a direct connection if there is no proxy. Otherwise, as in curl, returns a tunnel for
 * `https:` and a connection to the proxy for `http:`.
 */
async function connectionTo(
  target: URL,
  proxy: HttpProxy | null,
  signal: AbortSignal,
): Promise<Connection> {
  if (proxy === null) return { end: target, options: {} };
  if (target.protocol === 'http:') {
    const headers = proxyHeaders(target.host, proxy);
    return { end: proxy.url, options: { path: target.href, headers } };
  }
  const socket = await tunnelTo(target, proxy, signal);
  const host = bareHost(target.hostname);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const createConnection = () => tlsConnect({ socket, host, ...servername });
  return { end: target, options: { createConnection } };
}

/** Opens a tunnel through the proxy with CONNECT (RFC 9110, 9.3.6). */
function tunnelTo(target: URL, proxy: HttpProxy, signal: AbortSignal): Promise<Socket> {
  const path = `${target.hostname}:${target.port || '443'}`;
  const headers = proxyHeaders(path, proxy);
  return new Promise((resolve, reject) => {
    requestFunctionFor(proxy.url)(proxy.url, {
      method: 'CONNECT',
      path,
      headers,
      signal,
      lookup,
      agent: false,
    })
      .on('connect', ({ statusCode = 0 }, socket: Socket) => {
        if (statusCode >= 200 && statusCode < 300) return resolve(socket);
        socket.destroy();
        return reject(new ProxyError(statusCode));
      })
      .on('error', reject)
      .end();
  });
}

function proxyHeaders(host: string, { authorization }: HttpProxy): Record<string, string> {
  return { host, ...(authorization === null ? {} : { 'proxy-authorization': authorization }) };
}

function sendRequest(
  end: URL,
  body: Buffer | null,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    requestFunctionFor(end)(end, { lookup, ...options })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
}

function requestFunctionFor(end: URL) {
  return end.protocol === 'https:' ? httpsRequest : httpRequest;
}

function toFetchResponse(message: IncomingMessage): Response {
  const status = message.statusCode ?? 0;
  message.on('error', () => {}); // The reader of the Response receives the error.
  if (status < 200 || status > 599) {
    message.destroy();
    throw new Error(`HTTP ${status} is not a valid response status.`);
  }
  const headers = Object.entries(message.headers).map(([name, value]): [string, string] => [
    name,
    [value ?? []].flat().join(', '),
  ]);
  // The Response constructor rejects a body for these statuses.
  const isEmpty = [204, 205, 304].includes(status);
  if (isEmpty) message.resume();
  return new Response(isEmpty ? null : Readable.toWeb(message), { status, headers });
}
