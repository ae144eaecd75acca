import type { AccountHealth } from '../../health/check.ts';
import { failureKind, findStorageError } from '../../shared/problem.ts';
import { count } from '../../shared/text.ts';
import { OPTIONAL_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { selectAccounts } from '../shared/account-selection.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandResult } from '../shared/command-result.ts';
import { countItems, withProgress } from '../shared/progress.ts';
import { formatReport } from '../shared/report.ts';
import { PROBLEM_FIELDS } from '../shared/result-fields.ts';

const OPTIONS = {
  '--all': 'check every active account',
  '--include-inactive': 'with --all, also check inactive accounts',
} as const;

export const check = defineCommand({
  name: 'check',
  summary: 'Check that accounts work',
  role: 'admin',
  examples: [
    { line: 'accounts check messenger/fb-1065', about: 'Check one account' },
    { line: 'accounts check --all --json', about: 'Check every active account in a nightly job' },
  ],
  notes:
    'Stores the expiry that Meta reports for a token. Exits with code 6 if an account has a problem of severity "error", or with code 8 if a secret was stored for another account or server.',
  result: {
    fields: [
      'account_id',
      'channel',
      'account_key',
      'healthy',
      ...PROBLEM_FIELDS,
      'details',
      'details.*',
    ],
    whenEmpty: 'No accounts to check.',
  },
  arguments: OPTIONAL_ACCOUNT_ARGUMENT,
  options: OPTIONS,
  async run(options, context) {
    const { checkAccounts } = await import('../../health/check.ts');
    const accounts = selectAccounts(options, await context.profile.read());
    const text = `Checking ${count(accounts.length, 'account')}`;
    const { collectResults } = await import('../shared/partial-result.ts');
    const onResult = collectResults(context, accounts, (results: AccountHealth[]) =>
      toResult(results, options.all === true),
    );
    const results = await withProgress(context.terminal, text, (progress) => {
      const onDone = countItems(progress, 'Checking', accounts.length, 'account');
      return checkAccounts(accounts, context, (account, health) => {
        onResult(account, health);
        onDone();
      });
    });
    const unreadable = findStorageError(results.flatMap(({ problems }) => problems));
    if (unreadable !== undefined && options.all !== true) throw unreadable;
    return toResult(results, options.all === true);
  },
});

function toResult(results: readonly AccountHealth[], isList: boolean): CommandResult {
  const shown = results.map(({ delivery, ...result }) => result);
  return {
    data: isList ? shown : shown[0],
    summary: (style) =>
      formatReport(
        results.map((one) => ({ ...one, name: `${one.channel}/${one.account_key}` })),
        style,
      ),
    ...(results.every(({ healthy }) => healthy) ? {} : { kind: failureKind(results) }),
  };
}
