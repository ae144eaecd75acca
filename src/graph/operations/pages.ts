import { z } from 'zod';
import { operation } from './operation.ts';
import { detail, graphId, listOf, paging, strings, successFlag } from './shapes.ts';

const page = z.looseObject({
  id: graphId,
  /** Meta may omit fields that the token does not have permission to read. */
  name: detail,
  category: detail,
  tasks: strings,
});

const ofBusiness = {
  service: 'graph',
  method: 'GET',
  token: 'user',
  parameters: z.strictObject({
    business_id: z.string(),
    fields: z.string().optional(),
    ...paging,
  }),
  sends: 'query',
  answer: listOf(page),
  permission: 'business_management',
  repeatable: true,
} as const;

export const pages = {
  listPages: operation({
    purpose: "list the user's Pages",
    service: 'graph',
    method: 'GET',
    path: '/me/accounts',
    token: 'user',
    parameters: z.strictObject({ fields: z.string().optional(), ...paging }),
    sends: 'query',
    answer: listOf(page),
    permission: 'pages_show_list',
    repeatable: true,
  }),

  listAssignedPages: operation({
    purpose: "list the system user's Pages",
    service: 'graph',
    method: 'GET',
    path: '/{user_id}/assigned_pages',
    token: 'user',
    parameters: z.strictObject({
      user_id: z.string(),
      fields: z.string().optional(),
      ...paging,
    }),
    sends: 'query',
    answer: listOf(page),
    permission: 'pages_show_list',
    repeatable: true,
  }),

  listBusinesses: operation({
    purpose: "list the user's business portfolios",
    service: 'graph',
    method: 'GET',
    path: '/me/businesses',
    token: 'user',
    parameters: z.strictObject({ fields: z.string().optional(), ...paging }),
    sends: 'query',
    answer: listOf(z.looseObject({ id: graphId, name: detail })),
    permission: 'business_management',
    repeatable: true,
  }),

  listOwnedPages: operation({
    purpose: "list the business portfolio's Pages",
    path: '/{business_id}/owned_pages',
    ...ofBusiness,
  }),

  listClientPages: operation({
    purpose: 'list the Pages shared with the business portfolio',
    path: '/{business_id}/client_pages',
    ...ofBusiness,
  }),

  getPageToken: operation({
    purpose: "get the Page's access token",
    service: 'graph',
    method: 'GET',
    path: '/{page_id}',
    token: 'user',
    parameters: z.strictObject({ page_id: z.string(), fields: z.literal('name,access_token') }),
    sends: 'query',
    answer: z.looseObject({
      id: graphId.optional(),
      name: detail,
      /** Absent if the user did not grant access to the Page. */
      access_token: z.string().nullish(),
    }),
    permission: 'pages_show_list',
    repeatable: true,
  }),

  /** Reads a Page with the token of a user who has a role on it, or with the Page's token. */
  getPage: operation({
    purpose: 'read the Page',
    service: 'graph',
    method: 'GET',
    path: '/{page_id}',
    token: 'user',
    alsoTakes: ['page'],
    parameters: z.strictObject({ page_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: page.extend({ access_token: z.string().nullish() }),
    permission: 'pages_show_list',
    repeatable: true,
  }),

  subscribePage: operation({
    purpose: "subscribe the app to the Page's webhooks",
    service: 'graph',
    method: 'POST',
    path: '/{page_id}/subscribed_apps',
    token: 'page',
    parameters: z.strictObject({ page_id: z.string(), subscribed_fields: z.string() }),
    sends: 'json',
    answer: successFlag,
    permission: 'pages_manage_metadata',
    repeatable: true,
  }),

  unsubscribePage: operation({
    purpose: "unsubscribe the app from the Page's webhooks",
    service: 'graph',
    method: 'DELETE',
    path: '/{page_id}/subscribed_apps',
    token: 'page',
    parameters: z.strictObject({ page_id: z.string() }),
    sends: 'query',
    answer: successFlag,
    permission: 'pages_manage_metadata',
    repeatable: true,
  }),

  listPageSubscriptions: operation({
    purpose: "read the Page's webhook subscriptions",
    service: 'graph',
    method: 'GET',
    path: '/{page_id}/subscribed_apps',
    token: 'page',
    parameters: z.strictObject({ page_id: z.string(), fields: z.string().optional(), ...paging }),
    sends: 'query',
    answer: listOf(
      z.looseObject({
        id: graphId,
        name: detail,
        subscribed_fields: strings,
      }),
    ),
    permission: 'pages_manage_metadata',
    repeatable: true,
  }),
};
