import type { CompletedSignup, SignupResultView } from '../../auth/embedded-signup/signup.ts';
import type { MetaApp } from '../../channels/meta/app.ts';
import { whatsapp } from '../../channels/whatsapp/index.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { sanitizeError } from '../../shared/foreign/sanitize.ts';
import { isObject, type Json } from '../../shared/json.ts';
import { joinSentences } from '../../shared/text.ts';
import { checkBaseUrl, checkUrl } from '../../shared/url.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { OptionsOf } from '../shared/options.ts';
import { parseSeconds, redirectSetting } from '../shared/sign-in-options.ts';

export const BROWSER_OPTIONS = {
  '--redirect-uri <address>': 'redirect URI that overrides the setting redirect_uri',
  '--no-browser': 'print the sign-up URL instead of opening a browser',
  '--manual': { description: '', isHidden: true },
  '--timeout <seconds>': { description: 'how long to wait for the sign-up', default: '300' },
  '--extras <json>': "extras to pass to Facebook's script instead of the default",
} as const;

type BrowserOptions = OptionsOf<typeof BROWSER_OPTIONS>;

/**
 * The default `extras` of `FB.login`.
 *
 * Source: Meta, "Embedded Signup, implementation", version 4. Published examples differ, and Meta
 * occasionally changes them, so `--extras` can replace them.
 */
const DEFAULT_EXTRAS: Json = { setup: {}, featureType: '', sessionInfoVersion: '3', version: 'v4' };

const CODE_HINT = 'pass --code, --waba-id and --phone-number-id from a sign-up elsewhere';

export async function runSignupInBrowser(
  options: BrowserOptions,
  { id, configId }: MetaApp,
  context: CommandContext,
): Promise<CompletedSignup> {
  if (options.manual === true) throw manualError();
  // `loadMetaApp` has checked that the app has a configuration.
  const request = { appId: id, configId: configId ?? '', ...signupSettings(options, context) };
  const { runSignup } = await import('../../auth/embedded-signup/signup.ts');
  const signup = await runSignup(request, context.signInPorts());
  context.redactor.add(signup.code);
  return signup;
}

function signupSettings(options: BrowserOptions, { env, settings }: CommandContext) {
  const sdkVariable = 'CHANNELCTL_FACEBOOK_SDK_URL';
  const facebookVariable = 'CHANNELCTL_FACEBOOK_URL';
  const sdkUrl = env[sdkVariable] || 'https://connect.facebook.net/en_US/sdk.js';
  const facebookUrl = env[facebookVariable] || 'https://www.facebook.com';
  return {
    redirectUri: options.redirectUri ?? redirectSetting(settings, whatsapp),
    graphVersion: settings.graphVersion,
    extras: options.extras === undefined ? DEFAULT_EXTRAS : parseExtras(options.extras),
    sdkUrl: checkUrl(sdkVariable, sdkUrl).href,
    facebookUrl: checkBaseUrl(facebookVariable, facebookUrl),
    openBrowser: options.browser,
    timeoutSeconds: parseSeconds('--timeout', options.timeout, 300),
  };
}

function parseExtras(text: string): Json {
  try {
    const extras: Json = JSON.parse(text);
    if (isObject(extras)) return extras;
  } catch {
    // Invalid JSON is reported below.
  }
  throw usageError('--extras is not a JSON object.', {
    hint: `Omit it, or pass an object such as '${JSON.stringify(DEFAULT_EXTRAS)}'.`,
  });
}

function manualError(): ChannelctlError {
  return usageError('whatsapp signup does not support --manual.', {
    reason:
      "Facebook passes the code and the IDs only to the page's script, so no URL contains them.",
    hint: `Omit --manual, or ${CODE_HINT}.`,
  });
}

/**
 * Returns the phone number ID to connect: the one chosen on Facebook. If none was chosen there, it
 * is the requested one, the WABA's only one, or one chosen at the terminal.
 *
 * @param register whether the command that continues the sign-up should register the number
 * @throws ChannelctlError if the number cannot be determined, with the command that continues the
 *   sign-up
 */
export async function choosePhoneNumber(
  { wabaId, phoneNumberId }: { wabaId: string; phoneNumberId: string | null },
  { requestedId, register }: { requestedId: string | undefined; register: boolean },
  credentials: Credentials,
  context: CommandContext,
): Promise<string> {
  if (phoneNumberId === null) {
    try {
      return await chooseFromWaba(wabaId, requestedId, credentials, context);
    } catch (error) {
      throw error instanceof ChannelctlError ? withContinueCommand(error, wabaId, register) : error;
    }
  }
  if (requestedId !== undefined && requestedId !== phoneNumberId) {
    context.warn(
      `Ignored --phone-number-id ${requestedId}: the number chosen on Facebook is ${phoneNumberId}.`,
      'Omit the option if you choose the number on Facebook.',
    );
  }
  return phoneNumberId;
}

async function chooseFromWaba(
  wabaId: string,
  requestedId: string | undefined,
  credentials: Credentials,
  context: CommandContext,
): Promise<string> {
  const graph = await context.graph();
  const fields = 'id,display_phone_number,verified_name';
  const numbers = await graph.list('listPhoneNumbers', { waba_id: wabaId, fields }, credentials);
  const choices = numbers.map(({ id, display_phone_number, verified_name }) => {
    const notes = [verified_name, id].filter((note) => note);
    return { value: id, label: display_phone_number ?? id, note: notes.join(' · ') };
  });
  const [only, ...others] = choices;
  if (requestedId !== undefined && choices.some(({ value }) => value === requestedId)) {
    return requestedId;
  }
  if (requestedId === undefined && only !== undefined) {
    if (others.length === 0) return only.value;
    if (context.terminal.interactive) {
      return context.terminal.chooseOne('Which number do you want to connect?', choices);
    }
  }
  const list = choices.map(({ label, note }) => `${label} (${note})`);
  throw usageError(
    requestedId === undefined
      ? 'No number was chosen on Facebook.'
      : `Number ${requestedId} does not belong to WABA ${wabaId}.`,
    {
      reason:
        list.length === 0
          ? `WABA ${wabaId} has no numbers.`
          : `Its numbers are ${list.join(', ')}.`,
      hint: list.length === 0 ? 'Add a number to it in WhatsApp Manager.' : 'Choose one of them.',
    },
  );
}

function withContinueCommand(
  error: ChannelctlError,
  wabaId: string,
  register: boolean,
): ChannelctlError {
  const command = `channelctl whatsapp signup --waba-id ${wabaId} --phone-number-id <id>${register ? '' : ' --no-register'}`;
  const hint = error.kind === 'cancelled' ? '' : error.hint;
  return error.with({
    reason: joinSentences(error.reason, 'The token of the sign-up is stored.'),
    hint: joinSentences(hint, `To continue, run: ${command}`),
  });
}

export function connectedView(account: StoredAccount, wabaId: string): SignupResultView {
  return {
    tone: 'good',
    title: `${account.display_name ?? 'Your number'} is connected`,
    text: 'channelctl has connected it to your desk. You can close this tab.',
    rows: [
      { name: 'Account', value: account.account_key },
      { name: 'Phone number ID', value: String(account.config.phone_number_id) },
      { name: 'WABA ID', value: wabaId },
    ],
    quote: null,
  };
}

export function failedView(error: unknown, { redactor }: CommandContext): SignupResultView {
  const known = error instanceof ChannelctlError ? sanitizeError(error, redactor) : null;
  return {
    tone: 'bad',
    title: redactor.redact(known?.message ?? 'Something went wrong.').replace(/\.$/, ''),
    text: 'Return to the terminal for the next step. You can close this tab.',
    rows: [],
    quote: known === null ? null : redactor.redact(known.reason),
  };
}
