import { mapStrings } from '../../shared/json.ts';
import type { AuditActor, AuditEntry, AuditItem } from './log.ts';

export interface AuditOptions {
  actor(): Promise<AuditActor>;
  redact(text: string): string;
  warn(message: string, hint: string): void;
}

/**
 * Returns the entries for the audit log, which say who has made the changes, and when.
 *
 * @param now milliseconds since the epoch
 */
export async function auditEntries(
  items: Iterable<AuditItem>,
  { actor, redact }: AuditOptions,
  now: () => number,
): Promise<Iterable<AuditEntry>> {
  const at = new Date(now()).toISOString();
  const by = await actor();
  return mapLazily(items, (item) => ({ at, ...by, ...redactItem(item, redact) }));
}

/**
 * Maps items one by one: a large change has too many entries to hold in memory at the same time.
 */
function* mapLazily<Item, Result>(
  items: Iterable<Item>,
  change: (item: Item) => Result,
): Generator<Result> {
  for (const item of items) yield change(item);
}

function redactItem(item: AuditItem, redact: (text: string) => string): AuditItem {
  const changes = item.changes.map(({ field, before, after }) => ({
    field,
    before: mapStrings(before, redact),
    after: mapStrings(after, redact),
  }));
  return { ...item, call: item.call === null ? null : redact(item.call), changes };
}
