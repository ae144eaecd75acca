import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { accountName, findAccount } from '../../accounts/accounts.ts';
import { channelWebhooks } from '../../channels/index.ts';
import { LEVEL_LABELS, LEVELS } from '../../channels/meta/webhooks.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { checkUrl } from '../../shared/url.ts';
import { META_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { OptionsOf } from '../shared/options.ts';

const OPTIONS = {
  '--level <level>': {
    description: 'whose URL to set (default: waba for WhatsApp, otherwise app)',
    choices: LEVELS,
  },
  '--url <address>': "webhook URL (default: the account's webhook_url)",
  '--webhook-fields <fields>': {
    description:
      'with --level app: comma-separated fields to add (default: the fields recommended for the channel)',
  },
} as const;

type Options = OptionsOf<typeof OPTIONS>;

export const set = defineCommand({
  name: 'set',
  summary: "Register an account's webhook URL with Meta",
  role: 'admin',
  examples: [
    { line: 'webhooks set wa-1045', about: "Override the webhook URL of the number's WABA" },
    {
      line: 'webhooks set wa-1045 --level number',
      about: 'Override it for this number only',
    },
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
    "Meta immediately calls the URL with the account's verify token, and accepts it only if it returns the challenge. Meta calls the URL of the number, otherwise that of its WABA, otherwise that of the app; a URL that one of these would override is rejected. Webhooks about templates, names, quality and security always go to the app's URL.\nIf the change affects other accounts of this profile, you are asked to confirm. Fields that the app already receives remain subscribed.",
  result: {
    fields: ['success', 'account_id', 'channel', 'account_key', 'called_url', 'source', 'fields'],
  },
  arguments: META_ACCOUNT_ARGUMENT,
  options: OPTIONS,
  async run(options, context) {
    const named = findAccount(await context.profile.read(), options.account);
    const { setWarning } = channelWebhooks(named); // Throws for a channel without webhooks.
    const fields = webhookFields(options, named);
    const url = requestedUrl(options, named, context);
    const { setWebhookUrl } = await import('../shared/webhook-change.ts');
    const request = { url, level: options.level, fields };
    const { account, level, ...result } = await setWebhookUrl(named.id, request, context);
    if (setWarning !== undefined) context.warn(setWarning.message, setWarning.hint);
    return {
      data: {
        success: true,
        account_id: account.id,
        channel: account.channel,
        account_key: account.account_key,
        called_url: result.called_url,
        source: result.source,
        fields: result.fields,
      },
      summary: `Meta now calls ${url} for the ${LEVEL_LABELS[level]} of ${accountName(account)}.`,
    };
  },
});

function webhookFields(
  { level, webhookFields: text }: Options,
  account: StoredAccount,
): string[] | undefined {
  if (text === undefined) return undefined;
  if ((level ?? channelWebhooks(account).override?.level ?? 'app') !== 'app') {
    throw usageError('--webhook-fields requires --level app.', {
      reason: 'Webhook fields apply to the app, not to a number or WABA.',
      hint: 'Add --level app, or omit --webhook-fields.',
    });
  }
  const fields = text.split(',').map((field) => field.trim());
  if (fields.every((field) => /^[a-z_]+$/.test(field))) return fields;
  throw usageError(`Invalid value for --webhook-fields: ${JSON.stringify(text)}.`, {
    hint: 'Pass field names separated by commas, such as messages,account_update.',
  });
}

function requestedUrl(
  { url }: Options,
  account: StoredAccount,
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
