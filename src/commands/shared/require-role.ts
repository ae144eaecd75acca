import { ChannelctlError } from '../../shared/errors.ts';
import { allows, type Role } from '../../shared/roles.ts';

/** @throws ChannelctlError `not_allowed` if `role` does not include `needed` */
export function requireRole(needed: Role, role: Role, profile: string): void {
  if (allows(role, needed)) return;
  throw new ChannelctlError('not_allowed', `This command requires the ${needed} role.`, {
    reason: `The effective role in the profile ${profile} is ${role}.`,
    hint: `Use a profile with the ${needed} role, or check CHANNELCTL_ROLE.`,
  });
}

/** @throws ChannelctlError `not_allowed` if `--reveal` is used without the admin role */
export function requireAdminToReveal(options: { reveal?: boolean }, role: Role): void {
  if (options.reveal !== true || role === 'admin') return;
  throw new ChannelctlError('not_allowed', '--reveal requires the admin role.', {
    reason: `The effective role is ${role}.`,
    hint: 'Omit --reveal to show masked secrets.',
  });
}
