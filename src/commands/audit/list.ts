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
  summary: 'List the changes made with channelctl',
  role: 'supervisor',
  examples: [
    { line: 'audit list --since 7d', about: 'What was changed in the last week' },
    { line: 'audit list --account messenger/fb-81 --json', about: 'The history of one account' },
  ],
  notes:
    'Changes to the profile and at Meta, with their author: the system user, the host and the CI job.\nSecrets are shown as ********. The log is in the folder audit of the configuration, in the ten\nnewest files of 1 MB, and remains when the profile is deleted.',
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
    whenEmpty: 'Nothing was changed.',
  },
  options: {
    '--since <time>': 'a time in ISO 8601, or how long ago: 14d, 36h',
    '--account <account>': ACCOUNT_NAMES,
  },
  async run({ since, account }, context) {
    const start = since === undefined ? null : startOf(since, context.now());
    const { entries, unreadable } = await context.profile.readHistory();
    if (unreadable > 0) {
      const lines = count(unreadable, 'line');
      context.warn(
        `${lines} of the audit log can't be read.`,
        'They were left out; a full disk or an interrupted command may have cut them.',
      );
    }
    const matching =
      account === undefined ? entries : entries.filter((entry) => isAbout(entry, account));
    // An account without entries is not an error; a name that matches no account is.
    if (account !== undefined && matching.length === 0) {
      findAccount(await context.profile.read(), account);
    }
    return { data: matching.filter(({ at }) => start === null || Date.parse(at) >= start) };
  },
});

/** Milliseconds since the epoch. */
function startOf(since: string, now: Date): number {
  if (/^\d+[dh]$/.test(since)) return now.getTime() - parseDuration('--since', since) * 1000;
  const time = /^\d{4}-\d\d-\d\d(?:T.+)?$/.test(since) ? Date.parse(since) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw usageError(`--since can't be "${since}".`, {
    reason: 'It is a time in ISO 8601, or a number of days or hours.',
    hint: 'Write it as 2027-01-31T12:00:00Z, 14d or 36h.',
  });
}

/** Matches the names of deleted accounts like those of existing ones. */
function isAbout({ channel, account_id, account_key }: AuditEntry, name: string): boolean {
  if (account_id === null) return false;
  const names = [account_id, account_key, `${channel}/${account_key}`];
  return names.includes(name) || (name.length >= 4 && account_id.startsWith(name));
}

/** `display_name: A → B, config.access_token`. */
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
