import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { subscribeApp, type WebhookOverride } from '../../channels/whatsapp/api.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';

export const subscribe = defineCommand({
  name: 'subscribe',
  summary: "Subscribe the app to the webhooks of an account's WABA",
  role: 'admin',
  examples: [
    { line: 'whatsapp subscribe wa-1045', about: "Webhooks go to the app's own address" },
    {
      line: 'whatsapp subscribe wa-1045 --override',
      about: 'Webhooks of the WABA go to the webhook_url of this account',
    },
  ],
  notes:
    'This applies to every number of the WABA. With --override Meta calls the URL at once and expects the challenge.',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  options: { '--override': "send the account's webhook_url and verify_token along" },
  async run({ account: named, override }, context) {
    const [graph, { account, name, ids, credentials }] = await Promise.all([
      context.graph(),
      loadWhatsAppAccount(named, context),
    ]);
    const address = override === true ? overrideOf(account, context) : undefined;
    await subscribeApp(graph, credentials, ids, address);
    const where =
      address === undefined ? '' : `: its webhooks go to ${address.override_callback_uri}`;
    return {
      data: { success: true },
      summary: `Subscribed the app to the WABA of ${name}${where}.`,
    };
  },
});

function overrideOf(account: StoredAccount, { settings }: CommandContext): WebhookOverride {
  const override_callback_uri = buildWebhookUrl(settings.value('webhook_base_url'), account);
  if (override_callback_uri !== null) {
    return { override_callback_uri, verify_token: account.verify_token };
  }
  throw usageError('The account has no webhook_url to send.', {
    reason: 'webhook_base_url is not set, and the address is made from it.',
    hint: 'Set it first: channelctl config set webhook_base_url https://…',
  });
}
