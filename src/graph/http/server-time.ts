import { ChannelctlError } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redactor.ts';
import { operations } from '../operations/index.ts';
import { networkErrorOf } from './network-error.ts';
import type { Environment } from './proxy.ts';
import type { Target } from './request.ts';
import { routeTo } from './route.ts';
import { send } from './transport.ts';

interface ServerTimeOptions extends Target {
  userAgent: string;
  env: Environment;
  redactor: Redactor;
  signal: AbortSignal;
}

/** Shorter than the limit for other calls, because nothing important depends on the time. */
const TIME_LIMIT_MS = 10_000;

/**
 * Returns the time on Meta's clock, from the Date header of a response. Even the error for a
 * missing token has this header.
 *
 * @throws ChannelctlError `graph` if there is no response or no valid Date header
 */
export async function fetchServerTime(options: ServerTimeOptions): Promise<Date> {
  const { urls, env, redactor, version } = options;
  const url = `${urls.graph}/${version}/`;
  const route = routeTo(url, env, redactor);
  const request = { method: 'GET', url, query: {}, body: null, token: null } as const;
  const failed = (reason: string, hint: string) =>
    new ChannelctlError('graph', `Could not read the time from ${route.host}.`, { reason, hint });
  try {
    const { headers } = await send(request, {
      ...options,
      fetch: route.fetch,
      timeLimit: TIME_LIMIT_MS,
    });
    const time = new Date(headers.get('date') ?? '');
    if (!Number.isNaN(time.getTime())) return time;
  } catch (error) {
    if (error instanceof ChannelctlError) throw error;
    const attempt = { operation: operations.debugToken, route, timeLimit: TIME_LIMIT_MS };
    const { reason, hint } = networkErrorOf(error, attempt);
    throw failed(reason, hint);
  }
  throw failed(
    'The response has no valid Date header.',
    'Check CHANNELCTL_GRAPH_URL and the proxy settings.',
  );
}
