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
    { line: 'menu delete fb-1065', about: 'Asks first' },
    { line: 'menu delete fb-1065 --yes', about: 'Without a terminal' },
  ],
  notes:
    'The Get Started button remains. Save the menu first: channelctl menu get <account> -o yaml',
  result: { fields: ['success', 'deleted'] },
  arguments: MESSENGER_ACCOUNT_ARGUMENT,
  async run(options, context) {
    const { account, credentials } = await loadAccountCredentials(
      options.account,
      context,
      'messenger',
    );
    const name = accountName(account);
    await confirm(context, `Take the persistent menu of ${name} away?`);
    const graph = await context.graph();
    await graph.call('deleteMessengerProfile', { fields: ['persistent_menu'] }, credentials);
    return {
      data: { success: true, deleted: true },
      summary: `Took the persistent menu of ${name} away.`,
    };
  },
});
