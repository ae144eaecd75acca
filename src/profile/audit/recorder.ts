import { ChannelctlError, systemCode } from '../../shared/errors.ts';
import type { ProfilePaths } from '../paths.ts';
import { type AuditOptions, auditEntries } from './entries.ts';
import { type AuditItem, appendEntries, assertNotLink } from './log.ts';
import {
  appendPending,
  type Commit,
  discardPending,
  recoverPending,
  writePending,
} from './pending.ts';

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
      await appendEntries(this.#paths.audit, await auditEntries(items, this.#options, this.#now));
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
      const entries = await auditEntries(items(), this.#options, this.#now);
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
}

function isDiskFull({ cause }: ChannelctlError): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(cause) ?? '');
}
