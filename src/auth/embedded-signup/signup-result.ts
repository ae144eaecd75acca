import { ChannelctlError } from '../../shared/errors.ts';
import { isObject, parseJsonKeepingDigits } from '../../shared/json.ts';
import { plainText } from '../../shared/text.ts';

/** How Embedded Signup ended in the browser. */
export type Handover =
  | {
      kind: 'finished';
      code: string;
      wabaId: string;
      /** Null where the person chose no number, or Meta named none. */
      phoneNumberId: string | null;
      /** Whether the number goes on living in the WhatsApp Business app: it must not be registered. */
      staysInPhoneApp: boolean;
    }
  | { kind: 'left'; step: string | null }
  /** In Meta's words, where it has any. */
  | { kind: 'failed'; message: string | null; ids: readonly string[] }
  /** It was finished, and yet something is missing. */
  | { kind: 'incomplete'; missing: 'code' | 'waba_id' };

/** What the sign-up page posts. */
export interface Delivery {
  token: string;
  handover: Handover;
}

const CODE = /^[!-~]{1,4096}$/;
const GRAPH_ID = /^\w{1,64}$/;
const LONGEST_TEXT = 500;

/**
 * Reads what the sign-up page posts: the token of the page, the code of `FB.login` or null, and
 * the text of Meta's `WA_EMBEDDED_SIGNUP` message or null. Null where it is something else.
 */
export function readDelivery(body: string): Delivery | null {
  const posted = objectIn(body);
  if (posted === null || typeof posted.token !== 'string') return null;
  const { token, code, message } = posted;
  if (code !== null && (typeof code !== 'string' || !CODE.test(code))) return null;
  if (message !== null && typeof message !== 'string') return null;
  const session = message === null ? null : objectIn(message);
  if (message !== null && session?.type !== 'WA_EMBEDDED_SIGNUP') return null;
  return { token, handover: handoverOf(code, session) };
}

function objectIn(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = parseJsonKeepingDigits(json);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Source: Meta, "Embedded Signup, session logging message event listener". */
function handoverOf(code: string | null, session: Record<string, unknown> | null): Handover {
  const event = session?.event;
  const data = isObject(session?.data) ? session.data : {};
  // Meta reports an error that the person saw, and sent in, as CANCEL.
  if (event === 'ERROR' || (event === 'CANCEL' && textIn(data, 'error_message') !== null)) {
    const ids = ['error_id', 'error_code', 'session_id'].flatMap((name) => {
      const value = textIn(data, name);
      return value === null ? [] : [`${name} ${value}`];
    });
    return { kind: 'failed', message: textIn(data, 'error_message'), ids };
  }
  if (event === 'CANCEL') return { kind: 'left', step: textIn(data, 'current_step') };
  if (code === null) {
    return event === undefined
      ? { kind: 'left', step: null }
      : { kind: 'incomplete', missing: 'code' };
  }
  const wabaId = idIn(data, 'waba_id');
  if (wabaId === null) return { kind: 'incomplete', missing: 'waba_id' };
  return {
    kind: 'finished',
    code,
    wabaId,
    phoneNumberId: event === 'FINISH_ONLY_WABA' ? null : idIn(data, 'phone_number_id'),
    staysInPhoneApp: event === 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
  };
}

function textIn(data: Record<string, unknown>, name: string): string | null {
  const value = data[name];
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return plainText(String(value)).trim().slice(0, LONGEST_TEXT) || null;
}

function idIn(data: Record<string, unknown>, name: string): string | null {
  const id = textIn(data, name);
  return id !== null && GRAPH_ID.test(id) ? id : null;
}

/** The error that a sign-up ends with where it brought nothing to connect. */
export function errorOf(handover: Exclude<Handover, { kind: 'finished' }>): ChannelctlError {
  switch (handover.kind) {
    case 'left':
      return new ChannelctlError('not_allowed', 'The person left the sign-up at Facebook.', {
        reason:
          handover.step === null
            ? "Facebook's window was closed before the end."
            : `It ended at the step ${handover.step}.`,
        hint: 'Run the command again and go on to the end.',
      });
    case 'failed':
      return failed(
        reasonOf(handover),
        handover.ids.length === 0
          ? "Try again; where it stays, ask Meta's support."
          : "Try again; where it stays, give these ids to Meta's support.",
        handover.message,
      );
    case 'incomplete':
      return failed(
        handover.missing === 'code'
          ? 'Facebook says that it was finished, and gave no code.'
          : 'Facebook gave a code, and named no WhatsApp Business Account.',
        'Check that config_id is a configuration for WhatsApp Embedded Signup, then try again.',
        null,
      );
  }
}

function reasonOf({ message, ids }: Extract<Handover, { kind: 'failed' }>): string {
  const words = message === null ? 'Meta gives no reason' : `Meta says: ${message}`;
  const sentence = words.replace(/[.\s]*$/, '');
  return ids.length === 0 ? `${sentence}.` : `${sentence} (${ids.join(', ')}).`;
}

function failed(reason: string, hint: string, message: string | null): ChannelctlError {
  const graph = {
    status: null,
    code: null,
    subcode: null,
    type: null,
    message,
    user_title: null,
    user_message: null,
    fbtrace_id: null,
    is_transient: null,
  };
  return new ChannelctlError('graph', 'The sign-up at Facebook failed.', {
    reason,
    hint,
    graph: message === null ? null : graph,
  });
}
