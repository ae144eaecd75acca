import { z } from 'zod';
import { isObject, type Json } from '../../shared/json.ts';
import { formatDuration } from '../../shared/text.ts';
import type { NetworkError } from '../http/network-error.ts';
import { highestUsage, retryAfter, timeToRegainAccess } from '../http/rate-limit.ts';
import { parseResponse, type ResponseRedaction } from '../http/response.ts';
import { type Attempt, MAX_WAIT_MS } from '../http/retry.ts';
import type { Route } from '../http/route.ts';
import type { HttpResponse } from '../http/transport.ts';
import type { Operation } from '../operations/operation.ts';
import { successFlag } from '../operations/shapes.ts';
import {
  badResponseError,
  isRateLimit,
  isRetryable,
  noResponseError,
  refusedError,
  unsuccessfulError,
} from './errors.ts';
import type { Sender } from './hints.ts';

export interface Call<Answer> {
  operation: Operation<z.ZodObject, z.ZodType<Answer>>;
  subject: string;
  sender: Sender;
  route: Route;
  redact: ResponseRedaction;
}

export function interpretResponse<Answer>(
  call: Call<Answer>,
  response: HttpResponse,
  now: number,
): Attempt<Answer> {
  const { operation, route } = call;
  const answer = parseResponse(response, route.host, call.redact);
  if (answer.kind === 'value') return validateBody(call, answer.body);
  const { error: graphError } = answer;
  const asked = retryAfter(response.headers, now);
  const regain = isRateLimit(graphError) ? timeToRegainAccess(response.headers) : null;
  const wait = Math.max(asked ?? 0, regain ?? 0) || null;
  const retryable =
    isRetryable(operation, graphError, asked) &&
    (wait ?? 0) <= MAX_WAIT_MS &&
    // Each attempt at a write counts against the limit, which can be as low as ten calls.
    (operation.method === 'GET' || !isRateLimit(graphError) || asked !== null);
  const failed = { done: false, retryable, retryAfter: asked } as const;
  if (answer.kind === 'unexpected') {
    const hint = wait === null ? answer.hint : `Try again in ${formatDuration(wait)}.`;
    return {
      ...failed,
      error: badResponseError(operation, {
        reason: answer.reason,
        hint,
        graph: graphError,
        isOutage: true,
      }),
    };
  }
  const usage = highestUsage(response.headers);
  const { subject, sender } = call;
  return {
    ...failed,
    error: refusedError({ operation, subject, sender, graphError, wait, usage }),
  };
}

export function failedAttempt(operation: Operation, error: NetworkError): Attempt<never> {
  const { retryable } = error;
  return { done: false, error: noResponseError(operation, error), retryable, retryAfter: null };
}

function validateBody<Answer>({ operation, route }: Call<Answer>, body: Json): Attempt<Answer> {
  const checked = z.safeParse(operation.answer, body);
  if (checked.success) {
    if (operation.answer === successFlag && successFlag.parse(checked.data).success === false) {
      return {
        done: false,
        error: unsuccessfulError(operation),
        retryable: false,
        retryAfter: null,
      };
    }
    orderAs(body, checked.data);
    return { done: true, value: checked.data };
  }
  const issue = checked.error.issues[0];
  const path = z.core.toDotPath(issue?.path ?? []);
  const error = badResponseError(operation, {
    reason: `${route.host} returned an unexpected response (${path || 'body'}: ${issue?.message}).`,
    hint: 'Run the command again with --debug to see the response. A newer version of channelctl or a different graph_version may help.',
    graph: null,
    isOutage: false,
  });
  return { done: false, error, retryable: false, retryAfter: null };
}

/** Restores Meta's order of keys, because zod puts declared keys first. */
function orderAs(given: unknown, read: unknown): void {
  if (read === given) return;
  if (Array.isArray(given) && Array.isArray(read)) {
    for (const [index, item] of given.entries()) orderAs(item, read[index]);
  } else if (isObject(given) && isObject(read)) {
    for (const key of Object.keys(given).filter((name) => Object.hasOwn(read, name))) {
      const value = read[key];
      orderAs(given[key], value);
      delete read[key];
      read[key] = value;
    }
  }
}
