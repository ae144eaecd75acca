import { ACCOUNT_FIELDS, presentAccount } from '../../accounts/account-view.ts';
import { accountName, findAccount, makeDefault } from '../../accounts/accounts.ts';
import { viewOf } from '../shared/account-view.ts';
import { defineCommand } from '../shared/command.ts';

interface Options {
  account: string;
}

export const setDefault = defineCommand<Options>({
  name: 'set-default',
  summary: 'Make an account the default of its channel',
  role: 'admin',
  examples: [
    {
      line: 'accounts set-default messenger/fb-1065',
      about: 'The flag goes from the one that had it',
    },
    { line: 'accounts set-default fb-1065 --json', about: 'Prints the account for a script' },
  ],
  result: { fields: ACCOUNT_FIELDS },
  register: (command) =>
    command.argument('<account>', 'id, beginning of the id, channel/account_key, or account_key'),
  async run(options, context) {
    const view = viewOf(context);
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
        `${name} is the default now, and is inactive.`,
        `To take it into use: channelctl accounts update ${name} --active`,
      );
    }
    return { data: presentAccount(view, stored) };
  },
});
