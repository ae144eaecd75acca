import { ChannelctlError, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';

export const BUSINESS_APP_KEY = 'is_on_biz_app';

/**
 * Whether the number of an account stays in the WhatsApp Business app. Such a number must not be
 * registered or deregistered (Meta, "Onboarding WhatsApp Business app users"), so an unclear value
 * counts as yes.
 */
export function staysInBusinessApp(config: Readonly<Record<string, Json>>): boolean {
  const value = String(config[BUSINESS_APP_KEY] ?? '').toLowerCase();
  return !['', 'false', 'no', '0'].includes(value);
}

export interface Registrability {
  isInBusinessApp: boolean;
  /** Meta's `code_verification_status`; null if unknown. */
  codeVerification: string | null;
  /** Meta's `name_status`; null if unknown. */
  nameStatus: string | null;
}

const UNVERIFIED: readonly string[] = ['NOT_VERIFIED', 'UNVERIFIED'];

/** The name statuses without a certificate. A name in review does not prevent registration. */
const WITHOUT_CERTIFICATE: readonly string[] = ['EXPIRED', 'NONE'];

/**
 * Checks whether Meta would register a number, because Meta limits the number of attempts.
 *
 * @throws ChannelctlError `usage` if it stays in the WhatsApp Business app, `graph` if it is not
 *   verified or its display name has no certificate
 */
export function assertRegistrable(number: Registrability, appHint: string): void {
  const { isInBusinessApp, codeVerification, nameStatus } = number;
  if (isInBusinessApp) throw businessAppError('registered', appHint);
  if (codeVerification !== null && UNVERIFIED.includes(codeVerification)) {
    throw new ChannelctlError('graph', 'The number cannot be registered yet.', {
      reason: `It has not been verified with a code (${codeVerification}).`,
      hint: 'Verify it by SMS or voice call in WhatsApp Manager first, then register it.',
    });
  }
  if (nameStatus === null || !WITHOUT_CERTIFICATE.includes(nameStatus)) return;
  throw new ChannelctlError('graph', 'The number cannot be registered.', {
    reason: `Its display name has no valid certificate (name_status ${nameStatus}).`,
    hint: 'Request the display name again in WhatsApp Manager, then register the number.',
  });
}

export function businessAppError(action: 'registered' | 'deregistered', hint: string) {
  return usageError(`The number cannot be ${action}.`, {
    reason: 'It is used in the WhatsApp Business app on a phone (coexistence).',
    hint,
  });
}

export function registerHint(accountName: string): string {
  return `The number works without registration (see --no-register). If it is no longer used in the app, run: channelctl accounts update ${accountName} --unset ${BUSINESS_APP_KEY}`;
}

export function deregisterHint(accountName: string): string {
  return `Disconnect it in the WhatsApp Business app on the phone. If it is no longer used in the app, run: channelctl accounts update ${accountName} --unset ${BUSINESS_APP_KEY}`;
}
