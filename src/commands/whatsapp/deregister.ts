import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { deregisterNumber } from '../../channels/whatsapp/api.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { confirm } from '../shared/confirm.ts';

export const deregister = defineCommand({
  name: 'deregister',
  summary: 'Deregister a number',
  role: 'admin',
  examples: [
    { line: 'whatsapp deregister wa-1045', about: 'Asks first' },
    { line: 'whatsapp deregister wa-1045 --yes', about: 'Without a terminal' },
  ],
  notes:
    'The number can then send and receive no messages. The account remains. Undo it with: channelctl whatsapp register <account>',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  async run({ account: named }, context) {
    const { name, ids, credentials } = await loadWhatsAppAccount(named, context);
    await confirm(context, `Deregister the number of ${name}? It can send and receive no more.`);
    await deregisterNumber(await context.graph(), credentials, ids);
    return { data: { success: true }, summary: `Deregistered the number of ${name}.` };
  },
});
