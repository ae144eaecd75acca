import { ACCOUNT_FIELDS, presentAccount } from '../../accounts/account-view.ts';
import { findAccount } from '../../accounts/accounts.ts';
import { viewOf } from '../shared/account-view.ts';
import { defineCommand } from '../shared/command.ts';
import { revealedSecrets } from '../shared/reveal.ts';

interface Options {
  account: string;
  reveal?: boolean;
}

export const get = defineCommand<Options>({
  name: 'get',
  summary: 'Show an account',
  role: 'supervisor',
  examples: [
    { line: 'accounts get messenger/fb-1065', about: 'By channel and account key' },
    { line: 'accounts get 3f9a', about: 'By the beginning of its id' },
    { line: 'accounts get fb-1065 --reveal', about: 'With its secrets (admin)' },
  ],
  result: { fields: ACCOUNT_FIELDS },
  register: (command) =>
    command
      .argument('<account>', 'id, beginning of the id, channel/account_key, or account_key')
      .option('--reveal', 'show the secrets; needs the role admin'),
  async run(options, context) {
    const account = findAccount(await context.profile.read(), options.account);
    const revealed = await revealedSecrets(options, account, account, context);
    return { data: presentAccount(viewOf(context, revealed), account) };
  },
});
