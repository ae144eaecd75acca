import { ACCOUNT_FIELDS, accountView } from '../../accounts/account-view.ts';
import { channelNamed } from '../../channels/index.ts';
import { defineCommand } from '../shared/command.ts';
import { ACTIVE_OPTIONS, activeOption, CHANNEL_ARGUMENT } from '../shared/config-options.ts';
import { viewOptions } from '../shared/view-options.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List the accounts',
  role: 'supervisor',
  examples: [
    { line: 'accounts list', about: 'All of them' },
    { line: 'accounts list --channel messenger --active', about: 'The Pages in use' },
    {
      line: 'accounts list -o tsv --fields account_key,webhook_url',
      about: 'Two columns, for a script',
    },
  ],
  result: {
    fields: ACCOUNT_FIELDS,
    columns: ['channel', 'account_key', 'display_name', 'is_active', 'is_default', 'id'],
    truncatable: ['display_name'],
    droppable: ['id'],
    whenEmpty: 'There are no such accounts. To set up a channel: channelctl init',
  },
  options: {
    '--channel <channel>': CHANNEL_ARGUMENT,
    '--division-id <id>': 'those of this division',
    ...ACTIVE_OPTIONS,
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
