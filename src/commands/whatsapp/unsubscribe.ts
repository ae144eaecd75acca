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
    { line: 'whatsapp unsubscribe wa-1045', about: 'Asks first' },
    { line: 'whatsapp unsubscribe wa-1045 --yes', about: 'Without a terminal' },
  ],
  notes:
    'This applies to every number of the WABA. Undo it with: channelctl whatsapp subscribe <account>',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  async run({ account: named }, context) {
    const { name, ids, credentials } = await loadWhatsAppAccount(named, context);
    await confirm(
      context,
      `Unsubscribe from the WABA ${ids.wabaId} of ${name}? No message of any of its numbers arrives then.`,
    );
    await unsubscribeApp(await context.graph(), credentials, ids);
    return { data: { success: true }, summary: `Unsubscribed from the WABA of ${name}.` };
  },
});
