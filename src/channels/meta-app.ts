import { usageError } from '../shared/errors.ts';
import type { Environment } from '../state/settings.ts';
import type { Profile, StoredIntegration } from '../state/types.ts';
import { channelNamed } from './index.ts';
import { lostSecret } from './lost-secret.ts';
import { readSecrets } from './secrets.ts';

/** The Meta app of an integration. `configId` selects a configuration of Facebook Login for Business. */
export interface MetaApp {
  id: string;
  secret: string;
  configId: string | null;
}

/** Where settings and secrets come from. */
export interface Place {
  env: Environment;
  profile: Profile;
}

/** The integration of a channel; undefined where it was never configured. */
export async function integrationOf(
  channel: string,
  profile: Profile,
): Promise<StoredIntegration | undefined> {
  const { integrations } = await profile.read();
  return integrations.find((integration) => integration.channel === channel);
}

/** A value of the integration's configuration that is a text, and not an empty one. */
export function configText(stored: StoredIntegration | undefined, key: string): string | null {
  const value = stored?.config[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/**
 * The app of a channel's integration.
 *
 * @throws ChannelctlError `usage` where a setting of it was never given, `not_allowed` where its
 *   stored secret is gone
 */
export async function metaApp(channel: string, { env, profile }: Place): Promise<MetaApp> {
  const { label } = channelNamed(channel);
  const stored = await integrationOf(channel, profile);
  const secrets = await readSecrets(env, profile, { channel }, stored, ['app_secret']);
  const id = configText(stored, 'app_id');
  const secret = secrets.get('app_secret');
  if (id !== null && secret !== undefined) {
    return { id, secret, configId: configText(stored, 'config_id') };
  }
  if (id !== null && stored?.secrets.app_secret !== undefined) {
    throw lostSecret(
      `The app secret of the ${label} integration`,
      `channelctl integrations set ${channel} --config app_secret=@file`,
    );
  }
  const missing = [id === null ? 'app_id' : null, secret === undefined ? 'app_secret' : null];
  throw usageError(
    `The ${label} integration lacks its app settings.`,
    `Missing: ${missing.filter((name) => name !== null).join(', ')}.`,
    `Run: channelctl integrations set ${channel} --config app_id=… --config app_secret=@file`,
  );
}
