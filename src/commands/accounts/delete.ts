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
    { line: 'accounts delete messenger/fb-1065', about: 'Delete an account after confirmation' },
    {
      line: 'accounts delete messenger/fb-1065 --yes',
      about: 'Delete an account without confirmation',
    },
  ],
  notes: 'Nothing is changed at Meta.',
  result: { fields: ['success', 'id'] },
  arguments: ACCOUNT_ARGUMENT,
  async run(options, context) {
    const account = findAccount(await context.profile.read(), options.account);
    const name = accountName(account);
    await confirm(context, `Delete account "${name}" and its secrets?`);
    const other = await context.profile.change((draft) => {
      const { id } = findAccount(draft, account.id);
      draft.accounts = draft.accounts.filter((one) => one.id !== id);
      dropPending(draft, account);
      return draft.accounts.find(({ channel }) => channel === account.channel);
    });
    if (account.is_default) {
      context.warn(
        `${name} was the default account of ${account.channel}, which no longer has one.`,
        other === undefined
          ? ''
          : `To choose another, run: channelctl accounts set-default ${accountName(other)}`,
      );
    }
    return { data: { success: true, id: account.id }, summary: `Deleted ${name}.` };
  },
});
