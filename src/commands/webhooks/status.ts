import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { accountName } from '../../accounts/accounts.ts';
import { loadWebhookAccount } from '../../channels/meta/credentials.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../../ui/output/style.ts';
import { readWebhookStatus, type WebhookStatus } from '../../webhooks/status.ts';
import { META_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { formatProblems } from '../shared/report.ts';
import { PROBLEM_FIELDS } from '../shared/result-fields.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'Show which URL Meta calls for an account',
  role: 'supervisor',
  examples: [
    {
      line: 'webhooks status wa-1045',
      about: 'Show whether Meta calls the URL of the number, the WABA or the app',
    },
    {
      line: 'webhooks status fb-1065 --json',
      about: 'Monitor an account: the exit code is 6 if it is unhealthy',
    },
  ],
  notes:
    "The URL of a number overrides that of its WABA, which overrides that of the app. Messenger and Instagram have only the app's URL, which all accounts of the app share.",
  result: {
    fields: [
      'account_id',
      'channel',
      'account_key',
      'webhook_url',
      'called_url',
      'source',
      'fields',
      'missing',
      'healthy',
      ...PROBLEM_FIELDS,
    ],
  },
  arguments: META_ACCOUNT_ARGUMENT,
  async run(options, context) {
    const subject = await loadWebhookAccount(options.account, context);
    const { account } = subject;
    const { accounts } = await context.profile.read();
    const baseUrl = context.settings.value('webhook_base_url');
    const webhookUrl = (one: StoredAccount) => buildWebhookUrl(baseUrl, one);
    const found = await readWebhookStatus(subject, {
      env: context.env,
      profile: context.profile,
      graph: () => context.graph(),
      accounts,
      baseUrl,
      webhookUrl,
    });
    return {
      data: found,
      summary: (style) => formatWebhooks(accountName(account), found, style),
      ...(found.healthy ? {} : { kind: 'unhealthy' }),
    };
  },
});

const LEVELS = {
  number: "the number's URL",
  waba: "the WABA's override",
  app: "the app's URL",
};

function formatWebhooks(name: string, found: WebhookStatus, style: Style): string {
  const called =
    found.called_url === null || found.source === null
      ? 'unknown'
      : `${stripControlCharacters(found.called_url)} (${LEVELS[found.source]})`;
  return [
    `${found.healthy ? style.success('✓') : style.error('✗')} ${style.bold(name)}`,
    `  Meta calls  ${called}`,
    `  expected    ${found.webhook_url ?? 'unknown; webhook_base_url is not set'}`,
    `  fields      ${found.fields === null ? 'unknown' : stripControlCharacters(found.fields.join(', ')) || 'none'}`,
    ...formatProblems(found.problems, style),
  ].join('\n');
}
