import { ACCOUNT_FIELDS } from '../../accounts/account-view.ts';
import { CHANNELS } from '../../channels/index.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { describeKeys, UPDATE_OPTIONS } from './account-options.ts';

export const update = defineCommand({
  name: 'update',
  summary: 'Update an account',
  role: 'admin',
  examples: [
    {
      line: 'accounts update support --config imap_port=993',
      about: 'Change one configuration key',
    },
    {
      line: 'accounts update fb-1065 --config page_access_token=@token.txt',
      about: 'Store a new token',
    },
    {
      line: 'accounts update support --inactive --display-name "Support, closed"',
      about: 'Deactivate and rename an account',
    },
  ],
  notes: describeKeys(CHANNELS),
  result: { fields: ACCOUNT_FIELDS },
  arguments: ACCOUNT_ARGUMENT,
  options: UPDATE_OPTIONS,
  async run(options, context) {
    const { updateAccount } = await import('./update-account.ts');
    return updateAccount(options, context);
  },
});
