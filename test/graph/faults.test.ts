import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../src/graph/operations/operation.ts';
import {
  client,
  declared,
  failureOf,
  fault,
  inTurn,
  meta,
  type Scripted,
  user,
} from './support.ts';

const page = { page_id: '1065' };

/** The error of a call that Meta answers once and for all like this. */
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

describe('every code has its kind and names its next step', () => {
  const rows: [number, number | null, 'graph' | 'not_allowed', string][] = [
    [1, null, 'graph', 'try again in a few minutes'],
    [2, null, 'graph', 'try again in a few minutes'],
    [4, null, 'graph', 'The app has made too many calls'],
    [17, null, 'graph', "The person's token has made too many calls"],
    [32, null, 'graph', 'Too many calls were made for the Page'],
    [341, null, 'graph', 'The application has reached its limit'],
    [613, null, 'graph', 'a limit of its own'],
    [80007, null, 'graph', 'The WhatsApp business account has reached its limit'],
    [10, null, 'not_allowed', 'the permission pages_messaging'],
    [200, null, 'not_allowed', 'the permission pages_messaging'],
    [299, null, 'not_allowed', 'the permission pages_messaging'],
    [300, null, 'graph', 'Look up code 300'],
    [100, null, 'graph', 'Check the value that Meta names'],
    [100, 33, 'graph', 'Check page_id 1065'],
    [100, 36007, 'graph', 'sign in again'],
    [100, 36008, 'graph', 'character for character'],
    [100, 2018145, 'graph', '--get-started'],
    [100, 2207051, 'graph', 'channelctl whatsapp register'],
    [102, null, 'not_allowed', 'channelctl messenger connect'],
    [190, null, 'not_allowed', 'channelctl messenger connect'],
    [190, 458, 'not_allowed', 'removed the app'],
    [190, 460, 'not_allowed', 'password was changed'],
    [190, 463, 'not_allowed', 'has expired'],
    [102, 463, 'not_allowed', 'has expired'],
    [190, 467, 'not_allowed', 'was withdrawn'],
    [190, 492, 'not_allowed', 'no role on the Page'],
    [2200, null, 'graph', 'hub.challenge'],
    [368, null, 'graph', 'until the block is over'],
    [803, null, 'graph', 'Check page_id 1065'],
    [131031, null, 'graph', 'WhatsApp Manager'],
    [133005, null, 'graph', 'pin=@file'],
    [133006, null, 'graph', 'verified again'],
    [133009, null, 'graph', 'tried too often'],
    [133010, null, 'graph', 'channelctl whatsapp register'],
    [133015, null, 'graph', 'five minutes'],
    [133016, null, 'graph', '72 hours'],
  ];
  test.each(rows)('%i, subcode %s: %s', async (code, subcode, kind, hint) => {
    const error = await refused(fault(code, subcode === null ? {} : { error_subcode: subcode }));
    expect(error.kind).toBe(kind);
    expect(error.message).toBe('Could not read the thing.');
    expect(error.hint).toContain(hint);
    expect(error.reason).toContain('Meta says no');
    expect(error.graph).toMatchObject({ status: 400, code, subcode });
  });
});

test.each([
  ['user', 'channelctl messenger connect'],
  ['page', 'channelctl messenger connect'],
  ['business', 'channelctl accounts update <account> --config access_token=@file'],
  ['instagram', 'channelctl instagram connect'],
  ['app', 'channelctl integrations list'],
] as const)('an expired %s token is mended with %s', async (kind, command) => {
  const error = await refused(fault(190, { error_subcode: 463 }, 401), byToken[kind]);
  expect(error.hint).toContain(command);
});

test.each([
  [{}, 'give Meta the fbtrace_id'],
  [{ fbtrace_id: undefined }, /error reference\.$/],
])('the fbtrace_id is asked for where there is one: %j', async (more, words) => {
  expect((await refused(fault(300, more))).hint).toMatch(words);
});

test.each([
  ['page', 'channelctl integrations get messenger'],
  ['business', 'channelctl integrations get whatsapp'],
] as const)('a wrong proof of a %s token points to the app secret', async (kind, command) => {
  const message = 'Invalid appsecret_proof provided in the API argument';
  const { hint } = await refused(fault(100, { message }), byToken[kind]);
  expect(hint).toContain('app_secret');
  expect(hint).toContain(command);
});

test('a token of the wrong kind is not told as one that no longer works', async () => {
  const message = '(#190) This method must be called with an App Access Token';
  const { kind, hint } = await refused(fault(190, { message }));
  expect(kind).toBe('not_allowed');
  expect(hint).toContain('another kind');
  expect(hint).not.toContain('messenger connect');
});

test('a webhook address that did not answer Meta is told as such', async () => {
  const message = 'Webhook callback URL is not reachable or invalid';
  const parameters = z.looseObject({
    page_id: z.string(),
    override_callback_uri: z.string().optional(),
  });
  const { hint } = await refused(fault(100, { message }, 422), declared({ parameters }));
  expect(hint).toContain('hub.challenge');
});

test("Meta's words reach the reader in full", async () => {
  const error = await refused(
    fault(100, {
      message: 'Invalid parameter',
      type: 'OAuthException',
      error_subcode: 2388001,
      error_user_title: 'Number not allowed',
      error_user_msg: 'Pick another number',
      is_transient: false,
      fbtrace_id: 'A1b2C3',
    }),
  );
  expect(error.reason).toBe(
    'Meta answered with code 100, subcode 2388001: Invalid parameter. Number not allowed: Pick another number. (fbtrace_id A1b2C3)',
  );
  expect(error.graph).toEqual({
    status: 400,
    code: 100,
    subcode: 2388001,
    type: 'OAuthException',
    message: 'Invalid parameter',
    user_title: 'Number not allowed',
    user_message: 'Pick another number',
    fbtrace_id: 'A1b2C3',
    is_transient: false,
  });
});

test("what Meta's words hold can neither steer a terminal nor give a token away", async () => {
  const message = `Bad\u001b[31m token\n${user.token}\u202e in https://x.example/?access_token=EAAother99&a=1`;
  const error = await refused(fault(100, { message }));
  const shown = JSON.stringify([error.reason, error.graph]);
  expect(shown).not.toContain(user.token);
  expect(shown).not.toContain('EAAother99');
  expect(error.graph?.message).toBe(
    'Bad[31m token [redacted] in https://x.example/?access_token=[redacted]&a=1',
  );
});

test('an error is an error with HTTP 200 too', async () => {
  expect(await refused({ ...fault(100), status: 200 })).toMatchObject({
    kind: 'graph',
    graph: { status: 200, code: 100 },
  });
});

test('a refusal without an error body still says its status', async () => {
  const error = await refused({ status: 403, body: {}, headers: { 'x-fb-trace-id': 'Xyz' } });
  expect(error.kind).toBe('graph');
  expect(error.reason).toContain('HTTP 403');
  expect(error.graph).toMatchObject({ status: 403, code: null, fbtrace_id: 'Xyz' });
});

describe("Instagram's code exchange reports errors in another shape", () => {
  const exchange = declared({
    service: 'instagram_api',
    token: 'none',
    channel: 'instagram',
    path: '/oauth/access_token',
  });

  test('which comes out the same', async () => {
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

  test('and where it repeats the HTTP status, there is no code to look up', async () => {
    const body = { error_type: 'OAuthException', code: 400, error_message: 'No' };
    const { hint } = await refused({ status: 400, body }, byToken.instagram);
    expect(hint).toContain('channelctl instagram connect');
  });

  test('and code 1 there is a wrong app secret of Instagram', async () => {
    const error = await refused(fault(1), exchange);
    expect(error.hint).toContain('channelctl integrations set instagram --config app_secret=@file');
  });
});
