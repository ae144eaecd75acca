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
    { line: 'whatsapp subscribe wa-1045', about: "Webhooks go to the app's URL" },
    {
      line: 'whatsapp subscribe wa-1045 --override',
      about: "Webhooks of the WABA go to the account's webhook_url",
    },
  ],
  notes:
    'This applies to every number of the WABA. With --override, Meta calls the URL immediately and expects it to return the challenge.',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  options: { '--override': "override the app's webhook URL with the account's webhook_url" },
  async run({ account: named, override }, context) {
    const [graph, { account, name, ids, credentials }] = await Promise.all([
      context.graph(),
      loadWhatsAppAccount(named, context),
    ]);
    const webhookOverride = override === true ? overrideOf(account, context) : undefined;
    await subscribeApp(graph, credentials, ids, webhookOverride);
    const where =
      webhookOverride === undefined
        ? ''
        : `; its webhooks go to ${webhookOverride.override_callback_uri}`;
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
  throw usageError('The account has no webhook_url.', {
    reason: 'It is derived from webhook_base_url, which is not set.',
    hint: 'Set it first: channelctl config set webhook_base_url https://…',
  });
}
