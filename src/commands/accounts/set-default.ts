import { ACCOUNT_FIELDS, accountView } from '../../accounts/account-view.ts';
import { accountName, findAccount, makeDefault } from '../../accounts/accounts.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { viewOptions } from '../shared/view-options.ts';

export const setDefault = defineCommand({
  name: 'set-default',
  summary: 'Make an account the default of its channel',
  role: 'admin',
  examples: [
    {
      line: 'accounts set-default messenger/fb-1065',
      about: 'Make an account the default of its channel',
    },
    { line: 'accounts set-default fb-1065 --json', about: 'Change the default and print JSON' },
  ],
  result: { fields: ACCOUNT_FIELDS },
  arguments: ACCOUNT_ARGUMENT,
  async run(options, context) {
    const view = viewOptions(context);
    const stored = await context.profile.change((draft) => {
      const account = findAccount(draft, options.account);
      if (!account.is_default) {
        makeDefault(draft, account);
        account.updated_at = context.now().toISOString();
      }
      return account;
    });
    if (!stored.is_active) {
      const name = accountName(stored);
      context.warn(
        `${name} is now the default account, but it is inactive.`,
        `To activate it, run: channelctl accounts update ${name} --active`,
      );
    }
    return { data: accountView(view, stored) };
  },
});
