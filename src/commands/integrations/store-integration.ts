import { amend, uuid } from '../../accounts/accounts.ts';
import { type ConfigChange, mergeConfig } from '../../accounts/config.ts';
import { masks } from '../../accounts/secrets.ts';
import type { ProfileState, StoredIntegration } from '../../profile/types.ts';
import type { CommandContext } from '../shared/command-context.ts';

/**
 * Merges a change into the integration of a channel, which is made where there is none.
 *
 * @param wishes what else becomes different, given what there is
 */
export function storeIntegration(
  channel: string,
  change: ConfigChange,
  context: CommandContext,
  wishes: (there: StoredIntegration) => Partial<StoredIntegration> = () => ({}),
): Promise<StoredIntegration> {
  return context.profile.change((draft, secrets) => {
    const now = context.now();
    const integration = integrationOf(draft, channel, now.toISOString(), context);
    const merged = mergeConfig(integration, change, {
      masks: masks(context.env, { channel }, integration),
      put: (field, value) => secrets.put(channel, field, value),
    });
    return amend(integration, { ...merged, ...wishes(integration) }, now);
  });
}

/** The integration in the draft; a new, active one where the channel has none. */
function integrationOf(
  draft: ProfileState,
  channel: string,
  time: string,
  context: CommandContext,
): StoredIntegration {
  const existing = draft.integrations.find((one) => one.channel === channel);
  if (existing !== undefined) return existing;
  const created: StoredIntegration = {
    id: uuid(context.randomBytes(16)),
    channel,
    is_active: true,
    config: {},
    secrets: {},
    created_at: time,
    updated_at: time,
    division_id: context.settings.value('division_id'),
  };
  draft.integrations.push(created);
  return created;
}
