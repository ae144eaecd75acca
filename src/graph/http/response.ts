import type { GraphErrorBody } from '../../shared/errors.ts';
import { redactBody, sanitize } from '../../shared/foreign/sanitize.ts';
import { isObject, type Json } from '../../shared/json.ts';
import { JsonLimitError, parseJsonKeepingDigits } from '../../shared/parse-json.ts';
import type { Redactor } from '../../shared/redactor.ts';
import type { HttpResponse } from './transport.ts';

/** Removes the secrets that a response repeats. */
export interface ResponseRedaction {
  /** Makes text from the response safe to print. */
  text(text: string): string;
  /** @param text the JSON of the body */
  body(body: Json, text: string): Json;
}

export function redactionBy(redactor: Redactor): ResponseRedaction {
  return {
    text: (text) => sanitize(text, redactor),
    body: (body, text) => redactBody(body, text, redactor),
  };
}

export type ParsedResponse =
  | { kind: 'value'; body: Json }
  | { kind: 'error'; error: GraphErrorBody }
  /** A response that cannot be from Meta's API. */
  | { kind: 'unexpected'; error: GraphErrorBody; reason: string; hint: string };

/**
 * Parses a response. A body with `error` is an error even with HTTP 200.
 *
 * @param host the server, for messages
 */
export function parseResponse(
  response: HttpResponse,
  host: string,
  redact: ResponseRedaction,
): ParsedResponse {
  const unexpected = (reason: string, hint: string): ParsedResponse => ({
    kind: 'unexpected',
    error: errorBodyOf(response, {}, redact.text),
    reason,
    hint,
  });
  if (response.status >= 300 && response.status < 400) {
    return unexpected(
      `${host} redirects to ${redact.text(redirectHost(response))} (HTTP ${response.status}). channelctl does not follow redirects, because they could leak the token.`,
      'Check the URL and proxy settings, and whether the network has a captive portal.',
    );
  }
  const body = parseJson(response.text);
  if (body instanceof JsonLimitError) {
    return unexpected(
      `${host} returned a response that is too large to be from Meta (HTTP ${response.status}). ${body.message}`,
      'Request less data, or check the URL and proxy settings.',
    );
  }
  if (body instanceof SyntaxError) {
    return unexpected(
      `${host} did not return JSON (HTTP ${response.status}, ${contentOf(response, redact.text)}).`,
      'Try again in a few minutes. If the error persists, check the URL and proxy settings.',
    );
  }
  const error = errorObjectIn(body);
  if (error !== null) return { kind: 'error', error: errorBodyOf(response, error, redact.text) };
  if (response.status >= 400)
    return { kind: 'error', error: errorBodyOf(response, {}, redact.text) };
  return { kind: 'value', body: redact.body(body, response.text) };
}

function parseJson(text: string): Json | SyntaxError {
  try {
    return parseJsonKeepingDigits(text);
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError('invalid JSON', { cause: error });
  }
}

/**
 * Returns the Graph API's `error` object, or Instagram's `{error_type, code, error_message}`
 * converted to it.
 */
function errorObjectIn(body: Json): Record<string, unknown> | null {
  if (!isObject(body)) return null;
  if (isObject(body.error)) return body.error;
  if (body.error_type === undefined && body.error_message === undefined) return null;
  return { ...body, type: body.error_type, message: body.error_message };
}

/** Longer than any message from Meta. */
const MAX_TEXT_LENGTH = 10_000;

function errorBodyOf(
  { status, headers }: HttpResponse,
  error: Record<string, unknown>,
  sanitize: (text: string) => string,
): GraphErrorBody {
  const text = (value: unknown) => {
    if (typeof value !== 'string' || value === '') return null;
    // A secret is redacted even if the final cut would leave only its beginning.
    return sanitize(value.slice(0, 2 * MAX_TEXT_LENGTH)).slice(0, MAX_TEXT_LENGTH);
  };
  return {
    status,
    code: integer(error.code),
    subcode: integer(error.error_subcode),
    type: text(error.type),
    message: text(error.message),
    details: text(isObject(error.error_data) ? error.error_data.details : null),
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

/** Returns the host of a redirect, without the path and query, which may contain secrets. */
function redirectHost({ headers }: HttpResponse): string {
  const location = headers.get('location') ?? '';
  return URL.canParse(location) ? new URL(location).host : 'another URL';
}

function contentOf({ text, headers }: HttpResponse, sanitize: (text: string) => string): string {
  if (text === '') return 'empty body';
  return sanitize(headers.get('content-type') ?? 'no content type');
}
