import type { GraphErrorBody } from '../../shared/errors.ts';
import { formatDuration } from '../../shared/text.ts';
import type { Credentials } from '../graph.ts';
import { URL_VARIABLES } from '../http/network-error.ts';
import { isInvalidSession, isSecurityCheck, MESSAGES } from '../operations/error-codes.ts';
import { type Operation, renewHintOf, tokenKindInfo } from '../operations/operation.ts';

export type Sender = Pick<Credentials, 'accountName' | 'appKeys' | 'channel' | 'renewCommand'>;

export interface Situation {
  operation: Operation;
  /** The object of the call, such as `page_id 1065`; empty if the path contains no ID. */
  subject: string;
  sender: Sender;
  graphError: GraphErrorBody;
  /** The wait that Meta asks for, in milliseconds; null if Meta asks for none. */
  wait: number | null;
  /** The highest usage of a rate limit, in percent; null if Meta does not report it. */
  usage: number | null;
}

type Hint = (situation: Situation) => string;

/** Hints for messages from Meta that are more specific than their code. The first match applies. */
const MESSAGE_HINTS: readonly (readonly [message: RegExp, hint: Hint])[] = [
  [
    /must be called with an? |(?:app|page|user) access token is required/i,
    ({ graphError }) =>
      `The token is valid, but of a different type: this call requires ${requiredToken(graphError)}.`,
  ],
  [
    /require an appsecret_proof argument/,
    (situation) =>
      `The app requires appsecret_proof with every call: store its app secret with channelctl integrations set ${channelOf(situation)} --config app_secret=@file.`,
  ],
  [
    MESSAGES.appSecretProof,
    (situation) =>
      `Check app_secret with channelctl integrations get ${channelOf(situation)}: it must belong to the app that issued the token.`,
  ],
  [/client.?secret/i, wrongAppSecret],
  [
    /Insufficient developer role/i,
    () =>
      'Add the account as an Instagram tester in the App Dashboard under App roles, accept the invitation in its settings, then connect again.',
  ],
  [
    /at least 24 hours old/,
    () => 'Wait until the token is at least 24 hours old, then refresh it again.',
  ],
  [
    /must be an Instagram Business account/i,
    () =>
      'Switch to a professional account (business or creator) in the settings of the Instagram app, then connect again.',
  ],
  [/access token signature/, invalidSignature],
  [
    MESSAGES.tooMuchData,
    () => 'The list is too large for one response: request fewer items with a smaller limit.',
  ],
  [
    /Invalid platform app/,
    () =>
      'Store the Instagram app ID and secret, not those of the Meta app, with channelctl integrations set instagram.',
  ],
  [MESSAGES.unknownApp, checkApp],
  [
    /API access blocked/,
    () =>
      'Meta has blocked API access for the app, its business or the user; a new token does not help. The App Dashboard shows the cause.',
  ],
  [
    /Provide valid app ID/i,
    () =>
      'Meta received no access token: check whether a proxy removes the Authorization header from requests.',
  ],
  [
    /have a payment method/i,
    () => 'Add a payment method to the WABA in WhatsApp Manager, then try again.',
  ],
  [
    /Two Factor Authentication/i,
    () =>
      "Check the user's role in the business portfolio, and that the user has two-factor authentication turned on.",
  ],
  [
    /must be granted before impersonating/,
    ({ subject }) =>
      `Grant access to ${subject === '' ? 'the Page' : subject} when you sign in: channelctl messenger connect`,
  ],
  [MESSAGES.missingPermission, missingPermission],
  [
    MESSAGES.otherApp,
    (situation) =>
      `The token was not issued by the app configured for ${channelOf(situation)}: store a token of the configured app, or correct app_id and app_secret.`,
  ],
  [
    /must be subscribed to receive messages/,
    () =>
      'An override requires the app to be subscribed to the messages field of the WhatsApp webhooks (run: channelctl webhooks set <account> --level app, or use the App Dashboard) and to the WABA (run: channelctl whatsapp subscribe <account>).',
  ],
  [
    /not set as the primary app/,
    () =>
      "Make this app the default app of the Page in the Page's settings (conversation routing), then try again.",
  ],
  [
    /Invalid verification code format/,
    () => 'The code was truncated or altered: pass the complete code, or sign in again.',
  ],
  [/Unsupported request - method type/, unsupportedMethod],
  [
    /ids query parameter is deprecated/,
    () =>
      'Meta no longer returns several objects in one response: request each object separately, by its ID.',
  ],
  [/not available for API solution for SMB/, staysInBusinessApp],
  [/already registered or in invalid state/, alreadyRegistered],
  [MESSAGES.portfolio, portfolioAsWaba],
  // Meta returns this message, with code 100, to a request to set the PIN of an unregistered
  // number.
  [/^The phone number is not registered$/, notRegistered],
];

const SESSION_HINTS: Readonly<Record<number, Hint>> = {
  458: (situation) => `The user has removed the app. ${renewHint(situation)}`,
  460: (situation) =>
    `Facebook has ended the session, for example because the password was changed. ${renewHint(situation)}`,
  463: (situation) => `The token has expired. ${renewHint(situation)}`,
  467: (situation) => `The token was revoked or is not a valid token. ${renewHint(situation)}`,
  492: (situation) =>
    `The user no longer has a role on the Page: assign one in the Page's settings. ${renewHint(situation)}`,
};

const SUBCODE_HINTS: Readonly<Record<string, Hint>> = {
  '100/33': missingObject,
  '100/36007': expiredCode,
  '100/36008': mismatchedRedirectUri,
  '100/36009': expiredCode,
  '100/2018145': () =>
    'A persistent menu requires a Get Started button: set one in the same call with --get-started <payload>.',
  '100/2207051': notRegistered,
  '100/2388001': () =>
    "Follow Meta's message: disconnect the number from the app or provider that uses it, or turn off two-step verification in WhatsApp Manager. Waiting does not help.",
};

const CODE_HINTS: Readonly<Record<number, Hint>> = {
  1: tryLater,
  2: tryLater,
  3: () =>
    "Check the ID, the token's permissions with channelctl tokens inspect <account>, and the app's mode, products and access level in the App Dashboard.",
  4: (situation) => `The app has reached its rate limit. ${waitFor(situation)}`,
  17: (situation) => `The user has reached the rate limit. ${waitFor(situation)}`,
  32: (situation) => `The Page has reached its rate limit. ${waitFor(situation)}`,
  100: invalidParameter,
  101: checkApp,
  191: () => "Add the redirect URI to the app's Valid OAuth Redirect URIs.",
  341: (situation) => `The app has reached its rate limit. ${waitFor(situation)}`,
  368: () =>
    'Wait until the block ends. Meta Business Support Home shows the policy and accepts appeals.',
  613: (situation) =>
    `This call has its own rate limit, which has been exceeded. ${waitFor(situation)}`,
  803: missingObject,
  2200: webhookUnanswered,
  2201: () =>
    'The webhook URL must return only the value of hub.challenge: no quotes, no byte order mark, no line break.',
  80001: (situation) => `The Page has reached its rate limit. ${waitFor(situation)}`,
  80002: (situation) => `The Instagram account has reached its rate limit. ${waitFor(situation)}`,
  80006: (situation) => `The Page has reached its Messenger rate limit. ${waitFor(situation)}`,
  80007: (situation) => `The WABA has reached its rate limit. ${waitFor(situation)}`,
  80008: (situation) => `The WABA has reached its rate limit. ${waitFor(situation)}`,
  130429: (situation) => `The number has reached its throughput limit. ${waitFor(situation)}`,
  131031: () =>
    'Check in WhatsApp Manager whether the WABA is locked. If it is, appeal there; if not, check the PIN.',
  133000: () =>
    'An earlier deregistration is incomplete: run channelctl whatsapp deregister <account>, then register the number again.',
  133005: ({ sender: { accountName } }) =>
    `The PIN does not match the one set for the number: ${accountName === undefined ? 'pass the correct one with' : 'store the correct one with channelctl accounts update <account>'} --config pin=@file, or turn off two-step verification in WhatsApp Manager.`,
  133006: () =>
    'Verify the number again in WhatsApp Manager, by SMS or voice call, then register it.',
  133008: () =>
    'Too many wrong PINs were entered: find or reset the PIN in WhatsApp Manager, and wait several hours before the next attempt.',
  133009: () =>
    'PINs were entered too quickly: wait a few minutes, and check the PIN before the next attempt.',
  133010: notRegistered,
  133015: () =>
    'The number was deregistered or deleted recently: wait five minutes, then register it.',
  133016: () =>
    'Meta allows 10 register calls per number every 72 hours: wait 72 hours before the next one.',
};

/**
 * Returns the next step after an error, with a command if there is one. An ellipsis stands for an
 * unknown account.
 */
export function hintFor(situation: Situation): string {
  const { accountName = '…' } = situation.sender;
  return usualHint(situation).replaceAll('<account>', () => accountName);
}

function usualHint(situation: Situation): string {
  const { operation, graphError } = situation;
  const code = graphError.code ?? 0;
  if (isWrongAppSecret(operation, graphError)) return wrongAppSecret(situation);
  const specific = MESSAGE_HINTS.find(([message]) => message.test(graphError.message ?? ''));
  if (specific !== undefined) return specific[1](situation);
  if (isSecurityCheck(graphError.subcode, graphError.message)) return securityCheck();
  if (isInvalidSession(graphError.code, graphError.type)) {
    return (SESSION_HINTS[graphError.subcode ?? 0] ?? invalidToken)(situation);
  }
  if (code === 10 || (code >= 200 && code <= 299)) return missingPermission(situation);
  const hint = SUBCODE_HINTS[`${code}/${graphError.subcode}`] ?? CODE_HINTS[code];
  return hint?.(situation) ?? otherHint(situation);
}

export function hintWithoutReason({ token }: Operation): string {
  if (token === 'business') return 'Check the number in WhatsApp Manager, then try again later.';
  if (token === 'page') return "Check the app's permissions for the Page, then try again.";
  if (token === 'app')
    return 'Check the current webhook URL with channelctl webhooks status, then try again.';
  return "Check the app's permissions, then try again.";
}

/**
 * Whether the error means that the app secret is wrong. In the response to a token exchange, code 1
 * has this meaning instead of a temporary error.
 */
export function isWrongAppSecret(operation: Operation, graphError: GraphErrorBody): boolean {
  return graphError.code === 1 && operation.path.endsWith('/access_token');
}

function requiredToken({ message }: GraphErrorBody): string {
  const type = /\b(app|page|user) access[ _]token/i.exec(message ?? '')?.[1]?.toLowerCase();
  if (type === undefined) return "the type specified in Meta's message";
  return { app: 'an app access token', page: 'a Page access token' }[type] ?? 'a user access token';
}

function renewHint(situation: Situation): string {
  const { operation, sender } = situation;
  if (sender.renewCommand !== undefined) return `Get a new token with ${sender.renewCommand}.`;
  return renewHintOf(operation);
}

function channelOf({ operation, sender }: Situation): string {
  return (
    sender.channel ?? operation.channel ?? tokenKindInfo(operation.token)?.channel ?? '<channel>'
  );
}

function appKeys({ sender }: Situation): { id: string; secret: string } {
  return sender.appKeys ?? { id: 'app_id', secret: 'app_secret' };
}

function wrongAppSecret(situation: Situation): string {
  const { id, secret } = appKeys(situation);
  return `The app secret does not match ${id}: store the correct one with channelctl integrations set ${channelOf(situation)} --config ${secret}=@file.`;
}

/**
 * An app token consists of the app ID and app secret, so an invalid signature means a wrong secret.
 */
function invalidSignature(situation: Situation): string {
  return situation.operation.token === 'app' ? wrongAppSecret(situation) : invalidToken(situation);
}

function invalidToken(situation: Situation): string {
  return `The token is no longer valid. ${renewHint(situation)}`;
}

function checkApp(situation: Situation): string {
  const { id, secret } = appKeys(situation);
  const channel = channelOf(situation);
  // Meta also returns this error for the ID and secret of an Instagram app.
  if (id !== 'app_id') {
    return `Store the ID and secret of the Meta app, not those of its Instagram app: channelctl integrations set ${channel} --config ${id}=… --config ${secret}=@file`;
  }
  return `Check ${id} and ${secret} with channelctl integrations get ${channel}. The app may have been deleted.`;
}

function securityCheck(): string {
  return "Meta requires a security check: the token's owner must log in to facebook.com or instagram.com and complete it. The token then usually works again.";
}

function expiredCode({ operation }: Situation): string {
  return 'redirect_uri' in operation.parameters.shape
    ? 'A sign-in code works only once and expires quickly: sign in again to get a new one.'
    : 'A sign-up code works only once and expires after 30 seconds: sign up again to get a new one.';
}

function mismatchedRedirectUri({ operation }: Situation): string {
  return 'redirect_uri' in operation.parameters.shape
    ? "The redirect URI must exactly match the one passed to the login dialog and one in the app's list: check --redirect-uri and channelctl config get redirect_uri."
    : 'Check that the sign-up page uses this app, the ID of a WhatsApp Embedded Signup configuration, and override_default_response_type, then sign up again.';
}

/**
 * Matches the permission in Meta's message, which may not be the one that the call usually
 * requires.
 */
const PERMISSION =
  /\b(?:pages_[a-z_]+|instagram_[a-z_]+|whatsapp_business_m[a-z]+|business_management)\b/;

function missingPermission(situation: Situation): string {
  const { operation, graphError } = situation;
  if ('webhook_configuration' in operation.parameters.shape) {
    return "The token's system user cannot manage the WABA, as is usual for a number that is also used in the WhatsApp Business app: ask the owner of the WABA to give the system user full control, or use the app's URL, which requires only channelctl whatsapp subscribe <account>.";
  }
  const name = PERMISSION.exec(graphError.message ?? '')?.[0] ?? operation.permission;
  const permission = name === null ? "the permission in Meta's message" : `the permission ${name}`;
  return operation.token === 'business'
    ? `Check that the token has ${permission}, and that its system user has access to the WABA. ${renewHint(situation)}`
    : `Add ${permission} to the app, or have the user grant it again. ${renewHint(situation)}`;
}

function missingObject({ subject }: Situation): string {
  return `Check ${subject === '' ? 'the ID' : subject}: it does not exist, or the token has no access to it.`;
}

function notRegistered({ operation, sender: { accountName } }: Situation): string {
  if (operation.path.endsWith('/register')) {
    return 'Meta does not accept the number yet: add and verify it in WhatsApp Manager, then register it.';
  }
  const orCreate =
    accountName === undefined ? ', or with accounts create if it has no account yet' : '';
  return `The number is not registered: unless it stays in the WhatsApp Business app, register it with channelctl whatsapp register <account>${orCreate}.`;
}

function staysInBusinessApp({ operation }: Situation): string {
  const store = 'run channelctl accounts update <account> --config is_on_biz_app=true';
  return operation.path.endsWith('/deregister')
    ? `The number is used in the WhatsApp Business app: disconnect it there, on the phone. To record in channelctl that the app uses it, ${store}.`
    : `The number stays in the WhatsApp Business app and must not be registered: pass --no-register, or, if the account exists, ${store}.`;
}

function alreadyRegistered({ sender: { accountName } }: Situation): string {
  const check =
    accountName === undefined
      ? 'Check the status of the number in WhatsApp Manager'
      : 'Check the status of the number with channelctl whatsapp health <account>';
  return `${check}: if it is CONNECTED, no registration is needed (--no-register); otherwise remove it from the provider that uses it.`;
}

function portfolioAsWaba({ operation, subject, sender: { accountName } }: Situation): string {
  if (!('waba_id' in operation.parameters.shape)) {
    return `Check ${subject === '' ? 'the ID' : subject}: it is the ID of a business portfolio, not of the expected object.`;
  }
  const correct =
    accountName === undefined
      ? 'pass the ID of the WABA as waba_id'
      : 'correct it with channelctl accounts update <account> --config waba_id=<ID of the WABA>';
  return `The waba_id is the ID of a business portfolio, not of a WABA: ${correct}. WhatsApp Manager shows both IDs.`;
}

/** Meta reports missing access as an unsupported method. */
function unsupportedMethod({ operation, subject }: Situation): string {
  return operation.service === 'instagram_graph'
    ? 'Check that the user granted instagram_business_basic, that the account is a professional account, and that the app can access it (Instagram tester role or Advanced Access), then connect again with channelctl instagram connect.'
    : `Check ${subject === '' ? 'the ID' : subject}, and that the token has access to it and, for a phone number, to its WABA.`;
}

function invalidParameter({ operation, graphError }: Situation): string {
  if (
    'override_callback_uri' in operation.parameters.shape &&
    /callback/i.test(String(graphError.message))
  ) {
    return webhookUnanswered();
  }
  return "Check the parameter mentioned in Meta's message.";
}

function webhookUnanswered(): string {
  return "Meta calls the webhook URL immediately: it must be reachable from the internet over HTTPS, and return hub.challenge if hub.verify_token matches the account's verify_token.";
}

function tryLater(): string {
  return "Meta's service is temporarily unavailable: try again in a few minutes.";
}

function waitFor({ operation, wait, usage }: Situation): string {
  if (wait !== null) return `Try again in ${formatDuration(wait)}.`;
  // Source: Meta, "Messenger Profile API, rate limits".
  if (operation.path.endsWith('/messenger_profile')) {
    return 'Meta allows 10 of these calls per Page every 10 minutes: wait 10 minutes, then try again.';
  }
  const used = usage === null ? '' : ` (${usage}% used)`;
  return `Meta limits the number of calls per hour${used}: try again later.`;
}

function otherHint({ operation, graphError, wait }: Situation): string {
  if (wait !== null) return `Try again in ${formatDuration(wait)}.`;
  if (graphError.status === 429) return 'Wait a few minutes, then try again.';
  if (graphError.status !== null && graphError.status >= 500) return tryLater();
  // Instagram's code exchange reports every error as 400, and its messages vary.
  if (operation.service === 'instagram_api') {
    return 'A sign-in code works only once, and its redirect URI must match the one used to open the login dialog: connect again with channelctl instagram connect.';
  }
  if (graphError.code === null) {
    return `Check ${URL_VARIABLES[operation.service]} and the proxy settings, or try again later.`;
  }
  // If Instagram has no error code, it returns the HTTP status as the code.
  if (operation.service === 'instagram_graph' && graphError.code === graphError.status) {
    return 'Try again later. If the error persists, connect again with channelctl instagram connect.';
  }
  const trace =
    graphError.fbtrace_id === null ? '' : ', and include the fbtrace_id if you contact Meta';
  return `Look up code ${graphError.code} in Meta's error reference${trace}.`;
}
