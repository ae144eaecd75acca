/**
 * Makes several reads in one request (Meta, "Batch Requests"). The calls of a request have the same
 * token, which is sent in its header; the token of a single call would have to be in its URL. Calls
 * that time out or fail temporarily are sent again. If Meta refuses batch requests, each call is
 * sent in its own request.
 */
import type { z } from 'zod';
import { mapLimited } from '../shared/concurrency.ts';
import type { Json } from '../shared/json.ts';
import { isLocalError, type Result, resultOf } from '../shared/problem.ts';
import { isInvalidToken, isRateLimit, noResponseError } from './errors/errors.ts';
import { type Call, failedAttempt, interpretResponse } from './errors/outcome.ts';
import type { Exchange, ExchangeOptions } from './exchange.ts';
import type { Caller, Credentials, PreparedCall } from './graph.ts';
import { buildRequest, encodeFields, subjectOf } from './http/request.ts';
import { redactionBy } from './http/response.ts';
import { type Attempt, MAX_ATTEMPTS, withRetries } from './http/retry.ts';
import { routeTo } from './http/route.ts';
import type { HttpResponse } from './http/transport.ts';
import { type BatchEntry, MAX_BATCH_SIZE } from './operations/batch.ts';
import { operations } from './operations/index.ts';
import type { Operation } from './operations/operation.ts';

export type BatchReader = <Parameters extends z.ZodObject, Answer>(
  operation: Operation<Parameters, z.ZodType<Answer>>,
  calls: readonly PreparedCall<z.input<Parameters>>[],
) => Promise<Result<Answer>[]>;

const CONCURRENCY = 10;

interface Pending<Answer> {
  call: Call<Answer>;
  credentials: Credentials;
  /** Path and query, without the version. */
  relativeUrl: string;
  settle(result: Result<Answer>): void;
  callSingly(): Promise<Answer>;
}

type FailedAttempt = Extract<Attempt<never>, { done: false }>;

type Sent<Answer> = { attempts: Attempt<Answer>[] } | { refusal: FailedAttempt };

export function createBatchReader(
  options: ExchangeOptions,
  exchange: Exchange,
  callSingly: Caller,
): BatchReader {
  const { redactor, now } = options;
  const redact = redactionBy(redactor);
  const refusedTokens = new Set<string>();

  return async <Parameters extends z.ZodObject, Answer>(
    operation: Operation<Parameters, z.ZodType<Answer>>,
    calls: readonly PreparedCall<z.input<Parameters>>[],
  ) => {
    const results: Result<Answer>[] = [];
    const prepared = await Promise.all(
      calls.map(async ({ parameters, credentials }, index) => {
        const settle = (result: Result<Answer>) => {
          results[index] = result;
        };
        const one = await resultOf(prepare(operation, parameters, credentials, settle));
        if (one.error !== null) settle(one);
        return one.value ?? [];
      }),
    );
    await mapLimited(groupsOf(prepared.flat()), CONCURRENCY, sendGroup);
    return results;
  };

  async function prepare<Parameters extends z.ZodObject, Answer>(
    operation: Operation<Parameters, z.ZodType<Answer>>,
    parameters: z.input<Parameters>,
    credentials: Credentials,
    settle: (result: Result<Answer>) => void,
  ): Promise<Pending<Answer>> {
    if (credentials.appSecret !== undefined) redactor.add(credentials.appSecret);
    const { url, query } = buildRequest(operation, parameters, credentials, options);
    const route = routeTo(url, options.env, redactor);
    const subject = subjectOf(operation, parameters);
    const path = url.slice(`${options.urls.graph}/${options.version}/`.length);
    return {
      call: { operation, subject, sender: credentials, route, redact },
      credentials,
      relativeUrl: `${path}?${encodeFields(query)}`,
      settle,
      callSingly: () => callSingly(operation, parameters, credentials),
    };
  }

  async function sendGroup<Answer>(group: readonly Pending<Answer>[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const { token } = first.credentials;
    if (group.length === 1 || refusedTokens.has(token)) return sendSingly(group);
    let rest = group;
    let isRefused = false;
    const attempt = async (): Promise<Attempt<void>> => {
      const sent = await sendOnce(rest, first);
      isRefused = 'refusal' in sent;
      if ('refusal' in sent) return sent.refusal;
      const failed = rest.flatMap((one, index) => {
        const outcome = sent.attempts[index];
        if (outcome === undefined) return [];
        if (outcome.done) one.settle({ value: outcome.value, error: null });
        else one.settle({ value: null, error: outcome.error });
        return outcome.done || !outcome.retryable ? [] : [{ one, outcome }];
      });
      rest = failed.map(({ one }) => one);
      const [next] = failed;
      if (next === undefined) return { done: true, value: undefined };
      const waits = failed.map(({ outcome }) => outcome.retryAfter ?? 0);
      return { ...next.outcome, retryAfter: Math.max(...waits) || null };
    };
    try {
      await withRetries(MAX_ATTEMPTS, options, attempt, (wait) =>
        exchange.beforeWait(wait, first.call.operation, first.call.route),
      );
    } catch (error) {
      if (!isLocalError(error)) throw error;
      if (!isRefused) return; // Each call has the error of its last attempt.
      refusedTokens.add(token);
      await sendSingly(rest);
    }
  }

  async function sendSingly<Answer>(group: readonly Pending<Answer>[]): Promise<void> {
    await mapLimited(group, CONCURRENCY, async ({ settle, callSingly }) => {
      settle(await resultOf(callSingly()));
    });
  }

  async function sendOnce<Answer>(
    group: readonly Pending<Answer>[],
    { call: { operation, route, sender }, credentials }: Pending<Answer>,
  ): Promise<Sent<Answer>> {
    const batch = group.map(({ relativeUrl }) => ({
      method: 'GET' as const,
      relative_url: relativeUrl,
    }));
    const request = buildRequest(operations.sendBatch, { batch }, credentials, options);
    const exchanged = await exchange.send(operation, request, route, group.length);
    if ('error' in exchanged) {
      return { attempts: group.map(() => failedAttempt(operation, exchanged.error)) };
    }
    const { response } = exchanged;
    const whole = {
      operation: operations.sendBatch,
      subject: '',
      sender,
      route,
      // The responses to the calls are redacted when they are parsed.
      redact: { ...redact, body: (body: Json) => body },
    };
    const answer = interpretResponse(whole, response, now());
    if (answer.done) {
      return { attempts: group.map(({ call }, index) => outcomeOf(call, answer.value[index])) };
    }
    const { graph } = answer.error;
    // Single calls would fail in the same way, and count against the rate limit.
    if (graph !== null && (isRateLimit(graph) || isInvalidToken(graph))) {
      return { attempts: group.map(({ call }) => interpretResponse(call, response, now())) };
    }
    return { refusal: answer };
  }

  function outcomeOf<Answer>(call: Call<Answer>, entry: BatchEntry | undefined): Attempt<Answer> {
    if (!entry) return timedOut(call);
    const response = responseIn(entry);
    exchange.receivedInBatch(response, call.subject);
    return interpretResponse(call, response, now());
  }
}

function groupsOf<Answer>(calls: readonly Pending<Answer>[]): Pending<Answer>[][] {
  const byToken = new Map<string, Pending<Answer>[][]>();
  for (const call of calls) {
    const groups = byToken.get(call.credentials.token) ?? [];
    const last = groups.at(-1);
    if (last === undefined || last.length === MAX_BATCH_SIZE) groups.push([call]);
    else last.push(call);
    byToken.set(call.credentials.token, groups);
  }
  return [...byToken.values()].flat();
}

function timedOut({ operation, route }: Call<unknown>): FailedAttempt {
  const error = noResponseError(operation, {
    reason: `${route.host} did not finish this call of a batch request in time.`,
    hint: 'Try again later.',
    code: 'null',
    retryable: true,
  });
  return { done: false, error, retryable: true, retryAfter: null };
}

function responseIn({ code, headers, body }: NonNullable<BatchEntry>): HttpResponse {
  const known = new Headers();
  for (const { name, value } of headers ?? []) {
    try {
      known.append(name, value);
    } catch {
      // A header that is not valid in HTTP is ignored.
    }
  }
  return { status: code, headers: known, text: body ?? '' };
}
