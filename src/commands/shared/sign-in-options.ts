import type { Channel } from '../../channels/channel.ts';
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

export interface OAuthProvider {
  /** `Facebook`. */
  name: string;
  /** The channel whose app signs in. */
  channel: Channel;
  authorizationUrl(redirectUri: string, state: string): string;
}

/**
 * An authorization code, from `--code` or a sign-in in the browser, and the redirect URI that it has
 * to be exchanged with.
 */
export async function obtainCode(
  options: SignInOptions,
  context: CommandContext,
  provider: OAuthProvider,
): Promise<{ code: string; redirectUri: string }> {
  const redirectUri = effectiveRedirectUri(options, context, provider);
  if (options.code !== undefined) {
    return { code: await readCode(options.code, context), redirectUri };
  }
  const timeoutSeconds = parseSeconds('--timeout', options.timeout, 300);
  const { signIn } = await import('../../auth/oauth/sign-in.ts');
  const { code, resultPageSent } = await signIn(
    {
      provider: provider.name,
      redirectUri,
      authorizationUrl: (state) => provider.authorizationUrl(redirectUri, state),
      openBrowser: options.browser,
      manual: options.manual === true,
      timeoutSeconds,
    },
    context.signInPorts(),
  );
  context.onExit(resultPageSent);
  context.redactor.add(code);
  return { code, redirectUri };
}

/** @throws ChannelctlError of kind `usage` for a redirect URI that the provider would not accept */
function effectiveRedirectUri(
  { redirectUri }: SignInOptions,
  { settings }: CommandContext,
  { name, channel }: OAuthProvider,
): string {
  const uri = redirectUri ?? redirectSetting(settings, channel);
  const source = redirectUri === undefined ? 'redirect_uri' : '--redirect-uri';
  const { protocol } = checkUrl(source, uri);
  // The default uses plain HTTP if the provider accepts it.
  const isHttpsOnly = channel.defaultRedirect?.startsWith('https:') === true;
  if (!isHttpsOnly || protocol === 'https:') return uri;
  throw usageError(`redirect_uri can't be ${uri} for ${name}.`, {
    reason: `${name} sends people back to addresses that begin with https: only.`,
    hint: `Pass --redirect-uri ${channel.defaultRedirect}, or another HTTPS address that is registered at Meta.`,
  });
}

/** The setting redirect_uri or, if it is not set, the default of the channel. */
export function redirectSetting(
  settings: CommandContext['settings'],
  { defaultRedirect }: Channel,
): string {
  const { value, source } = settings.get('redirect_uri');
  return (source === 'default' ? defaultRedirect : value) ?? '';
}

/** The value of `--code`, from stdin if it is `-`. */
export async function readCode(value: string, context: CommandContext): Promise<string> {
  // Facebook ends its redirects in #_=_, Instagram in #_, which are not part of the code.
  const code = (value === '-' ? await context.terminal.readAll() : value)
    .trim()
    .replace(/#_(=_)?$/, '');
  context.redactor.add(code);
  if (code !== '') return code;
  throw usageError('--code is empty.', {
    reason: 'There is nothing to exchange.',
    hint: 'Pass the code, or sign in without --code.',
  });
}

/**
 * Parses a whole number of seconds.
 *
 * @throws ChannelctlError of kind `usage` that names the flag and its default
 */
export function parseSeconds(flag: string, text: string, defaultSeconds: number): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw usageError(`${flag} can't be "${text}".`, {
    reason: 'It is a whole number of seconds from 1 to 86400.',
    hint: `Leave it out to wait ${defaultSeconds} seconds.`,
  });
}
