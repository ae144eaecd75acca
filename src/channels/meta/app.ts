import { missingSecret } from '../../accounts/missing-secret.ts';
import { readSecrets, type SecretSources } from '../../accounts/secrets.ts';
import type { Profile, StoredIntegration } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { channelNamed } from '../index.ts';
import type { AppCredentials } from './app-credentials.ts';

/** The Meta app of an integration. `configId` selects a configuration of Facebook Login for Business. */
export interface MetaApp extends AppCredentials {
  configId: string | null;
}

/** Returns the integration of a channel; undefined if it was never configured. */
export async function readIntegration(
  channel: string,
  profile: Profile,
): Promise<StoredIntegration | undefined> {
  const { integrations } = await profile.read();
  return integrations.find((integration) => integration.channel === channel);
}

/** The configuration of an integration, from the profile or from a document. */
export interface IntegrationConfig {
  config?: Readonly<Record<string, unknown>> | undefined;
}

/** Returns a non-empty string or a number, as a string; null for any other value. */
function configText(integration: IntegrationConfig | undefined, key: string): string | null {
  const value = integration?.config?.[key];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Returns the ID of an integration's app; null if unknown, in which case any app is accepted. */
export function appIdOf(integration: IntegrationConfig | undefined): string | null {
  return configText(integration, 'app_id');
}

/** The app of an integration, as far as it is configured. */
export interface KnownApp {
  id: string | null;
  secret: string | undefined;
  /** Null unless both the ID and the secret are known. */
  app: AppCredentials | null;
}

export async function loadKnownApp(
  channel: string,
  { env, profile }: SecretSources,
): Promise<KnownApp> {
  const stored = await readIntegration(channel, profile);
  const secrets = await readSecrets(env, profile, { channel }, stored, ['app_secret']);
  const id = appIdOf(stored);
  const secret = secrets.get('app_secret');
  return { id, secret, app: id === null || secret === undefined ? null : { channel, id, secret } };
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
  const { label } = channelNamed(channel);
  const stored = await readIntegration(channel, sources.profile);
  const { id, secret } = await loadKnownApp(channel, sources);
  const configId = configText(stored, 'config_id');
  const lacksConfig = needsConfig && configId === null;
  if (id !== null && secret !== undefined && !lacksConfig) return { channel, id, secret, configId };
  const wasStored = stored?.secrets.app_secret !== undefined;
  if (id !== null && secret === undefined && wasStored) {
    const command = `channelctl integrations set ${channel} --config app_secret=@file`;
    throw missingSecret({ channel }, ['app_secret'], command);
  }
  const missing = [
    id === null ? ['app_id', '…'] : null,
    secret === undefined ? ['app_secret', '@file'] : null,
    lacksConfig ? ['config_id', '…'] : null,
  ].filter((pair) => pair !== null);
  throw usageError(`The ${label} integration is incomplete.`, {
    reason: `Missing: ${missing.map(([name]) => name).join(', ')}.`,
    hint: `Run: channelctl integrations set ${channel} ${missing.map((pair) => `--config ${pair.join('=')}`).join(' ')}`,
  });
}
