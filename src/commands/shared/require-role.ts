import { ChannelctlError } from '../../shared/errors.ts';
import { allows, type Role } from '../../shared/roles.ts';

/** @throws ChannelctlError `not_allowed` if `role` does not include `needed` */
export function requireRole(needed: Role, role: Role, profile: string): void {
  if (allows(role, needed)) return;
  throw new ChannelctlError('not_allowed', `This command requires the role ${needed}.`, {
    reason: `The effective role in the profile ${profile} is ${role}.`,
    hint: `Use a profile with the role ${needed}, or check CHANNELCTL_ROLE.`,
  });
}

/** @throws ChannelctlError `not_allowed` if `--reveal` is used without the role admin */
export function requireAdminToReveal(options: { reveal?: boolean }, role: Role): void {
  if (options.reveal !== true || role === 'admin') return;
  throw new ChannelctlError('not_allowed', '--reveal requires the role admin.', {
    reason: `The effective role is ${role}.`,
    hint: 'Omit --reveal to show the secrets masked.',
  });
}
