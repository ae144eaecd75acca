import { isInvalidSession, MESSAGES } from '../../graph/operations/error-codes.ts';
import type { GraphErrorBody } from '../../shared/errors.ts';
import { type Problem, problem, type Result } from '../../shared/problem.ts';
import { listNames } from '../../shared/text.ts';
import { expiryProblem, isExpiringSoon } from '../channel.ts';
import { grantedElsewhere, isOfOtherApp, type TokenInspection } from './inspect-token.ts';

export interface TokenExpectation {
  appId: string | null;
  permissions: readonly string[];
  target: { label: string; id: string };
  renewHint: string;
  /** The hint for getting a token that expires later; `renewHint` if omitted. */
  extendHint?: string;
  appCommand: string;
  /** The stored expiry in ISO 8601, used if Meta does not report one. */
  storedExpiry: string | null;
  now: Date;
}

/**
 * Returns the problems of a token that Meta may still accept: a different app, missing objects, and
 * the expiry of the token and its data access.
 *
 * @param inspection null if the app's ID or secret is unknown
 */
export function tokenProblems(
  inspection: Result<TokenInspection> | null,
  expected: TokenExpectation,
): Problem[] {
  const { appId, renewHint, appCommand } = expected;
  const issuer = otherIssuer(inspection, appId);
  if (issuer !== null) {
    const message = `The access token belongs to ${issuer}, not to app ${appId}.`;
    const hint = `${renewHint}; or correct app_id and app_secret: ${appCommand}`;
    const found = problem('token', 'error', message, hint);
    return [{ ...found, graph: inspection?.error?.graph ?? null }];
  }
  if (inspection?.value?.is_valid === false) return [];
  const { permissions, target, extendHint = renewHint, storedExpiry, now } = expected;
  const { value } = inspection ?? { value: null };
  const elsewhere = value === null ? [] : grantedElsewhere(value, permissions, target.id);
  const expiresAt = value?.isPermanent ? null : (value?.expires_at ?? storedExpiry);
  return [
    elsewhere.length === 0
      ? null
      : problem(
          'token',
          'error',
          `The token was granted ${listNames(elsewhere)} for another ${target.label}, not for ${target.label} ${target.id}.`,
          renewHint,
        ),
    expiresAt === null ? null : expiryProblem(expiresAt, extendHint, now),
    dataAccessProblem(value?.data_access_expires_at ?? null, renewHint, now),
  ].filter((one) => one !== null);
}

export function otherIssuer(
  inspection: Result<TokenInspection> | null,
  appId: string | null,
): string | null {
  if (isOfOtherApp(inspection)) return 'another app';
  const issuer = inspection?.value?.app_id ?? null;
  return issuer === null || appId === null || issuer === appId ? null : `app ${issuer}`;
}

/**
 * Drops the errors of calls that Meta rejected only because the app secret does not belong to the
 * app that issued the token.
 */
export function withoutProofErrors<Found extends Problem<string>>(
  problems: readonly Found[],
): Found[] {
  return problems.filter(({ graph }) => !MESSAGES.appSecretProof.test(graph?.message ?? ''));
}

/** If the part `token` has an error, drops all other errors that an invalid token causes. */
export function withoutTokenRepeats(problems: readonly Problem[]): Problem[] {
  const first = problems.find((one) => one.part === 'token' && one.severity === 'error');
  return problems.filter(
    (one) => one === first || first === undefined || !isOfInvalidSession(one.graph),
  );
}

function isOfInvalidSession(graph: GraphErrorBody | null): boolean {
  return graph !== null && isInvalidSession(graph.code, graph.type);
}

/** Data access expires 90 days after the user's last sign-in (source: Meta, "Access Tokens"). */
function dataAccessProblem(expiresAt: string | null, hint: string, now: Date): Problem | null {
  if (expiresAt === null) return null;
  if (Date.parse(expiresAt) <= now.getTime()) {
    const message = `The token's data access expired at ${expiresAt}: the user must sign in again.`;
    return problem('token', 'error', message, hint);
  }
  if (!isExpiringSoon(expiresAt, now)) return null;
  const message = `The token's data access expires at ${expiresAt} unless the user signs in again.`;
  return problem('token', 'warning', message, hint);
}
