import { ownerName } from '../../accounts/secrets.ts';
import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { unsubscribeApp } from '../../channels/whatsapp/api.ts';
import { accountsOfWaba } from '../../channels/whatsapp/levels.ts';
import { listNames } from '../../shared/text.ts';
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
    const { account, name, ids, credentials } = await loadWhatsAppAccount(named, context);
    const { accounts } = await context.profile.read();
    const others = accountsOfWaba(ids.wabaId, accounts).filter(({ id }) => id !== account.id);
    const also =
      others.length === 0 ? '' : ` This also affects ${listNames(others.map(ownerName))}.`;
    await confirm(
      context,
      `Unsubscribe the app from WABA ${ids.wabaId} of ${name}? It will no longer receive webhooks for any number of the WABA.${also}`,
    );
    await unsubscribeApp(await context.graph(), credentials, ids);
    return { data: { success: true }, summary: `Unsubscribed the app from the WABA of ${name}.` };
  },
});
