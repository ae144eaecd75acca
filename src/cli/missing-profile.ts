import type { CommandDefinition } from '../commands/shared/command.ts';
import type { CommandContext } from '../commands/shared/command-context.ts';
import { portabilityProblem } from '../profile/portable-names.ts';
import { ChannelctlError, usageError } from '../shared/errors.ts';
import { DEFAULT_PROFILE } from './named-profile.ts';

/**
 * Whether the command will create the profile, which does not exist. False for the default profile,
 * which need not be chosen by name.
 *
 * @throws ChannelctlError `not_found` if the command requires the profile; `usage` if the command
 *   would create it, but its name does not work on every file system
 */
export async function isNewProfile(
  { missingProfile }: CommandDefinition,
  { profile, profileNames, warn }: CommandContext,
): Promise<boolean> {
  const names = await profileNames();
  if (missingProfile === 'created') {
    const reason = portabilityProblem(profile.name, names);
    if (reason !== null) throw unportableNameError(profile.name, reason);
    return profile.name !== DEFAULT_PROFILE;
  }
  const message = `The profile "${profile.name}" does not exist.`;
  const hint = await existingProfileHint(profile.name, names);
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
