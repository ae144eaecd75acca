import type { ViewOptions } from '../../accounts/account-view.ts';
import { missingSecret, unsetSecret } from '../../accounts/missing-secret.ts';
import {
  type Owner,
  ownerName,
  readSecrets,
  secretKeys,
  secretVariables,
} from '../../accounts/secrets.ts';
import { knownSecrets } from '../../channels/index.ts';
import type { StoredConfig } from '../../profile/types.ts';
import type { CommandContext } from './command-context.ts';
import { requireAdminToReveal } from './require-role.ts';

/**
 * Returns the options for showing accounts and integrations. Commands that change something call
 * this function first, so that an invalid setting is reported before anything changes.
 */
export function viewOptions(
  { env, settings }: CommandContext,
  revealed?: ReadonlyMap<string, string>,
): ViewOptions {
  const webhookBase = settings.value('webhook_base_url');
  return {
    env: secretVariables(env),
    knownSecrets,
    webhookBase,
    ...(revealed !== undefined && { revealed }),
  };
}

/**
 * Returns the secrets to show unmasked: all with `--reveal`, none without it.
 *
 * @throws ChannelctlError `not_allowed` if `--reveal` is used without the admin role, or if a
 *   stored secret is missing
 */
export async function readRevealedSecrets(
  options: { reveal?: boolean },
  owner: Owner,
  stored: StoredConfig | undefined,
  { env, settings, profile }: CommandContext,
): Promise<ReadonlyMap<string, string>> {
  requireAdminToReveal(options, settings.role);
  if (options.reveal !== true) return new Map();
  const fields = secretKeys(knownSecrets(owner), stored);
  const values = await readSecrets(env, profile, owner, stored, fields);
  const missing = fields.filter(
    (field) => stored?.secrets[field] !== undefined && !values.has(field),
  );
  if (missing.length === 0) return values;
  if (settings.secretStore === 'env') throw unsetSecret(owner, missing);
  const command = owner.account_key === undefined ? 'integrations set' : 'accounts update';
  const flags = missing.map((field) => `--config ${field}=@file`).join(' ');
  throw missingSecret(owner, missing, `channelctl ${command} ${ownerName(owner)} ${flags}`);
}
