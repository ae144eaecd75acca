import { ChannelctlError, storageError } from '../shared/errors.ts';
import { checkWritable } from '../shared/files.ts';
import { mapStrings } from '../shared/json.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';
import type { AuditActor, AuditItem } from './audit/log.ts';
import { isOccupied, type ProfilePaths, profilePaths } from './paths.ts';
import { groupByStore } from './secret-refs.ts';
import { emptyState, readState } from './state-file/read.ts';
import type { TransactionContext } from './transaction.ts';
import type { Profile, ProfileState, SecretEdits, SecretRef } from './types.ts';

export interface ProfileOptions {
  configDir: string;
  name: string;
  /** Opens a store, or returns it if it is already open. */
  stores(name: SecretStoreName): Promise<SecretStore>;
  /**
   * Returns the active store. `read` does not call it, because the store may be one of the
   * profile's settings.
   */
  activeStore(): SecretStoreName;
  /** Milliseconds since the epoch. */
  now(): number;
  /** If omitted, changes are not recorded. */
  audit?: AuditOptions;
}

interface AuditOptions {
  actor(): Promise<AuditActor>;
  redact(text: string): string;
  /** Reports an entry that could not be written. */
  warn(message: string, hint: string): void;
}

/**
 * Returns the profile with this name, which need not exist. Does not read or write anything.
 *
 * @throws ChannelctlError `usage` for an invalid name
 */
export function openProfile(options: ProfileOptions): Profile {
  return new LocalProfile(options);
}

class LocalProfile implements Profile {
  readonly name: string;
  readonly #options: ProfileOptions;
  readonly #paths: ProfilePaths;
  #state: Promise<ProfileState> | null = null;
  /** The most recently requested change. Changes run one after another. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(options: ProfileOptions) {
    this.name = options.name;
    this.#options = options;
    this.#paths = profilePaths(options.configDir, options.name);
  }

  get path(): string {
    return this.#paths.state;
  }

  exists(): Promise<boolean> {
    return isOccupied(this.path);
  }

  read(): Promise<ProfileState> {
    this.#state ??= readState(this.path);
    return this.#state;
  }

  async change<Result>(
    edit: (draft: ProfileState, secrets: SecretEdits) => Result,
  ): Promise<Result> {
    const { applyEdit, recoverJournal } = await import('./transaction.ts');
    return this.#withLock(async (context) => {
      const old = await readState(this.path);
      const pendingRemovals = await recoverJournal(context, old);
      const result = await applyEdit(context, old, pendingRemovals, edit);
      this.#state = null;
      return result;
    });
  }

  async record(items: Iterable<AuditItem>): Promise<void> {
    const { audit, now } = this.#options;
    if (audit === undefined) return;
    try {
      const { appendEntries } = await import('./audit/log.ts');
      const at = new Date(now()).toISOString();
      const actor = await audit.actor();
      const entryOf = (item: AuditItem) => ({ at, ...actor, ...redactItem(item, audit.redact) });
      await appendEntries(this.#paths.audit, mapLazily(items, entryOf));
    } catch (error) {
      if (!(error instanceof ChannelctlError)) throw error;
      const message = `The change was made but not recorded in the audit log. ${error.description}`;
      audit.warn(message, error.hint);
    }
  }

  async readHistory(): ReturnType<Profile['readHistory']> {
    const { readEntries } = await import('./audit/log.ts');
    return readEntries(this.#paths.audit);
  }

  async diagnose(): ReturnType<Profile['diagnose']> {
    const [{ inspectLock }, { findStaleFiles }] = await Promise.all([
      import('./lock/lock.ts'),
      import('./cleanup.ts'),
    ]);
    const lock = await inspectLock(this.#paths.lock);
    return { lock, staleFiles: await findStaleFiles(this.#paths) };
  }

  async cleanUp(): Promise<void> {
    const { cleanUp } = await import('./cleanup.ts');
    await this.#withLock(cleanUp);
  }

  async findUnusedSecrets(): Promise<string[] | null> {
    const { findUnusedItems } = await import('./cleanup.ts');
    return findUnusedItems(this.#paths, await this.#options.stores(this.#options.activeStore()));
  }

  async deleteUnusedSecrets(): Promise<void> {
    const { deleteUnusedItems } = await import('./cleanup.ts');
    await this.#withLock(deleteUnusedItems);
  }

  async delete(): Promise<void> {
    if (!(await this.exists())) return;
    const { deleteProfile } = await import('./delete-profile.ts');
    await this.#withLock(deleteProfile);
    const noAccount = { channel: null, account_id: null, account_key: null, call: null };
    await this.record([{ ...noAccount, action: 'profile.deleted', changes: [] }]);
    this.#state = Promise.resolve(emptyState());
  }

  async assertWritable(): Promise<void> {
    await readState(this.path);
    await checkWritable(this.#paths.folder);
    await (await this.#options.stores(this.#options.activeStore())).assertWritable();
  }

  async readSecrets(refs: readonly SecretRef[]): Promise<Map<string, string>> {
    if (refs.length === 0) return new Map();
    const active = this.#options.activeStore();
    if (active === 'env') return new Map();
    const groups = groupByStore(refs);
    for (const name of groups.keys()) if (name !== active) throw wrongStore(name, active);
    return (await this.#options.stores(active)).read(groups.get(active) ?? []);
  }

  /** Runs `work` after earlier changes to this profile, while holding the profile's lock. */
  async #withLock<Result>(work: (context: TransactionContext) => Promise<Result>): Promise<Result> {
    const { withLock } = await import('./lock/lock.ts');
    const options = { guardedPath: this.path };
    const turn = this.#lastChange.then(() =>
      withLock(this.#paths.lock, options, () => work(this.#context())),
    );
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }

  #context(): TransactionContext {
    return {
      name: this.name,
      paths: this.#paths,
      stores: this.#options.stores,
      activeStore: this.#options.activeStore(),
      assertAuditable: async () => {
        if (this.#options.audit === undefined) return;
        const { assertNotLink } = await import('./audit/log.ts');
        await assertNotLink(this.#paths.audit);
      },
      audit: async (old, next) => {
        if (this.#options.audit === undefined) return;
        const { diffStates } = await import('./audit/changes.ts');
        await this.record(diffStates(old, next));
      },
    };
  }
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

function wrongStore(stored: SecretStoreName, active: SecretStoreName): ChannelctlError {
  return storageError('The secret cannot be read.', {
    reason: `It is in the secret store "${stored}", but CHANNELCTL_SECRETS or the "secrets" setting selects "${active}".`,
    hint: `Set CHANNELCTL_SECRETS=${stored}, or store the secret again.`,
  });
}
