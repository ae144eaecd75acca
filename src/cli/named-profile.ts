import type { CommandDefinition, GlobalOptions } from '../commands/shared/command.ts';
import type { CommandContext } from '../commands/shared/command-context.ts';
import { portabilityProblem } from '../profile/paths.ts';
import type { Environment } from '../profile/settings.ts';
import { ChannelctlError, usageError } from '../shared/errors.ts';

const DEFAULT_PROFILE = 'default';

/** Returns the name of the profile that the user chose with the flag or the variable. */
export function profileName({ profile }: GlobalOptions, env: Environment): string {
  return profile ?? (env.CHANNELCTL_PROFILE || DEFAULT_PROFILE);
}

/**
 * Returns whether the command would create the profile. The default profile may always be missing,
 * because it is not chosen by name.
 *
 * @throws ChannelctlError `not_found` if the profile does not exist and the command requires it;
 *   `usage` if the command would create it, but its name does not work on every file system
 */
export async function isNewProfile(
  { role, missingProfile = role === 'none' ? 'allowed' : undefined }: CommandDefinition,
  { profile, profileNames, warn }: CommandContext,
): Promise<boolean> {
  const isNamed = profile.name !== DEFAULT_PROFILE;
  if (missingProfile === 'allowed' || (!isNamed && missingProfile !== 'created')) return false;
  if (await profile.exists()) return false;
  if (missingProfile === 'created') {
    const reason = portabilityProblem(profile.name, await profileNames());
    if (reason !== null) throw unportableNameError(profile.name, reason);
    return isNamed;
  }
  const message = `The profile "${profile.name}" does not exist.`;
  const hint = await existingProfileHint(profile.name, await profileNames());
  if (missingProfile !== 'warning') throw new ChannelctlError('not_found', message, { hint });
  warn(message, hint);
  return false;
}

function unportableNameError(name: string, reason: string): ChannelctlError {
  return usageError(`The profile "${name}" cannot be created.`, {
    reason,
    hint: 'Choose another name with --profile or CHANNELCTL_PROFILE.',
  });
}

async function existingProfileHint(name: string, names: readonly string[]): Promise<string> {
  if (names.length === 0)
    return `There are no profiles yet. To create this one, run: channelctl init --profile ${name}`;
  const { closest } = await import('fastest-levenshtein');
  return `Did you mean "${closest(name, names)}"? To list all profiles, run: channelctl profiles list`;
}

/** Reports a profile that the command created, because its name may be misspelt. */
export async function reportNewProfile({ profile, warn }: CommandContext): Promise<void> {
  if (!(await profile.exists())) return;
  warn(
    `Created the profile "${profile.name}".`,
    `To delete it, run: channelctl profiles delete ${profile.name}`,
  );
}
