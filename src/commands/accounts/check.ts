import { findAccount } from '../../accounts/accounts.ts';
import { checkAccounts } from '../../health/check.ts';
import type { ProfileState, StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import { OPTIONAL_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { OptionsOf } from '../shared/options.ts';
import { formatReport } from '../shared/report.ts';
import { PROBLEM_FIELDS } from '../shared/result-fields.ts';

const OPTIONS = {
  '--all': 'every active account',
  '--include-inactive': 'with --all: the inactive ones too',
} as const;

type Options = OptionsOf<typeof OPTIONS, typeof OPTIONAL_ACCOUNT_ARGUMENT>;

export const check = defineCommand({
  name: 'check',
  summary: 'Check that accounts work, whatever their channel',
  role: 'admin',
  examples: [
    { line: 'accounts check messenger/fb-1065', about: 'One account' },
    { line: 'accounts check --all --json', about: 'Every account in use, for a nightly job' },
  ],
  notes: 'Exits with 6 where an account has a problem that is an error.',
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
    whenEmpty: 'There are no accounts to check.',
  },
  arguments: OPTIONAL_ACCOUNT_ARGUMENT,
  options: OPTIONS,
  async run(options, context) {
    const accounts = chosen(options, await context.profile.read());
    const progress = context.terminal.progress(`Checking ${count(accounts.length, 'account')}`);
    let done = 0;
    try {
      const results = await checkAccounts(accounts, context, () => {
        done += 1;
        progress.update(`Checking accounts: ${done} of ${accounts.length}`);
      });
      return {
        data: options.all === true ? results : results[0],
        summary: (style) =>
          formatReport(
            results.map((one) => ({ ...one, name: `${one.channel}/${one.account_key}` })),
            style,
          ),
        ...(results.every(({ healthy }) => healthy) ? {} : { kind: 'unhealthy' }),
      };
    } finally {
      progress.stop();
    }
  },
});

function chosen({ account, all, includeInactive }: Options, state: ProfileState): StoredAccount[] {
  if ((account === undefined) !== (all === true)) {
    throw usageError(
      account === undefined
        ? 'No account was named.'
        : `"${account}" and --all contradict each other.`,
      'Either one account is checked, or all of them.',
      'Name an account, or pass --all.',
    );
  }
  if (account !== undefined) return [findAccount(state, account)];
  return state.accounts.filter(({ is_active }) => is_active || includeInactive === true);
}
