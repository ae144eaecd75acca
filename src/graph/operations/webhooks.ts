import { z } from 'zod';
import { operation } from './operation.ts';
import { successFlag } from './shapes.ts';

/** What an app-level subscription is about, by Meta's names. */
export const webhookObject = z.enum(['whatsapp_business_account', 'page', 'instagram']);

/** Where an app's webhooks go. Every account of the app shares it. */
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

  /** Sets address and fields for one object; Meta calls the address with the handshake at once. */
  setAppSubscription: operation({
    purpose: "set the app's webhook address",
    service: 'graph',
    method: 'POST',
    path: '/{app_id}/subscriptions',
    token: 'app',
    parameters: z.strictObject({
      app_id: z.string(),
      object: webhookObject,
      callback_url: z.string(),
      verify_token: z.string(),
      /** Names with commas between them; those that are left out are subscribed no more. */
      fields: z.string(),
    }),
    sends: 'json',
    answer: successFlag,
    permission: null,
    repeatable: true,
  }),

  deleteAppSubscription: operation({
    purpose: "remove the app's webhook address",
    service: 'graph',
    method: 'DELETE',
    path: '/{app_id}/subscriptions',
    token: 'app',
    parameters: z.strictObject({ app_id: z.string(), object: webhookObject }),
    sends: 'query',
    answer: successFlag,
    permission: null,
    repeatable: true,
  }),
};
