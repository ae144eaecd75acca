import { accountName } from '../../accounts/accounts.ts';
import { subscribeAccount } from '../../channels/instagram/account.ts';
import { accountCredentials } from '../../channels/meta/credentials.ts';
import { defineCommand } from '../shared/command.ts';

interface Options {
  account: string;
}

export const subscribe = defineCommand<Options>({
  name: 'subscribe',
  summary: "Subscribe the app to a profile's webhooks",
  role: 'admin',
  examples: [
    { line: 'instagram subscribe ig-17841400000000001', about: 'As instagram connect does it' },
    { line: 'instagram subscribe 5f1c --json', about: 'Named by the beginning of its id' },
  ],
  result: { fields: ['success'] },
  register: (command) =>
    command.argument('<account>', 'id, beginning of the id, channel/account_key, or account_key'),
  async run(options, context) {
    const found = await accountCredentials(options.account, context, 'instagram');
    await subscribeAccount(await context.graph(), found);
    return { data: { success: true }, summary: `Subscribed ${accountName(found.account)}.` };
  },
});
