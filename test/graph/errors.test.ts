import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../src/graph/operations/operation.ts';
import {
  client,
  declared,
  failureOf,
  inTurn,
  meta,
  metaError,
  type Scripted,
  user,
} from './support.ts';

const page = { page_id: '1065' };

async function refused(answer: Scripted, operation: Operation = declared()) {
  const server = await meta(inTurn(answer));
  const { call } = client(server.url);
  return failureOf(call(operation, page, operation.token === 'none' ? null : user));
}

const byToken = {
  user: declared({ token: 'user' }),
  page: declared({ token: 'page' }),
  business: declared({ token: 'business' }),
  instagram: declared({ token: 'instagram', service: 'instagram_graph' }),
  app: declared({ token: 'app' }),
};

describe('a code decides the kind and the hint', () => {
  const rows: [number, number | null, 'graph' | 'not_allowed', string][] = [
    [1, null, 'graph', 'try again in a few minutes'],
    [2, null, 'graph', 'try again in a few minutes'],
    [4, null, 'graph', 'The app has reached its rate limit'],
    [17, null, 'graph', 'The user has reached the rate limit'],
    [32, null, 'graph', 'The Page has reached its rate limit'],
    [341, null, 'graph', 'The app has reached its rate limit'],
    [613, null, 'graph', 'its own rate limit'],
    [80007, null, 'graph', 'The WABA has reached its rate limit'],
    [10, null, 'not_allowed', 'the permission pages_messaging'],
    [200, null, 'not_allowed', 'the permission pages_messaging'],
    [299, null, 'not_allowed', 'the permission pages_messaging'],
    [3, null, 'graph', 'channelctl tokens inspect …'],
    [101, null, 'graph', 'app_id and app_secret'],
    [191, null, 'graph', 'Valid OAuth Redirect URIs'],
    [300, null, 'graph', 'Look up code 300'],
    [100, null, 'graph', 'Check the parameter mentioned'],
    [100, 33, 'graph', 'Check page_id 1065'],
    [100, 36007, 'graph', 'sign up again'],
    [100, 36008, 'graph', 'override_default_response_type'],
    [100, 36009, 'graph', 'sign up again'],
    [100, 2018145, 'graph', '--get-started'],
    [100, 2207051, 'graph', 'channelctl whatsapp register'],
    [100, 2388001, 'graph', 'disconnect the number'],
    [102, null, 'not_allowed', 'channelctl messenger connect'],
    [190, null, 'not_allowed', 'channelctl messenger connect'],
    [190, 458, 'not_allowed', 'removed the app'],
    [190, 460, 'not_allowed', 'password was changed'],
    [190, 463, 'not_allowed', 'has expired'],
    [102, 463, 'not_allowed', 'has expired'],
    [190, 459, 'not_allowed', 'security check'],
    [190, 464, 'not_allowed', 'security check'],
    [190, 490, 'not_allowed', 'security check'],
    [190, 467, 'not_allowed', 'was revoked'],
    [190, 492, 'not_allowed', 'no longer has a role on the Page'],
    [2200, null, 'graph', 'hub.challenge'],
    [368, null, 'graph', 'until the block ends'],
    [803, null, 'graph', 'Check page_id 1065'],
    [2200, null, 'graph', 'hub.challenge if hub.verify_token matches'],
    [2201, null, 'graph', 'only the value of hub.challenge'],
    [131031, null, 'graph', 'WhatsApp Manager'],
    [80001, null, 'graph', 'The Page has reached its rate limit'],
    [80002, null, 'graph', 'The Instagram account has reached its rate limit'],
    [80006, null, 'graph', 'its Messenger rate limit'],
    [80008, null, 'graph', 'The WABA has reached its rate limit'],
    [130429, null, 'graph', 'throughput limit'],
    [133000, null, 'graph', 'channelctl whatsapp deregister …'],
    [133005, null, 'graph', 'pin=@file'],
    [133006, null, 'graph', 'Verify the number again'],
    [133008, null, 'graph', 'several hours'],
    [133009, null, 'graph', 'wait a few minutes'],
    [133010, null, 'graph', 'channelctl whatsapp register'],
    [133015, null, 'graph', 'five minutes'],
    [133016, null, 'graph', '72 hours'],
  ];
  test.each(rows)('%i, subcode %s: %s', async (code, subcode, kind, hint) => {
    const error = await refused(
      metaError(code, subcode === null ? {} : { error_subcode: subcode }),
    );
    expect(error.kind).toBe(kind);
    expect(error.message).toBe('Could not read the thing.');
    expect(error.hint).toContain(hint);
    expect(error.reason).toContain('Meta says no');
    expect(error.graph).toMatchObject({ status: 400, code, subcode });
  });
});

test.each(['Missing Permission', 'Need permission on the WABA', 'No enough permission to do it'])(
  'treats code 100 with "%s" as a missing permission',
  async (message) => {
    expect((await refused(metaError(100, { message: `(#100) ${message}` }))).kind).toBe(
      'not_allowed',
    );
  },
);

test('does not mistake a missing token for one of a different type', async () => {
  const message = 'An access token is required to request this resource.';
  const { hint } = await refused(metaError(104, { message, type: 'OAuthException' }, 401));
  expect(hint).not.toContain('of a different type');
});

describe('a specific message from Meta overrides the hint for its code', () => {
  const rows: [string, number, string][] = [
    [
      '(#210) A page access token is required to request this resource.',
      210,
      'a Page access token',
    ],
    ['(#15) This method must be called with an app access_token.', 15, 'an app access token'],
    ['Error validating client secret.', 100, 'app_secret=@file'],
    ['Invalid platform app', 400, 'Instagram app ID'],
    ['Cannot get application info due to a system error.', 190, 'app_id and app_secret'],
    ['Error validating application. Application has been deleted.', 190, 'app_id and app_secret'],
    ['API access blocked.', 200, 'a new token does not help'],
    ['User does not have sufficient … Two Factor Authentication …', 200, 'two-factor'],
    ['(#100) Missing Permission', 100, 'the permission pages_messaging'],
    ['(#100) … does not exist, cannot be loaded due to missing permissions', 100, 'the parameter'],
    ['Please reduce the amount of data', 1, 'smaller limit'],
    ['You cannot access the app till you log in to www.facebook.com', 190, 'security check'],
    ['The App_id in the input_token did not match the Viewing App', 100, 'not issued by the app'],
    [
      '(#100) Before override the current callback uri, your app must be subscribed to receive messages for WhatsApp Business Account',
      100,
      'channelctl whatsapp subscribe …',
    ],
    ['(#100) … your app is not set as the primary app for the page.', 100, 'conversation routing'],
    ['Invalid verification code format.', 100, 'truncated'],
    ['Unsupported request - method type: post', 100, 'Check page_id 1065'],
    ['The phone number is not registered', 100, 'channelctl whatsapp register'],
  ];
  test.each(rows)('%s', async (message, code, hint) => {
    expect((await refused(metaError(code, { message }))).hint).toContain(hint);
  });
});

test('distinguishes a sign-in code from a sign-up code', async () => {
  const parameters = z.looseObject({ page_id: z.string(), redirect_uri: z.string().optional() });
  const operation = declared({ parameters });
  const hintOf = async (subcode: number) =>
    (await refused(metaError(100, { error_subcode: subcode }), operation)).hint;
  expect(await hintOf(36007)).toContain('sign in again');
  expect(await hintOf(36008)).toContain('must exactly match');
});

test('reports a wrong app secret if the signature of an app token is invalid', async () => {
  const answer = metaError(190, { message: 'Invalid OAuth access token signature.' });
  expect((await refused(answer, byToken.app)).hint).toContain('app_secret=@file');
  expect((await refused(answer, byToken.page)).hint).toContain('channelctl messenger connect');
});

test('suggests the renewal command of the channel if the call has no token', async () => {
  const operation = declared({ token: 'none', channel: 'instagram', service: 'instagram_graph' });
  const { hint } = await refused(metaError(190, { error_subcode: 463 }), operation);
  expect(hint).toBe('The token has expired. Connect again with channelctl instagram connect.');
});

test('asks for the permission in the message instead of the usual one', async () => {
  const message = '(#200) Requires business_management permission to manage the object';
  const { hint } = await refused(metaError(200, { message }));
  expect(hint).toContain('the permission business_management');
});

test.each([
  ['user', 'channelctl messenger connect'],
  ['page', 'channelctl messenger connect'],
  ['business', 'channelctl accounts update … --config access_token=@file'],
  ['instagram', 'channelctl instagram connect'],
  ['app', 'channelctl integrations list'],
] as const)('an expired %s token is renewed with %s', async (kind, command) => {
  const error = await refused(metaError(190, { error_subcode: 463 }, 401), byToken[kind]);
  expect(error.hint).toContain(command);
});

test.each([
  [{}, 'include the fbtrace_id'],
  [{ fbtrace_id: undefined }, /error reference\.$/],
])('mentions the fbtrace_id only if there is one: %j', async (more, words) => {
  expect((await refused(metaError(300, more))).hint).toMatch(words);
});

test.each([
  ['page', 'channelctl integrations get messenger'],
  ['business', 'channelctl integrations get whatsapp'],
] as const)(
  'points to the app secret after a wrong appsecret_proof with a %s token',
  async (kind, command) => {
    const message = 'Invalid appsecret_proof provided in the API argument';
    const { hint } = await refused(metaError(100, { message }), byToken[kind]);
    expect(hint).toContain('app_secret');
    expect(hint).toContain(command);
  },
);

test('does not report a token of the wrong type as invalid', async () => {
  const message = '(#190) This method must be called with an App Access Token';
  const { kind, hint } = await refused(metaError(190, { message }));
  expect(kind).toBe('not_allowed');
  expect(hint).toContain('an app access token');
  expect(hint).not.toContain('messenger connect');
});

test('reports a webhook URL that did not respond to Meta', async () => {
  const message = 'Webhook callback URL is not reachable or invalid';
  const parameters = z.looseObject({
    page_id: z.string(),
    override_callback_uri: z.string().optional(),
  });
  const { hint } = await refused(metaError(100, { message }, 422), declared({ parameters }));
  expect(hint).toContain('hub.challenge');
});

test("shows Meta's complete message", async () => {
  const error = await refused(
    metaError(100, {
      message: 'Invalid parameter',
      type: 'OAuthException',
      error_subcode: 2388001,
      error_user_title: 'Number not allowed',
      error_user_msg: 'Pick another number',
      error_data: { messaging_product: 'whatsapp', details: 'It is in use elsewhere' },
      is_transient: false,
      fbtrace_id: 'A1b2C3',
    }),
  );
  expect(error.reason).toBe(
    'Meta returned HTTP 400, code 100, subcode 2388001: Invalid parameter. It is in use elsewhere. Number not allowed: Pick another number. (fbtrace_id A1b2C3)',
  );
  expect(error.graph).toEqual({
    status: 400,
    code: 100,
    subcode: 2388001,
    type: 'OAuthException',
    message: 'Invalid parameter',
    details: 'It is in use elsewhere',
    user_title: 'Number not allowed',
    user_message: 'Pick another number',
    fbtrace_id: 'A1b2C3',
    is_transient: false,
  });
});

test("removes control characters and tokens from Meta's message", async () => {
  const message = `Bad\u001b[31m token\n${user.token}\u202e in https://x.example/?access_token=EAAother99&a=1`;
  const error = await refused(metaError(100, { message }));
  const shown = JSON.stringify([error.reason, error.graph]);
  expect(shown).not.toContain(user.token);
  expect(shown).not.toContain('EAAother99');
  expect(error.graph?.message).toBe(
    'Bad[31m token [redacted] in https://x.example/?access_token=[redacted]&a=1',
  );
});

test('reports an error body with HTTP 200 as an error', async () => {
  expect(await refused({ ...metaError(100), status: 200 })).toMatchObject({
    kind: 'graph',
    graph: { status: 200, code: 100 },
  });
});

test('reports the status of an error without a body', async () => {
  const error = await refused({ status: 403, body: {}, headers: { 'x-fb-trace-id': 'Xyz' } });
  expect(error.kind).toBe('graph');
  expect(error.reason).toBe('Meta returned HTTP 403. (fbtrace_id Xyz)');
  expect(error.graph).toMatchObject({ status: 403, code: null, fbtrace_id: 'Xyz' });
});

describe("an error of Instagram's code exchange, which has a different shape", () => {
  const exchange = declared({
    service: 'instagram_api',
    token: 'none',
    channel: 'instagram',
    path: '/oauth/access_token',
  });

  test('is converted to the common shape', async () => {
    const body = { error_type: 'OAuthException', code: 400, error_message: 'Invalid code' };
    const error = await refused({ status: 400, body }, exchange);
    expect(error.kind).toBe('graph');
    expect(error.reason).toContain('Invalid code');
    expect(error.hint).toContain('channelctl instagram connect');
    expect(error.graph).toMatchObject({
      status: 400,
      code: 400,
      type: 'OAuthException',
      message: 'Invalid code',
    });
  });

  test('suggests no code to look up if the code repeats the HTTP status', async () => {
    const body = { error_type: 'OAuthException', code: 400, error_message: 'No' };
    const { hint } = await refused({ status: 400, body }, byToken.instagram);
    expect(hint).toContain('channelctl instagram connect');
  });

  test('is a wrong Instagram app secret if the code is 1', async () => {
    const error = await refused(metaError(1), exchange);
    expect(error.hint).toContain('channelctl integrations set instagram --config app_secret=@file');
  });
});
