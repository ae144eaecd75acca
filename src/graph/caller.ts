import type { z } from 'zod';
import { ChannelctlError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import type { Redactor } from '../shared/redactor.ts';
import { presentable } from './debug/masking.ts';
import { createTrace } from './debug/trace.ts';
import { noAnswer } from './errors/errors.ts';
import { duration } from './errors/hints.ts';
import { outcomeOf } from './errors/outcome.ts';
import type { Credentials } from './graph.ts';
import { type NetworkFault, networkFault } from './http/network-error.ts';
import type { Environment } from './http/proxy.ts';
import { buildRequest, type CallRequest, subjectOf, type Target } from './http/request.ts';
import { MAX_ATTEMPTS, type Pace, tryRepeatedly } from './http/retry.ts';
import { type Route, routeTo } from './http/route.ts';
import { createThrottle } from './http/throttle.ts';
import { type Reply, send } from './http/transport.ts';
import { highestUsage } from './http/usage.ts';
import type { Operation } from './operations/operation.ts';

export interface CallerOptions extends Target, Pace {
  /** `channelctl/<version>`. */
  userAgent: string;
  /** For the proxy settings. */
  env: Environment;
  /** Learns every secret that is sent or received. */
  redactor: Redactor;
  /** Takes the lines of `--debug`, one at a time; left out where nobody wants to see them. */
  debug?: ((line: string) => void) | undefined;
  /** Hears why a call takes long. */
  warn?: ((warning: { message: string; hint: string }) => void) | undefined;
  /** Hears of every call that has changed something at Meta. */
  changed?: ((change: RemoteChange) => Promise<void>) | undefined;
  /** Milliseconds that one request and its whole answer may take; 30,000 unless told otherwise. */
  timeLimit?: number;
}

/** A call that has changed something at Meta. */
export interface RemoteChange {
  method: string;
  /** `/v26.0/1065/subscribed_apps`. */
  path: string;
  parameters: Readonly<Record<string, unknown>>;
  /** What they stood at before, as far as that is known. */
  before: Readonly<Record<string, Json>>;
  accountId: string | null;
}

/** Makes one declared call, and tries again where that does no harm and can help. */
export type Caller = <Parameters extends z.ZodObject, Answer>(
  operation: Operation<Parameters, z.ZodType<Answer>>,
  parameters: z.input<Parameters>,
  credentials: Credentials | null,
) => Promise<Answer>;

/** Milliseconds. A longer wait is announced. */
const LONG_WAIT_MS = 5_000;

export function createCaller(options: CallerOptions): Caller {
  const { redactor, now, warn } = options;
  const timeLimit = options.timeLimit ?? 30_000;
  const trace = createTrace(redactor, options.debug);
  const throttle = createThrottle(options, (percent) =>
    warn?.({
      message: `${percent} % of a limit of Meta's is used, so calls are made more slowly.`,
      hint: 'It goes on by itself; the limit counts the calls of the last hour.',
    }),
  );
  const clean = (text: string) => presentable(text, redactor);

  async function exchange(
    request: CallRequest,
    route: Route,
    operation: Operation,
  ): Promise<{ reply: Reply } | { fault: NetworkFault }> {
    await throttle.turn();
    const started = now();
    trace.sent(request, route.proxyHost);
    try {
      const reply = await send(request, { ...options, fetch: route.fetch, timeLimit });
      trace.received(reply, now() - started);
      throttle.used(highestUsage(reply.headers));
      return { reply };
    } catch (error) {
      if (error instanceof ChannelctlError) throw error;
      const fault = networkFault(error, { operation, route, timeLimit });
      trace.lost(fault.code, now() - started);
      return { fault };
    }
  }

  return async (operation, parameters, credentials) => {
    if (credentials?.appSecret !== undefined) redactor.add(credentials.appSecret);
    const request = buildRequest(operation, parameters, credentials, options);
    const route = routeTo(request.address, options.env, redactor);
    const subject = subjectOf(operation, parameters);
    const call = { operation, subject, sender: credentials ?? {}, route, clean };
    const value = await tryRepeatedly(
      operation.repeatable ? MAX_ATTEMPTS : 1,
      options,
      async () => {
        const result = await exchange(request, route, operation);
        if ('reply' in result) return outcomeOf(call, result.reply, now());
        const { fault } = result;
        const error = noAnswer(operation, fault);
        return { done: false, error, retryable: fault.retryable, retryAfter: null };
      },
      (wait) => {
        if (wait < LONG_WAIT_MS) return;
        warn?.({
          message: `${route.host} asks to wait ${duration(wait)} before it will ${operation.purpose}.`,
          hint: 'It goes on by itself; interrupt it to give up.',
        });
      },
    );
    if (operation.method !== 'GET' && operation.token !== 'none') {
      const path = request.address.slice(options.addresses[operation.service].length);
      const { accountId = null, before = {} } = credentials ?? {};
      await options.changed?.({ method: request.method, path, parameters, before, accountId });
    }
    return value;
  };
}
