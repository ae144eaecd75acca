import { z } from 'zod';
import { operation } from '../operation.ts';
import { graphId, listOf, paging, success } from './shapes.ts';

/** Messaging health of a number, WABA, business or app. LIMITED can still send. */
const healthStatus = z.looseObject({
  can_send_message: z.string().nullish(),
  entities: z
    .array(
      z.looseObject({
        entity_type: z.string(),
        id: graphId.nullish(),
        can_send_message: z.string().nullish(),
        errors: z
          .array(
            z.looseObject({
              error_code: z.number().nullish(),
              error_description: z.string().nullish(),
              possible_solution: z.string().nullish(),
            }),
          )
          .nullish(),
        additional_info: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

const phoneNumber = z.looseObject({
  id: graphId,
  display_phone_number: z.string().nullish(),
  verified_name: z.string().nullish(),
  quality_rating: z.string().nullish(),
  code_verification_status: z.string().nullish(),
  name_status: z.string().nullish(),
  status: z.string().nullish(),
  platform_type: z.string().nullish(),
  messaging_limit_tier: z.string().nullish(),
  health_status: healthStatus.nullish(),
  /** The addresses that are set at each level; the first one of them is called. */
  webhook_configuration: z
    .looseObject({
      phone_number: z.string().nullish(),
      whatsapp_business_account: z.string().nullish(),
      application: z.string().nullish(),
    })
    .nullish(),
});

const phoneNumberOrder = z.enum([
  'creation_time.asc',
  'creation_time.desc',
  'last_onboarded_time.asc',
  'last_onboarded_time.desc',
]);

const waba = z.looseObject({
  id: graphId,
  name: z.string().nullish(),
  account_review_status: z.string().nullish(),
  business_verification_status: z.string().nullish(),
  health_status: healthStatus.nullish(),
});

/** Where Meta can be asked to keep messages. */
const REGIONS = [
  ...['AE', 'AU', 'BH', 'BR', 'CA', 'CH', 'DE'],
  ...['GB', 'ID', 'IN', 'JP', 'KR', 'SG', 'ZA'],
] as const;

/** The WhatsApp Business API: numbers, WABAs and their webhook subscriptions. */
export const whatsapp = {
  getPhoneNumber: operation({
    purpose: 'read the phone number',
    service: 'graph',
    method: 'GET',
    path: '/{phone_number_id}',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({ phone_number_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: phoneNumber,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  getWaba: operation({
    purpose: 'read the WhatsApp Business Account',
    service: 'graph',
    method: 'GET',
    path: '/{waba_id}',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({ waba_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: waba,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  listPhoneNumbers: operation({
    purpose: "list the WABA's phone numbers",
    service: 'graph',
    method: 'GET',
    path: '/{waba_id}/phone_numbers',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({
      waba_id: z.string(),
      fields: z.string().optional(),
      ...paging,
      limit: z.number().int().min(1).max(100).optional(),
      /** Conditions on account_mode, messaging_limit_tier or is_official_business_account, as JSON. */
      filtering: z.string().optional(),
      sort: phoneNumberOrder.optional(),
    }),
    sends: 'query',
    answer: listOf(phoneNumber),
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  listWabaSubscriptions: operation({
    purpose: "read the WABA's webhook subscriptions",
    service: 'graph',
    method: 'GET',
    path: '/{waba_id}/subscribed_apps',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({ waba_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: z.looseObject({
      data: z.array(
        z.looseObject({
          whatsapp_business_api_data: z
            .looseObject({
              id: graphId.nullish(),
              name: z.string().nullish(),
              link: z.string().nullish(),
            })
            .nullish(),
          override_callback_uri: z.string().nullish(),
        }),
      ),
    }),
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  /** Subscribes the app to a WABA's webhooks. With an override Meta calls that address at once. */
  subscribeWaba: operation({
    purpose: "subscribe the app to the WABA's webhooks",
    service: 'graph',
    method: 'POST',
    path: '/{waba_id}/subscribed_apps',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({
      waba_id: z.string(),
      override_callback_uri: z.string().optional(),
      verify_token: z.string().optional(),
    }),
    sends: 'json',
    answer: success,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  unsubscribeWaba: operation({
    purpose: "unsubscribe the app from the WABA's webhooks",
    service: 'graph',
    method: 'DELETE',
    path: '/{waba_id}/subscribed_apps',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({ waba_id: z.string() }),
    sends: 'query',
    answer: success,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  /** Registers a number. Ten calls in 72 hours lock it for 72 more: never sent twice. */
  registerPhoneNumber: operation({
    purpose: 'register the phone number',
    service: 'graph',
    method: 'POST',
    path: '/{phone_number_id}/register',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({
      phone_number_id: z.string(),
      messaging_product: z.literal('whatsapp'),
      pin: z.string(),
      /** Of a number that moves here from another installation. */
      backup: z
        .looseObject({ password: z.string().optional(), data: z.string().optional() })
        .optional(),
      tier: z.enum(['PROD', 'SANDBOX']).optional(),
      data_localization_region: z.enum(REGIONS).optional(),
      meta_store_retention_minutes: z.literal(60).optional(),
    }),
    sends: 'json',
    answer: success,
    permission: 'whatsapp_business_management',
    repeatable: false,
  }),

  deregisterPhoneNumber: operation({
    purpose: 'deregister the phone number',
    service: 'graph',
    method: 'POST',
    path: '/{phone_number_id}/deregister',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({ phone_number_id: z.string() }),
    sends: 'json',
    answer: success,
    permission: 'whatsapp_business_management',
    repeatable: false,
  }),

  /** Sets the PIN of two-step verification, six digits. */
  setTwoStepPin: operation({
    purpose: 'set the PIN of two-step verification',
    service: 'graph',
    method: 'POST',
    path: '/{phone_number_id}',
    versioned: true,
    token: 'business',
    parameters: z.strictObject({ phone_number_id: z.string(), pin: z.string() }),
    sends: 'json',
    answer: success,
    permission: 'whatsapp_business_management',
    repeatable: false,
  }),
};
