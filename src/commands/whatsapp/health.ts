import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { channelNamed } from '../../channels/index.ts';
import { loadKnownApp } from '../../channels/meta/app.ts';
import { appLevelReader } from '../../channels/meta/webhooks.ts';
import { loadWhatsAppAccounts } from '../../channels/whatsapp/account.ts';
import { checkNumbers, type Health, type HealthOptions } from '../../channels/whatsapp/health.ts';
import type { WhatsAppAccount } from '../../channels/whatsapp/number.ts';
import { whatsappWebhooks } from '../../channels/whatsapp/webhooks.ts';
import type { Graph } from '../../graph/graph.ts';
import { usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import { selectAccounts } from '../shared/account-selection.ts';
import { type CommandResult, defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { OptionsOf } from '../shared/options.ts';
import { countItems, withProgress } from '../shared/progress.ts';
import { formatReport } from '../shared/report.ts';
import { PROBLEM_FIELDS } from '../shared/result-fields.ts';
import { reportedNumber } from './health-report.ts';

const ARGUMENTS = { '[account]': 'a WhatsApp account' } as const;

const OPTIONS = {
  '--all': 'every active WhatsApp account',
  '--include-inactive': 'with --all: those out of use too',
  '--watch <seconds>': 'check again so many seconds later, until interrupted',
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
      about: 'Every active account, for a monitor: exit code 6 where one is unhealthy',
    },
    { line: 'whatsapp health --all --watch 60', about: 'Anew every minute, until Ctrl-C' },
  ],
  notes:
    'Nothing changes at Meta. With --watch into a pipe, each round prints one line of JSON per number.',
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
    whenEmpty: 'There is no WhatsApp account to check.',
  },
  arguments: ARGUMENTS,
  options: OPTIONS,
  async run(options, context) {
    const { all } = options;
    const interval = watchIntervalMs(options, context);
    const chosen = await chosenAccounts(options, context);
    const [graph, accounts] = await Promise.all([
      context.graph(),
      loadWhatsAppAccounts(chosen, context),
    ]);
    const check = async () => {
      const options = await healthOptions(graph, context);
      const text = `Checking ${count(accounts.length, 'number')}`;
      const results = await withProgress(context.terminal, text, (progress) =>
        checkNumbers(
          accounts,
          options,
          countItems(progress, 'Checking', accounts.length, 'number'),
        ),
      );
      return toResult(results, accounts, all === true);
    };
    return interval === null ? check() : repeat(check, () => context.sleep(interval));
  },
});

/** @throws ChannelctlError `usage` if the options contradict each other */
async function chosenAccounts(options: Options, { profile }: CommandContext) {
  const { account, all, includeInactive } = options;
  if (account !== undefined && all !== true && includeInactive === true) {
    throw usageError('--include-inactive does not fit one account.', {
      reason: 'An account that is named is checked whether it is active or not.',
      hint: 'Leave it out, or pass --all in place of the account.',
    });
  }
  return selectAccounts(options, await profile.read(), channelNamed('whatsapp'));
}

/** Reads the app-level subscription again in each round of --watch. */
async function healthOptions(graph: Graph, context: CommandContext): Promise<HealthOptions> {
  const [{ accounts }, known] = await Promise.all([
    context.profile.read(),
    loadKnownApp('whatsapp', context),
  ]);
  const baseUrl = context.settings.value('webhook_base_url');
  return {
    graph,
    appId: known.id,
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

/** Milliseconds between two checks; null without --watch. */
function watchIntervalMs({ watch }: Options, { settings }: CommandContext): number | null {
  if (watch === undefined) return null;
  const seconds = Number(watch);
  if (!/^\d+$/.test(watch) || seconds < 1 || seconds > 86_400) {
    throw usageError(`--watch can't be "${watch}".`, {
      reason: 'It is a whole number of seconds from 1 to 86400.',
      hint: 'Pass --watch 60 to check every minute.',
    });
  }
  if (settings.format === 'table' || settings.format === 'ndjson') return seconds * 1000;
  throw usageError(`--watch can't write ${settings.format}.`, {
    reason: 'Its results come one after another, without an end.',
    hint: 'Use --output ndjson, or leave --watch out.',
  });
}

function toResult(
  results: readonly Health[],
  accounts: readonly WhatsAppAccount[],
  all: boolean,
): CommandResult {
  const names = accounts.map(({ name }) => name);
  return {
    data: all ? results : results[0],
    summary: (style) =>
      formatReport(
        results.map((health, index) => reportedNumber(health, names[index] ?? '', style)),
        style,
        'number',
      ),
    ...(results.every(({ healthy }) => healthy) ? {} : { kind: 'unhealthy' }),
  };
}

/** The result of `run`, followed by another after each pause, without an end. */
async function repeat(
  run: () => Promise<CommandResult>,
  pause: () => Promise<void>,
): Promise<CommandResult> {
  return {
    ...(await run()),
    async next() {
      await pause();
      return repeat(run, pause);
    },
  };
}
