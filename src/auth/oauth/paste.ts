import { usageError } from '../../shared/errors.ts';
import { type Attempt, type Callback, readCallback, type Stray } from './callback.ts';

/** Printable, and neither ? nor & as in an address. */
const BARE_CODE = /^[!-%'->@-~]{1,4096}$/;

/** What a person may paste: where the listener waits, no bare code, for any word could be one. */
export type Pasting = 'address' | 'address or code';

/**
 * Reads one pasted line: the redirected address, its query, or the bare code. An address and a
 * query must carry the state of this sign-in. What follows a `#` (Facebook adds `#_=_`, Instagram
 * `#_`) is no part of the code.
 */
function readPaste(line: string, attempt: Attempt, pasting: Pasting): Callback | Stray {
  const text = unquoted(line.trim()).replace(/#.*$/, '');
  if (text.includes('://')) return readAddress(text, attempt);
  // Browsers hide the scheme in their address bar.
  const [scheme, host] = attempt.redirect.origin.split('//');
  if (text.startsWith(`${host}/`)) return readAddress(`${scheme}//${text}`, attempt);
  const query = new URLSearchParams(text);
  if (text.startsWith('?') || ['code', 'error', 'state'].some((name) => query.has(name))) {
    return readCallback(query, attempt.state);
  }
  if (pasting === 'address') return { kind: 'stray', reason: 'It is not an address.' };
  if (BARE_CODE.test(text)) return { kind: 'code', code: text };
  return { kind: 'stray', reason: 'It is neither an address nor a code.' };
}

/** An address as it is copied out of a shell or a chat. */
function unquoted(text: string): string {
  return /^(["'`]).*\1$/.test(text) ? text.slice(1, -1).trim() : text;
}

function readAddress(text: string, { redirect, state }: Attempt): Callback | Stray {
  const expected = `${redirect.origin}${redirect.path}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || `${url.origin}${url.pathname}` !== expected) {
    return { kind: 'stray', reason: `It is not the redirect address, ${expected}.` };
  }
  return readCallback(url.searchParams, state);
}

/**
 * Reads pasted lines until one of them answers the sign-in, and tells why the others do not.
 *
 * @throws ChannelctlError of kind `usage` where the input ends without an answer
 */
export async function readPastes(
  lines: AsyncIterable<string>,
  attempt: Attempt,
  pasting: Pasting,
  print: (line: string) => void,
): Promise<Callback> {
  let rejection: string | null = null;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const paste = readPaste(line, attempt, pasting);
    if (paste.kind !== 'stray') return paste;
    rejection = paste.reason;
    print(`That does not answer this sign-in. ${rejection} Paste the whole redirected address.`);
  }
  throw rejection === null ? nothingPasted(attempt) : notAnAnswer(attempt, rejection);
}

/** The error for an input that ends before anything was pasted. */
export function nothingPasted({ provider }: Attempt) {
  return usageError(
    `The sign-in at ${provider} got no answer.`,
    'The input ended and nothing was pasted.',
    'With --manual, paste the redirected address or the code, or give it on standard input.',
  );
}

function notAnAnswer({ provider }: Attempt, reason: string) {
  return usageError(
    `What was pasted does not answer the sign-in at ${provider}.`,
    reason,
    'Run the command again, sign in at the address that it prints, and paste where that ends.',
  );
}
