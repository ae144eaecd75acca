import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { deregisterNumber } from '../../channels/whatsapp/api.ts';
import {
  businessAppError,
  deregisterHint,
  staysInBusinessApp,
} from '../../channels/whatsapp/registration.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { confirm } from '../shared/confirm.ts';

export const deregister = defineCommand({
  name: 'deregister',
  summary: 'Deregister a number',
  role: 'admin',
  examples: [
    { line: 'whatsapp deregister wa-1045', about: 'Ask for confirmation first' },
    { line: 'whatsapp deregister wa-1045 --yes', about: 'Without confirmation, for a script' },
  ],
  notes:
    'A deregistered number cannot send or receive messages. The account is not deleted. To register the number again, run: channelctl whatsapp register <account>',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  async run({ account: named }, context) {
    const { account, name, ids, credentials } = await loadWhatsAppAccount(named, context);
    if (staysInBusinessApp(account.config)) {
      throw businessAppError('deregistered', deregisterHint(name));
    }
    await confirm(
      context,
      `Deregister the number for ${name}? It will no longer send or receive messages.`,
    );
    await deregisterNumber(await context.graph(), credentials, ids);
    return { data: { success: true }, summary: `Deregistered the number for ${name}.` };
  },
});
