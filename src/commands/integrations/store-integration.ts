import { applyChanges, ensureIntegration } from '../../accounts/accounts.ts';
import {
  type ConfigChange,
  checkKnownValue,
  mergeConfig,
  withoutMasks,
} from '../../accounts/config.ts';
import { masks } from '../../accounts/secrets.ts';
import { channelNamed, checkedIntegrationKeys, knownSecrets } from '../../channels/index.ts';
import type { StoredIntegration } from '../../profile/types.ts';
import type { CommandContext } from '../shared/command-context.ts';

/** @throws ChannelctlError `usage` if the value of a known key is invalid */
export function checkIntegrationValues(channel: string, change: ConfigChange): void {
  const { set } = withoutMasks(change);
  for (const { name, problem } of checkedIntegrationKeys(channelNamed(channel))) {
    checkKnownValue(name, set[name], problem, change.sources?.get(name));
  }
}

/**
 * Merges a change into the integration of a channel, and creates the integration if it does not
 * exist.
 *
 * @param updates returns further changes to the integration
 * @throws ChannelctlError `usage` if the value of a known key is invalid; if so, nothing is stored
 */
export function storeIntegration(
  channel: string,
  change: ConfigChange,
  context: CommandContext,
  updates: (current: StoredIntegration) => Partial<StoredIntegration> = () => ({}),
): Promise<StoredIntegration> {
  checkIntegrationValues(channel, change);
  return context.profile.change((draft, secrets) => {
    const now = context.now();
    const division = context.settings.value('division_id');
    const integration = ensureIntegration(draft, channel, division, {
      randomBytes: context.randomBytes,
      now: () => now,
    });
    const merged = mergeConfig(integration, change, {
      masks: masks(context.env, { channel }, integration, knownSecrets({ channel })),
      put: (field, value) => secrets.put(channel, field, value),
    });
    return applyChanges(integration, { ...merged, ...updates(integration) }, now);
  });
}
