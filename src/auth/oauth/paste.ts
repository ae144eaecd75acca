import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import {
  type AuthorizationRequest,
  type AuthorizationResponse,
  type InvalidResponse,
  parseAuthorizationResponse,
} from './authorization.ts';

/** Visible ASCII characters except `?` and `&`, which occur only in a URL. */
const BARE_CODE = /^[!-%'->@-~]{1,4096}$/;

/**
 * The accepted forms of a pasted line. While the callback server listens, a bare code is rejected:
 * it has no state, and any word could be a code.
 */
export type PasteFormat = 'url' | 'url or code';

/**
 * Parses a pasted callback URL, its query, or a bare code. A URL or query must contain the state of
 * this sign-in. A fragment (Facebook appends `#_=_`, Instagram `#_`) is not part of the code.
 */
function parsePaste(
  line: string,
  request: AuthorizationRequest,
  format: PasteFormat,
): AuthorizationResponse | InvalidResponse {
  const [text = ''] = unquote(line.trim()).split('#', 1);
  if (text.includes('://')) return parseCallbackUrl(text, request);
  // Browsers hide the scheme in the address bar, so a pasted URL may lack it.
  const [scheme, host] = request.redirect.origin.split('//');
  if (text.startsWith(`${host}/`)) return parseCallbackUrl(`${scheme}//${text}`, request);
  const query = new URLSearchParams(text);
  if (text.startsWith('?') || ['code', 'error', 'state'].some((name) => query.has(name))) {
    return parseAuthorizationResponse(query, request.state);
  }
  if (format === 'url') return { kind: 'invalid', reason: 'It is not a URL.' };
  if (BARE_CODE.test(text)) return { kind: 'code', code: text };
  return { kind: 'invalid', reason: 'It is neither a URL nor a code.' };
}

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
    return { kind: 'invalid', reason: `It does not match the redirect URI, ${expected}.` };
  }
  return parseAuthorizationResponse(url.searchParams, state);
}

/**
 * Reads pasted lines until one is a valid response, and prints why the others are invalid.
 *
 * @throws ChannelctlError of kind `usage` if the input ends before a valid response
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
    print(`This is not the callback URL for this sign-in. ${lastReason} Paste the complete URL.`);
  }
  throw lastReason === null ? nothingPastedError(request) : invalidPasteError(request, lastReason);
}

export function nothingPastedError({ provider }: AuthorizationRequest): ChannelctlError {
  return usageError(`${provider} sign-in was not completed.`, {
    reason: 'The input ended before a URL was pasted.',
    hint: 'With --manual, paste the URL that the browser was redirected to, or pass it on stdin.',
  });
}

function invalidPasteError({ provider }: AuthorizationRequest, reason: string): ChannelctlError {
  return usageError(`The pasted text is not the callback URL for the ${provider} sign-in.`, {
    reason,
    hint: 'Run the command again, sign in at the URL that it prints, and paste the URL that the browser was redirected to.',
  });
}
