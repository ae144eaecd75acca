import { lostSecret, unsetSecret } from '../../accounts/missing-secret.ts';
import {
  type Owner,
  ownerName,
  readSecrets,
  secretKeys,
  secretVariable,
} from '../../accounts/secrets.ts';
import type { StoredConfig } from '../../profile/types.ts';
import type { CommandContext } from './command-context.ts';
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
  { env, settings, profile }: CommandContext,
): Promise<ReadonlyMap<string, string>> {
  requireAdminToReveal(options, settings.role);
  if (options.reveal !== true) return new Map();
  const fields = secretKeys(owner, stored);
  const values = await readSecrets(env, profile, owner, stored, fields);
  const lost = fields.filter((field) => stored?.secrets[field] !== undefined && !values.has(field));
  if (lost.length === 0) return values;
  const what = `The secret ${lost.join(', ')} of ${ownerName(owner)}`;
  const variables = lost.map((field) => secretVariable(owner, field)).join(', ');
  if (settings.secretStore === 'env') throw unsetSecret(what, variables);
  const command = owner.account_key === undefined ? 'integrations set' : 'accounts update';
  const flags = lost.map((field) => `--config ${field}=@file`).join(' ');
  throw lostSecret(what, variables, `channelctl ${command} ${ownerName(owner)} ${flags}`);
}
