import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import {
  type AuthorizationRequest,
  type AuthorizationResponse,
  type InvalidResponse,
  parseAuthorizationResponse,
} from './authorization.ts';

/** Printable ASCII without `?` and `&`, which occur only in a URL. */
const BARE_CODE = /^[!-%'->@-~]{1,4096}$/;

/**
 * The accepted forms of a pasted line. While the callback server listens, a bare code is not
 * accepted: it carries no state, and any word could be one.
 */
export type PasteFormat = 'url' | 'url or code';

/**
 * Parses a pasted callback URL, its query, or a bare code. A URL and a query must carry the state
 * of this sign-in. What follows a `#` (Facebook adds `#_=_`, Instagram `#_`) is not part of the code.
 */
function parsePaste(
  line: string,
  request: AuthorizationRequest,
  format: PasteFormat,
): AuthorizationResponse | InvalidResponse {
  const text = unquote(line.trim()).replace(/#.*$/, '');
  if (text.includes('://')) return parseCallbackUrl(text, request);
  // Browsers hide the scheme in their address bar.
  const [scheme, host] = request.redirect.origin.split('//');
  if (text.startsWith(`${host}/`)) return parseCallbackUrl(`${scheme}//${text}`, request);
  const query = new URLSearchParams(text);
  if (text.startsWith('?') || ['code', 'error', 'state'].some((name) => query.has(name))) {
    return parseAuthorizationResponse(query, request.state);
  }
  if (format === 'url') return { kind: 'invalid', reason: 'It is not an address.' };
  if (BARE_CODE.test(text)) return { kind: 'code', code: text };
  return { kind: 'invalid', reason: 'It is neither an address nor a code.' };
}

/** A URL copied out of a shell or a chat may be in quotes. */
function unquote(text: string): string {
  return /^(["'`]).*\1$/.test(text) ? text.slice(1, -1).trim() : text;
}

function parseCallbackUrl(
  text: string,
  { redirect, state }: AuthorizationRequest,
): AuthorizationResponse | InvalidResponse {
  const expected = `${redirect.origin}${redirect.path}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || `${url.origin}${url.pathname}` !== expected) {
    return { kind: 'invalid', reason: `It is not the redirect address, ${expected}.` };
  }
  return parseAuthorizationResponse(url.searchParams, state);
}

/**
 * Reads pasted lines until one of them is a valid response, and prints why the others are not.
 *
 * @throws ChannelctlError of kind `usage` if the input ends before that
 */
export async function readPastedResponse(
  lines: AsyncIterable<string>,
  request: AuthorizationRequest,
  format: PasteFormat,
  print: (line: string) => void,
): Promise<AuthorizationResponse> {
  let lastReason: string | null = null;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const parsed = parsePaste(line, request, format);
    if (parsed.kind !== 'invalid') return parsed;
    lastReason = parsed.reason;
    print(`That does not answer this sign-in. ${lastReason} Paste the whole redirected address.`);
  }
  throw lastReason === null ? nothingPastedError(request) : invalidPasteError(request, lastReason);
}

/** The error if the input ends before anything was pasted. */
export function nothingPastedError({ provider }: AuthorizationRequest): ChannelctlError {
  return usageError(`The sign-in at ${provider} got no answer.`, {
    reason: 'The input ended and nothing was pasted.',
    hint: 'With --manual, paste the redirected address or the code, or give it on standard input.',
  });
}

function invalidPasteError({ provider }: AuthorizationRequest, reason: string): ChannelctlError {
  return usageError(`What was pasted does not answer the sign-in at ${provider}.`, {
    reason,
    hint: 'Run the command again, sign in at the address that it prints, and paste where that ends.',
  });
}
