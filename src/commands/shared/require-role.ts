import { ChannelctlError } from '../../shared/errors.ts';
import { allows, type Role } from '../../shared/roles.ts';

/** @throws ChannelctlError `not_allowed` if `role` does not include `needed` */
export function requireRole(needed: Role, role: Role, profile: string): void {
  if (allows(role, needed)) return;
  throw new ChannelctlError('not_allowed', `This needs the role ${needed}.`, {
    reason: `The role in force in the profile ${profile} is ${role}.`,
    hint: `Ask for a profile with the role ${needed}, or check CHANNELCTL_ROLE.`,
  });
}

/** @throws ChannelctlError `not_allowed` for --reveal without the role admin */
export function requireAdminToReveal(options: { reveal?: boolean }, role: Role): void {
  if (options.reveal !== true || role === 'admin') return;
  throw new ChannelctlError('not_allowed', 'The secrets were not shown.', {
    reason: `--reveal needs the role admin, and the role in force is ${role}.`,
    hint: 'Leave out --reveal to see them masked.',
  });
}
