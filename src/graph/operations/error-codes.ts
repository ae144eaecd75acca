/**
 * Meta's error codes, subcodes and messages, grouped by meaning. The client classifies errors with
 * them and the sandbox produces them. Sources: Meta, "Handle Errors" and "Rate Limits"; the
 * WhatsApp codes: Meta, "Cloud API Error Codes".
 */

/** Unknown error; service unavailable. */
export const OUTAGES: readonly number[] = [1, 2];

/** Invalid parameter: the same call cannot succeed, even if the HTTP status is 500. */
export const INVALID_PARAMETER = 100;

/**
 * Limits that count the calls in an hour: app, user, Page with a user token, application, custom;
 * Pages, Instagram, Custom Audience, Ads, Lead Gen, Messenger, WhatsApp, WhatsApp management.
 */
export const HOURLY_LIMITS: readonly number[] = [
  4, 17, 32, 341, 613, 80001, 80002, 80003, 80004, 80005, 80006, 80007, 80008,
];

/** Limits that end sooner: the throughput of a number; too many messages to one recipient. */
export const SHORT_LIMITS: readonly number[] = [130429, 131056];

/** Invalid session; invalid token. */
const INVALID_TOKENS: readonly number[] = [102, 190];

export function isInvalidSession(code: number | null, type: string | null): boolean {
  if (code === 0) return type === 'AuthException';
  return code !== null && INVALID_TOKENS.includes(code);
}

/** Subcode of an invalid token: the user has no role on the Page. */
export const NO_ROLE = 492;

/** Subcodes of an invalid token whose owner must pass a security check. */
const SECURITY_CHECKS: readonly number[] = [459, 464, 490];

/** Meta's messages whose meaning does not follow from their code. */
export const MESSAGES = {
  missingPermission: /Missing Permission|Need permission on|No enough permission/,
  tooMuchData: /reduce the amount of data/i,
  securityCheck: /log in to www\./,
  /** The app does not exist. The code can be 190. */
  unknownApp: /Cannot get application info|Application has been deleted/i,
  /** A token is inspected by an app other than the one that issued it. */
  otherApp: /did not match the Viewing App/,
  appSecretProof: /appsecret_proof/,
  /** The ID is that of a business portfolio. */
  portfolio: /node type \(Business\)/,
};

/** Whether the token works again after its owner has logged in and passed a security check. */
export function isSecurityCheck(subcode: number | null, message: string | null): boolean {
  if (subcode !== null && SECURITY_CHECKS.includes(subcode)) return true;
  return MESSAGES.securityCheck.test(message ?? '');
}

export function isMissingPermission(code: number | null, message: string | null): boolean {
  if (code === 10 || (code !== null && code >= 200 && code <= 299)) return true;
  return code === 100 && MESSAGES.missingPermission.test(message ?? '');
}

export function isMissingObject(code: number | null, subcode: number | null): boolean {
  return code === 803 || (code === 100 && subcode === 33);
}

/** Whether Meta asks for a smaller page of a list, which it does with code 1 and often HTTP 500. */
export function isTooMuchData(code: number | null, message: string | null): boolean {
  return code === 1 && MESSAGES.tooMuchData.test(message ?? '');
}

export function statusOf(code: number): number {
  if (OUTAGES.includes(code)) return 500;
  if (INVALID_TOKENS.includes(code)) return 401;
  if (isMissingPermission(code, null)) return 403;
  return 400;
}
