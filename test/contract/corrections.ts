/**
 * Corrections to Meta's OpenAPI description of the WhatsApp Business API, of which whatsapp.json is
 * an excerpt. Meta's reference and its real responses outrank the description.
 */
import { count, type Facts, flag, id, listOf, object, text, words } from './facts.ts';

export interface Correction {
  calls: readonly string[];
  /** The part of the call: its parameters, or the fields of the object or list item it returns. */
  of: 'parameters' | 'fields';
  facts?: Facts;
  removed?: readonly string[];
  reason: string;
}

const NUMBER = 'GET graph.facebook.com/{version}/{phone_number_id}';
const NUMBERS = 'GET graph.facebook.com/{version}/{waba_id}/phone_numbers';
const WABA = 'GET graph.facebook.com/{version}/{waba_id}';
const SUBSCRIPTIONS = 'GET graph.facebook.com/{version}/{waba_id}/subscribed_apps';

const OWNED = 'GET graph.facebook.com/{version}/{business_id}/owned_whatsapp_business_accounts';
const CLIENT = 'GET graph.facebook.com/{version}/{business_id}/client_whatsapp_business_accounts';

const SENDABLE = words('AVAILABLE', 'LIMITED', 'BLOCKED');

const HEALTH = object({
  can_send_message: SENDABLE,
  entities: listOf(
    object({
      entity_type: words('PHONE_NUMBER', 'WABA', 'BUSINESS', 'APP'),
      id,
      can_send_message: SENDABLE,
      can_receive_call_sip: SENDABLE,
      errors: listOf(
        object({ error_code: count, error_description: text, possible_solution: text }),
      ),
      additional_info: listOf(text),
    }),
  ),
});

const PORTFOLIO_LIMITS = [
  ...['TIER_250', 'TIER_2K', 'TIER_10K', 'TIER_100K', 'TIER_UNLIMITED', 'UNTIERED'],
];

const NODE_STATUSES = [
  ...['CONNECTED', 'PENDING', 'FLAGGED', 'RESTRICTED', 'RATE_LIMITED', 'BANNED', 'DISCONNECTED'],
  ...['UNVERIFIED', 'DELETED', 'MIGRATED'],
];

const NAME_STATUSES = [
  ...['APPROVED', 'AVAILABLE_WITHOUT_REVIEW', 'PENDING_REVIEW', 'DECLINED', 'EXPIRED', 'NONE'],
];

export const CORRECTIONS: readonly Correction[] = [
  {
    calls: [NUMBER],
    of: 'fields',
    facts: { status: words(...NODE_STATUSES) },
    reason: 'the reference of a number',
  },
  {
    calls: [NUMBERS],
    of: 'fields',
    facts: { status: words(...NODE_STATUSES, 'LINKED', 'UNLINKED') },
    reason: 'lists use the words of the number; only the description has LINKED and UNLINKED',
  },
  {
    calls: [NUMBER, NUMBERS],
    of: 'fields',
    facts: {
      quality_rating: words('GREEN', 'YELLOW', 'RED', 'NA', 'UNKNOWN'),
      code_verification_status: words('VERIFIED', 'NOT_VERIFIED', 'UNVERIFIED', 'EXPIRED'),
    },
    reason: 'real responses, and the examples of the description',
  },
  {
    calls: [NUMBER, NUMBERS],
    of: 'fields',
    facts: {
      platform_type: words('CLOUD_API', 'ON_PREMISE', 'NOT_APPLICABLE'),
      throughput: object({ level: words('STANDARD', 'HIGH', 'NOT_APPLICABLE') }),
      new_display_name: text,
      new_name_status: words(...NAME_STATUSES),
      last_onboarded_time: text,
      certificate: text,
      is_pin_enabled: flag,
      search_visibility: words('VISIBLE', 'NON_VISIBLE'),
      conversational_automation: { type: 'object' },
      health_status: HEALTH,
    },
    reason: 'the reference of a number',
  },
  {
    calls: [NUMBER, NUMBERS],
    of: 'fields',
    facts: { is_on_biz_app: flag },
    reason: 'the guide to coexistence',
  },
  {
    calls: [NUMBER, NUMBERS],
    of: 'fields',
    facts: {
      webhook_configuration: object({
        phone_number: text,
        whatsapp_business_account: text,
        application: text,
      }),
    },
    reason: 'the guide to webhook overrides',
  },
  {
    calls: [NUMBER, NUMBERS],
    of: 'fields',
    facts: {
      messaging_limit_tier: words(
        ...['TIER_50', 'TIER_250', 'TIER_1K', 'TIER_10K', 'TIER_100K', 'TIER_UNLIMITED'],
        null,
      ),
      whatsapp_business_manager_messaging_limit: words(...PORTFOLIO_LIMITS),
    },
    reason: 'limits are those of the business portfolio, and the old field is null',
  },
  {
    calls: [NUMBER],
    of: 'fields',
    facts: {
      account_mode: words('LIVE', 'SANDBOX'),
      host_platform: words('CLOUD_API', 'ON_PREMISE', 'NOT_APPLICABLE'),
      unified_cert_status: words(
        ...['APPROVED', 'NAME_PENDING_REVIEW', 'NAME_NOT_APPROVED', 'ACCOUNT_REVIEW_NOT_STARTED'],
        'LIMITED_ACCESS',
      ),
      country_code: text,
      country_dial_code: text,
      is_official_business_account: flag,
      username: text,
    },
    reason: 'a number has the fields of the list of numbers',
  },
  {
    calls: [NUMBERS],
    of: 'fields',
    facts: { name_status: words(...NAME_STATUSES) },
    reason: 'the list has the fields of a number',
  },
  {
    calls: [OWNED],
    of: 'parameters',
    facts: { fields: text, limit: { type: 'integer', minimum: 1, maximum: 100 } },
    reason: 'as in the list of shared WABAs',
  },
  {
    calls: [OWNED, CLIENT],
    of: 'parameters',
    facts: {
      filtering: text,
      sort: words('creation_time_ascending', 'creation_time_descending'),
    },
    reason: 'the guide to managing accounts',
  },
  {
    calls: [WABA, OWNED, CLIENT],
    of: 'fields',
    facts: {
      message_template_namespace: text,
      creation_time: count,
      status: text,
      owner_business_info: object({ id, name: text }),
      is_shared_with_partners: flag,
      health_status: HEALTH,
      primary_funding_id: text,
      primary_business_location: text,
      template_auto_archival_enabled: flag,
      disable_marketing_messages_on_cloud_api: flag,
      auth_international_rate_eligibility: { type: 'object' },
      whatsapp_business_manager_messaging_limit: words(...PORTFOLIO_LIMITS),
    },
    reason: 'the reference of a WABA',
  },
  {
    calls: [WABA, OWNED, CLIENT],
    of: 'fields',
    facts: {
      business_verification_status: words(
        ...['expired', 'failed', 'ineligible', 'not_verified', 'pending', 'pending_need_more_info'],
        ...['pending_submission', 'rejected', 'revoked', 'verified'],
        ...['VERIFIED', 'UNVERIFIED', 'PENDING', 'REJECTED'],
      ),
    },
    reason: 'real responses are in lower case',
  },
  {
    calls: [SUBSCRIPTIONS],
    of: 'fields',
    facts: {
      whatsapp_business_api_data: object({ id, name: text, link: text }),
      override_callback_uri: text,
    },
    removed: ['id', 'name'],
    reason: 'real responses, and the examples of the description',
  },
  {
    calls: ['POST graph.facebook.com/{version}/{phone_number_id}'],
    of: 'parameters',
    facts: { pin: { type: 'string', pattern: '^\\d{6}$' } },
    reason: 'a PIN has six digits, and two-step verification cannot be turned off with the API',
  },
  {
    calls: ['POST graph.facebook.com/{version}/{waba_id}/subscribed_apps'],
    of: 'parameters',
    facts: { override_callback_uri: { type: 'string', maxLength: 200 } },
    reason: 'the guide to webhook overrides',
  },
];
