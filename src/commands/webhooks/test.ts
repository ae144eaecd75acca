import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { accountName, findAccount } from '../../accounts/accounts.ts';
import { channelWebhooks } from '../../channels/index.ts';
import { loadMetaApp } from '../../channels/meta/app.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { checkUrl } from '../../shared/url.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import type { Style } from '../../ui/output/style.ts';
import type { Check, WebhookTestResult } from '../../webhooks/tester.ts';
import { META_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { OptionsOf } from '../shared/options.ts';
import { withProgress } from '../shared/progress.ts';
import { formatProblems } from '../shared/report.ts';

const OPTIONS = {
  '--url <address>': "webhook URL (default: the account's webhook_url)",
} as const;

type Options = OptionsOf<typeof OPTIONS>;

/** Longer than Meta itself waits for a response. */
const TIMEOUT_MS = 20_000;

export const test = defineCommand({
  name: 'test',
  summary: 'Send test webhooks, as Meta would',
  role: 'admin',
  examples: [
    {
      line: 'webhooks test wa-1045',
      about: 'Send a handshake and a signed sample message, then forged ones',
    },
    {
      line: 'webhooks test fb-1065 --url http://localhost:3000/webhook',
      about: 'Test a receiver under development',
    },
  ],
  notes:
    'Sends handshakes with correct and wrong verify tokens, then sample messages with valid and invalid signatures. The message text says that it is a test, and contains characters that Meta escapes in JSON. The receiver must return the challenge byte for byte. Meta is not called. Exits with code 6 if an error is found.',
  result: {
    fields: [
      'account_id',
      'channel',
      'account_key',
      'url',
      'healthy',
      ...fieldsIn('checks', ['name', 'result', 'http_status', 'milliseconds']),
      ...fieldsIn('problems', ['part', 'kind', 'severity', 'message', 'hint']),
    ],
  },
  arguments: META_ACCOUNT_ARGUMENT,
  options: OPTIONS,
  async run(options, context) {
    const account = findAccount(await context.profile.read(), options.account);
    channelWebhooks(account); // Throws for a channel without webhooks.
    const webhookUrl = requestedUrl(options, account, context);
    await context.graph(); // Detects an invalid setting before anything is sent.
    const { secret: appSecret } = await loadMetaApp(account.channel, context);
    context.redactor.add(appSecret);
    const result = await runTest(account, webhookUrl, appSecret, context);
    const healthy = result.problems.every(({ severity }) => severity !== 'error');
    return {
      data: {
        account_id: account.id,
        channel: account.channel,
        account_key: account.account_key,
        url: webhookUrl.href,
        healthy,
        ...result,
      },
      summary: (style) => formatTest(accountName(account), webhookUrl, result, style),
      ...(healthy ? {} : { kind: 'unhealthy' }),
    };
  },
});

function requestedUrl({ url }: Options, account: StoredAccount, { settings }: CommandContext): URL {
  const webhookUrl = url ?? buildWebhookUrl(settings.value('webhook_base_url'), account);
  if (webhookUrl !== null) return checkUrl(url === undefined ? 'webhook_url' : '--url', webhookUrl);
  throw usageError('The account has no webhook URL.', {
    reason: 'webhook_base_url is not set.',
    hint: 'Run: channelctl config set webhook_base_url https://…, or pass --url.',
  });
}

async function runTest(
  account: StoredAccount,
  webhookUrl: URL,
  appSecret: string,
  context: CommandContext,
): Promise<WebhookTestResult> {
  const { testWebhook } = await import('../../webhooks/tester.ts');
  const now = () => context.now().getTime();
  return withProgress(context.terminal, `Testing ${webhookUrl.host}`, () =>
    testWebhook(
      {
        url: webhookUrl,
        accountName: accountName(account),
        verifyToken: account.verify_token,
        appSecret,
        sample: () => JSON.stringify(channelWebhooks(account).sample(account.config, now())),
      },
      {
        userAgent: context.userAgent,
        env: context.env,
        redactor: context.redactor,
        debug: context.debug,
        signal: context.signal,
        now,
        timeLimit: TIMEOUT_MS,
      },
    ),
  );
}

const CHECK_LABELS: Readonly<Record<Check['name'], string>> = {
  handshake: 'handshake',
  wrong_token: 'handshake with a wrong token',
  delivery: 'signed delivery',
  wrong_signature: 'delivery with an invalid signature',
};

function formatTest(
  name: string,
  webhookUrl: URL,
  { checks, problems }: WebhookTestResult,
  style: Style,
): string {
  const marks = {
    ok: style.success('✓'),
    warning: style.warning('!'),
    error: style.error('✗'),
    skipped: style.dim('-'),
  };
  return [
    `${style.bold(name)}  ${webhookUrl.href}`,
    ...checks.map(({ name: check, result, http_status, milliseconds }) => {
      const facts = [
        result === 'skipped' ? 'skipped' : null,
        http_status === null ? null : `HTTP ${http_status}`,
        milliseconds === null ? null : `${milliseconds} ms`,
      ];
      const known = facts.filter((fact) => fact !== null).join(', ');
      return `  ${marks[result]} ${CHECK_LABELS[check]} ${style.dim(`(${known})`)}`;
    }),
    ...formatProblems(problems, style),
  ].join('\n');
}
