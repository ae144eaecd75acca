import { cancelledError } from '../../shared/errors.ts';
import type { Fetch } from './fetch.ts';
import { type CallRequest, encoded, type Fields } from './request.ts';

/** An answer as it came. */
export interface HttpResponse {
  status: number;
  headers: Headers;
  text: string;
}

/** The answer did not come, whole, within the time that a request may take. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** The answer is larger than anything that Meta sends. */
export class ResponseTooLargeError extends Error {
  override readonly name = 'ResponseTooLargeError';
}

export interface SendOptions {
  userAgent: string;
  fetch: Fetch;
  /** Milliseconds for the request and the whole of its answer. */
  timeLimit: number;
  signal: AbortSignal;
}

/** Bytes. The largest real answers, long lists, stay under one megabyte. */
const MAX_ANSWER_BYTES = 20 * 1024 * 1024;

/**
 * Sends a request once, following no redirect.
 *
 * @throws TimeoutError, ResponseTooLargeError, or what the network layer throws; a cancelled error once the
 * signal is aborted
 */
export async function send(call: CallRequest, options: SendOptions): Promise<HttpResponse> {
  const { default: ky } = await import('ky');
  const query = encoded(call.query).toString();
  return withinTime(options, async (signal) => {
    const response = await ky(query === '' ? call.address : `${call.address}?${query}`, {
      method: call.method,
      headers: {
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...(call.token === null ? {} : { authorization: `Bearer ${call.token}` }),
      },
      ...requestBody(call),
      fetch: options.fetch,
      redirect: 'manual',
      retry: 0,
      signal,
      throwHttpErrors: false,
      timeout: false,
    });
    return {
      status: response.status,
      headers: response.headers,
      text: await responseText(response),
    };
  });
}

function requestBody(call: CallRequest): { json?: Fields; body?: URLSearchParams } {
  if (call.body === null) return {};
  const { type, fields } = call.body;
  return type === 'json' ? { json: fields } : { body: encoded(fields) };
}

async function responseText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new ResponseTooLargeError();
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Gives up on `work`, whether it heeds the signal or not, when the time is over or all is cancelled. */
export async function withinTime<Value>(
  { timeLimit, signal }: Pick<SendOptions, 'timeLimit' | 'signal'>,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  if (signal.aborted) throw cancelledError();
  const stop = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason));
  });
  const cancel = () => stop.abort(cancelledError());
  const timer = setTimeout(() => stop.abort(new TimeoutError()), timeLimit);
  signal.addEventListener('abort', cancel);
  try {
    return await Promise.race([stopped, work(stop.signal)]);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}
