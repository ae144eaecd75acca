import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { unsubscribeApp } from '../../channels/whatsapp/api.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { confirm } from '../shared/confirm.ts';

export const unsubscribe = defineCommand({
  name: 'unsubscribe',
  summary: "Unsubscribe the app from the webhooks of an account's WABA",
  role: 'admin',
  examples: [
    { line: 'whatsapp unsubscribe wa-1045', about: 'Ask for confirmation first' },
    { line: 'whatsapp unsubscribe wa-1045 --yes', about: 'Without confirmation, for a script' },
  ],
  notes:
    'This applies to every number of the WABA. To subscribe again, run: channelctl whatsapp subscribe <account>',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  async run({ account: named }, context) {
    const { name, ids, credentials } = await loadWhatsAppAccount(named, context);
    await confirm(
      context,
      `Unsubscribe the app from the WABA ${ids.wabaId} of ${name}? It will no longer receive webhooks for any number of the WABA.`,
    );
    await unsubscribeApp(await context.graph(), credentials, ids);
    return { data: { success: true }, summary: `Unsubscribed the app from the WABA of ${name}.` };
  },
});
