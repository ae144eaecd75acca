import { ChannelctlError, cancelledError } from '../shared/errors.ts';
import type { Redactor } from '../shared/redactor.ts';
import { formatDuration } from '../shared/text.ts';
import { createTrace } from './debug/trace.ts';
import { interruptedCall, type NetworkError, networkErrorOf } from './http/network-error.ts';
import type { Environment } from './http/proxy.ts';
import { createThrottle, highestUsage } from './http/rate-limit.ts';
import type { CallRequest, Target } from './http/request.ts';
import type { Pace } from './http/retry.ts';
import type { Route } from './http/route.ts';
import { type HttpResponse, send } from './http/transport.ts';
import type { Operation } from './operations/operation.ts';

export interface ExchangeOptions extends Target, Pace {
  userAgent: string;
  env: Environment;
  redactor: Redactor;
  debug?: ((line: string) => void) | undefined;
  warn?: ((warning: { message: string; hint: string }) => void) | undefined;
  /** Milliseconds for one request and its complete response. Default: 30,000. */
  timeLimit?: number;
}

export interface Exchange {
  /**
   * Sends a request once, as soon as the throttle permits.
   *
   * @param calls the number of calls that Meta counts; 1 unless it is a batch request
   */
  send(
    operation: Operation,
    request: CallRequest,
    route: Route,
    calls?: number,
  ): Promise<{ response: HttpResponse } | { error: NetworkError }>;
  receivedInBatch(response: HttpResponse, subject: string): void;
  beforeWait(milliseconds: number, operation: Operation, route: Route): void;
}

const DEFAULT_TIME_LIMIT_MS = 30_000;

const LONG_WAIT_MS = 5_000;

export function createExchange(options: ExchangeOptions): Exchange {
  const { redactor, now } = options;
  const timeLimit = options.timeLimit ?? DEFAULT_TIME_LIMIT_MS;
  const throttle = createThrottle(options, warnOfThrottling);
  const trace = createTrace(redactor, options.debug);

  return {
    async send(operation, request, route, calls = 1) {
      await throttle.turn(calls);
      if (options.signal.aborted) throw cancelledError();
      const started = now();
      trace.sent(request, route.proxyHost);
      try {
        const response = await send(request, { ...options, fetch: route.fetch, timeLimit });
        const handle = calls === 1 ? trace.received : trace.receivedBatch;
        handle(response, now() - started);
        throttle.used(highestUsage(response.headers));
        return { response };
      } catch (thrown) {
        if (thrown instanceof ChannelctlError) throw interruptedCall(thrown, operation);
        const error = networkErrorOf(thrown, { operation, route, timeLimit });
        trace.failed(error.code, now() - started);
        return { error };
      }
    },

    receivedInBatch(response, subject) {
      trace.receivedInBatch(response, subject);
      throttle.used(highestUsage(response.headers));
    },

    beforeWait(milliseconds, { purpose }, { host }) {
      if (milliseconds < LONG_WAIT_MS) return;
      options.warn?.({
        message: `Waiting ${formatDuration(milliseconds)} before another attempt to ${purpose}, as requested by ${host}.`,
        hint: 'Press Ctrl-C to cancel.',
      });
    },
  };

  function warnOfThrottling(percent: number): void {
    options.warn?.({
      message: `${percent}% of Meta's rate limit is used; slowing down.`,
      hint: 'Rate limits cover the calls made in the last hour.',
    });
  }
}
