import { createTrace } from '../graph/debug/trace.ts';
import { ProxyError } from '../graph/http/fetch.ts';
import { codeOf, DNS_CODES, TLS_CODES } from '../graph/http/network-error.ts';
import type { Environment } from '../graph/http/proxy.ts';
import { routeTo } from '../graph/http/route.ts';
import { TimeoutError, withTimeLimit } from '../graph/http/transport.ts';
import { cancelledError } from '../shared/errors.ts';
import { redactForeign, sanitize } from '../shared/foreign/sanitize.ts';
import type { Redactor } from '../shared/redactor.ts';

export interface ProbeContext {
  userAgent: string;
  env: Environment;
  redactor: Redactor;
  debug: ((line: string) => void) | undefined;
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds for a request, including its whole response. */
  timeLimit: number;
}

interface ReceivedResponse {
  status: number;
  text: string;
  /** The start of the text, without secrets. */
  excerpt: string;
  /** The target of a redirect without its query, which may contain secrets; null if unknown. */
  redirect: string | null;
}

export type ProbeResponse = { milliseconds: number } & (
  | ReceivedResponse
  | { failure: 'dns' | 'tls' | 'connection' | 'timeout'; code: string }
);

const MAX_EXCERPT_LENGTH = 60;

/** A challenge is much shorter than this. */
const MAX_RESPONSE_LENGTH = 10_000;

export async function probe(
  url: URL,
  { body, headers = {} }: { body?: string; headers?: Record<string, string> },
  context: ProbeContext,
): Promise<ProbeResponse> {
  const { env, redactor, now, signal } = context;
  const started = now();
  const { fetch, proxyHost } = routeTo(url.href, env, redactor);
  const method = body === undefined ? 'GET' : 'POST';
  const trace = createTrace(redactor, context.debug);
  trace.sent(
    {
      method,
      url: url.origin + url.pathname,
      query: Object.fromEntries(url.searchParams),
      token: null,
      body: body === undefined ? null : { type: 'json', fields: JSON.parse(body) },
    },
    proxyHost,
  );
  try {
    const reply = await withTimeLimit(context, async (stop) => {
      const response = await fetch(url, {
        method,
        headers: { 'user-agent': context.userAgent, ...headers },
        ...(body !== undefined && { body }),
        redirect: 'manual',
        signal: stop,
      });
      const text = await readPrefix(response);
      return { status: response.status, headers: response.headers, text };
    });
    const milliseconds = now() - started;
    trace.received(reply, milliseconds);
    const { status, text } = reply;
    const excerpt = redactForeign(text, redactor).slice(0, MAX_EXCERPT_LENGTH);
    const redirect = redirectTarget(reply.headers.get('location'), url, redactor);
    return { status, text, excerpt, redirect, milliseconds };
  } catch (error) {
    if (signal.aborted) throw cancelledError();
    const milliseconds = now() - started;
    const code = errorCode(error);
    trace.failed(code, milliseconds);
    return { failure: failureOf(code), code, milliseconds };
  }
}

function redirectTarget(location: string | null, from: URL, redactor: Redactor): string | null {
  if (location === null || !URL.canParse(location, from.href)) return null;
  const { origin, pathname } = new URL(location, from);
  return sanitize(origin + pathname, redactor);
}

const TIMED_OUT = 'ETIMEDOUT';

function errorCode(error: unknown): string {
  if (error instanceof TimeoutError) return TIMED_OUT;
  return error instanceof ProxyError ? `proxy: HTTP ${error.status}` : codeOf(error);
}

function failureOf(code: string): 'dns' | 'tls' | 'connection' | 'timeout' {
  if (code === TIMED_OUT) return 'timeout';
  if (DNS_CODES.test(code)) return 'dns';
  return TLS_CODES.test(code) ? 'tls' : 'connection';
}

/** Preserves a byte order mark, which Meta would receive as part of the challenge. */
async function readPrefix(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_RESPONSE_LENGTH) break;
  }
  return text;
}
