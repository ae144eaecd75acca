import { ACCOUNT_FIELDS, accountView } from '../../accounts/account-view.ts';
import { findAccount } from '../../accounts/accounts.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { readRevealedSecrets, viewOptions } from '../shared/view-options.ts';

export const get = defineCommand({
  name: 'get',
  summary: 'Show an account',
  role: 'supervisor',
  readsCopy: true,
  examples: [
    { line: 'accounts get messenger/fb-1065', about: 'Show an account by channel and account key' },
    { line: 'accounts get 3f9a', about: 'Show an account by ID prefix' },
    { line: 'accounts get fb-1065 --reveal', about: 'Show an account with its secrets' },
  ],
  result: { fields: ACCOUNT_FIELDS },
  arguments: ACCOUNT_ARGUMENT,
  options: { '--reveal': 'show secrets unmasked (requires the admin role)' },
  async run(options, context) {
    const account = findAccount(await context.profile.read(), options.account);
    const revealed = await readRevealedSecrets(options, account, account, context);
    return { data: accountView(viewOptions(context, revealed), account) };
  },
});
