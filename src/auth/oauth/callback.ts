import { ChannelctlError } from '../../shared/errors.ts';
import { plainText } from '../../shared/text.ts';
import { isSameSecret } from '../../shared/timing-safe-equal.ts';
import type { RedirectUri } from '../redirect-uri.ts';

/** One sign-in under way. */
export interface Attempt {
  provider: string;
  redirect: RedirectUri;
  /** Unguessable; the login page sends it back, which proves that the answer is to this attempt. */
  state: string;
}

/** What the login page says of a sign-in through the redirect address. */
export type Callback =
  | { kind: 'code'; code: string }
  | { kind: 'refused' }
  | { kind: 'failed'; type: string | null; code: number | null; description: string };

/** Something that is no answer to this sign-in, and must not end it. */
export interface Stray {
  kind: 'stray';
  /** Why, as a sentence about "it". */
  reason: string;
}

const PARAMETERS = ['state', 'code', 'error', 'error_code', 'error_description', 'error_message'];
const LONGEST_DESCRIPTION = 500;

/**
 * Reads the query of a redirect address. Meta sends `code` and `state`, or `error`,
 * `error_code`, `error_description` and `state` (Facebook Login, "Canceled login"); some faults of
 * the app's settings come as `error_code` and `error_message` alone.
 */
export function readCallback(query: URLSearchParams, state: string): Callback | Stray {
  if (PARAMETERS.some((name) => query.getAll(name).length > 1)) {
    return { kind: 'stray', reason: 'It has the same parameter twice.' };
  }
  const parameter = (name: string) => query.get(name) || null;
  const givenState = parameter('state');
  if (givenState === null) return { kind: 'stray', reason: 'It has no state.' };
  if (!isSameSecret(givenState, state)) {
    return { kind: 'stray', reason: 'Its state is not the one of this sign-in.' };
  }
  const type = parameter('error');
  if (type === 'access_denied') return { kind: 'refused' };
  const errorCode = parameter('error_code');
  if (type !== null || errorCode !== null) {
    const description =
      parameter('error_description') ?? parameter('error_message') ?? type ?? `error ${errorCode}`;
    return {
      kind: 'failed',
      type: type === null ? null : plainText(type).slice(0, LONGEST_DESCRIPTION),
      code: /^\d{1,9}$/.test(errorCode ?? '') ? Number(errorCode) : null,
      description: plainText(description).slice(0, LONGEST_DESCRIPTION),
    };
  }
  const code = parameter('code');
  if (code === null) return { kind: 'stray', reason: 'It has neither a code nor an error.' };
  return { kind: 'code', code };
}

/** The code that a sign-in ended with. Throws what it ended with instead: a refusal, or Meta's error. */
export function codeOf(callback: Callback, provider: string): string {
  if (callback.kind === 'code') return callback.code;
  if (callback.kind === 'refused') {
    throw new ChannelctlError('not_allowed', `The person refused the sign-in at ${provider}.`, {
      reason: `${provider} answered access_denied and gave no code.`,
      hint: 'Run the command again and allow what the login page asks for.',
    });
  }
  throw new ChannelctlError('graph', `The sign-in at ${provider} failed.`, {
    reason: `${provider} says: ${callback.description}`,
    hint: "Check the app's settings (app id, redirect addresses, permissions), then try again.",
    graph: {
      status: null,
      code: callback.code,
      subcode: null,
      type: callback.type,
      message: callback.description,
      user_title: null,
      user_message: null,
      fbtrace_id: null,
      is_transient: null,
    },
  });
}
