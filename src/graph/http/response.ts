import type { GraphErrorBody } from '../../shared/errors.ts';
import { isObject, type Json, parseJsonKeepingDigits } from '../../shared/json.ts';
import type { Reply } from './transport.ts';

/** What an answer says. */
export type Answer =
  | { kind: 'value'; body: Json }
  /** Meta refused, in its own words. */
  | { kind: 'error'; error: GraphErrorBody }
  /** Nothing that Meta's API would say. */
  | { kind: 'unexpected'; error: GraphErrorBody; reason: string; hint: string };

/**
 * Reads an answer. An `error` is one whatever the HTTP status.
 *
 * @param clean makes Meta's words fit to be shown
 * @param host who answered, for the reasons
 */
export function readAnswer(reply: Reply, host: string, clean: (text: string) => string): Answer {
  const unexpected = (reason: string, hint: string): Answer => ({
    kind: 'unexpected',
    error: errorBodyOf(reply, {}, clean),
    reason,
    hint,
  });
  if (reply.status >= 300 && reply.status < 400) {
    return unexpected(
      `${host} redirects to ${redirectHost(reply)} (HTTP ${reply.status}), and a redirect could carry the token away.`,
      'Check the address settings and the proxy: a sign-in page of the network may be in between.',
    );
  }
  const body = parsed(reply.text);
  if (body === undefined) {
    return unexpected(
      `${host} did not answer with JSON (HTTP ${reply.status}, ${contentOf(reply, clean)}).`,
      'Try again in a few minutes; if it stays, check the address settings and the proxy.',
    );
  }
  const error = errorObjectIn(body);
  if (error !== null) return { kind: 'error', error: errorBodyOf(reply, error, clean) };
  if (reply.status >= 400) return { kind: 'error', error: errorBodyOf(reply, {}, clean) };
  return { kind: 'value', body };
}

function parsed(text: string): Json | undefined {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return undefined;
  }
}

/** Graph's `error` object, or Instagram's `{error_type, code, error_message}` under Graph's names. */
function errorObjectIn(body: Json): Record<string, unknown> | null {
  if (!isObject(body)) return null;
  if (isObject(body.error)) return body.error;
  if (body.error_type === undefined && body.error_message === undefined) return null;
  return { ...body, type: body.error_type, message: body.error_message };
}

function errorBodyOf(
  { status, headers }: Reply,
  error: Record<string, unknown>,
  clean: (text: string) => string,
): GraphErrorBody {
  const text = (value: unknown) =>
    typeof value === 'string' && value !== '' ? clean(value) : null;
  return {
    status,
    code: integer(error.code),
    subcode: integer(error.error_subcode),
    type: text(error.type),
    message: text(error.message),
    user_title: text(error.error_user_title),
    user_message: text(error.error_user_msg),
    fbtrace_id: text(error.fbtrace_id) ?? text(headers.get('x-fb-trace-id')),
    is_transient: typeof error.is_transient === 'boolean' ? error.is_transient : null,
  };
}

function integer(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

/** Where a redirect leads, without the path and query, which may hold secrets. */
function redirectHost({ headers }: Reply): string {
  const location = headers.get('location') ?? '';
  return URL.canParse(location) ? new URL(location).host : 'another address';
}

function contentOf({ text, headers }: Reply, clean: (text: string) => string): string {
  if (text === '') return 'an empty answer';
  return clean(headers.get('content-type') ?? 'content of no stated type');
}
