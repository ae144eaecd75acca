import { ChannelctlError } from '../../shared/errors.ts';
import type { CallerOptions } from '../caller.ts';
import { operations } from '../operations/index.ts';
import { networkFault } from './network-error.ts';
import { routeTo } from './route.ts';
import { send } from './transport.ts';

/** Milliseconds. Who asks for the time does not want to wait for it. */
const TIME_LIMIT = 10_000;

/**
 * The time of Meta's clock, from the Date of an answer. What is asked for does not matter: the
 * refusal of a request without a token has a Date as well.
 *
 * @throws ChannelctlError of kind `graph` where there is no answer, or none with a Date
 */
export async function timeAt(options: CallerOptions): Promise<Date> {
  const { addresses, env, redactor, version } = options;
  const address = `${addresses.graph}/${version}/`;
  const route = routeTo(address, env, redactor);
  const request = { method: 'GET', address, query: {}, body: null, token: null } as const;
  const failed = (reason: string, hint: string) =>
    new ChannelctlError('graph', `${route.host} could not be reached.`, { reason, hint });
  try {
    const { headers } = await send(request, {
      ...options,
      fetch: route.fetch,
      timeLimit: TIME_LIMIT,
    });
    const time = new Date(headers.get('date') ?? '');
    if (!Number.isNaN(time.getTime())) return time;
  } catch (error) {
    if (error instanceof ChannelctlError) throw error;
    const attempt = { operation: operations.debugToken, route, timeLimit: TIME_LIMIT };
    const { reason, hint } = networkFault(error, attempt);
    throw failed(reason, hint);
  }
  throw failed('Its answer has no Date.', 'Check CHANNELCTL_GRAPH_URL and the proxy settings.');
}
