import type { Graph } from '../../graph/graph.ts';
import type { Environment } from '../../profile/settings.ts';
import { checkBaseUrl } from '../../shared/url.ts';
import { expiryOf, type NewToken } from '../channel.ts';
import type { MetaApp } from '../meta/app.ts';
import { INSTAGRAM_PERMISSIONS } from './webhooks.ts';

/** Source: Meta, "Business Login for Instagram". */
export function authorizationUrl(
  env: Environment,
  app: MetaApp,
  redirectUri: string,
  state: string,
): string {
  const variable = 'CHANNELCTL_INSTAGRAM_URL';
  const base = checkBaseUrl(variable, env[variable] || 'https://www.instagram.com');
  const query = new URLSearchParams({
    client_id: app.id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: INSTAGRAM_PERMISSIONS.join(','),
    state,
  });
  return `${base}/oauth/authorize?${query}`;
}

export async function exchangeInstagramCode(
  graph: Graph,
  app: MetaApp,
  redirectUri: string,
  code: string,
  now: Date,
): Promise<NewToken & { missingPermissions: string[] }> {
  const short = await graph.call(
    'exchangeInstagramCode',
    {
      client_id: app.id,
      client_secret: app.secret,
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code,
    },
    null,
  );
  const long = await graph.call(
    'extendInstagramToken',
    {
      grant_type: 'ig_exchange_token',
      client_secret: app.secret,
      access_token: short.access_token,
    },
    null,
  );
  return {
    token: long.access_token,
    expiresAt: expiryOf(long, now),
    missingPermissions: missingPermissions(short.permissions),
  };
}

/** @param granted a list or comma-separated names; if Meta omits it, nothing is missing */
function missingPermissions(granted: string | readonly string[] | null | undefined): string[] {
  if (granted === null || granted === undefined) return [];
  const names = typeof granted === 'string' ? granted.split(/[\s,]+/) : granted;
  return INSTAGRAM_PERMISSIONS.filter((name) => !names.includes(name));
}
