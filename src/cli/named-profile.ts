import type { CommandDefinition, GlobalOptions } from '../commands/shared/command.ts';
import type { CommandContext } from '../commands/shared/command-context.ts';
import type { Environment } from '../profile/settings.ts';
import { ChannelctlError } from '../shared/errors.ts';

export const DEFAULT_PROFILE = 'default';

export function profileName({ profile }: GlobalOptions, env: Environment): string {
  return profile ?? (env.CHANNELCTL_PROFILE || DEFAULT_PROFILE);
}

/**
 * Whether the profile does not exist although the command concerns it. The default profile counts
 * as missing only for a command that creates it, because it need not be chosen by name.
 */
export async function isProfileMissing(
  {
    role,
    missingProfile = role === 'none' ? 'allowed' : undefined,
    toleratesCorruptState,
  }: CommandDefinition,
  { profile }: CommandContext,
): Promise<boolean> {
  if (missingProfile === 'allowed') return false;
  if (profile.name === DEFAULT_PROFILE && missingProfile !== 'created') return false;
  try {
    return !(await profile.exists());
  } catch (error) {
    if (toleratesCorruptState && error instanceof ChannelctlError) return false;
    throw error;
  }
}
