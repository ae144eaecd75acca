import { accountName } from '../../accounts/accounts.ts';
import { loadAccountCredentials } from '../../channels/meta/credentials.ts';
import { MESSENGER_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { confirm } from '../shared/confirm.ts';

export const remove = defineCommand({
  name: 'delete',
  summary: "Delete a Page's persistent menu",
  role: 'admin',
  examples: [
    { line: 'menu delete fb-1065', about: 'Delete the menu after confirmation' },
    { line: 'menu delete fb-1065 --yes', about: 'Delete the menu without confirmation' },
  ],
  notes:
    'The Get Started button is not deleted. To save the menu first, run: channelctl menu get <account> -o yaml',
  result: { fields: ['success', 'deleted'] },
  arguments: MESSENGER_ACCOUNT_ARGUMENT,
  async run(options, context) {
    const { account, credentials } = await loadAccountCredentials(
      options.account,
      context,
      'messenger',
    );
    const name = accountName(account);
    await confirm(context, `Delete the persistent menu of ${name}?`);
    const graph = await context.graph();
    await graph.call('deleteMessengerProfile', { fields: ['persistent_menu'] }, credentials);
    return {
      data: { success: true, deleted: true },
      summary: `Deleted the persistent menu of ${name}.`,
    };
  },
});
