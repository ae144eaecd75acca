import { Settings } from '../../profile/settings.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { confirm } from '../shared/confirm.ts';
import { requireRole } from '../shared/require-role.ts';
import { openExistingProfile } from './profile-summary.ts';

export const remove = defineCommand({
  name: 'delete',
  summary: 'Delete a profile with its accounts and secrets',
  role: 'agent',
  missingProfile: 'allowed',
  examples: [
    { line: 'profiles delete trial', about: 'Delete a profile after confirmation' },
    { line: 'profiles delete trial --yes', about: 'Delete a profile without confirmation' },
  ],
  notes: 'Requires the admin role in the profile to be deleted. Nothing is changed at Meta.',
  result: { fields: ['success'] },
  arguments: { '<name>': 'profile name' },
  async run({ name }, context) {
    const profile = await openExistingProfile(name, context);
    const { settings, accounts } = await profile.read();
    requireRole('admin', new Settings(settings, context.env, {}).role, name);
    await confirm(
      context,
      `Delete profile "${name}" with its ${count(accounts.length, 'account')} and all secrets?`,
    );
    const { filesRemain, itemsRemaining } = await profile.delete();
    await forgetPassphrase(name, context);
    if (itemsRemaining.length > 0) {
      context.warn(
        `This machine has no keychain, so ${count(itemsRemaining.length, 'secret')} may remain in the keychain that the profile used: ${itemsRemaining.join(', ')}.`,
        'To remove them, delete the items with these names and the service "channelctl" from that keychain.',
      );
    }
    if (filesRemain) {
      context.warn(
        `Some files of the deleted profile "${name}" could not be removed.`,
        'To remove them, run: channelctl doctor --fix',
      );
    }
    return { data: { success: true }, summary: `Deleted the profile ${name}.` };
  },
});

/** A missing keychain contains no passphrase. A locked one causes a warning: the profile is deleted. */
async function forgetPassphrase(name: string, context: CommandContext): Promise<void> {
  try {
    await (await context.rememberedPassphrase(name)).forget();
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    context.warn(
      `The keychain may still contain the passphrase of the deleted profile "${name}". ${error.reason}`,
      `Unlock the keychain, then run: channelctl secrets forget --profile ${name}`,
    );
  }
}
