import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { channelNamed } from '../../channels/index.ts';
import { loadKnownApp } from '../../channels/meta/app.ts';
import { appLevelReader } from '../../channels/meta/webhooks.ts';
import { loadWhatsAppAccounts } from '../../channels/whatsapp/account.ts';
import type { HealthOptions } from '../../channels/whatsapp/health.ts';
import type { WhatsAppAccount } from '../../channels/whatsapp/number.ts';
import type { Health, NumberCheck } from '../../channels/whatsapp/number-health.ts';
import { whatsappWebhooks } from '../../channels/whatsapp/webhooks.ts';
import type { Graph } from '../../graph/graph.ts';
import { usageError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/foreign/sanitize.ts';
import { failureKind } from '../../shared/problem.ts';
import { count } from '../../shared/text.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import type { Style } from '../../ui/output/style.ts';
import { selectAccounts } from '../shared/account-selection.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { CommandResult } from '../shared/command-result.ts';
import type { OptionsOf } from '../shared/options.ts';
import { collectResults } from '../shared/partial-result.ts';
import { countItems, withProgress } from '../shared/progress.ts';
import { formatReport, type ReportedAccount } from '../shared/report.ts';
import { PROBLEM_FIELDS } from '../shared/result-fields.ts';

const ARGUMENTS = { '[account]': 'WhatsApp account (ID, ID prefix, or account_key)' } as const;

const OPTIONS = {
  '--all': 'check all active WhatsApp accounts',
  '--include-inactive': 'with --all, also check inactive accounts',
  '--watch <seconds>': 'repeat the check at this interval until interrupted',
} as const;

type Options = OptionsOf<typeof OPTIONS, typeof ARGUMENTS>;

export const health = defineCommand({
  name: 'health',
  summary: 'Check the health of numbers',
  role: 'admin',
  examples: [
    { line: 'whatsapp health wa-1045', about: 'One number' },
    {
      line: 'whatsapp health --all --json',
      about: 'All active accounts, for monitoring: exits with code 6 if one is unhealthy',
    },
    { line: 'whatsapp health --all --watch 60', about: 'Repeat every minute until Ctrl-C' },
  ],
  notes:
    "Changes nothing at Meta, but stores the expiry that Meta reports for a token. If the output is not a terminal, --watch prints one line of JSON per number for each check. Meta's API does not show everything: an account that Meta has locked can appear healthy in every field. If messages do not arrive although the number is healthy, check WhatsApp Manager.",
  result: {
    fields: [
      'account_id',
      'display_name',
      'phone_number_id',
      'waba_id',
      'healthy',
      'phone_number',
      'phone_number.*',
      'waba',
      'waba.*',
      ...fieldsIn('subscribed_apps', ['id', 'name', 'link', 'override_callback_uri']),
      'subscribed_ok',
      ...PROBLEM_FIELDS,
    ],
    whenEmpty: 'No WhatsApp accounts to check.',
  },
  arguments: ARGUMENTS,
  options: OPTIONS,
  async run(options, context) {
    const { all } = options;
    const interval = watchIntervalMs(options, context);
    const chosen = await chosenAccounts(options, context);
    const [graph, accounts, { checkNumbers }, { reportedNumber }] = await Promise.all([
      context.graph(),
      loadWhatsAppAccounts(chosen, context),
      import('../../channels/whatsapp/check.ts'),
      import('./health-report.ts'),
    ]);
    if (all !== true && accounts[0]?.tokenError) throw accounts[0].tokenError;
    const check = async () => {
      const options = await healthOptions(graph, context);
      const text = `Checking ${count(accounts.length, 'number')}`;
      const summarize = (results: readonly NumberCheck[], done: readonly WhatsAppAccount[]) => {
        const shown = results.map(({ health }) => health);
        const report = (style: Style) =>
          shown.map((one, index) => reportedNumber(one, done[index]?.name ?? '', style));
        return toResult(shown, report, all === true);
      };
      const onResult = collectResults(context, accounts, summarize);
      const checked = await withProgress(context.terminal, text, (progress) => {
        const onDone = countItems(progress, 'Checking', accounts.length, 'number');
        return checkNumbers(accounts, options, (account, result) => {
          onResult(account, result);
          onDone();
        });
      });
      const { storeExpiries } = await import('../../tokens/store-expiries.ts');
      await storeExpiries(checked, context);
      return summarize(checked, accounts);
    };
    return interval === null
      ? check()
      : { data: [], stream: repeat(check, () => context.sleep(interval)) };
  },
});

async function chosenAccounts(options: Options, { profile }: CommandContext) {
  const { account, all, includeInactive } = options;
  if (account !== undefined && all !== true && includeInactive === true) {
    throw usageError('--include-inactive requires --all.', {
      reason: 'A single account is checked even if it is inactive.',
      hint: 'Omit --include-inactive, or pass --all instead of the account.',
    });
  }
  return selectAccounts(options, await profile.read(), channelNamed('whatsapp'));
}

/**
 * Returns the options for one check. With --watch, each check needs new options, so that the
 * app-level subscription is read again.
 */
async function healthOptions(graph: Graph, context: CommandContext): Promise<HealthOptions> {
  const [{ accounts }, known] = await Promise.all([
    context.profile.read(),
    loadKnownApp('whatsapp', context),
  ]);
  const baseUrl = context.settings.value('webhook_base_url');
  return {
    graph,
    app: known.app,
    appId: known.id,
    now: context.now(),
    sanitize: (text) => sanitize(text, context.redactor),
    appLevel: appLevelReader(
      async () => graph,
      async () => known,
      whatsappWebhooks.object,
    ),
    accounts,
    baseUrl,
    webhookUrl: (account) => buildWebhookUrl(baseUrl, account),
  };
}

function watchIntervalMs({ watch }: Options, { settings }: CommandContext): number | null {
  if (watch === undefined) return null;
  const seconds = Number(watch);
  if (!/^\d+$/.test(watch) || seconds < 1 || seconds > 86_400) {
    throw usageError(`Invalid value for --watch: "${watch}".`, {
      reason: 'It must be a whole number of seconds from 1 to 86400.',
      hint: 'To check every minute, pass --watch 60.',
    });
  }
  if (settings.format === 'table' || settings.format === 'ndjson') return seconds * 1000;
  throw usageError(`--watch does not support the output format ${settings.format}.`, {
    hint: 'Use --output ndjson, or omit --watch.',
  });
}

function toResult(
  results: readonly Health[],
  report: (style: Style) => ReportedAccount[],
  all: boolean,
): CommandResult {
  return {
    data: all ? results : results[0],
    summary: (style) => formatReport(report(style), style, 'number'),
    ...(results.every(({ healthy }) => healthy) ? {} : { kind: failureKind(results) }),
  };
}

async function* repeat(
  run: () => Promise<CommandResult>,
  pause: () => Promise<void>,
): AsyncGenerator<CommandResult> {
  for (;;) {
    yield { ...(await run()), replaces: true };
    await pause();
  }
}
