import { ChannelctlError, graphErrorOf } from '../../shared/errors.ts';
import { isObject } from '../../shared/json.ts';
import { isMetaId } from '../../shared/meta-id.ts';
import { parseJsonKeepingDigits } from '../../shared/parse-json.ts';
import { stripControlCharacters, withoutPeriod } from '../../shared/text.ts';

export type SignupResult = FinishedSignup | UnfinishedSignup;

export interface FinishedSignup {
  kind: 'finished';
  code: string;
  /** Null if Meta returned none, or only a list of several. */
  wabaId: string | null;
  wabaIds: readonly string[];
  /** Null if no number was chosen or Meta returned none. */
  phoneNumberId: string | null;
  /** Whether the number remains in the WhatsApp Business app and must not be registered. */
  isBusinessAppNumber: boolean;
}

export type UnfinishedSignup =
  | { kind: 'abandoned'; step: string | null }
  /** `message` is from Meta; `ids` identify the error for Meta's support. */
  | { kind: 'failed'; message: string | null; ids: readonly string[] }
  /** Meta reported success, but the code is missing. */
  | { kind: 'incomplete' };

export interface PostedResult {
  csrfToken: string;
  result: SignupResult;
}

const CODE = /^[!-~]{1,4096}$/;
const MAX_TEXT_LENGTH = 500;

/**
 * Parses the body posted by the sign-up page: its CSRF token, the code from `FB.login` or null, and
 * the JSON text of Meta's `WA_EMBEDDED_SIGNUP` message or null. Returns null if the body is
 * invalid.
 */
export function parsePostedResult(body: string): PostedResult | null {
  const posted = parseObject(body);
  if (posted === null || typeof posted.csrfToken !== 'string') return null;
  const { csrfToken, code, message } = posted;
  if (code !== null && (typeof code !== 'string' || !CODE.test(code))) return null;
  if (message !== null && typeof message !== 'string') return null;
  const session = message === null ? null : parseObject(message);
  if (message !== null && session?.type !== 'WA_EMBEDDED_SIGNUP') return null;
  return { csrfToken, result: signupResult(code, session) };
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = parseJsonKeepingDigits(json);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Source: Meta, "Embedded Signup, session logging message event listener". */
function signupResult(code: string | null, session: Record<string, unknown> | null): SignupResult {
  const event = session?.event;
  const data = isObject(session?.data) ? session.data : {};
  // Meta also sends CANCEL if the user reports an error that Meta showed.
  if (event === 'ERROR' || (event === 'CANCEL' && textField(data, 'error_message') !== null)) {
    const ids = ['error_id', 'error_code', 'session_id'].flatMap((name) => {
      const value = textField(data, name);
      return value === null ? [] : [`${name} ${value}`];
    });
    return { kind: 'failed', message: textField(data, 'error_message'), ids };
  }
  if (event === 'CANCEL') return { kind: 'abandoned', step: textField(data, 'current_step') };
  if (code === null) {
    return event === undefined ? { kind: 'abandoned', step: null } : { kind: 'incomplete' };
  }
  return {
    kind: 'finished',
    code,
    wabaId: wabaIdOf(data),
    wabaIds: wabaIdsOf(data),
    phoneNumberId: event === 'FINISH_ONLY_WABA' ? null : idField(data, 'phone_number_id'),
    // Some flows for numbers in the WhatsApp Business app end with the event FINISH.
    isBusinessAppNumber:
      event === 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING' ||
      String(data.is_wa_login_user ?? session?.is_wa_login_user) === 'true',
  };
}

/** Version 4 of Embedded Signup may send a list, `waba_ids`. */
function wabaIdOf(data: Record<string, unknown>): string | null {
  const [only = null, ...others] = wabaIdsOf(data);
  return idField(data, 'waba_id') ?? (others.length === 0 ? only : null);
}

function wabaIdsOf({ waba_ids: ids }: Record<string, unknown>): string[] {
  return Array.isArray(ids) ? ids.flatMap((id) => idField({ id }, 'id') ?? []) : [];
}

function textField(data: Record<string, unknown>, name: string): string | null {
  const value = data[name];
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return stripControlCharacters(String(value)).trim().slice(0, MAX_TEXT_LENGTH) || null;
}

function idField(data: Record<string, unknown>, name: string): string | null {
  const id = textField(data, name);
  return id !== null && isMetaId(id) ? id : null;
}

export function signupError(result: UnfinishedSignup): ChannelctlError {
  switch (result.kind) {
    case 'abandoned':
      return new ChannelctlError('not_allowed', 'WhatsApp sign-up was cancelled.', {
        reason:
          result.step === null
            ? 'The Facebook window was closed before the sign-up was complete.'
            : `It was cancelled at step ${result.step}.`,
        hint: 'Run the command again and complete all steps.',
      });
    case 'failed':
      return failedError(
        failureReason(result),
        result.ids.length === 0
          ? 'Try again. If the error persists, contact Meta support.'
          : 'Try again. If the error persists, contact Meta support and quote these IDs.',
        result.message,
      );
    case 'incomplete':
      return failedError(
        'Facebook reported success but returned no code.',
        'Check that config_id is the ID of a WhatsApp Embedded Signup configuration, then try again.',
        null,
      );
  }
}

function failureReason({ message, ids }: Extract<SignupResult, { kind: 'failed' }>): string {
  const reason = message === null ? 'Meta gave no reason' : `Meta reported: ${message}`;
  const sentence = withoutPeriod(reason);
  return ids.length === 0 ? `${sentence}.` : `${sentence} (${ids.join(', ')}).`;
}

function failedError(reason: string, hint: string, message: string | null): ChannelctlError {
  return new ChannelctlError('graph', 'WhatsApp sign-up failed.', {
    reason,
    hint,
    graph: message === null ? null : graphErrorOf({ message }),
  });
}
