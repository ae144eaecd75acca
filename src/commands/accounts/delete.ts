import { accountName, findAccount } from '../../accounts/accounts.ts';
import { dropPending } from '../../accounts/pending-connections.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { confirm } from '../shared/confirm.ts';

export const remove = defineCommand({
  name: 'delete',
  summary: 'Delete an account and its secrets',
  role: 'admin',
  examples: [
    { line: 'accounts delete messenger/fb-1065', about: 'Asks first' },
    { line: 'accounts delete messenger/fb-1065 --yes', about: 'Without a terminal' },
  ],
  notes: 'Nothing changes at Meta: the Page or number remains as it is.',
  result: { fields: ['success', 'id'] },
  arguments: ACCOUNT_ARGUMENT,
  async run(options, context) {
    const account = findAccount(await context.profile.read(), options.account);
    const name = accountName(account);
    await confirm(context, `Forget ${name} and its secrets?`);
    await context.profile.change((draft) => {
      const { id } = findAccount(draft, account.id);
      draft.accounts = draft.accounts.filter((one) => one.id !== id);
      dropPending(draft, account);
    });
    if (account.is_default) {
      context.warn(
        `${name} was the default of ${account.channel}, which has none now.`,
        'Choose another with: channelctl accounts set-default <account>',
      );
    }
    return { data: { success: true, id: account.id }, summary: `Forgot ${name}.` };
  },
});
