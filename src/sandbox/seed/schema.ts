import { z } from 'zod';
import { webhookObject } from '../../graph/operations/webhooks.ts';
import { callbackUrlError } from '../handlers/webhooks.ts';
import { faultSchema } from '../http/faults.ts';
import { LOOPBACK } from '../oauth/redirect-uris.ts';
import { business, usage } from './business-schema.ts';
import {
  ALL_TASKS,
  BUSINESS_PERMISSIONS,
  DEFAULT_APP,
  DEFAULT_BUSINESS,
  DEFAULT_INSTAGRAM_ACCOUNT,
  DEFAULT_INSTAGRAM_APP_ID,
  DEFAULT_PAGES,
  DEFAULT_PIN,
  DEFAULT_WABA,
} from './defaults.ts';
import { id } from './id-schema.ts';

const pin = z.string().regex(/^\d{6}$/, 'a PIN must be six digits, in quotes');

const secret = z.string().min(1).optional();

const callbackUrl = z.string().refine((url) => callbackUrlError(url) === null, {
  error: ({ input }) => callbackUrlError(String(input)) ?? '',
});

/** ISO 8601, because it is parsed with `Date.parse`. */
const time = z.iso.datetime({
  offset: true,
  error: 'must be an ISO 8601 time such as 2026-05-01T08:00:00Z',
});

/** A Page, and the user's tasks on it; null if Meta omits the tasks. */
const pageRole = z.strictObject({
  id,
  tasks: z
    .array(z.string())
    .nullable()
    .default([...ALL_TASKS]),
});

/**
 * A configuration of Facebook Login for Business that issues the token of a system user of a
 * business portfolio, instead of a user token.
 */
const systemUserConfig = z.strictObject({
  id: z.string(),
  business_id: id,
  pages: z.array(pageRole),
  /** Whether the token expires after 60 days. */
  expires: z.boolean().default(false),
});

const app = z.strictObject({
  id,
  secret,
  name: z.string().min(1),
  mode: z.enum(['development', 'live']).default('development'),
  /**
   * Redirect URIs, compared exactly, in addition to `http://localhost` in development mode.
   * `loopback` means any loopback URI.
   */
  redirect_uris: z.array(z.string()).default([]),
  require_proof: z.boolean().default(false),
  /** Configurations of Facebook Login for Business. If empty, any `config_id` is accepted. */
  config_ids: z.array(z.string()).default([]),
  system_user_configs: z.array(systemUserConfig).default([]),
  /**
   * Whether the fields of a new app-level subscription replace the old fields or are added to them.
   */
  webhook_fields: z.enum(['replace', 'add']).default('replace'),
  /**
   * The rate limit of the app, in calls per hour; none if omitted. Responses report its usage in
   * `X-App-Usage`, and each call of a batch request counts.
   */
  calls_per_hour: z.int().positive().optional(),
});

/**
 * The IDs of the objects for which each permission was granted. An omitted permission applies to
 * all objects of the token. If a list is empty, Meta omits the objects, which also means all.
 */
const tokenTargets = z.record(z.string(), z.array(id)).optional();

const subscribedFields = z
  .array(z.strictObject({ id, subscribed_fields: z.array(z.string()) }))
  .default([]);

const page = z.strictObject({
  id,
  name: z.string().min(1),
  category: z.string().optional(),
  /** Whether `/me/accounts` lists the Page. Pages of business portfolios can be missing from it. */
  in_accounts: z.boolean().default(true),
  /** Whether the name is omitted. Meta omits it if the token is not allowed to read it. */
  is_unnamed: z.boolean().default(false),
  whitelisted_domains: z.array(z.string()).default([]),
  /** Expiry of the token issued at startup. If omitted, the token never expires. */
  token_expires_at: time.optional(),
  /**
   * When the data access of this token expires: null for never; if omitted, 90 days after startup.
   */
  token_data_access_expires_at: time.nullable().optional(),
  /** The app that issued this token; the first app if omitted. */
  token_app_id: id.optional(),
  token_targets: tokenTargets,
  subscribed_apps: subscribedFields,
});

const person = z.strictObject({
  id,
  name: z.string().min(1),
  pages: z.array(pageRole),
  declined_permissions: z.array(z.string()).default([]),
});

/** Messaging health in Meta's format; derived from the other fields if omitted. */
const healthStatus = z
  .looseObject({
    can_send_message: z.string(),
    entities: z.array(z.looseObject({ entity_type: z.string() })).default([]),
  })
  .optional();

/** Statuses can be any string, because Meta adds new ones. */
const phoneNumber = z.strictObject({
  id,
  /** If omitted, derived from the ID. */
  display_phone_number: z.string().optional(),
  /** Defaults to the name of the WABA. */
  verified_name: z.string().optional(),
  registered: z.boolean().default(true),
  /** By default, CONNECTED for a registered number and PENDING for any other. */
  status: z.string().optional(),
  /** The status in the WABA's list of numbers; `status` if omitted, none if null. */
  listed_status: z.string().nullable().optional(),
  quality_rating: z.string().default('GREEN'),
  /** With any value except VERIFIED, a register call fails with 133006. */
  code_verification_status: z.string().default('VERIFIED'),
  name_status: z.string().default('APPROVED'),
  /** Deprecated: null in new Graph API versions. */
  messaging_limit_tier: z.string().nullable().default(null),
  /** The limit of the business portfolio; null in old Graph API versions. */
  whatsapp_business_manager_messaging_limit: z.string().nullable().default('TIER_2K'),
  health_status: healthStatus,
  /** Whether the number cannot receive calls through SIP. Messaging is not affected. */
  sip_error: z.boolean().default(false),
  /**
   * Coexistence: the number is in the WhatsApp Business app and cannot be registered or
   * deregistered.
   */
  is_on_biz_app: z.boolean().default(false),
  /** Meta's reason to refuse a register call for an unregistered number. */
  register_refusal: z.enum(['in_use', 'two_step', 'payment_method']).optional(),
  /** The two-step verification PIN; null if it is off, and `whatsapp.pin` if omitted. */
  pin: pin.nullable().optional(),
  /** The first app's webhook URL for the number, which overrides those of the WABA and the app. */
  webhook_override: callbackUrl.optional(),
  /**
   * Whether the override cannot be changed, because the token's system user cannot manage the WABA.
   */
  webhook_override_denied: z.boolean().default(false),
  register_calls: z.int().min(0).default(0),
  /**
   * Whether the number was deleted elsewhere just before startup. If so, register calls fail with
   * 133015 for five minutes.
   */
  recently_deleted: z.boolean().default(false),
});

const subscribedApp = z.strictObject({
  id,
  /** If omitted, the name of the app with this ID. */
  name: z.string().optional(),
  override_callback_uri: callbackUrl.optional(),
});

const waba = z.strictObject({
  id,
  name: z.string().min(1).default('Sandbox WABA'),
  business_id: id.default(DEFAULT_BUSINESS),
  currency: z.string().default('USD'),
  timezone_id: z.string().default('1'),
  country: z.string().default('US'),
  message_template_namespace: z.string().default('ba30dd89_2ebd_41e4_b805_f2c05ae04cc9'),
  account_review_status: z.string().default('APPROVED'),
  business_verification_status: z.string().default('verified'),
  ownership_type: z.string().default('CLIENT_OWNED'),
  health_status: healthStatus,
  /**
   * Whether Meta has locked the WABA. If so, a register call fails with 131031. If `hidden`, no
   * field shows it.
   */
  locked: z.union([z.boolean(), z.literal('hidden')]).default(false),
  subscribed_apps: z.array(subscribedApp).default([]),
  /** If omitted, `whatsapp.business_token` is valid for the WABA. */
  business_token: secret,
  numbers: z.array(phoneNumber).default([]),
});

const whatsappSeed = z.strictObject({
  pin: pin.default(DEFAULT_PIN),
  business_token: secret,
  /** When the business tokens that are valid at startup expire; never if omitted. */
  business_token_expires_at: time.optional(),
  business_permissions: z.array(z.string()).default([...BUSINESS_PERMISSIONS]),
  /** The app that issued the business tokens that are valid at startup; the first app if omitted. */
  business_token_app_id: id.optional(),
  business_token_targets: tokenTargets,
  /** Whether the business tokens of Embedded Signup expire after 60 days. */
  signup_tokens_expire: z.boolean().default(false),
  /** Whether the message of Embedded Signup has `waba_ids` instead of `waba_id`. */
  signup_waba_ids: z.boolean().default(false),
  /** Whether Embedded Signup tokens are valid for all WABAs, with the chosen one as the newest. */
  signup_grants_all: z.boolean().default(false),
  /** Number and WABA fields that Meta has removed; a request for one fails. */
  removed_fields: z.array(z.string()).default([]),
  wabas: z.array(waba).min(1).prefault([DEFAULT_WABA]),
});

const instagramAccount = z.strictObject({
  /** The ID of the professional account, as `/me` returns it. */
  user_id: id,
  /** The app-scoped ID, which the code exchange also calls `user_id`. */
  app_scoped_id: id,
  username: z.string().min(1),
  name: z.string().min(1),
  account_type: z.string().default('BUSINESS'),
  profile_picture_url: z.string().default('https://scontent.example/profile.jpg'),
  subscribed_apps: subscribedFields,
  /**
   * How Instagram reports that the account has no accepted tester role: in the callback, or only on
   * its own page, or in the responses to calls. If omitted, the account has the role.
   */
  tester_refusal: z.enum(['callback', 'page', 'calls']).optional(),
  access_token: secret,
  /** When the token was issued; if omitted, at startup. */
  token_issued_at: time.optional(),
  /** If omitted, 60 days after the token was issued. */
  token_expires_at: time.optional(),
});

const instagramSeed = z.strictObject({
  app_id: id.default(DEFAULT_INSTAGRAM_APP_ID),
  app_secret: secret,
  app_name: z.string().min(1).default('Sandbox Desk-IG'),
  /** HTTPS URIs, compared exactly. `loopback` means any loopback URI. */
  redirect_uris: z.array(z.string()).default([LOOPBACK]),
  /** The format of the code exchange's response; Meta documents two. */
  code_answer: z.enum(['plain', 'data']).default('plain'),
  /** Whether the code exchange returns `user_id` as a bare JSON number, which can exceed 2^53. */
  bare_user_id: z.boolean().default(true),
  /** The code with which graph.facebook.com rejects the ID and secret of the app. */
  app_token_error: z.union([z.literal(190), z.literal(101)]).default(190),
  accounts: z.array(instagramAccount).min(1).prefault([DEFAULT_INSTAGRAM_ACCOUNT]),
});

const webhookSeed = z.strictObject({
  app_id: id,
  object: webhookObject,
  callback_url: callbackUrl,
  fields: z.array(z.string()).default([]),
  active: z.boolean().default(true),
});

/** Unless it is `later_expiry`, a client must not store the token that a renewal returns. */
const renewal = z.enum(['later_expiry', 'invalid', 'other_account']).default('later_expiry');

const renewals = z.strictObject({
  /** For a user token that is already long-lived, which Meta extends only after a new sign-in. */
  user: z.enum(['same_expiry', 'later_expiry', 'invalid']).default('same_expiry'),
  business: renewal,
  instagram: renewal,
});

export const seedFields = z.strictObject({
  apps: z.array(app).min(1).prefault([DEFAULT_APP]),
  pages: z.array(page).prefault(DEFAULT_PAGES),
  /** If omitted, one user with all tasks on all Pages of the seed. */
  people: z.array(person).min(1).optional(),
  businesses: z.array(business).default([]),
  usage: z.array(usage).default([]),
  /** Whether graph.facebook.com returns IDs as bare JSON numbers. */
  bare_ids: z.boolean().default(false),
  whatsapp: whatsappSeed.prefault({}),
  instagram: instagramSeed.prefault({}),
  /** App-level webhook subscriptions. If omitted, only a sandbox with the default apps has any. */
  webhooks: z.array(webhookSeed).optional(),
  token_renewals: renewals.prefault({}),
  faults: z.array(faultSchema).default([]),
});

export type SeedFields = z.output<typeof seedFields>;
export type PersonSeed = z.output<typeof person>;
export type WhatsappSeed = z.output<typeof whatsappSeed>;
export type WabaSeed = WhatsappSeed['wabas'][number];
export type PhoneNumberSeed = WabaSeed['numbers'][number];
export type InstagramSeed = z.output<typeof instagramSeed>;
export type WebhookSeed = z.output<typeof webhookSeed>;
