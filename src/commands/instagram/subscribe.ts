import { accountName, findAccount } from '../../accounts/accounts.ts';
import { instagramToken, subscribeAccount } from '../../channels/instagram/account.ts';
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
    const account = findAccount(await context.profile.read(), options.account, 'instagram');
    const token = await instagramToken(account, context);
    await subscribeAccount(await context.graph(), account, token);
    return { data: { success: true }, summary: `Subscribed ${accountName(account)}.` };
  },
});
