import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ClientOptions, createCaller, createGraph } from '../../src/graph/client.ts';
import { type Operation, operation } from '../../src/graph/operations/operation.ts';
import { ChannelctlError } from '../../src/shared/errors.ts';
import { Redactor } from '../../src/shared/redactor.ts';

interface Received {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The body is sent as JSON unless it is a string. */
export interface Scripted {
  status?: number;
  body?: unknown;
  headers?: Record<string, string | string[]>;
}

export type Script = (received: Received, response: ServerResponse) => Scripted | undefined;

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function meta(script: Script) {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const received = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', 'http://meta'),
      headers: request.headers,
      body,
    };
    requests.push(received);
    const answer = script(received, response);
    if (answer !== undefined) reply(response, answer);
  });
  const host = await listen(server);
  return { requests, host, url: `http://${host}` };
}

export function reply(response: ServerResponse, { status = 200, body = {}, headers }: Scripted) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

export function inTurn(...answers: Scripted[]): Script {
  let next = 0;
  return () => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    return answer;
  };
}

export function metaError(
  code: number,
  more: Record<string, unknown> = {},
  status = 400,
): Scripted {
  const error = {
    message: 'Meta says no',
    type: 'OAuthException',
    code,
    fbtrace_id: 'AbC',
    ...more,
  };
  return { status, body: { error } };
}

/**
 * Creates a client that uses one server for every service. Only its sleeps advance its clock;
 * `slept` lists them in milliseconds.
 */
export function client(url: string, more: Partial<ClientOptions> = {}) {
  const slept: number[] = [];
  const lines: string[] = [];
  const warnings: { message: string; hint: string }[] = [];
  let now = Date.parse('2026-08-01T12:00:00Z');
  const options: ClientOptions = {
    urls: { graph: url, instagram_api: url, instagram_graph: url },
    version: 'v26.0',
    userAgent: 'channelctl/1.2.3',
    env: {},
    redactor: new Redactor(),
    debug: (line) => lines.push(line),
    warn: (warning) => warnings.push(warning),
    signal: new AbortController().signal,
    random: () => 0.5,
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
    },
    ...more,
  };
  return {
    graph: createGraph(options),
    call: createCaller(options),
    slept,
    lines,
    warnings,
    options,
  };
}

export const user = { token: 'EAAuserToken0123456789' };

export async function failureOf(call: Promise<unknown>): Promise<ChannelctlError> {
  const error = await call.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (error instanceof ChannelctlError) return error;
  throw error;
}

export function declared(more: Partial<Operation> = {}): Operation {
  return operation({
    purpose: 'read the thing',
    service: 'graph',
    method: 'GET',
    path: '/{page_id}',
    token: 'page',
    parameters: z.looseObject({ page_id: z.string() }),
    sends: 'query',
    answer: z.unknown(),
    permission: 'pages_messaging',
    repeatable: true,
    ...more,
  });
}
