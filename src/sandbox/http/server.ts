import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Service } from '../../graph/operations/operation.ts';
import { readBody } from '../../shared/loopback/body.ts';
import { errorReply, invalidParameter, MetaError } from '../graph/errors.ts';
import type { RecordedRequest } from '../types.ts';
import { type FaultQueue, faultReply } from './faults.ts';
import {
  type BatchCall,
  type Dispatch,
  type HttpReply,
  type HttpRequest,
  jsonReply,
  type Route,
  type Router,
} from './http.ts';

export interface MountedService {
  router: Router;
  service: Service;
}

interface ServerOptions {
  services: ReadonlyMap<string, MountedService>;
  faults: FaultQueue;
  requests: RecordedRequest[];
  traceId(): string;
  log(line: string): void;
}

const MAX_BODY_BYTES = 1024 * 1024;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

const MAX_RECORDED_REQUESTS = 1_000;

type Fault = ReturnType<FaultQueue['take']>;

export function createRequestListener(options: ServerOptions) {
  return async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await serve(options, message, response);
    } catch (error) {
      // Usually, the client disconnected while its request body was being read.
      options.log(`No response was sent: ${error instanceof Error ? error.message : error}`);
      response.destroy();
    }
  };
}

async function serve(
  options: ServerOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = urlOf(message);
  if (!(url instanceof URL)) return send(response, url, null);
  const body = await readBody(message, MAX_BODY_BYTES);
  if (body === null) {
    const headers = { Connection: 'close' };
    return send(
      response,
      jsonReply(413, { error: 'The request body is too large' }, headers),
      null,
    );
  }
  const [, prefix = '', ...rest] = url.pathname.split('/');
  const mounted = options.services.get(prefix);
  const place = { servicePath: `/${prefix}`, path: `/${rest.join('/')}` };
  const request = requestOf(message, url, place, body.toString('utf8'));
  const { reply, fault } = await perform(options, mounted, request, (call) =>
    performInBatch(options, mounted, request, call),
  );
  send(response, reply, fault);
}

/**
 * Records a request, and returns its response with the fault that affects it.
 *
 * @param dispatch makes a call of a batch request; null for such a call itself
 */
async function perform(
  options: ServerOptions,
  mounted: MountedService | undefined,
  request: HttpRequest,
  dispatch: Dispatch | null,
): Promise<{ reply: HttpReply; fault: Fault }> {
  const { method, path } = request;
  const { pathname } = new URL(request.url);
  const route = routeOf(mounted, request);
  options.requests.push(recordOf(request, pathname, route, dispatch === null));
  if (options.requests.length > MAX_RECORDED_REQUESTS) options.requests.shift();
  const fault = options.faults.take(route.operation, [
    pathname,
    path,
    path.replace(/^\/v\d+\.\d+(?=\/)/, ''),
  ]);
  const reply = await replyTo(options, mounted, route, fault, dispatch ?? rejectNestedBatch);
  options.log(`${method} ${pathname} ${reply.status}`);
  if (fault?.delay_ms !== undefined) await setTimeout(fault.delay_ms, undefined, { ref: false });
  return { reply: { ...reply, headers: { ...reply.headers, ...fault?.headers } }, fault };
}

/** Makes a call of a batch request. It times out if a fault closes its connection. */
async function performInBatch(
  options: ServerOptions,
  mounted: MountedService | undefined,
  batch: HttpRequest,
  call: BatchCall,
): Promise<HttpReply | null> {
  const { reply, fault } = await perform(options, mounted, requestInBatch(batch, call), null);
  return fault?.cut === undefined ? reply : null;
}

async function rejectNestedBatch(): Promise<never> {
  throw invalidParameter('A batch request cannot contain another batch request');
}

function requestInBatch(batch: HttpRequest, call: BatchCall): HttpRequest {
  const { method, relative_url, body = '', token } = call;
  const relative = new URL(relative_url.replace(/^\/*/, '/'), 'http://batch');
  const version = /^\/v\d+\.\d+(?=\/)/.exec(batch.path)?.[0] ?? '';
  const isVersioned = /^\/v\d+\.\d+\//.test(relative.pathname);
  const path = isVersioned ? relative.pathname : version + relative.pathname;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    method,
    url: new URL(batch.servicePath + path, batch.url).href,
    servicePath: batch.servicePath,
    path,
    query: relative.searchParams,
    headers: { authorization: `Bearer ${token}`, ...(body !== '' && form) },
    body,
  };
}

/**
 * Returns the requested URL, or an error response. Only loopback hosts are allowed, because a
 * request with another host can come from a web page (DNS rebinding).
 */
function urlOf({ headers: { host = '' }, url: target = '' }: IncomingMessage): URL | HttpReply {
  const href = `http://${host}${target}`;
  if (!HOST.test(host) || !target.startsWith('/') || !URL.canParse(href)) {
    return jsonReply(400, { error: 'The Host header or the request target is malformed' });
  }
  const url = new URL(href);
  if (LOOPBACK_HOSTS.has(url.hostname)) return url;
  return jsonReply(403, { error: 'Only loopback hosts are allowed' });
}

function requestOf(
  message: IncomingMessage,
  url: URL,
  place: Pick<HttpRequest, 'servicePath' | 'path'>,
  body: string,
): HttpRequest {
  const headers = Object.entries(message.headers).map(([name, value]): [string, string] => [
    name,
    [value ?? ''].flat().join(', '),
  ]);
  return {
    method: message.method ?? 'GET',
    url: url.origin + url.pathname,
    ...place,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body,
  };
}

function recordOf(
  request: HttpRequest,
  path: string,
  route: Route,
  is_in_batch: boolean,
): RecordedRequest {
  return {
    method: request.method,
    path,
    query: Object.fromEntries(request.query),
    body: request.body,
    headers: request.headers,
    operation: route.operation,
    is_in_batch,
  };
}

/**
 * Returns the route of a request. If it cannot be determined, the error is thrown when the route
 * runs.
 */
function routeOf(mounted: MountedService | undefined, request: HttpRequest): Route {
  if (mounted === undefined) {
    const reply = jsonReply(404, { error: `No such path` });
    return { operation: null, run: () => reply };
  }
  if (request.method === 'OPTIONS') {
    const reply = { status: 204, headers: { Allow: 'GET, HEAD, POST, DELETE' }, body: '' };
    return { operation: null, run: () => reply };
  }
  try {
    // Node omits the body of a response to HEAD.
    return mounted.router(request.method === 'HEAD' ? { ...request, method: 'GET' } : request);
  } catch (error) {
    const run = () => {
      throw error instanceof URIError
        ? invalidParameter('The path contains an invalid percent-encoding')
        : error;
    };
    return { operation: null, run };
  }
}

/** A bug in the sandbox must not look like an error from Meta. */
async function replyTo(
  { traceId, log }: ServerOptions,
  mounted: MountedService | undefined,
  route: Route,
  fault: Fault,
  dispatch: Dispatch,
): Promise<HttpReply> {
  try {
    const replacement = fault === null ? null : faultReply(fault);
    return replacement ?? (await route.run(dispatch));
  } catch (error) {
    if (error instanceof MetaError)
      return errorReply(error, mounted?.service ?? 'graph', traceId());
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Bug in the sandbox: ${reason}`;
    log(message);
    return jsonReply(500, { error: { message, type: 'SandboxException', code: 1 } });
  }
}

function send(response: ServerResponse, reply: HttpReply, fault: Fault): void {
  if (fault?.cut === 'before') {
    response.destroy();
    return;
  }
  const body = Buffer.from(reply.body, 'utf8');
  response.writeHead(reply.status, {
    'Cache-Control': 'no-store',
    ...(reply.status !== 204 && { 'Content-Length': body.length }),
    ...reply.headers,
  });
  if (fault?.cut === 'middle') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  } else {
    response.end(body);
  }
}
