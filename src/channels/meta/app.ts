import { missingSecret } from '../../accounts/missing-secret.ts';
import { readSecrets, type SecretSources } from '../../accounts/secrets.ts';
import type { Profile, StoredIntegration } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { channelNamed } from '../index.ts';
import { APP_KEYS, type AppCredentials, type AppKeys } from './app-credentials.ts';
import { assertMetaVariable } from './secret-variable.ts';

export interface MetaApp extends AppCredentials {
  configId: string | null;
}

export async function readIntegration(
  channel: string,
  profile: Profile,
): Promise<StoredIntegration | undefined> {
  const { integrations } = await profile.read();
  return integrations.find((integration) => integration.channel === channel);
}

export interface IntegrationConfig {
  config?: Readonly<Record<string, unknown>> | undefined;
}

function configText(integration: IntegrationConfig | undefined, key: string): string | null {
  const value = integration?.config?.[key];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Returns the ID of an integration's app; null if unknown, in which case any app is accepted. */
export function appIdOf(integration: IntegrationConfig | undefined): string | null {
  return configText(integration, APP_KEYS.id);
}

export interface KnownApp {
  id: string | null;
  secret: string | undefined;
  app: AppCredentials | null;
}

export async function loadKnownApp(
  channel: string,
  { env, profile }: SecretSources,
  keys = APP_KEYS,
): Promise<KnownApp> {
  const stored = await readIntegration(channel, profile);
  assertMetaVariable(env, { channel }, keys.secret);
  const secrets = await readSecrets(env, profile, { channel }, stored, [keys.secret]);
  const id = configText(stored, keys.id);
  const secret = secrets.get(keys.secret);
  const isUnknown = id === null || secret === undefined;
  return { id, secret, app: isUnknown ? null : { channel, id, secret, keys } };
}

/**
 * Returns the app of a channel's integration.
 *
 * @param needsConfig whether a configuration of Facebook Login for Business is required too
 * @throws ChannelctlError `usage` if a setting is not set, `not_allowed` if the app secret is
 *   missing from its store
 */
export async function loadMetaApp(
  channel: string,
  sources: SecretSources,
  needsConfig = false,
): Promise<MetaApp> {
  const configId = configText(await readIntegration(channel, sources.profile), 'config_id');
  const missing = needsConfig && configId === null ? ['config_id'] : [];
  return { ...(await loadApp(channel, sources, APP_KEYS, missing)), configId };
}

/**
 * Returns the app whose access token graph.facebook.com accepts, to set the channel's webhooks.
 *
 * @throws ChannelctlError as `loadMetaApp` does
 */
export function loadGraphApp(channel: string, sources: SecretSources): Promise<AppCredentials> {
  return loadApp(channel, sources, graphAppKeys(channel));
}

/**
 * Returns the app of `loadGraphApp` or, if it is not configured, the channel's own app, which Meta
 * may reject.
 *
 * @throws ChannelctlError as `loadMetaApp` does
 */
export async function loadGraphOrOwnApp(
  channel: string,
  sources: SecretSources,
): Promise<AppCredentials> {
  const { app } = await loadKnownGraphApp(channel, sources);
  return app ?? { ...(await loadMetaApp(channel, sources)), keys: graphAppKeys(channel) };
}

export function loadKnownGraphApp(channel: string, sources: SecretSources): Promise<KnownApp> {
  return loadKnownApp(channel, sources, graphAppKeys(channel));
}

function graphAppKeys(channel: string): AppKeys {
  return channelNamed(channel).metaAppKeys ?? APP_KEYS;
}

async function loadApp(
  channel: string,
  sources: SecretSources,
  keys: AppKeys,
  alsoMissing: readonly string[] = [],
): Promise<AppCredentials> {
  const { id, secret, app } = await loadKnownApp(channel, sources, keys);
  if (app !== null && alsoMissing.length === 0) return app;
  const stored = await readIntegration(channel, sources.profile);
  if (id !== null && secret === undefined && stored?.secrets[keys.secret] !== undefined) {
    throw missingSecret({ channel }, [keys.secret], setCommand(channel, [keys.secret]));
  }
  const missing = [
    ...(id === null ? [keys.id] : []),
    ...(secret === undefined ? [keys.secret] : []),
    ...alsoMissing,
  ];
  throw usageError(`The ${channelNamed(channel).label} integration is incomplete.`, {
    reason: `Missing: ${missing.join(', ')}.`,
    hint: `Run: ${setCommand(channel, missing)}`,
  });
}

function setCommand(channel: string, keys: readonly string[]): string {
  const pairs = keys.map((key) => ` --config ${key}=${isSecretKey(key) ? '@file' : '…'}`);
  return `channelctl integrations set ${channel}${pairs.join('')}`;
}
