/**
 * Compares the sandbox's errors with bodies that Meta really sent, because Meta's OpenAPI
 * description has the same error responses for every call.
 */
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import {
  exchangeInstagram,
  instagramCode,
  onInstagram,
  shortInstagramToken,
} from '../sandbox/instagram-support.ts';
import {
  type Answer,
  exchange,
  get,
  pageToken,
  sandbox,
  send,
  signInCode,
  stoppedClock,
  userToken,
} from '../sandbox/support.ts';
import { register, signupCode } from '../sandbox/whatsapp-support.ts';

const TOKEN = 'EAAcommon';

const SEED = {
  apps: [
    {
      id: '700',
      secret: 'app-secret-700',
      name: 'Small Desk',
      redirect_uris: ['https://localhost:8976/callback'],
    },
    { id: '701', secret: 'app-secret-701', name: 'Strict Desk', require_proof: true },
    { id: '702', secret: 'app-secret-702', name: 'Busy Desk', calls_per_hour: 1 },
  ],
  pages: [
    { id: '81', name: 'Alder Books' },
    { id: '82', name: 'Birch & Co', token_app_id: '701' },
    { id: '83', name: 'Cedar Tea', token_app_id: '702' },
    { id: '84', name: 'Dogwood Dance', token_expires_at: '2026-10-05T17:00:00Z' },
  ],
  businesses: [{ id: '95', name: 'Busy Group', people: [] }],
  usage: [
    {
      business_id: '95',
      type: 'whatsapp_business_management',
      estimated_time_to_regain_access: 5,
    },
  ],
  whatsapp: {
    pin: '111111',
    business_token: TOKEN,
    wabas: [
      {
        id: '10',
        numbers: [
          { id: '11', registered: false },
          { id: '12', registered: false, recently_deleted: true },
          { id: '13', register_calls: 10 },
          { id: '14', registered: false, register_refusal: 'in_use' },
          { id: '15', registered: false, register_refusal: 'two_step' },
        ],
      },
      { id: '20', locked: true, numbers: [{ id: '21' }] },
      { id: '30', business_id: '95', numbers: [{ id: '31' }] },
    ],
  },
  webhooks: [
    {
      app_id: '700',
      object: 'whatsapp_business_account',
      callback_url: 'https://desk.example/all',
      fields: ['messages'],
    },
  ],
  instagram: {
    app_id: '800',
    app_secret: 'ig-secret',
    redirect_uris: ['https://localhost:8976/callback'],
    accounts: [
      {
        user_id: '17841445902716038',
        app_scoped_id: '27134509918264417',
        username: 'ada.alder',
        name: 'Ada Alder',
      },
    ],
  },
};

interface Row {
  status: number;
  /** The error without its `fbtrace_id`, and without `type` if it is an OAuthException. */
  error: Readonly<Record<string, unknown>> & { message: string; code: number };
  call(on: Sandbox): Promise<Answer>;
}

const override = (on: Sandbox, override_callback_uri: string) =>
  send(on, 'POST', '/10/subscribed_apps', TOKEN, { override_callback_uri, verify_token: 'v' });

const ROWS: Readonly<Record<string, Row>> = {
  'a wrong PIN': {
    status: 400,
    error: { code: 133005, message: '(#133005) Two step verification PIN Mismatch' },
    call: (on) => register(on, '11', '999999'),
  },
  'a number that was deleted a moment ago': {
    status: 400,
    error: {
      code: 133015,
      message:
        '(#133015) Please wait a few minutes before attempting to register this phone number',
    },
    call: (on) => register(on, '12', '111111'),
  },
  'too many register calls': {
    status: 400,
    error: {
      code: 133016,
      message: '(#133016) Account register deregister rate limit exceeded',
      is_transient: true,
    },
    call: (on) => register(on, '13', '111111'),
  },
  'a locked WABA': {
    status: 403,
    error: {
      code: 131031,
      message: '(#131031) Business Account locked',
      error_data: { messaging_product: 'whatsapp', details: 'Business account has been locked.' },
    },
    call: (on) => register(on, '21', '111111'),
  },
  'a number in use': {
    status: 400,
    error: certificateError(
      'This number is registered to an existing WhatsApp account. To use this number, disconnect it from the existing account.',
    ),
    call: (on) => register(on, '14', '111111'),
  },
  'two-step verification that is on': {
    status: 400,
    error: certificateError('Please ensure two-factor authentication is disabled'),
    call: (on) => register(on, '15', '111111'),
  },
  'a number that does not exist': {
    status: 400,
    error: {
      code: 100,
      error_subcode: 33,
      type: 'GraphMethodException',
      message:
        "Unsupported post request. Object with ID '1065' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api",
    },
    call: (on) => register(on, '1065', '111111'),
  },
  'an override without a subscription': {
    status: 400,
    error: {
      code: 100,
      message:
        '(#100) Before override the current callback uri, your app must be subscribed to receive messages for WhatsApp Business Account',
    },
    call: (on) => override(on, 'https://desk.example/wa'),
  },
  'a callback URL that does not exist': {
    status: 400,
    error: {
      code: 2200,
      message:
        '(#2200) Callback verification failed with the following errors: HTTP Status Code = 404; HTTP Message = Not Found',
    },
    async call(on) {
      await send(on, 'POST', '/10/subscribed_apps', TOKEN, {});
      return override(on, await missingPage());
    },
  },
  'a limit of a WABA': {
    status: 400,
    error: {
      code: 80008,
      message:
        '(#80008) There have been too many calls to this WhatsApp Business account. Wait a bit and try again. For more info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.',
    },
    call: (on) => get(on, '/30/phone_numbers', TOKEN),
  },
  'a limit of an app': {
    status: 403,
    error: { code: 4, message: '(#4) Application request limit reached', is_transient: true },
    async call(on) {
      await get(on, '/83', pageToken(on, '83'));
      return get(on, '/83', pageToken(on, '83'));
    },
  },
  'an expired token': {
    status: 401,
    error: {
      code: 190,
      error_subcode: 463,
      message:
        'Error validating access token: Session has expired on Monday, 05-Oct-26 10:00:00 PDT. The current time is Tuesday, 06-Oct-26 10:00:00 PDT.',
    },
    call: (on) => get(on, '/84', pageToken(on, '84')),
  },
  'an app that demands a proof': {
    status: 400,
    error: {
      code: 100,
      type: 'GraphMethodException',
      message: 'API calls from the server require an appsecret_proof argument',
    },
    call: (on) => get(on, '/82', pageToken(on, '82')),
  },
  'a sign-up code that was used': {
    status: 400,
    error: { code: 100, error_subcode: 36009, message: 'This authorization code has been used.' },
    async call(on) {
      const code = await signupCode(on, '11');
      const again = () =>
        get(on, '/oauth/access_token', null, {
          ...{ client_id: '700', client_secret: 'app-secret-700', code },
        });
      await again();
      return again();
    },
  },
  'another redirect URI': {
    status: 400,
    error: {
      code: 100,
      error_subcode: 36008,
      message:
        'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request',
    },
    call: async (on) =>
      exchange(on, await signInCode(on), { redirect_uri: 'https://desk.example/other' }),
  },
  'a wrong app secret': {
    status: 400,
    error: { code: 1, message: 'Error validating client secret.' },
    call: async (on) => exchange(on, await signInCode(on), { client_secret: 'wrong' }),
  },
  'an app ID that does not exist': {
    status: 400,
    error: { code: 101, message: 'Error validating application. Invalid application ID.' },
    call: async (on) => exchange(on, await signInCode(on), { client_id: '4711' }),
  },
  'a wrong secret in an app token': {
    status: 400,
    error: { code: 190, message: 'Invalid OAuth access token signature.' },
    call: (on) => get(on, '/debug_token', '700|wrong', { input_token: TOKEN }),
  },
  'webhooks without the permission for messages': {
    status: 403,
    error: {
      code: 200,
      message:
        '(#200) To subscribe to the messages field, one of these permissions is needed: pages_messaging. To subscribe to the messaging_postbacks field, one of these permissions is needed: pages_messaging',
    },
    async call(on) {
      const { body } = await get(on, '/81', await userToken(on, { scope: WITHOUT_MESSAGES }), {
        fields: 'access_token',
      });
      return subscribe(on, String(body.access_token));
    },
  },
  'webhooks of a Page with a user token': {
    status: 403,
    error: {
      code: 210,
      message: '(#210) A page access token is required to request this resource.',
    },
    call: async (on) => subscribe(on, await userToken(on)),
  },
  'a Messenger profile without the permission': {
    status: 403,
    error: {
      code: 230,
      message: '(#230) Requires pages_messaging permission to manage the object',
    },
    async call(on) {
      const { body } = await get(on, '/81', await userToken(on, { scope: WITHOUT_MESSAGES }), {
        fields: 'access_token',
      });
      return get(on, '/me/messenger_profile', String(body.access_token));
    },
  },
  'a Messenger profile with a user token': {
    status: 400,
    error: { code: 190, message: '(#190) This method must be called with a Page Access Token' },
    call: async (on) => get(on, '/me/messenger_profile', await userToken(on)),
  },
  'a menu without a Get Started button': {
    status: 400,
    error: {
      code: 100,
      error_subcode: 2018145,
      message: '(#100) You must set a Get Started button if you also wish to use persistent menu.',
    },
    call: (on) =>
      send(on, 'POST', '/me/messenger_profile', pageToken(on, '81'), {
        persistent_menu: [
          {
            locale: 'default',
            call_to_actions: [{ type: 'postback', title: 'Talk', payload: 'TALK' }],
          },
        ],
      }),
  },
  "the app's webhooks with a Page token": {
    status: 400,
    error: { code: 15, message: '(#15) This method must be called with an app access_token.' },
    call: (on) => get(on, '/700/subscriptions', pageToken(on, '81')),
  },
  'an Instagram account that did not grant basic access': {
    status: 400,
    error: {
      code: 100,
      type: 'IGApiException',
      message: 'Unsupported request - method type: get',
    },
    async call(on) {
      const scope = 'instagram_business_manage_messages';
      const access_token = await shortInstagramToken(on, { scope });
      return onInstagram(on, 'GET', '/access_token', null, {
        ...{ grant_type: 'ig_exchange_token', client_secret: 'ig-secret', access_token },
      });
    },
  },
  "a wrong secret of Instagram's app": {
    status: 400,
    error: { code: 100, message: 'Error validating client secret.' },
    call: async (on) =>
      onInstagram(on, 'GET', '/access_token', null, {
        grant_type: 'ig_exchange_token',
        client_secret: 'wrong',
        access_token: await shortInstagramToken(on),
      }),
  },
};

const WITHOUT_MESSAGES = 'pages_show_list,pages_manage_metadata';

const subscribe = (on: Sandbox, token: string) =>
  send(on, 'POST', '/81/subscribed_apps', token, {
    subscribed_fields: 'messages,messaging_postbacks',
  });

function certificateError(error_user_msg: string): Row['error'] {
  return {
    code: 100,
    error_subcode: 2388001,
    message: 'Invalid parameter',
    is_transient: false,
    error_user_title: 'Cannot Create Certificate',
    error_user_msg,
  };
}

async function missingPage(): Promise<string> {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
}

function started(): Promise<Sandbox> {
  const { now } = stoppedClock(Date.UTC(2026, 9, 6, 17));
  return sandbox(JSON.stringify(SEED), now);
}

test.each(Object.entries(ROWS))('%s is reported in the words of Meta', async (_, row) => {
  const { status, body } = await row.call(await started());
  const { fbtrace_id, ...error } = Object(body.error);
  expect([status, error]).toEqual([row.status, { type: 'OAuthException', ...row.error }]);
});

const INSTAGRAM_ROWS: Readonly<Record<string, { changed: Record<string, string>; uses: number }>> =
  {
    'This authorization code has been used': { changed: {}, uses: 2 },
    'Invalid platform app': { changed: { client_id: '4711' }, uses: 1 },
    'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request':
      { changed: { redirect_uri: 'https://desk.example/other' }, uses: 1 },
  };

test.each(Object.entries(INSTAGRAM_ROWS))(
  "Instagram's code exchange reports: %s",
  async (error_message, { changed, uses }) => {
    const on = await started();
    const code = await instagramCode(on);
    for (let use = 1; use < uses; use += 1) await exchangeInstagram(on, code, changed);
    const { status, body } = await exchangeInstagram(on, code, changed);
    const error = { error_type: 'OAuthException', code: 400, error_message };
    expect([status, body]).toEqual([400, error]);
  },
);
