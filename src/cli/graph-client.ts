import { setTimeout } from 'node:timers/promises';
import type { CommandContext } from '../commands/shared/command-context.ts';
import { createGraph } from '../graph/client.ts';
import type { Environment, Settings } from '../profile/settings.ts';
import type { Profile } from '../profile/types.ts';
import type { Redactor } from '../shared/redactor.ts';
import { checkBaseUrl, checkUrl } from '../shared/url.ts';
import { auditItem } from './audit-remote.ts';

interface GraphClientOptions {
  env: Environment;
  settings: Settings;
  userAgent: string;
  redactor: Redactor;
  signal: AbortSignal;
  warn: CommandContext['warn'];
  profile: Profile;
  debug: ((line: string) => void) | undefined;
}

/**
 * Variables with URLs that only sign-ins use. They are checked with the others before any request.
 */
const DIALOG_URLS = [
  'CHANNELCTL_FACEBOOK_URL',
  'CHANNELCTL_INSTAGRAM_URL',
  'CHANNELCTL_FACEBOOK_SDK_URL',
] as const;

/**
 * Creates the Graph client of one invocation.
 *
 * @throws ChannelctlError `usage` if a URL or the Graph API version is invalid
 */
export function openGraph(options: GraphClientOptions) {
  const { env, settings, userAgent, redactor, signal, warn, profile, debug } = options;
  const urlOf = (variable: string, fallback: string) =>
    checkBaseUrl(variable, env[variable] || fallback);
  for (const variable of DIALOG_URLS) {
    const value = env[variable];
    if (value) checkUrl(variable, value);
  }
  settings.value('webhook_base_url');
  settings.value('redirect_uri');
  return createGraph({
    urls: {
      graph: urlOf('CHANNELCTL_GRAPH_URL', 'https://graph.facebook.com'),
      instagram_api: urlOf('CHANNELCTL_INSTAGRAM_API_URL', 'https://api.instagram.com'),
      instagram_graph: urlOf('CHANNELCTL_INSTAGRAM_GRAPH_URL', 'https://graph.instagram.com'),
    },
    version: settings.graphVersion,
    userAgent,
    env,
    redactor,
    signal,
    sleep,
    random: Math.random,
    now: Date.now,
    warn: ({ message, hint }) => warn(message, hint),
    changed: async (change) => {
      await profile.record([auditItem(change, await profile.read())]);
    },
    debug,
  });
}

/** @throws AbortError if `signal` is aborted */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal });
}
