import { findAccount } from '../../accounts/accounts.ts';
import type { AuditEntry } from '../../profile/audit/log.ts';
import { usageError } from '../../shared/errors.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { ACCOUNT_NAMES } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { parseDuration } from '../shared/option-values.ts';
import { CHANGE_FIELDS } from '../shared/result-fields.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List changes made with channelctl',
  role: 'supervisor',
  missingProfile: 'allowed',
  examples: [
    { line: 'audit list --since 7d', about: 'List the changes from the last week' },
    {
      line: 'audit list --account messenger/fb-81 --json',
      about: 'Print the changes to one account as JSON',
    },
  ],
  notes:
    'Lists changes to the profile and at Meta, with the local user, host and CI job that made them.\nSecrets are shown as ********. The log is stored in the audit subfolder of the configuration folder, in at most ten files of about 1 MB each, and remains when the profile is deleted.',
  result: {
    fields: [
      'at',
      'user',
      'host',
      'ci',
      'command',
      'action',
      'channel',
      'account_id',
      'account_key',
      'call',
      ...CHANGE_FIELDS,
    ],
    columns: ['at', 'user', 'ci', 'command', 'action', 'channel', 'account_key', 'call', 'changes'],
    truncatable: ['call', 'changes'],
    droppable: ['call', 'action', 'ci', 'user'],
    formatters: { changes: formatChanges },
    whenEmpty: 'No changes found.',
  },
  options: {
    '--since <time>': 'earliest change to list: an ISO 8601 time, or an age such as 14d or 36h',
    '--account <account>': ACCOUNT_NAMES,
  },
  async run({ since, account }, context) {
    const start = since === undefined ? null : startOf(since, context.now());
    const { accountIds, listHistory } = await import('./history.ts');
    const ids = account === undefined ? null : await accountIds(account, context.profile);
    // An account without entries is not an error, unlike a name that matches no account.
    if (ids?.size === 0) findAccount(await context.profile.read(), account ?? '');
    return listHistory({ start, ids }, context);
  },
});

/** Returns the start of the period, in milliseconds since the epoch. */
function startOf(since: string, now: Date): number {
  if (/^\d+[dh]$/.test(since)) return now.getTime() - parseDuration('--since', since) * 1000;
  const time = /^\d{4}-\d\d-\d\d(?:T.+)?$/.test(since) ? Date.parse(since) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw usageError(`Invalid value for --since: "${since}".`, {
    reason: 'It must be an ISO 8601 time, or a number of days or hours.',
    hint: 'Pass a value such as 2027-01-31T12:00:00Z, 14d or 36h.',
  });
}

/** Formats changes as `display_name: A → B, config.menu`. Long values and objects are omitted. */
function formatChanges(changes: unknown): string {
  if (!Array.isArray(changes)) return '-';
  const words = changes.map(({ field, before, after }: AuditEntry['changes'][number]) =>
    isShort(before) && isShort(after) ? `${field}: ${before ?? '-'} → ${after ?? '-'}` : field,
  );
  return stripControlCharacters(words.join(', ')) || '-';
}

function isShort(value: unknown): boolean {
  return typeof value !== 'object' || value === null ? String(value).length <= 40 : false;
}
