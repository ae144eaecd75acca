import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { OperationName } from '../../src/graph/operations/index.ts';
import type { Service } from '../../src/graph/operations/operation.ts';
import type { Sandbox, SandboxUrls } from '../../src/sandbox/types.ts';

interface Request {
  service: Service;
  method: string;
  path: string;
  query: Readonly<Record<string, string>>;
  body: { type: 'json' | 'form'; fields: Readonly<Record<string, unknown>> } | null;
  userAgent: string;
  hasToken: boolean;
}

interface Repetition {
  status: number;
  answer: unknown;
  message: unknown;
}

export interface Exchange {
  operation: OperationName | null;
  request: Request;
  status: number;
  answer: unknown;
  repeat(parameters: Readonly<Record<string, unknown>>): Promise<Repetition>;
}

const PREFIXES: Readonly<Record<string, Service>> = {
  graph: 'graph',
  'instagram-api': 'instagram_api',
  'instagram-graph': 'instagram_graph',
};

/** Identifies a request among those that the sandbox received concurrently. */
const NUMBER_HEADER = 'x-exchange';

/**
 * Starts a proxy that records every exchange with a sandbox.
 *
 * @param beforeRepeat called before a request is repeated
 */
export async function startRecorder(sandbox: Sandbox, beforeRepeat: () => void) {
  const { origin } = new URL(sandbox.urls.graph_url);
  const exchanges: Exchange[] = [];
  let requests = 0;
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    const { method = '', url = '' } = incoming;
    requests += 1;
    const number = String(requests);
    const headers = new Headers({ [NUMBER_HEADER]: number });
    for (const name of ['authorization', 'content-type', 'user-agent'] as const) {
      const value = incoming.headers[name];
      if (value !== undefined) headers.set(name, value);
    }
    const answer = await fetch(origin + url, { method, headers, ...(body !== '' && { body }) });
    const text = await answer.text();
    const { pathname, searchParams } = new URL(url, origin);
    const service = PREFIXES[pathname.split('/')[1] ?? ''];
    if (service !== undefined) {
      const request = {
        service,
        method,
        path: pathname,
        query: Object.fromEntries(searchParams),
        body: parsedBody(body, headers.get('content-type')),
        userAgent: headers.get('user-agent') ?? '',
        hasToken: headers.has('authorization'),
      };
      const recorded = sandbox.requests.find((one) => one.headers[NUMBER_HEADER] === number);
      const exchange: Exchange = {
        operation: recorded?.operation ?? null,
        request,
        status: answer.status,
        answer: JSON.parse(text),
        repeat(parameters) {
          beforeRepeat();
          return repeated(origin, request, headers, parameters);
        },
      };
      exchanges.push(exchange, ...batchedExchanges(exchange, sandbox.requests));
    }
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    exchanges,
    urls: Object.fromEntries(
      Object.entries(sandbox.urls).map(([name, url]: [string, string]) => [
        name,
        url.replace(origin, `http://127.0.0.1:${port}`),
      ]),
    ) as unknown as SandboxUrls,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Returns the exchanges of a batch request as if each call had been sent in its own request. */
function batchedExchanges(
  { operation, request, answer, repeat }: Exchange,
  recorded: Sandbox['requests'],
): Exchange[] {
  if (operation !== 'sendBatch' || !Array.isArray(answer)) return [];
  const batch: unknown = JSON.parse(String(request.body?.fields.batch));
  return (Array.isArray(batch) ? batch : []).flatMap(({ method, relative_url }, index) => {
    const { code, body } = Object(answer[index]);
    const url = new URL(relative_url, `http://batch${request.path}`);
    const query = Object.fromEntries(url.searchParams);
    const { pathname: path } = url;
    const found = recorded.find((one) => one.path === path && isDeepStrictEqual(one.query, query));
    return {
      operation: found?.operation ?? null,
      request: { ...request, method, path, query, body: null },
      status: code,
      answer: JSON.parse(body),
      repeat,
    };
  });
}

function parsedBody(body: string, type: string | null): Request['body'] {
  if (body === '') return null;
  return type?.includes('json')
    ? { type: 'json', fields: JSON.parse(body) }
    : { type: 'form', fields: Object.fromEntries(new URLSearchParams(body)) };
}

async function repeated(
  origin: string,
  { method, path, query, body }: Request,
  headers: Headers,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Repetition> {
  const isInQuery = method === 'GET' || (body === null && Object.keys(query).length > 0);
  const search = formOf({ ...query, ...(isInQuery && parameters) });
  const init: RequestInit = { method, headers: new Headers(headers) };
  if (!isInQuery) {
    const fields = { ...body?.fields, ...parameters };
    init.body = body?.type === 'form' ? formOf(fields) : JSON.stringify(fields);
    if (body === null) init.headers = { ...Object.fromEntries(headers), ...JSON_TYPE };
  }
  const response = await fetch(`${origin}${path}?${search}`, init);
  const answer: unknown = await response.json();
  const { error, error_message } = Object(answer);
  return { status: response.status, answer, message: error?.message ?? error_message };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function formOf(fields: Readonly<Record<string, unknown>>): URLSearchParams {
  const entries = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return new URLSearchParams(entries);
}
