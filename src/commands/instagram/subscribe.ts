import { accountName } from '../../accounts/accounts.ts';
import { subscribeAccount } from '../../channels/instagram/account.ts';
import { loadAccountCredentials } from '../../channels/meta/credentials.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';

export const subscribe = defineCommand({
  name: 'subscribe',
  summary: "Subscribe the app to an Instagram account's webhooks",
  role: 'admin',
  examples: [
    {
      line: 'instagram subscribe ig-17841400000000001',
      about: 'Renew the subscription that instagram connect creates',
    },
    { line: 'instagram subscribe 5f1c --json', about: 'Specify the account by its ID prefix' },
  ],
  result: { fields: ['success'] },
  arguments: ACCOUNT_ARGUMENT,
  async run(options, context) {
    const found = await loadAccountCredentials(options.account, context, 'instagram');
    await subscribeAccount(await context.graph(), found);
    return {
      data: { success: true },
      summary: `Subscribed the app to the webhooks of ${accountName(found.account)}.`,
    };
  },
});
