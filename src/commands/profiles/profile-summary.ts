import { profileNotFound } from '../../profile/paths.ts';
import { Settings } from '../../profile/settings.ts';
import type { Profile } from '../../profile/types.ts';
import type { CommandContext } from '../shared/command-context.ts';

export const PROFILE_FIELDS = ['name', 'path', 'role', 'accounts', 'is_current'] as const;

export interface ProfileSummary {
  name: string;
  path: string;
  /** Null if the profile cannot be read. */
  role: string | null;
  accounts: number | null;
  is_current: boolean;
}

export async function summarize(
  profile: Profile,
  context: CommandContext,
): Promise<ProfileSummary> {
  const { settings, accounts } = await profile.read();
  return {
    name: profile.name,
    path: profile.path,
    role: new Settings(settings, {}, {}).value('role'),
    accounts: accounts.length,
    is_current: profile.name === context.profile.name,
  };
}

/** @throws ChannelctlError `not_found` if the profile does not exist */
export async function openExistingProfile(name: string, context: CommandContext): Promise<Profile> {
  const profile = context.openProfile(name);
  if (await profile.exists()) return profile;
  throw profileNotFound(name, await context.profileNames());
}
