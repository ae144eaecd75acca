import { ChannelctlError, systemCode } from '../../shared/errors.ts';
import { mapStrings } from '../../shared/json.ts';
import type { ProfilePaths } from '../paths.ts';
import { type AuditActor, type AuditItem, appendEntries, assertNotLink } from './log.ts';
import {
  appendPending,
  type Commit,
  discardPending,
  recoverPending,
  writePending,
} from './pending.ts';

export interface AuditOptions {
  actor(): Promise<AuditActor>;
  redact(text: string): string;
  warn(message: string, hint: string): void;
}

/** Records changes in the audit log of a profile. A failure only causes a warning. */
export class AuditRecorder {
  readonly #paths: ProfilePaths;
  readonly #options: AuditOptions;
  readonly #now: () => number;
  #unprepared: (() => Iterable<AuditItem>) | null = null;

  /** @param now milliseconds since the epoch */
  constructor(paths: ProfilePaths, options: AuditOptions, now: () => number) {
    this.#paths = paths;
    this.#options = options;
    this.#now = now;
  }

  async record(items: Iterable<AuditItem>): Promise<void> {
    await this.#warnOnFailure(async () => {
      await appendEntries(this.#paths.audit, await this.#entriesOf(items));
    });
  }

  /** @throws ChannelctlError `storage` if the log is a link, and therefore must not be written */
  async assertAllowed(): Promise<void> {
    await assertNotLink(this.#paths.audit);
  }

  /**
   * Writes the items of a change before it is committed, so that they are recorded even if this
   * process is killed. Requires the profile's lock until `finish` or `discard`.
   *
   * @throws ChannelctlError `storage` if the disk is full, because the items would not fit into the
   *   log either
   */
  async prepare(items: () => Iterable<AuditItem>, commit: Commit): Promise<void> {
    this.#unprepared = null;
    try {
      const entries = await this.#entriesOf(items());
      await writePending(this.#paths.pendingAudit, entries, commit);
    } catch (error) {
      if (!(error instanceof ChannelctlError) || isDiskFull(error)) throw error;
      this.#unprepared = items;
    }
  }

  async finish(): Promise<void> {
    const items = this.#unprepared;
    this.#unprepared = null;
    if (items !== null) return this.record(items());
    await this.#warnOnFailure(() => appendPending(this.#paths));
  }

  async discard(): Promise<void> {
    this.#unprepared = null;
    await discardPending(this.#paths.pendingAudit);
  }

  /** Records a change whose process was killed after it was committed. Requires the lock. */
  async recover(): Promise<void> {
    await this.#warnOnFailure(() => recoverPending(this.#paths));
  }

  async #warnOnFailure(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ChannelctlError)) throw error;
      const message = `The change was made but not recorded in the audit log. ${error.description}`;
      this.#options.warn(message, error.hint);
    }
  }

  async #entriesOf(items: Iterable<AuditItem>) {
    const { actor, redact } = this.#options;
    const at = new Date(this.#now()).toISOString();
    const by = await actor();
    return mapLazily(items, (item) => ({ at, ...by, ...redactItem(item, redact) }));
  }
}

function isDiskFull({ cause }: ChannelctlError): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(cause) ?? '');
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
