import { findAccount } from '../../accounts/accounts.ts';
import type { AuditEntry } from '../../profile/audit/log.ts';
import { usageError } from '../../shared/errors.ts';
import { count, stripControlCharacters } from '../../shared/text.ts';
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
    const { entries, unreadable } = await context.profile.readHistory();
    if (unreadable > 0) {
      const lines = count(unreadable, 'unreadable line');
      context.warn(
        `Skipped ${lines} of the audit log.`,
        'A full disk or an interrupted command may have truncated the log.',
      );
    }
    const matching = account === undefined ? entries : entriesAbout(account, entries);
    // An account without entries is not an error, unlike a name that matches no account.
    if (account !== undefined && matching.length === 0) {
      findAccount(await context.profile.read(), account);
    }
    return { data: matching.filter(({ at }) => start === null || Date.parse(at) >= start) };
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

function entriesAbout(name: string, entries: readonly AuditEntry[]): AuditEntry[] {
  const ids = new Set(
    entries.filter((entry) => isAbout(entry, name)).map(({ account_id }) => account_id),
  );
  return entries.filter(({ account_id }) => ids.has(account_id));
}

/** Matches names as `findAccount` does, but for accounts that may have been deleted. */
function isAbout({ channel, account_id, account_key, changes }: AuditEntry, name: string): boolean {
  if (account_id === null) return false;
  const earlier = changes.filter(({ field }) => field === 'account_key').map((one) => one.before);
  const names = [account_key, ...earlier].flatMap((key) => [key, `${channel}/${key}`]);
  return (
    names.includes(name) || account_id === name || (name.length >= 4 && account_id.startsWith(name))
  );
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
