import { z } from 'zod';
import { operation } from './operation.ts';
import { successFlag } from './shapes.ts';

export const webhookObject = z.enum(['whatsapp_business_account', 'page', 'instagram']);

export const webhooks = {
  listAppSubscriptions: operation({
    purpose: "read the app's webhook subscriptions",
    service: 'graph',
    method: 'GET',
    path: '/{app_id}/subscriptions',
    token: 'app',
    parameters: z.strictObject({ app_id: z.string() }),
    sends: 'query',
    answer: z.looseObject({
      data: z.array(
        z.looseObject({
          object: z.string(),
          callback_url: z.string().nullish(),
          active: z.boolean().nullish(),
          fields: z
            .array(
              z.union([
                z.string(),
                z.looseObject({ name: z.string(), version: z.string().nullish() }),
              ]),
            )
            .nullish(),
        }),
      ),
    }),
    permission: null,
    repeatable: true,
  }),

  /** Sets the callback URL and fields of one object. Meta verifies the URL immediately. */
  setAppSubscription: operation({
    purpose: "set the app's webhook URL",
    service: 'graph',
    method: 'POST',
    path: '/{app_id}/subscriptions',
    token: 'app',
    parameters: z.strictObject({
      app_id: z.string(),
      object: webhookObject,
      callback_url: z.string(),
      verify_token: z.string(),
      /**
       * Comma-separated names. Send all of them: Meta's documentation contradicts itself on whether
       * omitted fields are unsubscribed.
       */
      fields: z.string().optional(),
    }),
    sends: 'json',
    answer: successFlag,
    permission: null,
    repeatable: true,
  }),

  deleteAppSubscription: operation({
    purpose: "delete the app's webhook subscription",
    service: 'graph',
    method: 'DELETE',
    path: '/{app_id}/subscriptions',
    token: 'app',
    parameters: z.strictObject({
      app_id: z.string(),
      /**
       * Always send the object: if it is omitted, Meta deletes the subscriptions of all objects.
       */
      object: webhookObject.optional(),
      /** The comma-separated names of the fields to unsubscribe; all fields if omitted. */
      fields: z.string().optional(),
    }),
    sends: 'query',
    answer: successFlag,
    permission: null,
    repeatable: true,
  }),
};
