import { ACCOUNT_FIELDS } from '../../accounts/account-view.ts';
import { CHANNELS } from '../../channels/index.ts';
import { defineCommand } from '../shared/command.ts';
import { CREATE_OPTIONS, describeKeys } from './account-options.ts';

export const create = defineCommand({
  name: 'create',
  summary: 'Create an account',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    {
      line: 'accounts create --channel email --account-key support --config address=support@example.com',
      about: 'Create an email account',
    },
    {
      line: 'accounts create --channel messenger --account-key fb-1065 --config page_id=1065 --config page_access_token=env:PAGE_TOKEN',
      about: 'Create a Messenger account with a Page token from a variable',
    },
    {
      line: 'accounts create --channel whatsapp --config phone_number_id=1045 --config waba_id=1046 --config access_token=@token.txt',
      about: 'Register a WhatsApp number and subscribe the app to its webhooks',
    },
    {
      line: 'accounts create --channel whatsapp --config-file number.yaml --no-register --no-subscribe --display-name Orders',
      about: 'Store a number that is already set up, without calling Meta',
    },
  ],
  notes: describeKeys(CHANNELS),
  result: { fields: ACCOUNT_FIELDS },
  options: CREATE_OPTIONS,
  async run(options, context) {
    const { createAccount } = await import('./create-account.ts');
    return createAccount(options, context);
  },
});
