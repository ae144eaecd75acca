/**
 * The calls that are not part of Meta's OpenAPI description: sign-in, tokens, Pages, the Messenger
 * profile, Instagram and the app's subscriptions. Sources: Meta's reference for each edge, and the
 * specifications in Meta's Business SDK.
 */
import {
  type Access,
  type Call,
  count,
  type Fact,
  type Facts,
  flag,
  id,
  listOf,
  listRead,
  names,
  nodeRead,
  object,
  pageOf,
  text,
  words,
} from './facts.ts';
import { menuEntry, PROFILE_FIELDS, PROFILE_PROPERTIES } from './messenger-profile.ts';
import { ACCOUNT_FIELDS, PAGE_WEBHOOK_FIELDS, WEBHOOK_FIELDS } from './webhook-fields.ts';

const NO_TOKEN: Access = { tokens: ['none'], permissions: [] };
const APP: Access = { tokens: ['app'], permissions: [] };
const SUCCESS = object({ success: words(true, false, 'true', 'false') });

const TASKS = ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MANAGE', 'MESSAGING', 'MODERATE'];

const PAGE: Facts = {
  id,
  name: text,
  category: text,
  access_token: text,
  tasks: listOf(
    words(
      ...TASKS,
      ...TASKS.map((task) => `PROFILE_PLUS_${task}`),
      ...['PROFILE_PLUS_FULL_CONTROL', 'PROFILE_PLUS_FACEBOOK_ACCESS'],
    ),
  ),
};

const BUSINESS: Facts = {
  id,
  name: text,
  verification_status: text,
  permitted_roles: listOf(text),
};

const APPLICATION: Facts = { id, name: text, link: text, category: text };

const TOKEN = object({ access_token: text, token_type: words('bearer'), expires_in: count });

const CLIENT: Facts = { client_id: id, client_secret: text };

function exchange(parameters: Facts, answer: Fact = TOKEN): Call {
  const required = Object.keys(parameters);
  return { ...NO_TOKEN, sends: ['query'], parameters, required, fields: null, answer };
}

function change(access: Access, parameters: Facts, required: readonly string[]): Call {
  const sends = ['json', 'form', 'query'] as const;
  return { ...access, sends, parameters, required, fields: null, answer: SUCCESS };
}

const PAGE_LIST = { tokens: ['user', 'business'], permissions: ['pages_show_list'] } as const;
const PORTFOLIO = { tokens: ['user', 'business'], permissions: ['business_management'] } as const;
const PAGE_WEBHOOKS = {
  tokens: ['page'],
  permissions: ['pages_manage_metadata', 'pages_show_list'],
} as const;
const PROFILE = { tokens: ['page'], permissions: ['pages_messaging'] } as const;

const INSTAGRAM: Access = { tokens: ['instagram'], permissions: ['instagram_business_basic'] };
const GRANTED = { access_token: text, user_id: id, permissions: { type: ['string', 'array'] } };

const PROFESSIONAL: Facts = {
  id,
  user_id: id,
  username: text,
  name: text,
  account_type: words('BUSINESS', 'MEDIA_CREATOR'),
  profile_picture_url: text,
};

const BATCHED = object({ method: words('GET', 'POST', 'DELETE'), relative_url: text, body: text }, [
  'method',
  'relative_url',
]);

/** The response to a call of a batch request; null if it timed out. */
const BATCHED_ANSWER: Fact = {
  type: ['object', 'null'],
  properties: { code: count, headers: listOf(object({ name: text, value: text })), body: text },
};

/** The alternatives of one call differ in their parameters. */
export const META_CALLS: Readonly<Record<string, Call | readonly Call[]>> = {
  'POST graph.facebook.com/{version}/': {
    tokens: ['user', 'page', 'business', 'app'],
    permissions: [],
    sends: ['form', 'json'],
    parameters: {
      batch: { ...listOf(BATCHED), minItems: 1, maxItems: 50 },
      include_headers: flag,
    },
    required: ['batch'],
    fields: null,
    answer: listOf(BATCHED_ANSWER),
  },

  'GET graph.facebook.com/{version}/oauth/access_token': [
    exchange({ ...CLIENT, redirect_uri: text, code: text }),
    exchange({ ...CLIENT, code: text }),
    exchange({ ...CLIENT, grant_type: words('fb_exchange_token'), fb_exchange_token: text }),
    exchange({
      ...CLIENT,
      grant_type: words('fb_exchange_token'),
      fb_exchange_token: text,
      set_token_expires_in_60_days: words('true', 'false'),
    }),
  ],
  'GET graph.facebook.com/{version}/debug_token': {
    tokens: ['app', 'user', 'business'],
    permissions: [],
    sends: ['query'],
    parameters: { input_token: text },
    required: ['input_token'],
    fields: null,
    answer: object({
      data: object({
        app_id: id,
        type: words('USER', 'PAGE', 'APP', 'SYSTEM_USER'),
        application: text,
        is_valid: flag,
        issued_at: count,
        expires_at: count,
        data_access_expires_at: count,
        scopes: listOf(text),
        granular_scopes: listOf(object({ scope: text, target_ids: listOf(id) })),
        user_id: id,
        profile_id: id,
        metadata: object({ auth_type: text, sso: text }),
        error: object({ code: count, message: text, subcode: count }),
      }),
    }),
  },

  'GET graph.facebook.com/{version}/{user_id}': nodeRead(
    { id, name: text, client_business_id: id },
    { tokens: ['user', 'business'], permissions: [] },
  ),
  'GET graph.facebook.com/{version}/{app_id}': nodeRead(APPLICATION, APP),
  'GET graph.facebook.com/{version}/{page_id}': nodeRead(PAGE, {
    ...PAGE_LIST,
    tokens: ['user', 'page', 'business'],
  }),
  'GET graph.facebook.com/{version}/me/accounts': listRead(PAGE, PAGE_LIST, {
    is_place: flag,
    is_promotable: flag,
    summary: names('total_count'),
  }),
  'GET graph.facebook.com/{version}/{user_id}/assigned_pages': listRead(PAGE, PAGE_LIST, {
    pages: listOf(id),
  }),
  'GET graph.facebook.com/{version}/me/businesses': listRead(BUSINESS, PORTFOLIO),
  'GET graph.facebook.com/{version}/{business_id}/owned_pages': listRead(PAGE, PORTFOLIO),
  'GET graph.facebook.com/{version}/{business_id}/client_pages': listRead(PAGE, PORTFOLIO),

  'GET graph.facebook.com/{version}/{page_id}/subscribed_apps': listRead(
    { ...APPLICATION, subscribed_fields: listOf(words(...PAGE_WEBHOOK_FIELDS)) },
    PAGE_WEBHOOKS,
  ),
  'POST graph.facebook.com/{version}/{page_id}/subscribed_apps': change(
    PAGE_WEBHOOKS,
    { subscribed_fields: names(...PAGE_WEBHOOK_FIELDS) },
    ['subscribed_fields'],
  ),
  'DELETE graph.facebook.com/{version}/{page_id}/subscribed_apps': {
    ...change({ ...PAGE_WEBHOOKS, tokens: ['page', 'app'] }, {}, []),
    answer: object({ success: flag, messaging_success: flag }),
  },

  'GET graph.facebook.com/{version}/me/messenger_profile': {
    ...PROFILE,
    sends: ['query'],
    parameters: { fields: text, platform: words('MESSENGER', 'INSTAGRAM') },
    required: [],
    fields: PROFILE_FIELDS,
    answer: object({ data: listOf(object(PROFILE_FIELDS)) }),
  },
  'POST graph.facebook.com/{version}/me/messenger_profile': {
    ...PROFILE,
    sends: ['json'],
    parameters: {
      ...PROFILE_PROPERTIES,
      persistent_menu: { ...listOf(menuEntry), minItems: 1 },
      platform: words('MESSENGER', 'INSTAGRAM'),
    },
    required: [],
    fields: null,
    answer: object({ result: words('success') }),
  },
  'DELETE graph.facebook.com/{version}/me/messenger_profile': {
    ...PROFILE,
    sends: ['json', 'query'],
    parameters: {
      fields: { ...listOf(words(...Object.keys(PROFILE_PROPERTIES))), minItems: 1 },
      platform: words('MESSENGER', 'INSTAGRAM'),
    },
    required: ['fields'],
    fields: null,
    answer: object({ result: words('success') }),
  },

  'GET graph.facebook.com/{version}/{app_id}/subscriptions': {
    ...APP,
    sends: ['query'],
    parameters: {},
    required: [],
    fields: null,
    answer: pageOf(
      object({
        object: words(...Object.keys(WEBHOOK_FIELDS)),
        callback_url: text,
        active: flag,
        fields: listOf(
          object({
            name: words(...new Set(Object.values(WEBHOOK_FIELDS).flat())),
            version: { type: 'string', pattern: '^v\\d+\\.\\d+$' },
          }),
        ),
      }),
    ),
  },
  'POST graph.facebook.com/{version}/{app_id}/subscriptions': change(
    APP,
    {
      object: words(...Object.keys(WEBHOOK_FIELDS)),
      callback_url: text,
      verify_token: text,
      fields: names(...new Set(Object.values(WEBHOOK_FIELDS).flat())),
      include_values: flag,
    },
    ['object'],
  ),
  'DELETE graph.facebook.com/{version}/{app_id}/subscriptions': change(
    APP,
    {
      object: words(...Object.keys(WEBHOOK_FIELDS)),
      fields: names(...new Set(Object.values(WEBHOOK_FIELDS).flat())),
    },
    [],
  ),

  'POST api.instagram.com/oauth/access_token': {
    ...exchange(
      { ...CLIENT, grant_type: words('authorization_code'), redirect_uri: text, code: text },
      object({ ...GRANTED, data: listOf(object(GRANTED)) }),
    ),
    sends: ['form'],
  },
  'GET graph.instagram.com/access_token': {
    ...exchange({
      grant_type: words('ig_exchange_token'),
      client_secret: text,
      access_token: text,
    }),
    permissions: ['instagram_business_basic'],
  },
  'GET graph.instagram.com/refresh_access_token': {
    ...exchange({ grant_type: words('ig_refresh_token'), access_token: text }),
    permissions: ['instagram_business_basic'],
  },
  'GET graph.instagram.com/{version}/me': {
    ...nodeRead(PROFESSIONAL, INSTAGRAM),
    answer: object({ ...PROFESSIONAL, data: listOf(object(PROFESSIONAL)) }),
  },
  'GET graph.instagram.com/{version}/me/subscribed_apps': {
    ...INSTAGRAM,
    sends: ['query'],
    parameters: {},
    required: [],
    fields: null,
    answer: pageOf(
      object({ id, app_id: id, name: text, subscribed_fields: listOf(words(...ACCOUNT_FIELDS)) }),
    ),
  },
  'POST graph.instagram.com/{version}/me/subscribed_apps': {
    ...change(INSTAGRAM, { subscribed_fields: names(...ACCOUNT_FIELDS) }, ['subscribed_fields']),
    permissions: [
      'instagram_business_basic',
      'instagram_business_manage_messages',
      'instagram_business_manage_comments',
    ],
  },
};
