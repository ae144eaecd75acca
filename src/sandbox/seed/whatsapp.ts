import { z } from 'zod';
import { callbackUrl, id, pin, secret } from './parts.ts';

const DEFAULT_BUSINESS = '1045233980715604';
const DEFAULT_PIN = '204816';

/** Messaging health as Meta says it; made up from the rest where it is absent. */
const healthStatus = z
  .looseObject({
    can_send_message: z.string(),
    entities: z.array(z.looseObject({ entity_type: z.string() })).default([]),
  })
  .optional();

/** Meta's enumerations grow, so every status may be any word. */
const phoneNumber = z.strictObject({
  id,
  /** Made from the id where it is absent. */
  display_phone_number: z.string().optional(),
  /** The name of the WABA where it is absent. */
  verified_name: z.string().optional(),
  /** Whether it is registered for the Cloud API. */
  registered: z.boolean().default(true),
  /** CONNECTED where it is registered, else PENDING. */
  status: z.string().optional(),
  quality_rating: z.string().default('GREEN'),
  /** Anything but VERIFIED makes a register call fail with 133006. */
  code_verification_status: z.string().default('VERIFIED'),
  name_status: z.string().default('APPROVED'),
  messaging_limit_tier: z.string().default('TIER_1K'),
  health_status: healthStatus,
  /** The PIN of two-step verification, null where it is off. The common one where it is absent. */
  pin: pin.nullable().optional(),
  /** Where its webhooks go in place of the WABA's address and the app's. */
  webhook_override: callbackUrl.optional(),
  /** Register calls that were made just before the start. */
  register_calls: z.int().min(0).default(0),
  /** Was deleted elsewhere just before the start: for five minutes a register call meets 133015. */
  recently_deleted: z.boolean().default(false),
});

const subscribedApp = z.strictObject({
  id,
  /** That of the app of this id where it is absent. */
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
  business_verification_status: z.string().default('VERIFIED'),
  ownership_type: z.string().default('CLIENT_OWNED'),
  health_status: healthStatus,
  /** Locked by Meta: a register call meets 131031. */
  locked: z.boolean().default(false),
  /** Apps that are subscribed to its webhooks from the start. */
  subscribed_apps: z.array(subscribedApp).default([]),
  /** A token of its own. Without one it belongs to the common token. */
  business_token: secret,
  numbers: z.array(phoneNumber).default([]),
});

const DEFAULT_WABA: z.input<typeof waba> = {
  id: '1045822094417306',
  name: 'Aldersey Trading',
  numbers: [
    {
      id: '1045390276615528',
      display_phone_number: '+1 631-555-0110',
      verified_name: 'Aldersey Trading',
      registered: false,
      quality_rating: 'NA',
    },
    {
      id: '1045390276615529',
      display_phone_number: '+1 631-555-0111',
      verified_name: 'Aldersey Support',
    },
    {
      id: '1045390276615530',
      display_phone_number: '+44 20 7946 0112',
      verified_name: 'Aldersey UK',
      registered: false,
      quality_rating: 'NA',
      pin: null,
    },
  ],
};

/** WhatsApp Business Accounts and their numbers. The first number of the first one is printed. */
export const whatsappSeed = z.strictObject({
  /** The PIN of every number that has none of its own. */
  pin: pin.default(DEFAULT_PIN),
  /** Valid for every WABA that has no token of its own. */
  business_token: secret,
  wabas: z.array(waba).min(1).prefault([DEFAULT_WABA]),
});

export type WhatsappSeed = z.output<typeof whatsappSeed>;
export type WabaSeed = WhatsappSeed['wabas'][number];
export type PhoneNumberSeed = WabaSeed['numbers'][number];
