import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import type { NetworkError } from '../http/network-error.ts';
import {
  HOURLY_LIMITS,
  INVALID_PARAMETER,
  isInvalidSession,
  isMissingPermission,
  isSecurityCheck,
  isTooMuchData,
  MESSAGES,
  NO_ROLE,
  OUTAGES,
  SHORT_LIMITS,
} from '../operations/error-codes.ts';
import type { Operation } from '../operations/operation.ts';
import { hintFor, hintWithoutReason, isWrongAppSecret, type Situation } from './hints.ts';

/**
 * Whether a retry within seconds may succeed. An hourly limit does not end that soon, whatever the
 * value of `is_transient`, unless the response has a `Retry-After` header (Meta, "Rate Limits").
 *
 * @param wait the wait that `Retry-After` asks for, in milliseconds; null if the header is missing
 */
export function isRetryable(
  operation: Operation,
  graphError: GraphErrorBody,
  wait: number | null,
): boolean {
  if (!isServiceFailure(operation, graphError)) return false;
  return isOneOf(HOURLY_LIMITS, graphError.code) ? wait !== null : true;
}

/** Whether Meta's service failed or is limiting calls, rather than refusing this one. */
function isServiceFailure(operation: Operation, graphError: GraphErrorBody): boolean {
  const { code, message, status, is_transient } = graphError;
  if (isWrongAppSecret(operation, graphError) || isTooMuchData(code, message)) return false;
  return (
    ((status ?? 0) >= 500 && code !== INVALID_PARAMETER) ||
    isRateLimit(graphError) ||
    isOneOf(OUTAGES, code) ||
    is_transient === true
  );
}

export function isRateLimit(graphError: GraphErrorBody): boolean {
  return graphError.status === 429 || isOneOf([...HOURLY_LIMITS, ...SHORT_LIMITS], graphError.code);
}

/**
 * Returns the error for an error response from Meta. Its kind is `not_allowed` for an invalid token
 * (102, 190, or 0 of an AuthException) or a missing permission (10, 200 to 299, and 100 with
 * certain messages), otherwise `graph`.
 */
export function refusedError(situation: Situation): ChannelctlError {
  const { operation, graphError } = situation;
  return failure(operation, {
    kind: isNotAllowed(graphError) ? 'not_allowed' : 'graph',
    reason: reasonOf(graphError),
    hint: hintFor(situation),
    graph: graphError,
    isOutage: isServiceFailure(operation, graphError),
  });
}

export function badResponseError(
  operation: Operation,
  parts: { reason: string; hint: string; graph: GraphErrorBody | null; isOutage: boolean },
): ChannelctlError {
  return failure(operation, { ...parts, kind: 'graph' });
}

export function unsuccessfulError(operation: Operation): ChannelctlError {
  return badResponseError(operation, {
    reason: 'Meta returned success: false without a reason.',
    hint: hintWithoutReason(operation),
    graph: null,
    isOutage: false,
  });
}

export function noResponseError(
  operation: Operation,
  { reason, hint }: NetworkError,
): ChannelctlError {
  return failure(operation, {
    kind: 'graph',
    reason,
    hint,
    graph: null,
    isOutage: true,
  });
}

function failure(
  operation: Operation,
  parts: {
    kind: 'graph' | 'not_allowed';
    reason: string;
    hint: string;
    graph: GraphErrorBody | null;
    isOutage: boolean;
  },
): ChannelctlError {
  return new ChannelctlError(parts.kind, `Could not ${operation.purpose}.`, parts);
}

function isNotAllowed({ code, type, message }: GraphErrorBody): boolean {
  return isInvalidSession(code, type) || isMissingPermission(code, message);
}

/**
 * Whether the error means that Meta no longer accepts the token. Subcode 492 means a missing role
 * instead.
 */
export function isInvalidToken(graphError: GraphErrorBody | null): boolean {
  return (
    graphError !== null &&
    isInvalidSession(graphError.code, graphError.type) &&
    graphError.subcode !== NO_ROLE
  );
}

/**
 * Whether the error means that only a new token helps: Meta no longer accepts this one, and neither
 * the app nor a security check is the reason.
 */
export function isLostToken(graphError: GraphErrorBody | null): boolean {
  if (graphError === null || !isInvalidToken(graphError)) return false;
  const { subcode, message } = graphError;
  return !isSecurityCheck(subcode, message) && !MESSAGES.unknownApp.test(message ?? '');
}

function isOneOf(codes: readonly number[], code: number | null): boolean {
  return code !== null && codes.includes(code);
}

/**
 * Returns Meta's complete message, because it may explain more than the hint and Meta's support
 * asks for it.
 */
function reasonOf(graphError: GraphErrorBody): string {
  const { status, code, subcode, message, user_title, user_message, fbtrace_id } = graphError;
  const details = graphError.details === message ? null : graphError.details;
  const numbers = [
    status === null ? null : `HTTP ${status}`,
    code === null ? null : `code ${code}`,
    subcode === null ? null : `subcode ${subcode}`,
  ].filter((text) => text !== null);
  const forUsers = [user_title, user_message].filter((text) => text !== null);
  const sentences = [
    sentence(`Meta returned ${numbers.join(', ')}${message === null ? '' : `: ${message}`}`),
    details === null ? null : sentence(details),
    forUsers.length === 0 ? null : sentence(forUsers.join(': ')),
    fbtrace_id === null ? null : `(fbtrace_id ${fbtrace_id})`,
  ];
  return sentences.filter((text) => text !== null).join(' ');
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
