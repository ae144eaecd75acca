import { z } from 'zod';
import { operation } from './operation.ts';
import { asText, detail, details, graphId, listOf, paging, successFlag } from './shapes.ts';

const healthError = z.looseObject({
  error_code: z.union([z.number(), z.string()]).nullish().catch(undefined),
  error_description: detail,
  possible_solution: detail,
});

const healthEntity = z.looseObject({
  entity_type: detail,
  id: graphId.nullish().catch(undefined),
  can_send_message: detail,
  /** Whether calls can be received through SIP, which does not affect messages. */
  can_receive_call_sip: detail,
  errors: z.array(healthError).nullish().catch(undefined),
  additional_info: details,
});

/**
 * The messaging health of a number, WABA, business or app. If it is LIMITED, messages can still be
 * sent.
 */
const healthStatus = z
  .looseObject({
    can_send_message: detail,
    entities: z.array(healthEntity).nullish().catch(undefined),
  })
  .nullish()
  .catch(({ value }) => ({ can_send_message: asText(value) }));

const phoneNumber = z.looseObject({
  id: graphId,
  display_phone_number: detail,
  verified_name: detail,
  quality_rating: detail,
  code_verification_status: detail,
  name_status: detail,
  status: detail,
  platform_type: detail,
  /** Deprecated, and null in new Graph API versions. */
  messaging_limit_tier: detail,
  whatsapp_business_manager_messaging_limit: detail,
  is_on_biz_app: z.boolean().nullish().catch(undefined),
  health_status: healthStatus,
  /** The callback URL of each level. Meta calls the first one that is set. */
  webhook_configuration: z
    .looseObject({
      phone_number: detail,
      whatsapp_business_account: detail,
      application: detail,
    })
    .nullish()
    .catch(undefined),
});

const phoneNumberOrder = z.enum([
  'creation_time.asc',
  'creation_time.desc',
  'last_onboarded_time.asc',
  'last_onboarded_time.desc',
]);

const waba = z.looseObject({
  id: graphId,
  name: detail,
  account_review_status: detail,
  business_verification_status: detail,
  health_status: healthStatus,
});

const subscribedApp = z.looseObject({
  whatsapp_business_api_data: z
    .looseObject({ id: graphId.nullish().catch(undefined), name: detail, link: detail })
    .nullish()
    .catch(undefined),
  override_callback_uri: detail,
});

const REGIONS = [
  ...['AE', 'AU', 'BH', 'BR', 'CA', 'CH', 'DE'],
  ...['GB', 'ID', 'IN', 'JP', 'KR', 'SG', 'ZA'],
] as const;

export const whatsapp = {
  getPhoneNumber: operation({
    purpose: 'read the phone number',
    service: 'graph',
    method: 'GET',
    path: '/{phone_number_id}',
    token: 'business',
    parameters: z.strictObject({ phone_number_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: phoneNumber,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  getWaba: operation({
    purpose: 'read the WABA',
    service: 'graph',
    method: 'GET',
    path: '/{waba_id}',
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
    token: 'business',
    parameters: z.strictObject({
      waba_id: z.string(),
      fields: z.string().optional(),
      ...paging,
      limit: z.number().int().min(1).max(100).optional(),
      /**
       * Conditions on account_mode, messaging_limit_tier or is_official_business_account, as JSON.
       */
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
    token: 'business',
    parameters: z.strictObject({ waba_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: z.looseObject({ data: z.array(subscribedApp) }),
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  /**
   * Subscribes the app to a WABA's webhooks. Meta verifies an override immediately. If the call
   * contains no override, an existing one is removed.
   */
  subscribeWaba: operation({
    purpose: "subscribe the app to the WABA's webhooks",
    service: 'graph',
    method: 'POST',
    path: '/{waba_id}/subscribed_apps',
    token: 'business',
    parameters: z.strictObject({
      waba_id: z.string(),
      override_callback_uri: z.string().optional(),
      verify_token: z.string().optional(),
    }),
    sends: 'json',
    answer: successFlag,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  unsubscribeWaba: operation({
    purpose: "unsubscribe the app from the WABA's webhooks",
    service: 'graph',
    method: 'DELETE',
    path: '/{waba_id}/subscribed_apps',
    token: 'business',
    parameters: z.strictObject({ waba_id: z.string() }),
    sends: 'query',
    answer: successFlag,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),

  /**
   * Registers a number. The call is never repeated, because Meta blocks the number for 72 hours if
   * there are more than ten calls in 72 hours.
   */
  registerPhoneNumber: operation({
    purpose: 'register the phone number',
    service: 'graph',
    method: 'POST',
    path: '/{phone_number_id}/register',
    token: 'business',
    parameters: z.strictObject({
      phone_number_id: z.string(),
      messaging_product: z.literal('whatsapp'),
      pin: z.string(),
      /**
       * Data of a number that is migrated from another installation, such as the On-Premises API.
       */
      backup: z
        .looseObject({ password: z.string().optional(), data: z.string().optional() })
        .optional(),
      tier: z.enum(['PROD', 'SANDBOX']).optional(),
      data_localization_region: z.enum(REGIONS).optional(),
      meta_store_retention_minutes: z.literal(60).optional(),
    }),
    sends: 'json',
    answer: successFlag,
    permission: 'whatsapp_business_management',
    repeatable: false,
  }),

  deregisterPhoneNumber: operation({
    purpose: 'deregister the phone number',
    service: 'graph',
    method: 'POST',
    path: '/{phone_number_id}/deregister',
    token: 'business',
    parameters: z.strictObject({ phone_number_id: z.string() }),
    sends: 'json',
    answer: successFlag,
    permission: 'whatsapp_business_management',
    repeatable: false,
  }),

  setTwoStepPin: operation({
    purpose: 'set the two-step verification PIN',
    service: 'graph',
    method: 'POST',
    path: '/{phone_number_id}',
    token: 'business',
    parameters: z.strictObject({ phone_number_id: z.string(), pin: z.string() }),
    sends: 'json',
    answer: successFlag,
    permission: 'whatsapp_business_management',
    repeatable: false,
  }),

  /** Sets the number's own webhook URL, which Meta verifies immediately. An empty URL clears it. */
  setNumberWebhook: operation({
    purpose: "change the number's webhook URL",
    service: 'graph',
    method: 'POST',
    path: '/{phone_number_id}',
    token: 'business',
    parameters: z.strictObject({
      phone_number_id: z.string(),
      webhook_configuration: z.strictObject({
        override_callback_uri: z.string(),
        verify_token: z.string().optional(),
      }),
    }),
    sends: 'json',
    answer: successFlag,
    permission: 'whatsapp_business_management',
    repeatable: true,
  }),
};
