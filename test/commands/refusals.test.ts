import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/http/faults.ts';
import { run } from '../support/cli.ts';
import { webhookDesks } from '../support/webhook-desk.ts';

// Each row is an error response and the command that receives it. Codes, subcodes and statuses are
// from Meta's documentation; the texts are invented in Meta's style.

const desk = webhookDesks();

interface Row {
  operation: NonNullable<Fault['operation']>;
  status?: number;
  /** The parts of Meta's error object besides `type`. */
  error: { code: number; message: string } & Record<string, string | number | boolean | object>;
  headers?: Record<string, string>;
  command: string;
  input?: string;
  exit: number;
  hint: RegExp;
  notHint?: RegExp;
  explanation?: RegExp;
}

const REGISTER = { operation: 'registerPhoneNumber', command: 'whatsapp register wa-61' } as const;
const NUMBERS = { operation: 'listPhoneNumbers', command: 'whatsapp numbers wa-61' } as const;
const SUBSCRIBE = { operation: 'subscribeWaba', command: 'whatsapp subscribe wa-61' } as const;
const MENU = { operation: 'getMessengerProfile', command: 'menu get fb-81' } as const;
const INSPECT = { operation: 'debugToken', command: 'tokens inspect fb-81' } as const;
const PAGES = {
  operation: 'listPages',
  command: 'messenger pages --all-pages --user-token-file -',
  input: 'EAA-user-token-of-the-desk',
} as const;
const APP_URL = {
  operation: 'setAppSubscription',
  command: 'webhooks set fb-81 --url https://desk.example.com/hooks/fb --yes',
} as const;
const PROFILE = {
  operation: 'getInstagramProfile',
  command: 'api GET me --account ig-71',
} as const;
const SIGNUP = {
  operation: 'exchangeSignupCode',
  command: 'whatsapp signup --code - --waba-id 51 --phone-number-id 61 --no-register',
  input: 'AQ-code-of-a-sign-up',
} as const;

const usage = (minutes: number) => ({
  'X-Business-Use-Case-Usage': JSON.stringify({
    9001: [{ type: 'pages', call_count: 101, estimated_time_to_regain_access: minutes }],
  }),
});

const ROWS: Readonly<Record<string, Row>> = {
  'a session that has ended': {
    ...MENU,
    error: { code: 0, type: 'AuthException', message: 'The session for this user has ended.' },
    exit: 4,
    hint: /Connect again with channelctl messenger connect|Get a new token with/,
  },
  'an outage with HTTP 503': {
    ...NUMBERS,
    status: 503,
    error: { code: 2, message: 'Service temporarily unavailable', is_transient: true },
    exit: 5,
    hint: /try again in a few minutes/,
  },
  'a missing capability': {
    ...SUBSCRIBE,
    error: { code: 3, message: '(#3) The app cannot make this call.' },
    exit: 5,
    hint: /tokens inspect whatsapp\/wa-61.*access level/,
  },
  'a call that requires a user token': {
    ...PAGES,
    error: { code: 190, message: '(#190) This method must be called with a User Access Token' },
    exit: 4,
    hint: /requires a user access token/,
    notHint: /permission/,
  },
  'a call that requires a Page token': {
    ...MENU,
    status: 403,
    error: { code: 210, message: '(#210) This method must be called with a page access token' },
    exit: 4,
    hint: /requires a Page access token/,
    notHint: /permission/,
  },
  'a request without a token': {
    ...MENU,
    error: { code: 200, message: '(#200) Provide valid app ID' },
    exit: 4,
    hint: /no access token/i,
    notHint: /permission/,
  },
  'the hourly limit of a user': {
    ...PAGES,
    status: 403,
    error: { code: 17, message: '(#17) User request limit reached', is_transient: true },
    exit: 5,
    hint: /user has reached the rate limit.*hour/,
  },
  'the hourly limit of a Page, with the waiting time': {
    ...MENU,
    status: 400,
    error: { code: 80001, message: '(#80001) There have been too many calls to this Page.' },
    headers: usage(33),
    exit: 5,
    hint: /Page has reached its rate limit\. Try again in about 33 minutes/,
  },
  'the hourly limit of Messenger with HTTP 429': {
    ...MENU,
    status: 429,
    error: { code: 80006, message: '(#80006) There have been too many calls to Messenger.' },
    headers: usage(61),
    exit: 5,
    hint: /about 61 minutes/,
  },
  'a missing permission that is not the one of the call': {
    ...MENU,
    error: {
      code: 10,
      message: "(#10) This endpoint requires the 'pages_read_engagement' permission.",
    },
    exit: 4,
    hint: /permission pages_read_engagement/,
    notHint: /pages_messaging/,
  },
  'a missing permission with code 283': {
    ...PAGES,
    status: 403,
    error: { code: 283, message: '(#283) Requires pages_manage_metadata permission' },
    exit: 4,
    hint: /permission pages_manage_metadata/,
  },
  'a role without two-factor authentication': {
    ...APP_URL,
    status: 403,
    error: {
      code: 200,
      message:
        '(#200) User does not have sufficient administrative permission for this action. If the business requires Two Factor Authentication, the user must turn it on.',
    },
    exit: 4,
    hint: /role in the business portfolio.*two-factor/,
  },
  'an app that is blocked': {
    ...NUMBERS,
    error: { code: 200, message: 'API access blocked.' },
    exit: 4,
    hint: /new token does not help/,
    notHint: /whatsapp_business_management/,
  },
  'an app ID that Meta does not know': {
    ...INSPECT,
    error: { code: 101, message: 'Error validating application. Cannot get application info.' },
    exit: 5,
    hint: /app_id and app_secret/,
  },
  'an app that has been deleted': {
    ...MENU,
    error: { code: 190, message: 'Error validating application. Application has been deleted.' },
    exit: 4,
    hint: /app may have been deleted/,
    notHint: /messenger connect/,
  },
  'an app that the user has removed': {
    ...MENU,
    error: {
      code: 190,
      error_subcode: 458,
      message: 'Error validating access token: The user has not authorized application 700.',
    },
    exit: 4,
    hint: /removed the app/,
  },
  'an account that must be confirmed': {
    ...MENU,
    error: {
      code: 190,
      error_subcode: 464,
      message: 'Error validating access token: The user is not a confirmed user.',
    },
    exit: 4,
    hint: /must log in to facebook\.com.*usually works again/,
  },
  'a session key that is no longer valid': {
    ...MENU,
    error: { code: 102, message: 'Session key invalid or no longer valid' },
    exit: 4,
    hint: /no longer valid/,
  },
  'a user without a role on the Page': {
    ...MENU,
    error: { code: 190, error_subcode: 492, message: 'Error validating access token: no role.' },
    exit: 4,
    hint: /no longer has a role on the Page/,
  },
  'a block for a violation': {
    ...SUBSCRIBE,
    error: { code: 368, message: 'The action has been deemed abusive or is disallowed.' },
    exit: 5,
    hint: /until the block ends/,
  },
  'an ID that does not exist': {
    ...NUMBERS,
    status: 404,
    error: { code: 803, message: '(#803) Some of the aliases you requested do not exist: 51' },
    exit: 5,
    hint: /Check waba_id 51/,
  },
  'an unverified request, with details': {
    ...REGISTER,
    status: 403,
    error: {
      code: 131031,
      message: '(#131031) Account has been locked',
      error_data: { details: 'The PIN could not be verified against the account.' },
    },
    exit: 5,
    hint: /whether the WABA is locked.*if not, check the PIN/,
    explanation: /The PIN could not be verified against the account\./,
  },
  'an incomplete deregistration': {
    ...REGISTER,
    error: { code: 133000, message: '(#133000) Incomplete deregistration' },
    exit: 5,
    hint: /whatsapp deregister whatsapp\/wa-61, then register/,
  },
  'a number that must be verified again': {
    ...REGISTER,
    error: { code: 133006, message: '(#133006) Phone number re-verification needed' },
    exit: 5,
    hint: /Verify the number again/,
  },
  'a PIN that was guessed too fast': {
    ...REGISTER,
    error: { code: 133009, message: '(#133009) PIN guessed too fast', is_transient: true },
    exit: 5,
    hint: /wait a few minutes, and check the PIN/,
  },
  'two-step verification that is still on': {
    ...REGISTER,
    error: {
      code: 100,
      error_subcode: 2388001,
      message: 'Invalid parameter',
      error_user_title: 'Cannot Create Certificate',
      error_user_msg: 'Turn off two-step verification of this number before you continue.',
    },
    exit: 5,
    hint: /turn off two-step verification.*Waiting does not help/,
    explanation: /Turn off two-step verification of this number/,
  },
  'a WABA without a payment method': {
    ...REGISTER,
    error: {
      code: 100,
      message:
        "Cannot Migrate Phone Number: Your WhatsApp Business Account doesn't have a payment method set up",
    },
    exit: 5,
    hint: /Add a payment method/,
  },
  'a webhook URL that does not respond': {
    ...APP_URL,
    error: {
      code: 2200,
      message:
        '(#2200) Callback verification failed with the following errors: curl_errno = 28; curl_error = Operation timed out',
    },
    exit: 5,
    hint: /reachable from the internet over HTTPS.*hub\.challenge/,
  },
  'a webhook URL that changes the challenge': {
    ...APP_URL,
    error: { code: 2201, message: '(#2201) response does not match challenge, received="\\"12"' },
    exit: 5,
    hint: /only the value of hub\.challenge/,
  },
  'a sign-up code that has expired': {
    ...SIGNUP,
    error: { code: 100, error_subcode: 36007, message: 'This authorization code has expired.' },
    exit: 5,
    hint: /sign up again/,
  },
  'a sign-up code that was truncated': {
    ...SIGNUP,
    error: { code: 100, error_subcode: 36009, message: 'Invalid verification code format.' },
    exit: 5,
    hint: /truncated or altered/,
    notHint: /expire/,
  },
  'a token of another app': {
    ...INSPECT,
    error: {
      code: 100,
      message: '(#100) The App_id in the input_token did not match the Viewing App',
    },
    exit: 5,
    hint: /not issued by the app configured for messenger/,
  },
  'a proof made with another secret': {
    ...NUMBERS,
    error: {
      code: 100,
      type: 'GraphMethodException',
      message: 'Invalid appsecret_proof provided in the API argument',
    },
    exit: 5,
    hint: /app_secret.*must belong to the app that issued the token/,
    notHint: /parameter/,
  },
  'a WABA for which a permission is missing': {
    ...NUMBERS,
    error: { code: 100, message: '(#100) Need permission on WhatsApp Business Account' },
    exit: 4,
    hint: /whatsapp_business_management.*system user has access/,
  },
  'an account for which a permission is missing': {
    ...SUBSCRIBE,
    error: { code: 100, message: '(#100) No enough permission to access the account' },
    exit: 4,
    hint: /whatsapp_business_management/,
  },
  'an Instagram account without a role': {
    ...PROFILE,
    error: {
      code: 100,
      type: 'IGApiException',
      message: 'Unsupported request - method type: get',
    },
    exit: 5,
    hint: /instagram_business_basic.*tester role/,
  },
};

describe('a refusal by Meta', () => {
  test.each(Object.entries(ROWS))('explains %s', async (_, row) => {
    const { operation, status = 400, error, headers, command, input = '', exit } = row;
    const body = { error: { type: 'OAuthException', fbtrace_id: 'AbC', ...error } };
    const own = await desk({ faults: [{ operation, status, body, headers, times: 4 }] });
    const result = await run([...command.split(' '), '--json'], own.env, input);
    const [last = ''] = result.stderr.trim().split('\n').slice(-1);
    const reported = JSON.parse(last).error;
    expect([result.code, reported.graph?.code]).toEqual([exit, error.code]);
    expect(reported.hint).toMatch(row.hint);
    if (row.notHint !== undefined) expect(reported.hint).not.toMatch(row.notHint);
    expect(reported.hint).not.toContain('<account>');
    expect(reported.message).toContain(error.message);
    if (row.explanation !== undefined) expect(reported.message).toMatch(row.explanation);
  });
});
