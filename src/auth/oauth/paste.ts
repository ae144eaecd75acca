import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import {
  type AuthorizationRequest,
  type AuthorizationResponse,
  type InvalidResponse,
  parseAuthorizationResponse,
} from './authorization.ts';

/**
 * Visible ASCII characters except `?` and `&`, which occur only in a URL. Meta's codes have over 100
 * characters; a shorter text is a word.
 */
const BARE_CODE = /^[!-%'->@-~]{20,4096}$/;

/** Time for the next line of a URL that was wrapped when it was copied. */
const NEXT_LINE_MS = 200;

const INVISIBLE = /[\u200b-\u200f\u2060\ufeff]/g;

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
  const [address = ''] = unquote(line.replace(INVISIBLE, '').trim()).split('#', 1);
  const text = address.replaceAll('&amp;', '&');
  if (text.includes('://')) return parseCallbackUrl(text, request);
  if (text.startsWith(`${hostOf(request)}/`)) {
    return parseCallbackUrl(`${schemeOf(request)}//${text}`, request);
  }
  const query = new URLSearchParams(text);
  if (text.startsWith('?') || ['code', 'error', 'state'].some((name) => query.has(name))) {
    return parseAuthorizationResponse(query, request.state);
  }
  if (format === 'url') return { kind: 'invalid', reason: 'It is not a URL.' };
  if (BARE_CODE.test(text)) return { kind: 'code', code: text };
  return { kind: 'invalid', reason: 'It is neither a URL nor a code.' };
}

function unquote(text: string): string {
  return /^(["'`]).*\1$|^<.*>$/.test(text) ? text.slice(1, -1).trim() : text;
}

function schemeOf({ redirect }: AuthorizationRequest): string {
  return redirect.origin.replace(/\/\/.*/, '');
}

/** A pasted URL may begin with its host, because address bars hide the scheme. */
function hostOf({ redirect }: AuthorizationRequest): string {
  return redirect.origin.replace(/.*\/\//, '');
}

/** Whether the text may be the first lines of a wrapped callback URL. */
function isBeginning(text: string, request: AuthorizationRequest): boolean {
  const address = text.replace(/^["'`<]/, '').replace(/^https?:\/\//, '');
  return address.startsWith(`${hostOf(request)}${request.redirect.path}?`);
}

function parseCallbackUrl(
  text: string,
  { redirect, state }: AuthorizationRequest,
): AuthorizationResponse | InvalidResponse {
  const expected = `${redirect.origin}${redirect.path}`;
  // A browser that always uses HTTPS changes the scheme of a loopback address.
  const origin = redirect.loopback === null ? '' : redirect.origin.replace(/^http:/, 'https:');
  const url = URL.canParse(text) ? new URL(text) : null;
  const found = `${url?.origin}${url?.pathname}`;
  if (url === null || (found !== expected && found !== `${origin}${redirect.path}`)) {
    return { kind: 'invalid', reason: `It does not match the redirect URI, ${expected}.` };
  }
  return parseAuthorizationResponse(url.searchParams, state);
}

/**
 * Reads pasted lines until one is a valid response, and prints why the others are invalid. Joins the
 * lines of a wrapped URL.
 *
 * @throws ChannelctlError `usage` if the input ends before a valid response
 */
export async function readPastedResponse(
  lines: AsyncIterable<string>,
  request: AuthorizationRequest,
  format: PasteFormat,
  print: (line: string) => void,
): Promise<AuthorizationResponse> {
  let begun = '';
  let lastReason: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let report = () => {};
  try {
    for await (const line of lines) {
      const text = line.trim();
      if (text === '') continue;
      clearTimeout(timer);
      const isNew = begun === '' || text.includes('://') || isBeginning(text, request);
      if (isNew) report();
      begun = isNew ? text : begun + text;
      const parsed = parsePaste(begun, request, format);
      if (parsed.kind !== 'invalid') return parsed;
      const { reason } = parsed;
      lastReason = reason;
      report = () => {
        print(`This is not the callback URL for this sign-in. ${reason} Paste the complete URL.`);
        report = () => {};
      };
      if (isBeginning(begun, request)) {
        timer = setTimeout(() => report(), NEXT_LINE_MS);
      } else {
        begun = '';
        report();
      }
    }
  } finally {
    clearTimeout(timer);
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
