import { accountName } from '../../accounts/accounts.ts';
import { LEVELS } from '../../channels/meta/webhooks.ts';
import { META_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';

export const unset = defineCommand({
  name: 'unset',
  summary: 'Delete the webhook URL of a number, WABA or app at Meta',
  role: 'admin',
  examples: [
    {
      line: 'webhooks unset wa-1045 --level number',
      about: 'Let the number use the URL of its WABA or of the app',
    },
    {
      line: 'webhooks unset wa-1045 --level waba --yes',
      about: "Remove the WABA's override, without a prompt",
    },
  ],
  notes:
    "The app remains subscribed to the WABA. With --level app, the app's fields are deleted too, and Meta sends nothing for any account of the app.",
  result: {
    fields: ['success', 'account_id', 'channel', 'account_key', 'called_url', 'source'],
  },
  arguments: META_ACCOUNT_ARGUMENT,
  options: {
    '--level <level>': {
      description: 'whose URL to delete',
      choices: LEVELS,
      isRequired: true,
    },
  },
  async run({ account: named, level }, context) {
    const { unsetWebhookUrl } = await import('../shared/webhook-change.ts');
    const { account, called_url, source, isChanged } = await unsetWebhookUrl(named, level, context);
    const name = accountName(account);
    const calls = called_url === null ? 'calls no URL' : `calls ${called_url}`;
    return {
      data: {
        success: true,
        account_id: account.id,
        channel: account.channel,
        account_key: account.account_key,
        called_url,
        source,
      },
      summary: isChanged
        ? `Meta now ${calls} for ${name}.`
        : `No webhook URL is set at this level. Meta ${calls} for ${name}.`,
    };
  },
});
