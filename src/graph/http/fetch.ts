import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { bareHost, type HttpProxy } from './proxy.ts';

export type Fetch = (input: Request | URL | string, init?: RequestInit) => Promise<Response>;

/** An HTTP error of the proxy itself. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status} from the proxy.`);
    this.status = status;
  }
}

/**
 * Node's own HTTP client with the interface of `fetch`, directly or through a proxy.
 *
 * The global `fetch` automatically sends a request again if the response is a 421 (Fetch standard,
 * "HTTP-network-or-cache fetch"), but a call such as `register` must never be sent twice. undici's
 * ProxyAgent reconnects without pause or limit to a proxy that closes the connection.
 */
export function createFetch(proxy: HttpProxy | null): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
    const { end, options } = await connectionTo(new URL(request.url), proxy, request.signal);
    const answer = await responseTo(end, body, {
      ...options,
      method: request.method,
      signal: request.signal,
      headers: {
        ...Object.fromEntries(request.headers),
        ...options.headers,
        // Node sends no length for the body of a DELETE, and Meta ignores a body without one.
        ...(body === null ? {} : { 'content-length': body.length }),
      },
    });
    if (proxy !== null && answer.statusCode === 407) {
      answer.destroy();
      throw new ProxyError(407);
    }
    return toFetchResponse(answer);
  };
}

interface Connection {
  /** The server or proxy to connect to. */
  end: URL;
  options: { path?: string; headers?: Record<string, string>; createConnection?: () => Socket };
}

/**
 * Direct without a proxy; otherwise through a tunnel for `https:`, and for `http:` by a request to
 * the proxy, as curl does.
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

/** A tunnel to the target, in which the proxy can't read (RFC 9110, 9.3.6). */
function tunnelTo(target: URL, proxy: HttpProxy, signal: AbortSignal): Promise<Socket> {
  const path = `${target.hostname}:${target.port || '443'}`;
  const headers = proxyHeaders(path, proxy);
  return new Promise((resolve, reject) => {
    requestFunctionFor(proxy.url)(proxy.url, {
      method: 'CONNECT',
      path,
      headers,
      signal,
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

function responseTo(
  end: URL,
  body: Buffer | null,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    requestFunctionFor(end)(end, options).on('response', resolve).on('error', reject).end(body);
  });
}

function requestFunctionFor(end: URL) {
  return end.protocol === 'https:' ? httpsRequest : httpRequest;
}

function toFetchResponse(answer: IncomingMessage): Response {
  const status = answer.statusCode ?? 0;
  answer.on('error', () => {}); // The reader of the Response gets the error.
  if (status < 200 || status > 599) {
    answer.destroy();
    throw new Error(`HTTP ${status} is no status that an answer can have.`);
  }
  const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [
    name,
    [value ?? []].flat().join(', '),
  ]);
  // These have no body, and Response does not accept one.
  const isBare = [204, 205, 304].includes(status);
  if (isBare) answer.resume();
  return new Response(isBare ? null : Readable.toWeb(answer), { status, headers });
}
