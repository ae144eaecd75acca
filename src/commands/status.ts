import { checkAccounts } from '../health/check.ts';
import { needsAttention, statusOf } from '../health/status.ts';
import type { StoredAccount } from '../profile/types.ts';
import { count } from '../shared/text.ts';
import { type CommandResult, defineCommand } from './shared/command.ts';
import type { CommandContext } from './shared/command-context.ts';
import { countItems, withProgress } from './shared/progress.ts';
import { formatMessages } from './shared/report.ts';
import { requireRole } from './shared/require-role.ts';
import { PROBLEM_FIELDS } from './shared/result-fields.ts';
import { viewOptions } from './shared/view-options.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'Show the status of all accounts and what needs attention',
  role: 'supervisor',
  examples: [
    { line: 'status', about: 'The whole fleet on one screen' },
    { line: 'status --offline', about: 'What the local state tells, without asking anyone' },
    { line: 'status --json', about: 'For a script; the problems are listed with each account' },
  ],
  notes:
    'Active accounts are checked as by accounts check, which requires the role admin; with --offline\nnothing is sent and no secret is read. Exits with 6 if an account needs attention.',
  result: {
    fields: [
      'account_id',
      'account_key',
      'channel',
      'display_name',
      'is_default',
      'is_active',
      'healthy',
      'severity',
      ...PROBLEM_FIELDS,
      'token_expires_at',
      'webhook',
      'webhook_url',
    ],
    columns: [
      'channel',
      'account_key',
      'display_name',
      'is_active',
      'is_default',
      'healthy',
      'severity',
      'token_expires_at',
      'webhook',
      'problems',
    ],
    truncatable: ['display_name', 'problems'],
    droppable: ['token_expires_at', 'is_default', 'is_active', 'healthy'],
    formatters: { problems: formatMessages },
    whenEmpty: 'There are no accounts yet. Set up a channel: channelctl init',
  },
  options: { '--offline': 'look at the local state only' },
  async run({ offline }, context): Promise<CommandResult> {
    if (offline !== true) requireRole('admin', context.settings.role, context.profile.name);
    const { accounts } = await context.profile.read();
    const health = offline === true ? new Map() : await checkActive(accounts, context);
    const data = accounts.map((account) =>
      statusOf(account, health.get(account.id) ?? null, viewOptions(context), context.now()),
    );
    return { data, ...(data.some(needsAttention) ? { kind: 'unhealthy' } : {}) };
  },
});

/** The health of each active account, by its ID. */
async function checkActive(accounts: readonly StoredAccount[], context: CommandContext) {
  const active = accounts.filter(({ is_active }) => is_active);
  const text = `Checking ${count(active.length, 'account')}`;
  const results = await withProgress(context.terminal, text, (progress) =>
    checkAccounts(active, context, countItems(progress, 'Checking', active.length, 'account')),
  );
  return new Map(results.map((health) => [health.account_id, health]));
}
