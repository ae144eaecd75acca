import { ChannelctlError, graphErrorOf } from '../../shared/errors.ts';
import { timingSafeEqual } from '../../shared/hashes.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { RedirectUri } from '../redirect-uri.ts';

export interface AuthorizationRequest {
  provider: string;
  redirect: RedirectUri;
  /**
   * An unguessable value. The provider returns it, which proves that a response belongs to this
   * request.
   */
  state: string;
}

export type AuthorizationResponse =
  | { kind: 'code'; code: string }
  | { kind: 'denied'; lacksTesterRole: boolean }
  | { kind: 'failed'; type: string | null; code: number | null; description: string };

/**
 * A request to the redirect URI, or pasted text, that is not a valid response. It must not end the
 * sign-in.
 */
export interface InvalidResponse {
  kind: 'invalid';
  /** A sentence that begins with "It". */
  reason: string;
  /** Whether it answers a different sign-in, such as one in an older tab. */
  isFromOtherSignIn?: true;
}

const PARAMETERS = ['state', 'code', 'error', 'error_code', 'error_description', 'error_message'];
const MAX_DESCRIPTION_LENGTH = 500;

/** How an account gets the role that an app in development requires (Meta, "App roles"). */
export const TESTER_HINT =
  "In the App Dashboard under App roles, add the account as an Instagram tester, and accept the invitation in the account's settings under Apps and websites → Tester invites.";

/**
 * Parses the query of a callback. Meta sends `code` and `state`, or `error`, `error_code`,
 * `error_description` and `state` (Facebook Login, "Canceled login"). For some errors in the app's
 * settings, Meta sends `error_message` instead of `error` and `error_description`.
 */
export function parseAuthorizationResponse(
  query: URLSearchParams,
  expectedState: string,
): AuthorizationResponse | InvalidResponse {
  if (PARAMETERS.some((name) => query.getAll(name).length > 1)) {
    return { kind: 'invalid', reason: 'It contains the same parameter more than once.' };
  }
  const parameter = (name: string) => query.get(name) || null;
  const state = parameter('state');
  if (state === null) return { kind: 'invalid', reason: 'It contains no state.' };
  if (!timingSafeEqual(state, expectedState)) {
    const reason = 'It contains the state of a different sign-in.';
    return { kind: 'invalid', reason, isFromOtherSignIn: true };
  }
  const type = parameter('error');
  const errorCode = parameter('error_code');
  if (type !== null || errorCode !== null) {
    const description =
      parameter('error_description') ?? parameter('error_message') ?? type ?? `error ${errorCode}`;
    const lacksTesterRole = /Insufficient developer role/i.test(description);
    if (lacksTesterRole || type === 'access_denied') return { kind: 'denied', lacksTesterRole };
    return {
      kind: 'failed',
      type: type === null ? null : stripControlCharacters(type).slice(0, MAX_DESCRIPTION_LENGTH),
      code: /^\d{1,9}$/.test(errorCode ?? '') ? Number(errorCode) : null,
      description: stripControlCharacters(description).slice(0, MAX_DESCRIPTION_LENGTH),
    };
  }
  const code = parameter('code');
  if (code === null) return { kind: 'invalid', reason: 'It contains neither a code nor an error.' };
  return { kind: 'code', code };
}

/**
 * Returns the authorization code of a response.
 *
 * @throws ChannelctlError `not_allowed` if access was denied, `graph` if the provider reported an
 *   error
 */
export function authorizationCode(response: AuthorizationResponse, provider: string): string {
  if (response.kind === 'code') return response.code;
  if (response.kind === 'denied' && response.lacksTesterRole) {
    throw new ChannelctlError('not_allowed', `${provider} denied access.`, {
      reason:
        'The account has not accepted a tester role for the app ("Insufficient developer role").',
      hint: `${TESTER_HINT} Then run the command again.`,
    });
  }
  if (response.kind === 'denied') {
    throw new ChannelctlError('not_allowed', `${provider} denied access.`, {
      reason:
        'The sign-in was cancelled, the user has no role on an app in development mode, or a requested permission is not available to the app.',
      hint: "Run the command again and grant all requested permissions. If you did not cancel the sign-in, check the app's mode, roles (for Instagram, testers) and permissions in the App Dashboard.",
    });
  }
  throw new ChannelctlError('graph', `${provider} sign-in failed.`, {
    reason: `${provider} reported: ${response.description}`,
    hint: "Check the app's settings (app ID, redirect URIs, permissions), then try again.",
    graph: graphErrorOf({
      code: response.code,
      type: response.type,
      message: response.description,
    }),
  });
}
