import { accountName, findAccount } from '../../accounts/accounts.ts';
import { missingSecret, unsetSecret } from '../../accounts/missing-secret.ts';
import { channelNamed } from '../../channels/index.ts';
import { prepareCheck } from '../../health/check.ts';
import { usageError } from '../../shared/errors.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { withProgress } from '../shared/progress.ts';
import { formatReport } from '../shared/report.ts';
import { parseSeconds } from '../shared/sign-in-options.ts';

const SERVICE_FIELDS = [
  'ok',
  'host',
  'port',
  ...fieldsIn('problem', ['kind', 'message', 'hint']),
] as const;

export const check = defineCommand({
  name: 'check',
  summary: 'Test sign-in to a mailbox over IMAP and SMTP',
  role: 'supervisor',
  examples: [
    { line: 'email check support@example.com', about: 'Sign in without reading or sending mail' },
    {
      line: 'email check support@example.com --timeout 10 --json',
      about: 'Set a timeout and print JSON',
    },
  ],
  notes:
    'Ports 993 and 465 use implicit TLS; 143, 587 and 25 use STARTTLS; on other ports both are tried. The defaults are imap_port 993, smtp_port 465, and the email address as the username. The password is never sent without TLS. If only one of imap_host and smtp_host is set, only that service is checked.',
  result: {
    fields: [
      'account_id',
      'account_key',
      'healthy',
      ...fieldsIn('imap', SERVICE_FIELDS),
      ...fieldsIn('smtp', SERVICE_FIELDS),
    ],
  },
  arguments: ACCOUNT_ARGUMENT,
  options: {
    '--timeout <seconds>': { description: 'how long each sign-in may take', default: '30' },
  },
  async run(options, context) {
    const seconds = parseSeconds('--timeout', options.timeout, 30);
    const account = findAccount(
      await context.profile.read(),
      options.account,
      channelNamed('email'),
    );
    const checking = await prepareCheck(account, context);
    if (account.secrets.password !== undefined && !checking.secrets.has('password')) {
      const name = accountName(account);
      if (context.settings.secretStore === 'env') throw unsetSecret(account, ['password']);
      const command = `channelctl accounts update ${name} --config password=@file`;
      throw missingSecret(account, ['password'], command);
    }
    const { checkMailbox, mailboxProblems } = await import('../../channels/email/check.ts');
    const { addServersCommand } = await import('../../channels/email/settings.ts');
    const { imap, smtp } = await withProgress(context.terminal, 'Signing in to the mailbox', () =>
      checkMailbox(checking, seconds),
    );
    if (imap === null && smtp === null) {
      throw usageError(`Cannot check ${accountName(account)}.`, {
        reason: 'Neither IMAP nor SMTP is configured.',
        hint: `Run: ${addServersCommand(account)}`,
      });
    }
    const healthy = imap?.ok !== false && smtp?.ok !== false;
    return {
      data: { account_id: account.id, account_key: account.account_key, healthy, imap, smtp },
      summary: (style) =>
        formatReport(
          [{ name: accountName(account), healthy, problems: mailboxProblems({ imap, smtp }) }],
          style,
        ),
      ...(healthy ? {} : { kind: 'unhealthy' }),
    };
  },
});
