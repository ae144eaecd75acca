import type { AnswerOf } from '../../graph/operations/index.ts';
import type { Problem } from '../../shared/problem.ts';

export type PhoneNumber = AnswerOf<'getPhoneNumber'>;
export type Waba = AnswerOf<'getWaba'>;

/** A problem of one field; `<account>` in its hint is replaced by the account's name. */
export type FieldProblem = Pick<Problem, 'severity' | 'message' | 'hint'>;

export type Rule<Value> = (value: Value) => FieldProblem | null;

type Wording = readonly [message: string, hint: string];

const CHECK_MANAGER = 'Check it in WhatsApp Manager.';
export const REGISTER =
  'If it is used in the WhatsApp Business app on a phone (coexistence), do not register it; instead, run channelctl accounts update <account> --config is_on_biz_app=true. Otherwise register it: channelctl whatsapp register <account>';
const APPEAL = 'Check the reason and request a review in WhatsApp Manager.';

function error([message, hint]: Wording): FieldProblem {
  return { severity: 'error', message, hint };
}

function warning([message, hint]: Wording): FieldProblem {
  return { severity: 'warning', message, hint };
}

/** Meta adds values to its enumerations, so an unknown one is not an error. */
function unknownValue(what: string, value: string): FieldProblem {
  return warning([`Unknown ${what} from Meta: ${value}.`, CHECK_MANAGER]);
}

/** Meta returns some enumerations in upper case and some in lower case, and omits fields. */
function normalize(value: string | null | undefined): string | null {
  return value ? value.toUpperCase() : null;
}

/** Meta's OpenAPI description of a WABA's numbers has LINKED instead of CONNECTED. */
const REGISTERED: readonly string[] = ['CONNECTED', 'LINKED'];

const STATUS: Readonly<Record<string, Wording>> = {
  PENDING: ['The number is not registered yet (PENDING).', REGISTER],
  DISCONNECTED: ['The number is not registered (DISCONNECTED).', REGISTER],
  UNLINKED: ['The number is not registered (UNLINKED).', REGISTER],
  UNVERIFIED: [
    'The number is not verified (UNVERIFIED).',
    'Verify it by SMS or voice call in WhatsApp Manager. Then, unless you use the number in the WhatsApp Business app, register it: channelctl whatsapp register <account>',
  ],
  FLAGGED: [
    'The number is flagged because its quality is low.',
    'Until the quality recovers, send fewer messages and only those that customers requested; WhatsApp Manager shows their feedback.',
  ],
  RESTRICTED: [
    'The number is restricted: it reached its conversation limit or violated a policy.',
    'Wait until the restriction ends; WhatsApp Manager shows when, and lets you appeal.',
  ],
  RATE_LIMITED: [
    'The number is rate limited because it sent too many messages.',
    'Send fewer messages for a while; WhatsApp Manager shows the limit.',
  ],
  BANNED: ['The number is banned for violating a policy.', APPEAL],
  MIGRATED: [
    'The number has moved to another WhatsApp Business Account.',
    'Connect it again with the ID and access token of that account.',
  ],
  DELETED: [
    'The number was deleted from the WhatsApp Business Account.',
    'Add it again in WhatsApp Manager, or delete the account: channelctl accounts delete <account>',
  ],
};

/**
 * The statuses of numbers that can be connected by registering them. Registering a restricted
 * number again does not help, and Meta limits these calls.
 */
const NOT_REGISTERED: readonly string[] = ['PENDING', 'DISCONNECTED', 'UNLINKED'];

export function isUnregistered({ status }: Pick<PhoneNumber, 'status'>): boolean {
  return NOT_REGISTERED.includes(normalize(status) ?? '');
}

export function status(number: PhoneNumber): FieldProblem | null {
  const value = normalize(number.status);
  if (value === null) return warning(['Meta returned no status for the number.', CHECK_MANAGER]);
  if (REGISTERED.includes(value)) return null;
  const wording = STATUS[value];
  return wording === undefined ? unknownValue('status of the number', value) : error(wording);
}

function quality({ quality_rating }: PhoneNumber): FieldProblem | null {
  const value = normalize(quality_rating);
  if (value === null || ['GREEN', 'NA', 'UNKNOWN'].includes(value)) return null;
  const hint =
    'Send only messages that customers requested; WhatsApp Manager shows their feedback.';
  if (value === 'RED') return error(['The quality rating of the number is low (RED).', hint]);
  if (value === 'YELLOW')
    return warning(['The quality rating of the number is medium (YELLOW).', hint]);
  return unknownValue('quality rating', value);
}

function codeVerification({ code_verification_status }: PhoneNumber): FieldProblem | null {
  const value = normalize(code_verification_status);
  const hint = 'Verify it by SMS or voice call in WhatsApp Manager.';
  switch (value) {
    case null:
    case 'VERIFIED':
      return null;
    case 'UNVERIFIED':
    case 'NOT_VERIFIED':
      return warning([`The number has not been verified with a code (${value}).`, hint]);
    case 'EXPIRED':
      return warning(["The number's code verification has expired.", hint]);
    default:
      return unknownValue('code verification status', value);
  }
}

function displayName({ name_status }: PhoneNumber): FieldProblem | null {
  const value = normalize(name_status);
  switch (value) {
    case null:
    case 'APPROVED':
    case 'AVAILABLE_WITHOUT_REVIEW':
    case 'NONE':
    case 'NON_EXISTS':
      return null;
    case 'DECLINED':
      return warning(['Meta declined the display name.', 'Request another in WhatsApp Manager.']);
    case 'EXPIRED':
      return warning([
        "The display name's certificate has expired.",
        'Request the name again in WhatsApp Manager.',
      ]);
    case 'PENDING_REVIEW':
      return warning([
        'The display name is under review.',
        'The review takes a few days; the number can be registered meanwhile.',
      ]);
    default:
      return unknownValue('display name status', value);
  }
}

export function messagingLimit(number: PhoneNumber): string | null {
  return number.whatsapp_business_manager_messaging_limit || number.messaging_limit_tier || null;
}

function knownLimit(number: PhoneNumber): FieldProblem | null {
  const value = normalize(messagingLimit(number));
  if (value === null || /^(TIER_(\d+K?|UNLIMITED|NOT_SET)|UNTIERED)$/.test(value)) return null;
  return unknownValue('messaging limit', value);
}

function accountReview({ account_review_status }: Waba): FieldProblem | null {
  const value = normalize(account_review_status);
  switch (value) {
    case null:
    case 'APPROVED':
      return null;
    case 'REJECTED':
      return error(['Meta rejected the WhatsApp Business Account in a review.', APPEAL]);
    case 'PENDING':
      return warning([
        'The WhatsApp Business Account is under review.',
        'Wait for the review, which takes a day or two.',
      ]);
    case 'RESTRICTED':
      return warning(['Meta restricted the WhatsApp Business Account after a review.', APPEAL]);
    case 'LIMIT_REACHED':
      return warning([
        'The review of the WhatsApp Business Account is on hold because a limit was reached.',
        CHECK_MANAGER,
      ]);
    default:
      return unknownValue('WhatsApp Business Account review status', value);
  }
}

const VERIFY = 'Verify the business in the Security Center of Meta Business Suite.';

const VERIFICATION: Readonly<Record<string, string>> = {
  UNVERIFIED: 'The business is not verified.',
  NOT_VERIFIED: 'The business is not verified.',
  EXPIRED: 'The business verification has expired.',
  REVOKED: 'The business verification was revoked.',
  REJECTED: 'Meta rejected the business verification.',
  FAILED: 'The business verification failed.',
  INELIGIBLE: 'The business is not eligible for verification.',
  PENDING: 'The business verification is under review.',
  PENDING_NEED_MORE_INFO: 'The business verification requires more information from you.',
  PENDING_SUBMISSION: 'The business verification has not been submitted yet.',
};

function businessVerification({ business_verification_status }: Waba): FieldProblem | null {
  const value = normalize(business_verification_status);
  if (value === null || value === 'VERIFIED') return null;
  const message = VERIFICATION[value];
  if (message === undefined) return unknownValue('business verification status', value);
  return warning([message, value === 'PENDING' ? 'Wait for the result.' : VERIFY]);
}

const RECONNECT =
  'If the app on the phone no longer shows the connection, sign up again: channelctl whatsapp signup';

/** Checks the status of a number that stays in the Business app and so is never registered. */
export function businessAppStatus(number: PhoneNumber): FieldProblem | null {
  const value = normalize(number.status);
  if (value === 'PENDING') {
    return warning([
      'The number, which is used in the WhatsApp Business app, is not connected yet (PENDING).',
      `The status can remain PENDING for a while after the sign-up. ${RECONNECT}`,
    ]);
  }
  if (value === 'DISCONNECTED' || value === 'UNLINKED' || value === 'UNVERIFIED') {
    return error([
      `The number, which is used in the WhatsApp Business app, is not connected (${value}).`,
      RECONNECT,
    ]);
  }
  return status(number);
}

export const NUMBER_RULES: readonly Rule<PhoneNumber>[] = [
  quality,
  codeVerification,
  displayName,
  knownLimit,
];

export const WABA_RULES: readonly Rule<Waba>[] = [accountReview, businessVerification];
