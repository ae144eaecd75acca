import type { SignUpAnswer, SignUpOutcome } from '../../auth/embedded-signup/signup.ts';
import type { MetaApp } from '../../channels/meta/app.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { isObject, type Json } from '../../shared/json.ts';
import { checkBaseUrl, checkUrl } from '../../shared/url.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { OptionsOf } from '../shared/options.ts';
import { redirectSetting, secondsOf } from '../shared/sign-in-options.ts';

export const BROWSER_OPTIONS = {
  '--redirect-uri <address>': 'in place of the setting redirect_uri',
  '--no-browser': 'print the address of the page to open, and wait',
  '--manual': { description: '', isHidden: true },
  '--timeout <seconds>': { description: 'how long to wait for the person', default: '300' },
  '--extras <json>': "in place of what Facebook's script is given as extras",
} as const;

type BrowserOptions = OptionsOf<typeof BROWSER_OPTIONS>;

/**
 * What FB.login is given beside the configuration.
 *
 * Source: Meta, "Embedded Signup, implementation", version 4. Published examples differ, and Meta
 * changes it now and then: `--extras` replaces it.
 */
const EXTRAS: Json = { setup: {}, featureType: '', sessionInfoVersion: '3', version: 'v4' };

const HINT_OF_CODE = 'pass --code, --waba-id and --phone-number-id from a sign-up elsewhere';

/** Runs Embedded Signup in the person's browser. Everything that can be wrong is found before. */
export async function signUpInBrowser(
  options: BrowserOptions,
  { id, configId }: MetaApp,
  context: CommandContext,
): Promise<SignUpAnswer> {
  if (options.manual === true) throw noPaste();
  // An app without a configuration is refused before this.
  const request = { appId: id, configId: configId ?? '', ...requestOf(options, context) };
  const { signUp } = await import('../../auth/embedded-signup/signup.ts');
  const answer = await signUp(request, context.signInPorts());
  context.redactor.add(answer.code);
  return answer;
}

function requestOf(options: BrowserOptions, { env, settings }: CommandContext) {
  const address = (variable: string, fallback: string) => env[variable] || fallback;
  const sdk = 'CHANNELCTL_FACEBOOK_SDK_URL';
  const facebook = 'CHANNELCTL_FACEBOOK_URL';
  return {
    redirectUri: options.redirectUri ?? redirectSetting(settings, true),
    graphVersion: settings.graphVersion,
    extras: options.extras === undefined ? EXTRAS : extrasIn(options.extras),
    sdkUrl: checkUrl(sdk, address(sdk, 'https://connect.facebook.net/en_US/sdk.js')).href,
    facebookUrl: checkBaseUrl(facebook, address(facebook, 'https://www.facebook.com')),
    openBrowser: options.browser,
    timeoutSeconds: secondsOf('--timeout', options.timeout, 300),
  };
}

function extrasIn(text: string): Json {
  try {
    const extras: Json = JSON.parse(text);
    if (isObject(extras)) return extras;
  } catch {
    // The same is wrong with it: it is told below.
  }
  throw usageError(
    "--extras can't be used.",
    'It is not a JSON object.',
    `Leave it out, or pass an object such as '${JSON.stringify(EXTRAS)}'.`,
  );
}

function noPaste(): ChannelctlError {
  return usageError(
    "A WhatsApp sign-up can't be pasted.",
    "Facebook gives its code and ids to the page's script alone; no address holds them.",
    `Leave out --manual, or ${HINT_OF_CODE}.`,
  );
}

/** What the command line says of the number that a sign-up in the browser brings. */
interface Wanted {
  phoneNumberId: string | undefined;
  register: boolean;
}

/**
 * The number to connect: the one that the person chose at Facebook. Where they chose none, it is
 * the one of the command line, the WABA's only one, or what the person at the terminal picks.
 *
 * @throws ChannelctlError where it can't be told which, with the command that goes on
 */
export async function chooseNumber(
  { wabaId, phoneNumberId }: Pick<SignUpAnswer, 'wabaId' | 'phoneNumberId'>,
  { phoneNumberId: wanted, register }: Wanted,
  credentials: Credentials,
  context: CommandContext,
): Promise<string> {
  if (phoneNumberId === null) {
    try {
      return await chooseAmongAll(wabaId, wanted, credentials, context);
    } catch (error) {
      throw error instanceof ChannelctlError ? resumable(error, wabaId, register) : error;
    }
  }
  if (wanted !== undefined && wanted !== phoneNumberId) {
    context.warn(
      `--phone-number-id ${wanted} was not used: the number chosen at Facebook is ${phoneNumberId}.`,
      'Without the option there is nothing to warn of.',
    );
  }
  return phoneNumberId;
}

async function chooseAmongAll(
  wabaId: string,
  wanted: string | undefined,
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
  if (wanted !== undefined && choices.some(({ value }) => value === wanted)) return wanted;
  if (wanted === undefined && only !== undefined) {
    if (others.length === 0) return only.value;
    if (context.terminal.interactive) {
      return context.terminal.chooseOne('Which number do you want to connect?', choices);
    }
  }
  const list = choices.map(({ label, note }) => `${label} (${note})`);
  throw usageError(
    wanted === undefined
      ? 'No number was chosen at Facebook.'
      : `The number ${wanted} is not one of the WABA ${wabaId}.`,
    list.length === 0 ? `The WABA ${wabaId} has none.` : `Its numbers are ${list.join(', ')}.`,
    list.length === 0 ? 'Add a number to it in WhatsApp Manager.' : 'Choose one of them.',
  );
}

/** The failure with the command that goes on from the token that is kept, without a new sign-up. */
function resumable(error: ChannelctlError, wabaId: string, register: boolean): ChannelctlError {
  const command = `channelctl whatsapp signup --waba-id ${wabaId} --phone-number-id <id>${register ? '' : ' --no-register'}`;
  const before = error.kind === 'cancelled' ? '' : `${error.hint} `;
  return error.with({
    reason: `${error.reason} The token of the sign-up is kept.`,
    hint: `${before}Go on with: ${command}`,
  });
}

/** What the browser shows once the account is connected. */
export function connectedOutcome(account: StoredAccount, wabaId: string): SignUpOutcome {
  return {
    tone: 'good',
    title: `${account.display_name ?? 'Your number'} is connected`,
    text: 'channelctl has connected it to your desk. You can close this tab.',
    rows: [
      { name: 'Account', value: account.account_key },
      { name: 'Phone number id', value: String(account.config.phone_number_id) },
      { name: 'WABA id', value: wabaId },
    ],
    quote: null,
  };
}

/** What the browser shows where it failed, in the words of the terminal. */
export function failedOutcome(error: unknown, { redactor }: CommandContext): SignUpOutcome {
  const known = error instanceof ChannelctlError ? error : null;
  return {
    tone: 'bad',
    title: redactor.redact(known?.message ?? 'Something went wrong.').replace(/\.$/, ''),
    text: 'Go back to the terminal, which says what to do next. You can close this tab.',
    rows: [],
    quote: known === null ? null : redactor.redact(known.reason),
  };
}
