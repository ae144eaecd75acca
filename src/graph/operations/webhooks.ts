import { z } from 'zod';
import { operation } from './operation.ts';
import { successFlag } from './shapes.ts';

/** The object of an app-level subscription, by Meta's names. */
export const webhookObject = z.enum(['whatsapp_business_account', 'page', 'instagram']);

/** The app-level webhook subscription, which all accounts of the app share. */
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

  /** Sets the callback URL and the fields of one object; Meta verifies the URL at once. */
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
      /** Comma-separated names; other fields are unsubscribed. */
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
