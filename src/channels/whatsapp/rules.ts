import type { AnswerOf } from '../../graph/operations/index.ts';
import type { Problem } from '../../shared/problem.ts';

export type PhoneNumber = AnswerOf<'getPhoneNumber'>;
export type Waba = AnswerOf<'getWaba'>;

/** A problem of one field; `<account>` in its hint is replaced by the account's name. */
export type FieldProblem = Pick<Problem, 'severity' | 'message' | 'hint'>;

/** Checks one field; null if nothing is wrong. */
export type Rule<Value> = (value: Value) => FieldProblem | null;

type Wording = readonly [message: string, hint: string];

const CHECK_MANAGER = 'Look at it in WhatsApp Manager.';
const REGISTER = 'Register it: channelctl whatsapp register <account>';
const APPEAL = 'See the reason, and ask for a review, in WhatsApp Manager.';

function error([message, hint]: Wording): FieldProblem {
  return { severity: 'error', message, hint };
}

function warning([message, hint]: Wording): FieldProblem {
  return { severity: 'warning', message, hint };
}

/** A value that is newer than this program: Meta's enumerations grow. */
function unknownValue(what: string, value: string): FieldProblem {
  return warning([`Meta says something new of ${what}: ${value}.`, CHECK_MANAGER]);
}

/** Meta writes some enumerations in capitals and some not, and omits fields. */
function normalize(value: string | null | undefined): string | null {
  return value ? value.toUpperCase() : null;
}

const STATUS: Readonly<Record<string, Wording>> = {
  PENDING: ['The number is not registered yet: its status is PENDING.', REGISTER],
  DISCONNECTED: ['The number is not registered: its status is DISCONNECTED.', REGISTER],
  UNVERIFIED: [
    'The number is not verified: its status is UNVERIFIED.',
    `Verify it in WhatsApp Manager, by SMS or voice call. ${REGISTER}`,
  ],
  FLAGGED: [
    'The number is flagged: its quality has been low for a while.',
    'Send less, and only what people asked for, until the quality is back; WhatsApp Manager shows what they object to.',
  ],
  RESTRICTED: [
    'The number is restricted: it has used up its conversations, or broke a policy.',
    'Wait until the limit is over; WhatsApp Manager says how long, and takes appeals.',
  ],
  RATE_LIMITED: [
    'The number is rate limited: it sends more than it may.',
    'Send less for a while; WhatsApp Manager shows the limit.',
  ],
  BANNED: ['The number is banned for a breach of policy.', APPEAL],
  MIGRATED: [
    'The number has moved to another WhatsApp Business Account.',
    'Connect it again with the id and the token of that account.',
  ],
  DELETED: [
    'The number was deleted from the WhatsApp Business Account.',
    'Add it again in WhatsApp Manager, or forget it: channelctl accounts delete <account>',
  ],
};

/**
 * The statuses of numbers to register. Any other number was registered once, and registering a
 * restricted one again does not help; Meta limits the calls.
 */
const NOT_REGISTERED: readonly string[] = ['PENDING', 'DISCONNECTED'];

export function isUnregistered({ status }: Pick<PhoneNumber, 'status'>): boolean {
  return NOT_REGISTERED.includes(normalize(status) ?? '');
}

function status(number: PhoneNumber): FieldProblem | null {
  const value = normalize(number.status);
  if (value === 'CONNECTED') return null;
  if (value === null) return warning(["Meta does not tell the number's status.", CHECK_MANAGER]);
  return error(STATUS[value] ?? [`The number's status is ${value}, not CONNECTED.`, CHECK_MANAGER]);
}

function quality({ quality_rating }: PhoneNumber): FieldProblem | null {
  const value = normalize(quality_rating);
  if (value === null || ['GREEN', 'NA', 'UNKNOWN'].includes(value)) return null;
  const hint = 'Send only what people asked for: WhatsApp Manager shows what they object to.';
  if (value === 'RED') return error(["The number's quality is low (RED).", hint]);
  if (value === 'YELLOW') return warning(["The number's quality is medium (YELLOW).", hint]);
  return unknownValue("the number's quality", value);
}

function codeVerification({ code_verification_status }: PhoneNumber): FieldProblem | null {
  const value = normalize(code_verification_status);
  const hint = 'Verify it in WhatsApp Manager, by SMS or voice call.';
  switch (value) {
    case null:
    case 'VERIFIED':
      return null;
    case 'UNVERIFIED':
    case 'NOT_VERIFIED':
      return warning([`The number was never verified by code (${value}).`, hint]);
    case 'EXPIRED':
      return warning(["The number's verification by code has expired.", hint]);
    default:
      return unknownValue("the number's verification", value);
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
      return warning(['Meta declined the display name.', 'Ask for another in WhatsApp Manager.']);
    case 'EXPIRED':
      return warning([
        "The display name's certificate has expired.",
        'Ask for the name again in WhatsApp Manager.',
      ]);
    case 'PENDING_REVIEW':
      return warning(['The display name is under review.', 'Wait for Meta: it takes some days.']);
    default:
      return unknownValue('the display name', value);
  }
}

function messagingLimit({ messaging_limit_tier }: PhoneNumber): FieldProblem | null {
  const value = normalize(messaging_limit_tier);
  if (value === null || /^TIER_(\d+K?|UNLIMITED|NOT_SET)$/.test(value)) return null;
  return unknownValue('the messaging limit', value);
}

function accountReview({ account_review_status }: Waba): FieldProblem | null {
  const value = normalize(account_review_status);
  switch (value) {
    case null:
    case 'APPROVED':
      return null;
    case 'REJECTED':
      return error(['Meta rejected the WhatsApp Business Account in its review.', APPEAL]);
    case 'PENDING':
      return warning([
        'The WhatsApp Business Account is under review.',
        'Wait for Meta: it takes a day or two.',
      ]);
    case 'RESTRICTED':
      return warning(['The WhatsApp Business Account is restricted after its review.', APPEAL]);
    case 'LIMIT_REACHED':
      return warning([
        'A limit holds up the review of the WhatsApp Business Account.',
        CHECK_MANAGER,
      ]);
    default:
      return unknownValue('the review of the WhatsApp Business Account', value);
  }
}

const VERIFY = 'Verify the business in the Security Center of Meta Business Suite.';

const VERIFICATION: Readonly<Record<string, string>> = {
  UNVERIFIED: 'The business is not verified.',
  NOT_VERIFIED: 'The business is not verified.',
  EXPIRED: 'The verification of the business has expired.',
  REVOKED: 'The verification of the business was revoked.',
  REJECTED: 'Meta rejected the verification of the business.',
  FAILED: 'The verification of the business failed.',
  INELIGIBLE: 'The business can not be verified.',
  PENDING: 'The verification of the business is under review.',
  PENDING_NEED_MORE_INFO: 'The verification of the business waits for more information from you.',
  PENDING_SUBMISSION: 'The verification of the business was not handed in yet.',
};

function businessVerification({ business_verification_status }: Waba): FieldProblem | null {
  const value = normalize(business_verification_status);
  if (value === null || value === 'VERIFIED') return null;
  const message = VERIFICATION[value];
  if (message === undefined) return unknownValue('the verification of the business', value);
  return warning([message, value === 'PENDING' ? 'Wait for Meta.' : VERIFY]);
}

export const NUMBER_RULES: readonly Rule<PhoneNumber>[] = [
  status,
  quality,
  codeVerification,
  displayName,
  messagingLimit,
];

export const WABA_RULES: readonly Rule<Waba>[] = [accountReview, businessVerification];
