import { usageError } from '../../shared/errors.ts';
import { checkUrl } from '../../shared/url.ts';
import type { CommandContext } from './command-context.ts';
import type { OptionsOf } from './options.ts';

/** The options of every command that signs in through a browser. */
export const SIGN_IN_OPTIONS = {
  '--code <code|->': 'a code from a sign-in that took place elsewhere; - reads stdin',
  '--redirect-uri <address>': 'in place of the setting redirect_uri',
  '--no-browser': 'print the address to open, and wait',
  '--manual': 'paste the redirected address instead of listening for it',
  '--timeout <seconds>': { description: 'how long to wait for the person', default: '300' },
} as const;

type SignInOptions = OptionsOf<typeof SIGN_IN_OPTIONS>;

/** What is particular to one place to sign in at. */
export interface LoginPage {
  /** `Facebook`. */
  provider: string;
  /** Whether it sends people back to HTTPS addresses only. */
  httpsOnly?: boolean;
  loginAddress(redirectUri: string, state: string): string;
}

/** The default where a place sends people back to HTTPS addresses only. */
const HTTPS_REDIRECT = 'https://localhost:8976/callback';

/** A code and the redirect address it is bound to: given, or from a sign-in in the browser. */
export async function codeFromSignIn(
  options: SignInOptions,
  context: CommandContext,
  page: LoginPage,
): Promise<{ code: string; redirectUri: string }> {
  const redirectUri = redirectUriOf(options, context, page);
  if (options.code !== undefined) {
    return { code: await givenCode(options.code, context), redirectUri };
  }
  const timeoutSeconds = secondsOf('--timeout', options.timeout, 300);
  const { signIn } = await import('../../auth/oauth/sign-in.ts');
  const answer = await signIn(
    {
      provider: page.provider,
      redirectUri,
      loginAddress: (state) => page.loginAddress(redirectUri, state),
      openBrowser: options.browser,
      manual: options.manual === true,
      timeoutSeconds,
    },
    context.signInPorts(),
  );
  context.onExit(answer.settled);
  context.redactor.add(answer.code);
  return { code: answer.code, redirectUri };
}

/** The redirect address in force. Throws a usage error where nobody could be sent back there. */
function redirectUriOf(
  { redirectUri }: SignInOptions,
  { settings }: CommandContext,
  { provider, httpsOnly }: LoginPage,
): string {
  const address = redirectUri ?? redirectSetting(settings, httpsOnly === true);
  const name = redirectUri === undefined ? 'redirect_uri' : '--redirect-uri';
  const { protocol } = checkUrl(name, address);
  if (httpsOnly !== true || protocol === 'https:') return address;
  throw usageError(
    `redirect_uri can't be ${address} for ${provider}.`,
    `${provider} sends people back to addresses that begin with https: only.`,
    `Pass --redirect-uri ${HTTPS_REDIRECT}, or another HTTPS address that is registered at Meta.`,
  );
}

/** The setting redirect_uri, with the default that the place to sign in at takes. */
export function redirectSetting(settings: CommandContext['settings'], httpsOnly: boolean): string {
  const { value, source } = settings.get('redirect_uri');
  return httpsOnly && source === 'default' ? HTTPS_REDIRECT : (value ?? '');
}

/** The code that `--code` gives, `-` read from stdin. */
export async function givenCode(code: string, context: CommandContext): Promise<string> {
  // A fragment is no part of a code: Facebook ends its redirects in #_=_, Instagram in #_.
  const given = (code === '-' ? await context.terminal.readAll() : code)
    .trim()
    .replace(/#_(=_)?$/, '');
  context.redactor.add(given);
  if (given !== '') return given;
  throw usageError(
    '--code is empty.',
    'There is nothing to exchange.',
    'Pass the code, or sign in without --code.',
  );
}

/** A whole number of seconds. Throws a usage error that names the flag. */
export function secondsOf(flag: string, text: string, fallback: number): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw usageError(
    `${flag} can't be "${text}".`,
    'It is a whole number of seconds from 1 to 86400.',
    `Leave it out to wait ${fallback} seconds.`,
  );
}
