import { z } from 'zod';
import { operation } from './operation.ts';
import { tokenAnswer } from './shapes.ts';

export const login = {
  /** Exchanges a Facebook Login code for a short-lived user token. A code works only once. */
  exchangeLoginCode: operation({
    purpose: 'exchange the sign-in code for a token',
    service: 'graph',
    method: 'GET',
    path: '/oauth/access_token',
    token: 'none',
    channel: 'messenger',
    parameters: z.strictObject({
      client_id: z.string(),
      client_secret: z.string(),
      redirect_uri: z.string(),
      code: z.string(),
    }),
    sends: 'query',
    answer: tokenAnswer,
    permission: null,
    repeatable: false,
  }),

  /** Exchanges a short-lived user token for one that is valid for about 60 days. */
  extendUserToken: operation({
    purpose: 'exchange the user token for a long-lived one',
    service: 'graph',
    method: 'GET',
    path: '/oauth/access_token',
    token: 'none',
    channel: 'messenger',
    parameters: z.strictObject({
      grant_type: z.literal('fb_exchange_token'),
      client_id: z.string(),
      client_secret: z.string(),
      fb_exchange_token: z.string(),
    }),
    sends: 'query',
    answer: tokenAnswer,
    permission: null,
    repeatable: true,
  }),

  /**
   * Exchanges an Embedded Signup code for a business token. The code expires after 30 seconds and
   * works only once.
   */
  exchangeSignupCode: operation({
    purpose: 'exchange the sign-up code for a business token',
    service: 'graph',
    method: 'GET',
    path: '/oauth/access_token',
    token: 'none',
    channel: 'whatsapp',
    parameters: z.strictObject({
      client_id: z.string(),
      client_secret: z.string(),
      code: z.string(),
    }),
    sends: 'query',
    answer: tokenAnswer,
    permission: null,
    repeatable: false,
  }),

  /**
   * Exchanges an expiring business token for one that is valid for 60 days. The old token remains
   * valid until it expires; an expired token cannot be renewed.
   */
  renewBusinessToken: operation({
    purpose: 'renew the business token',
    service: 'graph',
    method: 'GET',
    path: '/oauth/access_token',
    token: 'none',
    channel: 'whatsapp',
    parameters: z.strictObject({
      grant_type: z.literal('fb_exchange_token'),
      client_id: z.string(),
      client_secret: z.string(),
      set_token_expires_in_60_days: z.literal('true'),
      fb_exchange_token: z.string(),
    }),
    sends: 'query',
    answer: tokenAnswer,
    permission: null,
    repeatable: true,
  }),
};
