import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { accountName } from '../../accounts/accounts.ts';
import { channelNamed } from '../../channels/index.ts';
import { loadMetaApp } from '../../channels/meta/app.ts';
import { appToken } from '../../channels/meta/app-credentials.ts';
import { loadWebhookAccount, type WebhookAccount } from '../../channels/meta/credentials.ts';
import { readAppLevel } from '../../channels/meta/webhooks.ts';
import { usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import { checkUrl } from '../../shared/url.ts';
import { META_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { confirm } from '../shared/confirm.ts';
import type { OptionsOf } from '../shared/options.ts';

const OPTIONS = {
  '--url <address>': "webhook URL (default: the account's webhook_url)",
} as const;

type Options = OptionsOf<typeof OPTIONS>;

export const set = defineCommand({
  name: 'set',
  summary: "Register an account's webhook URL with Meta",
  role: 'admin',
  examples: [
    { line: 'webhooks set wa-1045', about: "Override the webhook URL of the number's WABA" },
    {
      line: 'webhooks set fb-1065 --yes',
      about: "Set the app's webhook URL for Pages, without a prompt",
    },
    {
      line: 'webhooks set wa-1045 --url https://hooks.example.com/whatsapp',
      about: 'Set a URL other than webhook_url',
    },
  ],
  notes:
    "Meta immediately calls the URL with the account's verify token, and accepts it only if it returns the challenge.\nWhatsApp: the override applies to every number of the WABA. Messenger and Instagram: all accounts of the app share its URL, so you are asked to confirm.",
  result: {
    fields: ['success', 'account_id', 'channel', 'account_key', 'called_url', 'source', 'fields'],
  },
  arguments: META_ACCOUNT_ARGUMENT,
  options: OPTIONS,
  async run(options, context) {
    const subject = await loadWebhookAccount(options.account, context);
    const { account } = subject;
    const webhookUrl = requestedUrl(options, subject, context);
    const { override } = subject.webhooks;
    const fields =
      override === undefined
        ? await setForApp(subject, webhookUrl, context)
        : await setOverride(subject, webhookUrl, context);
    return {
      data: {
        success: true,
        account_id: account.id,
        channel: account.channel,
        account_key: account.account_key,
        called_url: webhookUrl,
        source: override?.level ?? 'app',
        fields,
      },
      summary: `Meta now calls ${webhookUrl} for the ${override?.label ?? 'app'} of ${accountName(account)}.`,
    };
  },
});

function requestedUrl(
  { url }: Options,
  { account }: WebhookAccount,
  { settings }: CommandContext,
): string {
  if (url !== undefined) return checkUrl('--url', url).href;
  const webhookUrl = buildWebhookUrl(settings.value('webhook_base_url'), account);
  if (webhookUrl !== null) return webhookUrl;
  throw usageError('The account has no webhook URL.', {
    reason: 'webhook_base_url is not set.',
    hint: 'Run: channelctl config set webhook_base_url https://…, or pass --url.',
  });
}

async function setOverride(
  { account, credentials, webhooks }: WebhookAccount,
  webhookUrl: string,
  context: CommandContext,
): Promise<null> {
  const remoteApi = await channelNamed(account.channel).remoteApi?.();
  const graph = await context.graph();
  await remoteApi?.subscribe(
    { graph, credentials, config: account.config, appId: null },
    {
      fields: webhooks.fields,
      override: { url: webhookUrl, verifyToken: account.verify_token },
    },
  );
  return null;
}

/** Sets the app's URL after a confirmation. Its fields remain subscribed. */
async function setForApp(
  { account, webhooks }: WebhookAccount,
  webhookUrl: string,
  context: CommandContext,
): Promise<string[]> {
  const [graph, app] = await Promise.all([context.graph(), loadMetaApp(account.channel, context)]);
  const { accounts } = await context.profile.read();
  const sharing = accounts.filter(({ channel }) => channel === account.channel).length;
  const before = await readAppLevel(graph, app, webhooks.object);
  const replaced = before?.url ? ` instead of ${before.url}` : '';
  await confirm(
    context,
    `Send all ${webhooks.object} webhooks of the app ${app.id} to ${webhookUrl}${replaced}? This affects all accounts of the app (${count(sharing, 'account')} in this profile).`,
  );
  const fields = [...new Set([...(before?.fields ?? []), ...webhooks.fields])];
  await graph.call(
    'setAppSubscription',
    {
      app_id: app.id,
      object: webhooks.object,
      callback_url: webhookUrl,
      verify_token: account.verify_token,
      fields: fields.join(','),
    },
    {
      ...appToken(app),
      accountId: account.id,
      before: {
        callback_url: before?.url ?? null,
        fields: before === null ? null : before.fields.join(','),
      },
    },
  );
  return fields;
}
