import { cancelledError } from '../../shared/errors.ts';
import type { Fetch } from './fetch.ts';
import { type CallRequest, encodeFields, type Fields } from './request.ts';

export interface HttpResponse {
  status: number;
  headers: Headers;
  text: string;
}

export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

export class ResponseTooLargeError extends Error {
  override readonly name = 'ResponseTooLargeError';
}

export interface SendOptions {
  userAgent: string;
  fetch: Fetch;
  /** Milliseconds for the request and its whole response. */
  timeLimit: number;
  signal: AbortSignal;
}

/** Meta's largest responses, long lists, are under one megabyte. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Sends a request once, without following redirects.
 *
 * @throws TimeoutError, ResponseTooLargeError, or the network layer's error; `cancelled` if the
 *   signal is aborted
 */
export async function send(call: CallRequest, options: SendOptions): Promise<HttpResponse> {
  const { default: ky } = await import('ky');
  const query = encodeFields(call.query).toString();
  return withTimeLimit(options, async (signal) => {
    const response = await ky(query === '' ? call.url : `${call.url}?${query}`, {
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
  return type === 'json' ? { json: fields } : { body: encodeFields(fields) };
}

async function responseText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) throw new ResponseTooLargeError();
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Rejects on a timeout or when `signal` is aborted, even if `work` ignores its own signal. */
export async function withTimeLimit<Value>(
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
