import { missingSecret } from '../../accounts/missing-secret.ts';
import { type SecretSources, secretVariable } from '../../accounts/secrets.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { Environment } from '../../profile/settings.ts';
import type { Profile } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { resultOf } from '../../shared/problem.ts';
import { checkBaseUrl } from '../../shared/url.ts';
import { expiryOf, type NewToken } from '../channel.ts';
import { type MetaApp, readIntegration } from '../meta/app.ts';
import { loadCredentials } from '../meta/credentials.ts';
import { inspectToken, SYSTEM_USER } from '../meta/inspect-token.ts';

const OWNER = { channel: 'messenger' };

const SCOPES = 'pages_show_list,pages_messaging,pages_manage_metadata,business_management';

/**
 * Returns the user token, from the last sign-in or its variable, with the app secret.
 *
 * @param given a user token to use instead
 * @throws ChannelctlError `usage` if the user has not signed in yet, `not_allowed` if the stored
 *   token is missing
 */
export async function loadUserCredentials(
  sources: SecretSources,
  given: string | undefined,
): Promise<Credentials> {
  const stored = await readIntegration(OWNER.channel, sources.profile);
  const [credentials] = await loadCredentials([{ owner: OWNER, stored }], {
    ...sources,
    given: (_, field) => (field === 'user_token' ? given : undefined),
  });
  if (credentials) return credentials;
  if (stored?.secrets.user_token !== undefined) {
    throw missingSecret(OWNER, ['user_token'], 'channelctl messenger connect');
  }
  throw usageError('No user token is stored.', {
    reason: 'You have not signed in with Facebook in this profile.',
    hint: `Run channelctl messenger connect, pass --user-token-file, or set ${secretVariable(OWNER, 'user_token')}.`,
  });
}

/**
 * Source: Meta, "Manually Build a Login Flow"; Facebook Login for Business takes `config_id` and
 * `override_default_response_type` instead of `scope`.
 */
export function authorizationUrl(
  env: Environment,
  version: string,
  app: MetaApp,
  redirectUri: string,
  state: string,
): string {
  const variable = 'CHANNELCTL_FACEBOOK_URL';
  const base = checkBaseUrl(variable, env[variable] || 'https://www.facebook.com');
  const query = new URLSearchParams({
    client_id: app.id,
    redirect_uri: redirectUri,
    state,
    response_type: 'code',
    ...(app.configId === null
      ? { scope: SCOPES }
      : { config_id: app.configId, override_default_response_type: 'true' }),
  });
  return `${base}/${version}/dialog/oauth?${query}`;
}

/**
 * Exchanges an authorization code, which works only once, for a user token that is valid for about
 * 60 days, or for the token of a system user, if the configuration of Facebook Login for Business
 * issues one.
 */
export async function exchangeLoginCode(
  graph: Graph,
  app: MetaApp,
  redirectUri: string,
  code: string,
  now: Date,
): Promise<NewToken> {
  const client = { client_id: app.id, client_secret: app.secret };
  const short = await graph.call(
    'exchangeLoginCode',
    { ...client, redirect_uri: redirectUri, code },
    null,
  );
  const token = short.access_token;
  const inspection =
    app.configId === null ? null : await resultOf(inspectToken(graph, app, token, (text) => text));
  if (inspection?.value?.type === SYSTEM_USER) {
    return { token, expiresAt: expiryOf(short, now) ?? inspection.value.expires_at };
  }
  const exchange = {
    ...client,
    grant_type: 'fb_exchange_token',
    fb_exchange_token: token,
  } as const;
  const long = await resultOf(graph.call('extendUserToken', exchange, null));
  if (long.error === null) {
    return { token: long.value.access_token, expiresAt: expiryOf(long.value, now) };
  }
  // The token may be that of a system user, which cannot be exchanged and must not be lost with the
  // code.
  if (inspection?.error) return { token, expiresAt: expiryOf(short, now) };
  throw long.error;
}

export async function storeUserToken(
  profile: Profile,
  { token, expiresAt }: NewToken,
  now: Date,
): Promise<void> {
  await profile.change((draft, secrets) => {
    const integration = draft.integrations.find(({ channel }) => channel === OWNER.channel);
    if (integration === undefined) return;
    integration.secrets.user_token = {
      ...secrets.put(OWNER.channel, 'user_token', token),
      ...(expiresAt !== null && { expires_at: expiresAt }),
    };
    integration.updated_at = now.toISOString();
  });
}
