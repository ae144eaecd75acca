import type { AuditEntry, HistoryFilter, HistoryItem } from '../../profile/audit/log.ts';
import type { Profile } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { CommandResult } from '../shared/command-result.ts';

/**
 * The maximum length of the matching entries in the log. Printing more would take over 256 MB of
 * memory.
 */
const MAX_LENGTH = 16 * 1024 * 1024;

const ENTRIES_PER_RESULT = 500;
const MAX_RESULT_LENGTH = 1024 * 1024;

/** Searching a line for more IDs takes longer than parsing it. */
const MAX_SEARCHED_IDS = 10;

interface Selection {
  /** Milliseconds since the epoch; null for all entries. */
  start: number | null;
  /** The IDs of accounts; null for all entries. */
  ids: ReadonlySet<string | null> | null;
}

/** Returns the IDs of the accounts, including deleted ones, with this name or an earlier one. */
export async function accountIds(name: string, profile: Profile): Promise<Set<string | null>> {
  const key = JSON.stringify(name.slice(name.lastIndexOf('/') + 1)).slice(1, -1);
  const ids = new Set<string | null>();
  const filter: HistoryFilter = {
    mayMatch: (line) => line.includes(key),
    matches(entry) {
      if (isAbout(entry, name)) ids.add(entry.account_id);
      return false;
    },
  };
  for await (const _ of profile.readHistory(filter));
  return ids;
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

/**
 * Lists the selected entries, oldest first; as NDJSON, any number of them.
 *
 * @throws ChannelctlError `usage` if there are too many entries for another format
 */
export async function listHistory(
  selection: Selection,
  context: CommandContext,
): Promise<CommandResult<AuditEntry[]>> {
  const items = context.profile.readHistory(filterFor(selection));
  const results = resultsOf(items, context.warn);
  if (context.settings.format === 'ndjson') return { data: [], stream: results };
  const data: AuditEntry[] = [];
  let length = 0;
  for await (const result of results) {
    data.push(...result.data);
    length += result.length;
    if (length > MAX_LENGTH) throw tooManyEntries();
  }
  return { data };
}

function filterFor({ start, ids }: Selection): HistoryFilter {
  const searched = ids === null || ids.size > MAX_SEARCHED_IDS ? null : [...ids];
  const isLater = (at: string) => start === null || Date.parse(at) >= start;
  return {
    mayMatch(line) {
      const at = /^\{"at":"([^"]*)"/.exec(line)?.[1];
      if (at !== undefined && !isLater(at)) return false;
      return searched?.some((id) => id !== null && line.includes(id)) ?? true;
    },
    matches: ({ at, account_id }) => isLater(at) && (ids?.has(account_id) ?? true),
  };
}

async function* resultsOf(items: AsyncIterable<HistoryItem>, warn: CommandContext['warn']) {
  let data: AuditEntry[] = [];
  let length = 0;
  let unreadable = 0;
  for await (const { entry, length: own } of items) {
    if (entry === null) unreadable += 1;
    else {
      data.push(entry);
      length += own;
    }
    if (data.length < ENTRIES_PER_RESULT && length < MAX_RESULT_LENGTH) continue;
    yield { data, length };
    data = [];
    length = 0;
  }
  yield { data, length };
  if (unreadable > 0) {
    warn(
      `Skipped ${unreadable} unreadable ${unreadable === 1 ? 'line' : 'lines'} of the audit log.`,
      'A full disk or an interrupted command may have truncated the log.',
    );
  }
}

function tooManyEntries() {
  return usageError('More than 16 MB of the audit log match.', {
    hint: 'Pass a later --since, or --account, or print all entries with --output ndjson.',
  });
}
