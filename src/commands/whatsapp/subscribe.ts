import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { loadKnownApp } from '../../channels/meta/app.ts';
import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { ensureSubscribed, subscribeQuestion } from '../../channels/whatsapp/levels.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { confirm } from '../shared/confirm.ts';

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
    'This applies to every number of the WABA; if others are accounts of this profile, you are asked to confirm. If the app is already subscribed, nothing is sent, so an existing override remains. With --override, Meta calls the URL immediately and expects it to return the challenge.',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  options: { '--override': "override the app's webhook URL with the account's webhook_url" },
  async run({ account: named, override }, context) {
    const { account, name, credentials } = await loadWhatsAppAccount(named, context);
    if (override === true) {
      const { setWebhookUrl } = await import('../shared/webhook-change.ts');
      const url = overrideUrl(account, context);
      const { level } = await setWebhookUrl(account.id, { url, level: 'waba' }, context);
      const whose = level === 'waba' ? 'its webhooks' : "the number's webhooks";
      return {
        data: { success: true },
        summary: `Subscribed the app to the WABA of ${name}; ${whose} go to ${url}.`,
      };
    }
    const [graph, { id: appId }, { accounts }] = await Promise.all([
      context.graph(),
      loadKnownApp('whatsapp', context),
      context.profile.read(),
    ]);
    const { config } = account;
    const question = subscribeQuestion(config, accounts);
    const wasSubscribed = await ensureSubscribed(
      { graph, credentials, config, appId },
      async () => {
        if (question !== null) await confirm(context, question);
      },
    );
    return {
      data: { success: true },
      summary: wasSubscribed
        ? `The app is already subscribed to the WABA of ${name}.`
        : `Subscribed the app to the WABA of ${name}.`,
    };
  },
});

function overrideUrl(account: StoredAccount, { settings }: CommandContext): string {
  const url = buildWebhookUrl(settings.value('webhook_base_url'), account);
  if (url !== null) return url;
  throw usageError('The account has no webhook_url.', {
    reason: 'It is derived from webhook_base_url, which is not set.',
    hint: 'Set it first: channelctl config set webhook_base_url https://…',
  });
}
