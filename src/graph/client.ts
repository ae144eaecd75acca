/**
 * The client for Meta's APIs. A call goes through these steps:
 *
 *  1. http/request.ts checks the parameters against the operation's declaration, prepends the Graph
 *     API version to the path, and adds `appsecret_proof` if the app secret is known.
 *  2. http/route.ts reads the proxy from the environment.
 *  3. http/retry.ts repeats steps 4 to 9 after a temporary error if the operation is repeatable,
 *     with increasing waits or after the time in `Retry-After`.
 *  4. http/rate-limit.ts delays the call if an earlier response showed that a rate limit is near.
 *  5. debug/trace.ts adds each secret of the request to the redactor, and prints the request for
 *     `--debug`.
 *  6. http/transport.ts sends the request once, within the time limit, without following redirects.
 *  7. debug/trace.ts handles the response in the same way; the throttle reads its usage headers.
 *  8. http/response.ts parses the JSON and extracts Meta's error object.
 *  9. errors/outcome.ts checks the body against the declaration, and turns Meta's error or
 *     `success: false` into a ChannelctlError with a hint.
 * 10. The audit log records the call if it changed something.
 *
 * A list (paging.ts) makes one such call per page. `readAll` (batch.ts) makes up to 50 calls in one
 * request; each goes through steps 1, 2 and 7 to 9 itself.
 */
import type { z } from 'zod';
import type { Json } from '../shared/json.ts';
import type { BatchReader } from './batch.ts';
import { failedAttempt, interpretResponse } from './errors/outcome.ts';
import { createExchange, type ExchangeOptions } from './exchange.ts';
import type { Caller, Credentials, Graph } from './graph.ts';
import { buildRequest, type CallRequest, subjectOf } from './http/request.ts';
import { redactionBy } from './http/response.ts';
import { MAX_ATTEMPTS, withRetries } from './http/retry.ts';
import { routeTo } from './http/route.ts';
import { fetchServerTime } from './http/server-time.ts';
import {
  type AnswerOf,
  type ItemOf,
  type ListName,
  type OperationName,
  type Operations,
  operations,
  type ParametersOf,
} from './operations/index.ts';
import type { Operation } from './operations/operation.ts';
import { anything, rawOperation } from './operations/raw.ts';
import { listOf } from './operations/shapes.ts';
import { fetchAllPages, type ResultPage } from './paging.ts';

export interface ClientOptions extends ExchangeOptions {
  changed?: ((change: RemoteChange) => Promise<void>) | undefined;
}

export interface RemoteChange {
  method: string;
  path: string;
  parameters: Readonly<Record<string, unknown>>;
  before: Readonly<Record<string, Json>>;
  accountId: string | null;
}

/** Items per page of results; Meta's own default is 25. */
const PAGE_SIZE = 100;

const table: {
  [Name in OperationName]: Operation<Operations[Name]['parameters'], z.ZodType<AnswerOf<Name>>>;
} = operations;

const lists: {
  [Name in ListName]: Operation<
    Operations[Name]['parameters'],
    z.ZodType<ResultPage<ItemOf<Name>>>
  >;
} = operations;

export function createGraph(options: ClientOptions): Graph {
  const exchange = createExchange(options);
  const call = createCaller(options, exchange);
  let readAll: BatchReader | undefined;
  const originOf = ({ service }: Operation) => new URL(options.urls[service]).origin;
  return {
    call: (name, parameters, credentials) => call(table[name], parameters, credentials),

    list<Name extends ListName>(
      name: Name,
      parameters: ParametersOf<Name>,
      credentials: Credentials | null,
    ): Promise<ItemOf<Name>[]> {
      const operation = lists[name];
      const size = parameters.limit ?? PAGE_SIZE;
      return fetchAllPages(operation, originOf(operation), size, (after, limit) => {
        const page: ParametersOf<Name> = { ...parameters, limit, ...(after !== null && { after }) };
        return call(operation, page, credentials);
      });
    },

    async readAll(name, calls) {
      const { createBatchReader } = await import('./batch.ts');
      readAll ??= createBatchReader(options, exchange, call);
      return readAll(table[name], calls);
    },

    raw: (request, credentials) =>
      call(rawOperation(request, anything), request.fields, credentials),

    rawList(request, credentials) {
      const operation = rawOperation(request, listOf(anything));
      const size = Number(request.fields.limit ?? PAGE_SIZE);
      return fetchAllPages(operation, originOf(operation), size, (after, limit) => {
        const page = { ...request.fields, limit: String(limit), ...(after !== null && { after }) };
        return call(operation, page, credentials);
      });
    },

    time: () => fetchServerTime(options),
  };
}

export function createCaller(options: ClientOptions, exchange = createExchange(options)): Caller {
  const { redactor, now } = options;
  const redact = redactionBy(redactor);

  return async (operation, parameters, credentials) => {
    if (credentials?.appSecret !== undefined) redactor.add(credentials.appSecret);
    const request = buildRequest(operation, parameters, credentials, options);
    const route = routeTo(request.url, options.env, redactor);
    const subject = subjectOf(operation, parameters);
    const call = { operation, subject, sender: credentials ?? {}, route, redact };
    const attempt = async () => {
      const exchanged = await exchange.send(operation, request, route);
      return 'response' in exchanged
        ? interpretResponse(call, exchanged.response, now())
        : failedAttempt(operation, exchanged.error);
    };
    const maxAttempts = operation.repeatable ? MAX_ATTEMPTS : 1;
    const value = await withRetries(maxAttempts, options, attempt, (wait) =>
      exchange.beforeWait(wait, operation, route),
    );
    await recordChange(operation, request, parameters, credentials);
    return value;
  };

  async function recordChange(
    operation: Operation,
    { method, url }: CallRequest,
    parameters: RemoteChange['parameters'],
    credentials: Credentials | null,
  ): Promise<void> {
    if (operation.method === 'GET' || operation.token === 'none') return;
    const path = url.slice(options.urls[operation.service].length);
    const { accountId = null, before = {} } = credentials ?? {};
    await options.changed?.({ method, path, parameters, before, accountId });
  }
}
