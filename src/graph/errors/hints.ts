import type { GraphErrorBody } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import type { Credentials } from '../graph.ts';
import { type Operation, tokenKindInfo } from '../operations/operation.ts';

/** The owner of the token that was sent, if known. */
export type Sender = Pick<Credentials, 'accountName' | 'channel' | 'renewCommand'>;

/** The failed call, as hints depend on it. */
export interface Situation {
  operation: Operation;
  /** The object of the call, such as `page_id 1065`; empty if the path names none. */
  subject: string;
  sender: Sender;
  graphError: GraphErrorBody;
  /** Milliseconds that Meta asks to wait; null if it does not say. */
  wait: number | null;
  /** The highest percentage of a limit that is used up; null if Meta does not report it. */
  usage: number | null;
}

type Hint = (situation: Situation) => string;

/**
 * The next step for each subcode of 102 and 190: the reason why the token is invalid, and how to
 * get another.
 */
const SESSION_HINTS: Readonly<Record<number, Hint>> = {
  458: (situation) => `The person has removed the app. ${renewHint(situation)}`,
  460: (situation) =>
    `The person's password was changed, which ends every token. ${renewHint(situation)}`,
  463: (situation) => `The token has expired. ${renewHint(situation)}`,
  467: (situation) => `The token was withdrawn or is no token of Meta's. ${renewHint(situation)}`,
  492: (situation) =>
    `The person has no role on the Page any more: give them one in the Page's settings. ${renewHint(situation)}`,
};

/** The next step for a code with a certain subcode. */
const SUBCODE_HINTS: Readonly<Record<string, Hint>> = {
  '100/33': missingObject,
  '100/36007': () => 'A sign-in code works once and for a short time: sign in again for a new one.',
  '100/36008': () =>
    "The redirect address must equal, character for character, the one that the login dialog was opened with and one on the app's list: check --redirect-uri and channelctl config get redirect_uri.",
  '100/2018145': () =>
    'A persistent menu needs a Get Started button: set one in the same call with --get-started <payload>.',
  '100/2207051': notRegistered,
};

/** The next step for a code, whatever its subcode. */
const CODE_HINTS: Readonly<Record<number, Hint>> = {
  1: tryLater,
  2: tryLater,
  4: (situation) => `The app has made too many calls. ${waitFor(situation)}`,
  17: (situation) => `The person's token has made too many calls. ${waitFor(situation)}`,
  32: (situation) => `Too many calls were made for the Page. ${waitFor(situation)}`,
  100: invalidParameter,
  341: (situation) => `The application has reached its limit. ${waitFor(situation)}`,
  368: () =>
    "Wait until the block is over; Meta's Business Support Home names the policy and takes appeals.",
  613: (situation) => `This call has a limit of its own, which is reached. ${waitFor(situation)}`,
  803: missingObject,
  2200: webhookUnanswered,
  80007: (situation) =>
    `The WhatsApp business account has reached its limit. ${waitFor(situation)}`,
  131031: () =>
    'The WhatsApp business account is locked: open WhatsApp Manager to see why, and ask for a review there.',
  133005: ({ sender: { accountName } }) =>
    `The PIN is not the one that is set for the number: ${accountName === undefined ? 'give the right one with' : 'store the right one with channelctl accounts update <account>'} --config pin=@file, or turn two-step verification off in WhatsApp Manager.`,
  133006: () =>
    'The number has to be verified again: do so in WhatsApp Manager, by SMS or voice call, then register it.',
  133009: () =>
    'The PIN was tried too often in a short time: wait a few minutes, and make sure of the PIN before the next try.',
  133010: notRegistered,
  133015: () =>
    'The number was deregistered or deleted a moment ago: wait five minutes, then register it.',
  133016: () =>
    'Meta allows 10 register calls for a number in 72 hours: wait 72 hours before the next one.',
};

function notRegistered({ operation, sender: { accountName } }: Situation): string {
  if (operation.path.endsWith('/register')) {
    return 'The number is not registered, and Meta does not take it yet: add and verify it in WhatsApp Manager, then register it.';
  }
  const orCreate =
    accountName === undefined ? ', or with accounts create where it has none yet' : '';
  return `The number is not registered: register it with channelctl whatsapp register <account>${orCreate}.`;
}

/**
 * The next step after an error, with the command if there is one. `<account>` replaces an account
 * that is not known.
 */
export function hintFor(situation: Situation): string {
  return usualHint(situation).replaceAll('<account>', situation.sender.accountName ?? '<account>');
}

function usualHint(situation: Situation): string {
  const { operation, graphError } = situation;
  const code = graphError.code ?? 0;
  if (isWrongAppSecret(operation, graphError)) {
    return `The app secret is wrong: store the right one with channelctl integrations set ${channelOf(situation)} --config app_secret=@file.`;
  }
  if (isWrongTokenKind(graphError)) {
    return 'The token is good, but this call takes one of another kind, which Meta names: use the token of an account, or an app, of that kind.';
  }
  if (code === 102 || code === 190) {
    const hint = SESSION_HINTS[graphError.subcode ?? 0];
    return hint?.(situation) ?? `The token is not valid any more. ${renewHint(situation)}`;
  }
  if (code === 10 || (code >= 200 && code <= 299)) return missingPermission(situation);
  const hint = SUBCODE_HINTS[`${code}/${graphError.subcode}`] ?? CODE_HINTS[code];
  return hint?.(situation) ?? otherHint(situation);
}

/** The next step if Meta reports that a change was not made, without a reason. */
export function hintWithoutReason({ token }: Operation): string {
  if (token === 'business') return 'Look at the number in WhatsApp Manager, then try again later.';
  if (token === 'page') return "Check the app's permissions for the Page, then try again.";
  if (token === 'app') return 'See what Meta calls now: channelctl webhooks status <account>';
  return "Check the app's permissions, then try again.";
}

/** From a token exchange, code 1 is not a temporary error. */
export function isWrongAppSecret(operation: Operation, graphError: GraphErrorBody): boolean {
  return graphError.code === 1 && operation.path.endsWith('/access_token');
}

/** Meta reports it with the code of an invalid token. */
function isWrongTokenKind({ status, code, message }: GraphErrorBody): boolean {
  return status === 400 && code === 190 && /must be called with an? /.test(message ?? '');
}

/** "about 12 minutes"; seconds if it is under two minutes. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 120
    ? count(seconds, 'second')
    : `about ${count(Math.ceil(seconds / 60), 'minute')}`;
}

/** The next step for an invalid token. */
function renewHint(situation: Situation): string {
  const { operation, sender } = situation;
  if (sender.renewCommand !== undefined) return `Get another token: ${sender.renewCommand}`;
  return (
    tokenKindInfo(operation.token)?.renewHint ??
    `Check app_id and app_secret with channelctl integrations get ${channelOf(situation)}, then sign in again.`
  );
}

/** The channel whose app settings a call uses. */
function channelOf({ operation, sender }: Situation): string {
  return (
    sender.channel ?? operation.channel ?? tokenKindInfo(operation.token)?.channel ?? '<channel>'
  );
}

function missingPermission(situation: Situation): string {
  const { operation } = situation;
  const permission =
    operation.permission === null
      ? 'the permission that Meta names'
      : `the permission ${operation.permission}`;
  return `Give the app ${permission}, or have the person grant it again. ${renewHint(situation)}`;
}

function missingObject({ subject }: Situation): string {
  const named = subject === '' ? 'the id' : subject;
  return `Check ${named}: there is no such object, or this token may not see it.`;
}

function invalidParameter(situation: Situation): string {
  const { operation, graphError } = situation;
  if (graphError.message?.includes('appsecret_proof')) {
    return `Check that app_secret belongs to the app of the token: channelctl integrations get ${channelOf(situation)}.`;
  }
  // The PIN of a number can be set once it is registered; Meta says only that the call is invalid.
  if (graphError.message === 'The phone number is not registered') return notRegistered(situation);
  if (
    'override_callback_uri' in operation.parameters.shape &&
    /callback/i.test(String(graphError.message))
  ) {
    return webhookUnanswered();
  }
  return 'Check the value that Meta names.';
}

function webhookUnanswered(): string {
  return "Meta calls the webhook address at once: it must be on the internet, over HTTPS, and answer Meta's GET with hub.challenge where hub.verify_token is the account's verify_token.";
}

function tryLater(): string {
  return "Meta's service is down or overloaded for the moment: try again in a few minutes.";
}

function waitFor({ operation, wait, usage }: Situation): string {
  if (wait !== null) return `Try again in ${formatDuration(wait)}.`;
  // Source: Meta, "Messenger Profile API, rate limits".
  if (operation.path.endsWith('/messenger_profile')) {
    return 'Meta takes ten calls in ten minutes for a Page: wait ten minutes, then try again.';
  }
  const used = usage === null ? '' : ` (${usage} % is used)`;
  return `Limits count the calls of the last hour${used}: wait a while, then try again.`;
}

function otherHint({ operation, graphError, wait }: Situation): string {
  if (wait !== null) return `Try again in ${formatDuration(wait)}.`;
  if (graphError.status === 429) return 'Too many calls were made: wait a while, then try again.';
  if (graphError.status !== null && graphError.status >= 500) return tryLater();
  // Instagram's code exchange returns only 400, with messages that change.
  if (operation.service === 'instagram_api') {
    return 'A sign-in code works once, and its redirect address must equal that of the dialog: connect again with channelctl instagram connect.';
  }
  if (graphError.code === null)
    return 'Check the address settings; if they are right, try again later.';
  // If Instagram repeats the HTTP status, there is no code of its own.
  if (operation.service === 'instagram_graph' && graphError.code === graphError.status) {
    return 'Try again later; if it stays, connect again with channelctl instagram connect.';
  }
  const trace =
    graphError.fbtrace_id === null ? '' : ', and give Meta the fbtrace_id when you ask about it';
  return `Look up code ${graphError.code} in Meta's error reference${trace}.`;
}
