import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import type { NetworkError } from '../http/network-error.ts';
import type { Operation } from '../operations/operation.ts';
import { hintFor, hintWithoutReason, isWrongAppSecret, type Situation } from './hints.ts';

/** Codes of rate limits: app, user, Page, application, custom, WhatsApp business account. */
const RATE_LIMITS: readonly number[] = [4, 17, 32, 341, 613, 80007];

/** Unknown error, service down. */
const OUTAGES: readonly number[] = [1, 2];

/** Session or token invalid. */
const INVALID_TOKENS: readonly number[] = [102, 190];

/** Subcode of these: the user has no role on the Page. */
const NO_ROLE = 492;

/** Whether the same call may succeed a moment later (Meta, "Handle errors"). */
export function isRetryable(operation: Operation, graphError: GraphErrorBody): boolean {
  if (isWrongAppSecret(operation, graphError)) return false;
  const status = graphError.status ?? 0;
  return (
    status >= 500 ||
    isRateLimit(graphError) ||
    isOneOf(OUTAGES, graphError.code) ||
    graphError.is_transient === true
  );
}

export function isRateLimit(graphError: GraphErrorBody): boolean {
  return graphError.status === 429 || isOneOf(RATE_LIMITS, graphError.code);
}

/**
 * The error for a call that Meta refused: kind `not_allowed` for a token that no longer works or a
 * missing permission (190, 102, 10, 200 to 299), `graph` for everything else.
 */
export function refusedError(situation: Situation): ChannelctlError {
  const { operation, graphError } = situation;
  return failure(operation, {
    kind: isNotAllowed(graphError.code) ? 'not_allowed' : 'graph',
    reason: reasonOf(graphError),
    hint: hintFor(situation),
    graph: graphError,
  });
}

/** The error for a response that is not Meta's, or that does not match its declaration. */
export function badResponseError(
  operation: Operation,
  parts: { reason: string; hint: string; graph: GraphErrorBody | null },
): ChannelctlError {
  return failure(operation, { ...parts, kind: 'graph' });
}

/** The error for a response of `success: false`, which contains no reason. */
export function unsuccessfulError(operation: Operation): ChannelctlError {
  return badResponseError(operation, {
    reason: 'Meta answered that it did not succeed, and gave no reason.',
    hint: hintWithoutReason(operation),
    graph: null,
  });
}

/** The error for a request without a response. */
export function noResponseError(
  operation: Operation,
  { reason, hint }: NetworkError,
): ChannelctlError {
  return failure(operation, { kind: 'graph', reason, hint, graph: null });
}

function failure(
  operation: Operation,
  parts: {
    kind: 'graph' | 'not_allowed';
    reason: string;
    hint: string;
    graph: GraphErrorBody | null;
  },
): ChannelctlError {
  return new ChannelctlError(parts.kind, `Could not ${operation.purpose}.`, parts);
}

function isNotAllowed(code: number | null): boolean {
  if (code === null) return false;
  return code === 10 || INVALID_TOKENS.includes(code) || (code >= 200 && code <= 299);
}

/**
 * Whether Meta no longer accepts the token of the call. With subcode 492 a role is missing instead.
 */
export function isInvalidToken(graphError: GraphErrorBody | null): boolean {
  return (
    graphError !== null &&
    isOneOf(INVALID_TOKENS, graphError.code) &&
    graphError.subcode !== NO_ROLE
  );
}

function isOneOf(codes: readonly number[], code: number | null): boolean {
  return code !== null && codes.includes(code);
}

/** Meta's own message in full: Meta's support needs it, and it may say more than our hint. */
function reasonOf(graphError: GraphErrorBody): string {
  const numbers = [
    graphError.code === null ? `HTTP ${graphError.status}` : `code ${graphError.code}`,
    graphError.subcode === null ? null : `subcode ${graphError.subcode}`,
  ];
  const forPeople = [graphError.user_title, graphError.user_message].filter(
    (text) => text !== null,
  );
  const words = [
    `Meta answered with ${numbers.filter((text) => text !== null).join(', ')}:`,
    sentence(graphError.message ?? 'no message was given'),
    forPeople.length === 0 ? null : sentence(forPeople.join(': ')),
    graphError.fbtrace_id === null ? null : `(fbtrace_id ${graphError.fbtrace_id})`,
  ];
  return words.filter((text) => text !== null).join(' ');
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
