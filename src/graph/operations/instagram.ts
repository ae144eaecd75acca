import { z } from 'zod';
import { operation } from './operation.ts';
import { detail, graphId, strings, successFlag, tokenAnswer } from './shapes.ts';

const codeAnswer = z.looseObject({
  access_token: z.string(),
  user_id: graphId,
  permissions: z.union([z.string(), z.array(z.string())]).nullish(),
});

const profile = z.looseObject({
  user_id: graphId,
  username: detail,
  name: detail,
  account_type: detail,
  profile_picture_url: detail,
});

/** Meta documents both forms: the object, and the object in a `data` array. */
function maybeInData<Answer>(shape: z.ZodType<Answer>) {
  const inData = z.looseObject({ data: z.tuple([shape], shape) });
  return z.union([shape, inData.transform(({ data: [first] }) => first)]);
}

export const instagram = {
  /**
   * Exchanges an authorization code for a token that is valid for one hour. A code works only once.
   */
  exchangeInstagramCode: operation({
    purpose: 'exchange the Instagram code for a token',
    service: 'instagram_api',
    method: 'POST',
    path: '/oauth/access_token',
    versioned: false,
    token: 'none',
    channel: 'instagram',
    parameters: z.strictObject({
      client_id: z.string(),
      client_secret: z.string(),
      grant_type: z.literal('authorization_code'),
      redirect_uri: z.string(),
      code: z.string(),
    }),
    sends: 'form',
    answer: maybeInData(codeAnswer),
    permission: null,
    repeatable: false,
  }),

  /** Exchanges a one-hour token for a 60-day token. */
  extendInstagramToken: operation({
    purpose: 'exchange the Instagram token for a long-lived one',
    service: 'instagram_graph',
    method: 'GET',
    path: '/access_token',
    versioned: false,
    token: 'none',
    channel: 'instagram',
    parameters: z.strictObject({
      grant_type: z.literal('ig_exchange_token'),
      client_secret: z.string(),
      access_token: z.string(),
    }),
    sends: 'query',
    answer: tokenAnswer,
    permission: 'instagram_business_basic',
    repeatable: true,
  }),

  /**
   * Renews a token for 60 days. The token must be at least 24 hours old and must not have expired.
   */
  refreshInstagramToken: operation({
    purpose: 'refresh the Instagram token',
    service: 'instagram_graph',
    method: 'GET',
    path: '/refresh_access_token',
    versioned: false,
    token: 'none',
    channel: 'instagram',
    parameters: z.strictObject({
      grant_type: z.literal('ig_refresh_token'),
      access_token: z.string(),
    }),
    sends: 'query',
    answer: tokenAnswer,
    permission: 'instagram_business_basic',
    repeatable: true,
  }),

  getInstagramProfile: operation({
    purpose: 'read the Instagram profile',
    service: 'instagram_graph',
    method: 'GET',
    path: '/me',
    token: 'instagram',
    parameters: z.strictObject({ fields: z.string().optional() }),
    sends: 'query',
    answer: maybeInData(profile),
    permission: 'instagram_business_basic',
    repeatable: true,
  }),

  subscribeInstagram: operation({
    purpose: "subscribe the app to the account's webhooks",
    service: 'instagram_graph',
    method: 'POST',
    path: '/me/subscribed_apps',
    token: 'instagram',
    parameters: z.strictObject({ subscribed_fields: z.string() }),
    sends: 'query',
    answer: successFlag,
    permission: 'instagram_business_manage_messages',
    repeatable: true,
  }),

  listInstagramSubscriptions: operation({
    purpose: "read the account's webhook subscriptions",
    service: 'instagram_graph',
    method: 'GET',
    path: '/me/subscribed_apps',
    token: 'instagram',
    parameters: z.strictObject({}),
    sends: 'query',
    answer: z.looseObject({
      data: z.array(
        z.looseObject({
          id: graphId.nullish().catch(undefined),
          /** Some responses use this name for the ID. */
          app_id: graphId.nullish().catch(undefined),
          subscribed_fields: strings,
        }),
      ),
    }),
    permission: 'instagram_business_basic',
    repeatable: true,
  }),
};
