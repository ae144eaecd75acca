import { type ConfigChange, withoutMasks } from '../../accounts/config.ts';
import type { Channel } from '../../channels/channel.ts';
import { APP_KEYS, type AppKeys } from '../../channels/meta/app-credentials.ts';
import { checkApp } from '../../channels/meta/inspect-token.ts';
import type { StoredIntegration } from '../../profile/types.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/foreign/sanitize.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Asks Meta whether a new app secret, which replaces a stored one, belongs to the app ID after the
 * change. If Meta cannot judge the secret, a warning is printed. A secret without an app ID, or of
 * an app that is not a Meta app, cannot be tried.
 *
 * @throws ChannelctlError `graph` if Meta rejects the app ID or the app secret
 */
export async function tryAppSecret(
  channel: Channel,
  change: ConfigChange,
  context: CommandContext,
): Promise<void> {
  const keys = triedKeys(channel);
  const secret = keys === null ? undefined : withoutMasks(change).set[keys.secret];
  if (keys === null || typeof secret !== 'string') return;
  const { integrations } = await context.profile.read();
  const stored = integrations.find((one) => one.channel === channel.name);
  if (stored?.secrets[keys.secret] === undefined) return;
  const id = idAfter(change, stored, keys);
  if (id === null) return;
  // Without a usable store, the command fails anyway, and need not wait for Meta.
  await context.profile.assertWritable();
  const app = { channel: channel.name, id, secret, keys };
  const { redactor } = context;
  const result = await checkApp(await context.graph(), app, (text) => sanitize(text, redactor));
  if (result.works === true) return;
  const { message, hint, graph } = result;
  if (result.works === null) {
    const untried = `The new app secret of the ${channel.label} integration could not be verified with Meta, and is stored anyway.`;
    return context.warn(`${untried} ${message}`, hint);
  }
  throw new ChannelctlError('graph', `Meta rejected ${keys.id} or ${keys.secret}.`, {
    reason: `Meta's reason: ${message}`,
    hint: `${hint}: channelctl integrations set ${channel.name}`,
    graph,
  });
}

function triedKeys({ metaAppKeys, usesMetaApp }: Channel): AppKeys | null {
  return metaAppKeys ?? (usesMetaApp ? APP_KEYS : null);
}

function idAfter(
  { set, unset }: ConfigChange,
  { config }: StoredIntegration,
  keys: AppKeys,
): string | null {
  if (unset.includes(keys.id)) return null;
  const id = set[keys.id] ?? config[keys.id] ?? null;
  return id === null || id === '' ? null : String(id);
}
