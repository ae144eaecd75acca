import { ACCOUNT_FIELDS, accountView } from '../../accounts/account-view.ts';
import { channelNamed } from '../../channels/index.ts';
import { defineCommand } from '../shared/command.ts';
import { activeOption, CHANNEL_ARGUMENT } from '../shared/config-options.ts';
import { viewOptions } from '../shared/view-options.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List accounts',
  role: 'supervisor',
  readsCopy: true,
  examples: [
    { line: 'accounts list', about: 'List all accounts' },
    {
      line: 'accounts list --channel messenger --active',
      about: 'List the active Messenger accounts',
    },
    {
      line: 'accounts list -o tsv --fields account_key,webhook_url',
      about: 'Print two columns for a script',
    },
  ],
  result: {
    fields: ACCOUNT_FIELDS,
    columns: ['channel', 'account_key', 'display_name', 'is_active', 'is_default', 'id'],
    truncatable: ['display_name'],
    droppable: ['id'],
    whenEmpty: 'No accounts found. To set up a channel, run: channelctl init',
  },
  options: {
    '--channel <channel>': CHANNEL_ARGUMENT,
    '--division-id <id>': 'show only accounts in this division',
    '--active': 'show only active accounts',
    '--inactive': 'show only inactive accounts',
  },
  async run(options, context) {
    const channel = options.channel === undefined ? undefined : channelNamed(options.channel).name;
    const active = activeOption(options);
    const view = viewOptions(context);
    const { accounts } = await context.profile.read();
    const data = accounts
      .filter(
        (account) =>
          (channel === undefined || account.channel === channel) &&
          (options.divisionId === undefined || account.division_id === options.divisionId) &&
          (active === undefined || account.is_active === active),
      )
      .map((account) => accountView(view, account));
    return { data };
  },
});
