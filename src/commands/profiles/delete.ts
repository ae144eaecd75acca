import { Settings } from '../../profile/settings.ts';
import { count } from '../../shared/text.ts';
import { defineCommand } from '../shared/command.ts';
import { confirm } from '../shared/confirm.ts';
import { requireRole } from '../shared/require-role.ts';
import { openExistingProfile } from './profile-summary.ts';

export const remove = defineCommand({
  name: 'delete',
  summary: 'Delete a profile with its accounts and secrets',
  role: 'agent',
  examples: [
    { line: 'profiles delete trial', about: 'Asks first' },
    { line: 'profiles delete trial --yes', about: 'Without a terminal' },
  ],
  notes: 'Requires the role admin in the profile to delete. Nothing changes at Meta.',
  result: { fields: ['success'] },
  arguments: { '<name>': 'name of the profile' },
  async run({ name }, context) {
    const profile = await openExistingProfile(name, context);
    const { settings, accounts } = await profile.read();
    requireRole('admin', new Settings(settings, context.env, {}).role, name);
    await confirm(
      context,
      `Forget the profile ${name}, its ${count(accounts.length, 'account')} and all secrets?`,
    );
    await profile.delete();
    return { data: { success: true }, summary: `Forgot the profile ${name}.` };
  },
});
