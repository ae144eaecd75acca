import { type AccountHealth, checkAccounts } from '../health/check.ts';
import { type AccountStatus, needsAttention, statusOf } from '../health/status.ts';
import type { StoredAccount } from '../profile/types.ts';
import { findStorageError, isOutage, type Problem } from '../shared/problem.ts';
import { count } from '../shared/text.ts';
import { defineCommand } from './shared/command.ts';
import type { CommandContext } from './shared/command-context.ts';
import type { CommandResult } from './shared/command-result.ts';
import { collectResults } from './shared/partial-result.ts';
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
    { line: 'status', about: 'Check all active accounts' },
    { line: 'status --offline', about: 'Show only the local state, without sending requests' },
    { line: 'status --json', about: 'Print each account with its problems as JSON' },
  ],
  notes:
    'Runs the same checks on active accounts as accounts check; this requires the admin role, and stores the expiry that Meta reports for a token. With --offline, nothing is sent and no secret is read. Exits with code 6 if an account needs attention, with code 5 if accounts could not be checked because the network or Meta failed, or with code 8 if a secret was stored for another account or server.',
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
    whenEmpty: 'No accounts yet. Set up a channel: channelctl init',
  },
  options: { '--offline': 'use only the local state' },
  async run({ offline }, context): Promise<CommandResult> {
    if (offline !== true) requireRole('admin', context.settings.role, context.profile.name);
    const { accounts } = await context.profile.read();
    if (offline === true) return toResult(accounts, [], context);
    const active = accounts.filter(({ is_active }) => is_active);
    const onResult = collectResults(context, active, (results: AccountHealth[], done) =>
      toResult(done, results, context),
    );
    const text = `Checking ${count(active.length, 'account')}`;
    const checked = await withProgress(context.terminal, text, (progress) => {
      const onDone = countItems(progress, 'Checking', active.length, 'account');
      return checkAccounts(active, context, (account, health) => {
        onResult(account, health);
        onDone();
      });
    });
    return toResult(accounts, checked, context);
  },
});

function toResult(
  accounts: readonly StoredAccount[],
  checked: readonly AccountHealth[],
  context: CommandContext,
): CommandResult {
  const health = new Map(checked.map((one) => [one.account_id, one]));
  const data = accounts.map((account) =>
    statusOf(account, health.get(account.id) ?? null, viewOptions(context), context.now()),
  );
  const outages = data.flatMap(({ problems }) => problems.find(preventsCheck) ?? []);
  const isUnreadable = findStorageError(data.flatMap(({ problems }) => problems)) !== undefined;
  if (outages[0] === undefined) {
    const kind = isUnreadable ? 'storage' : 'unhealthy';
    return { data, ...(data.some(needsAttention) ? { kind } : {}) };
  }
  const message = `${count(outages.length, 'account')} could not be checked. ${outages[0].message}`;
  context.warn(message, outages[0].hint);
  return { data: data.map(withShortOutage), kind: isUnreadable ? 'storage' : 'graph' };
}

function preventsCheck(problem: Problem): boolean {
  return isOutage(problem) && problem.severity === 'error';
}

function withShortOutage(status: AccountStatus): AccountStatus {
  const outage = status.problems.find(preventsCheck);
  if (outage === undefined) return status;
  const short = { ...outage, message: 'Meta could not be queried.', hint: '' };
  return { ...status, problems: [...status.problems.filter((one) => !preventsCheck(one)), short] };
}
