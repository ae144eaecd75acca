import type { Channel } from '../../channels/channel.ts';
import { usageError } from '../../shared/errors.ts';
import { checkUrl } from '../../shared/url.ts';
import type { CommandContext } from './command-context.ts';
import type { OptionsOf } from './options.ts';

export const SIGN_IN_OPTIONS = {
  '--code <code|->': 'authorization code from a sign-in elsewhere (- reads stdin)',
  '--redirect-uri <address>': 'redirect URI that overrides the setting redirect_uri',
  '--no-browser': 'print the sign-in URL instead of opening a browser',
  '--manual': 'read the callback URL from a prompt or stdin instead of listening for it',
  '--timeout <seconds>': { description: 'how long to wait for the sign-in', default: '300' },
} as const;

type SignInOptions = OptionsOf<typeof SIGN_IN_OPTIONS>;

export interface OAuthProvider {
  name: string;
  channel: Channel;
  authorizationUrl(redirectUri: string, state: string): string;
}

/**
 * Returns an authorization code, from `--code` or a sign-in in the browser, and the redirect URI
 * that must be sent with it.
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

function effectiveRedirectUri(
  { redirectUri }: SignInOptions,
  { settings }: CommandContext,
  { name, channel }: OAuthProvider,
): string {
  const uri = redirectUri ?? redirectSetting(settings, channel);
  const source = redirectUri === undefined ? 'redirect_uri' : '--redirect-uri';
  const { protocol } = checkUrl(source, uri);
  // The channel's default is an HTTPS URI only if the provider does not accept HTTP.
  const isHttpsOnly = channel.defaultRedirect?.startsWith('https:') === true;
  if (!isHttpsOnly || protocol === 'https:') return uri;
  throw usageError(`${name} does not accept the redirect URI ${uri}.`, {
    reason: `${name} accepts only HTTPS redirect URIs.`,
    hint: `Pass --redirect-uri ${channel.defaultRedirect}, or another HTTPS URI that is registered with Meta.`,
  });
}

export function redirectSetting(
  settings: CommandContext['settings'],
  { defaultRedirect }: Channel,
): string {
  const { value, source } = settings.get('redirect_uri');
  return (source === 'default' ? defaultRedirect : value) ?? '';
}

/**
 * Returns the code from `--code`, or from stdin if the value is `-`, and adds the code to the
 * redactor.
 */
export async function readCode(value: string, context: CommandContext): Promise<string> {
  const text = (value === '-' ? await context.terminal.readAll() : value).trim();
  context.redactor.add(text);
  // Facebook appends #_=_ to its redirects and Instagram #_; neither is part of the code.
  const code = codeIn(text).replace(/(?:#|%23)_(?:=_|%3D_)?$/i, '');
  context.redactor.add(code);
  if (code !== '') return code;
  throw usageError('--code is empty.', {
    hint: 'Pass the authorization code, or omit --code to sign in with a browser.',
  });
}

function codeIn(text: string): string {
  const query = URL.canParse(text) ? new URL(text).search : text;
  return new URLSearchParams(query).get('code') ?? text;
}

/**
 * Parses a whole number of seconds.
 *
 * @throws ChannelctlError `usage` unless it is between 1 and 86400
 */
export function parseSeconds(flag: string, text: string, defaultSeconds: number): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw usageError(`Invalid value for ${flag}: "${text}".`, {
    reason: 'It must be a whole number of seconds from 1 to 86400.',
    hint: `Omit ${flag} to wait ${defaultSeconds} seconds.`,
  });
}
