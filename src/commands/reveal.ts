import { lostSecret } from '../channels/lost-secret.ts';
import {
  type Owner,
  ownerName,
  readSecrets,
  secretKeys,
  secretVariable,
} from '../channels/secrets.ts';
import { ChannelctlError } from '../shared/errors.ts';
import type { StoredConfig } from '../state/types.ts';
import type { Deps } from './deps.ts';
import { requireAdminToReveal } from './require-role.ts';

/**
 * The values to show in place of masks: those of every secret with `--reveal`, none without it.
 *
 * @throws ChannelctlError `not_allowed` for anyone but an admin, and where a stored secret is gone
 */
export async function revealedSecrets(
  options: { reveal?: boolean },
  owner: Owner,
  stored: StoredConfig | undefined,
  { env, settings, profile }: Deps,
): Promise<ReadonlyMap<string, string>> {
  requireAdminToReveal(options, settings.role);
  if (options.reveal !== true) return new Map();
  const fields = secretKeys(owner, stored);
  const values = await readSecrets(env, profile, owner, stored, fields);
  const lost = fields.filter((field) => stored?.secrets[field] !== undefined && !values.has(field));
  if (lost.length === 0) return values;
  const what = `The secret ${lost.join(', ')} of ${ownerName(owner)}`;
  if (settings.secretStore === 'env') throw notInVariables(what, owner, lost);
  const command = owner.account_key === undefined ? 'integrations set' : 'accounts update';
  const flags = lost.map((field) => `--config ${field}=@file`).join(' ');
  throw lostSecret(what, `channelctl ${command} ${ownerName(owner)} ${flags}`);
}

/** Its mask would pass for the secret. */
function notInVariables(what: string, owner: Owner, fields: readonly string[]): ChannelctlError {
  const variables = fields.map((field) => secretVariable(owner, field)).join(', ');
  return new ChannelctlError('not_allowed', `${what} can't be shown.`, {
    reason: 'CHANNELCTL_SECRETS=env reads variables alone, and none holds it.',
    hint: `Set ${variables}, or CHANNELCTL_SECRETS to the store that keeps it.`,
  });
}
