import { ChannelctlError, storageError, usageError } from '../shared/errors.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';
import { listNames } from '../shared/text.ts';
import type { AuditOptions } from './audit/entries.ts';
import type { AuditItem, HistoryFilter } from './audit/log.ts';
import type { AuditRecorder } from './audit/recorder.ts';
import {
  fileExists,
  isOccupied,
  isSpeltDifferently,
  type ProfilePaths,
  profileNotFound,
  profilePaths,
} from './paths.ts';
import type { ServerKeys } from './secret-binding.ts';
import { describeItem, groupByStore } from './secret-refs.ts';
import { emptyState, readState } from './state-file/read.ts';
import type { TransactionContext } from './transaction.ts';
import type {
  BindingCheck,
  DeletedProfile,
  OwnedSecret,
  Profile,
  ProfileState,
  SecretEdits,
  SecretRef,
} from './types.ts';

export interface ProfileOptions {
  configDir: string;
  name: string;
  stores(name: SecretStoreName): Promise<SecretStore>;
  /**
   * Returns the active store. `read` does not call it, because the store may be one of the
   * profile's settings.
   */
  activeStore(): SecretStoreName;
  serverKeys: ServerKeys;
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Called when a change begins under the lock. The promise settles when the change has ended and
   * the lock is released.
   */
  onCommit?(work: Promise<unknown>): void;
  /** If omitted, changes are not recorded. */
  audit?: AuditOptions;
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
  /** The latest state that was read, even if it has changed since. */
  #known: ProfileState | null = null;
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(options: ProfileOptions) {
    this.name = options.name;
    this.#options = options;
    this.#paths = profilePaths(options.configDir, options.name);
  }

  get path(): string {
    return this.#paths.state;
  }

  get secretsFile(): string {
    return this.#paths.secrets;
  }

  async exists(): Promise<boolean> {
    return (await isOccupied(this.path)) && !(await isSpeltDifferently(this.#paths.folder));
  }

  async read(): Promise<ProfileState> {
    this.#state ??= readState(this.path);
    this.#known = await this.#state;
    return this.#known;
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
    await (await this.#recorder())?.record(items);
  }

  async *readHistory(filter: HistoryFilter): ReturnType<Profile['readHistory']> {
    const [{ readEntries }, { readPending }] = await Promise.all([
      import('./audit/log.ts'),
      import('./audit/pending.ts'),
    ]);
    yield* readEntries(this.#paths.audit, await readPending(this.#paths), filter);
  }

  async assertAuditable(): Promise<void> {
    await (await this.#recorder())?.assertAllowed();
  }

  async describe(): ReturnType<Profile['describe']> {
    const { describeLocalState, OWN_CHANGES } = await import('./describe-local-state.ts');
    return describeLocalState(this.path, await this.read(), this.readHistory(OWN_CHANGES));
  }

  async diagnose(): ReturnType<Profile['diagnose']> {
    const [{ inspectLock }, { findStaleFiles }] = await Promise.all([
      import('./lock/lock.ts'),
      import('./cleanup.ts'),
    ]);
    const lock = await inspectLock(this.#paths.lock).catch((error) => {
      if (error instanceof ChannelctlError) return error;
      throw error;
    });
    return { lock, ...(await findStaleFiles(this.#paths)) };
  }

  async cleanUp(): Promise<void> {
    const { cleanUp } = await import('./cleanup.ts');
    await this.#withLock(cleanUp, { breaksDoubtful: true });
  }

  async findUnusedSecrets(): Promise<string[] | null> {
    const { findUnusedItems } = await import('./cleanup.ts');
    return findUnusedItems(this.#paths, await this.#options.stores(this.#options.activeStore()));
  }

  async deleteUnusedSecrets(): Promise<void> {
    const { deleteUnusedItems } = await import('./cleanup.ts');
    await this.#withLock(deleteUnusedItems);
  }

  async moveSecrets(to: SecretRef['store']): Promise<number> {
    const { moveSecrets, openStoresToMove } = await import('./move-secrets.ts');
    const { diffMove } = await import('./audit/changes.ts');
    await openStoresToMove(await this.#context(), to);
    return this.#withLock(async (context) => {
      const diff: TransactionContext['diff'] = (old, next) => diffMove(old, next, to);
      const moved = await moveSecrets({ ...context, diff }, to);
      this.#state = null;
      return moved;
    });
  }

  async changePassphrase(ask: () => Promise<string>): Promise<void> {
    const file = await this.#options.stores('file');
    if (file.changePassphrase === undefined || !(await fileExists(this.#paths.secrets))) {
      throw noSecretsFile(this.name);
    }
    await file.assertWritable();
    const passphrase = await ask();
    const { changePassphrase } = await import('./change-passphrase.ts');
    await this.#withLock((context) => changePassphrase(context, file, passphrase));
  }

  async delete(): Promise<DeletedProfile> {
    if (!(await this.exists())) throw profileNotFound(this.name);
    const { deleteProfile } = await import('./delete-profile.ts');
    const deleted = await this.#withLock(deleteProfile);
    this.#state = Promise.resolve(emptyState());
    return deleted;
  }

  async assertWritable(): Promise<void> {
    await readState(this.path);
    await this.assertStoreWritable();
  }

  async assertStoreWritable(): Promise<void> {
    const { checkWritable } = await import('../shared/files.ts');
    await checkWritable(this.#paths.folder);
    await (await this.#options.stores(this.#options.activeStore())).assertWritable();
  }

  async hasShortPassphrase(): Promise<boolean> {
    const store = await this.#options.stores(this.#options.activeStore());
    return (await store.hasShortPassphrase?.()) ?? false;
  }

  async passphraseOrigin(): Promise<string | null> {
    const store = await this.#options.stores(this.#options.activeStore());
    return (await store.passphraseOrigin?.()) ?? null;
  }

  async readSecrets(secrets: readonly OwnedSecret[]): Promise<Map<string, string>> {
    if (secrets.length === 0) return new Map();
    const active = this.#options.activeStore();
    if (active === 'env') return new Map();
    await this.#assertBound(secrets, this.#known ?? emptyState());
    const groups = groupByStore(secrets.map(({ ref }) => ref));
    for (const [name, items] of groups) {
      if (name !== active) throw wrongStore(items, name, active);
    }
    const store = await this.#options.stores(active);
    const found = await store.read(groups.get(active) ?? []);
    if (found.size >= secrets.length || this.#known === null) return found;
    const { readReplaced } = await import('./replaced-secrets.ts');
    return readReplaced(secrets, found, {
      known: this.#known,
      path: this.path,
      store,
      assertBound: (latest, state) => this.#assertBound(latest, state),
    });
  }

  async checkBinding(secret: OwnedSecret): Promise<BindingCheck> {
    const { checkBinding } = await import('./binding-error.ts');
    return checkBinding(secret, await this.read(), this.#options.serverKeys);
  }

  async bindSecrets(): Promise<number> {
    const { bindAllSecrets } = await import('./bind-all.ts');
    return this.#withLock(async (context) => {
      const bound = await bindAllSecrets(context);
      this.#state = null;
      return bound;
    });
  }

  async #assertBound(secrets: readonly OwnedSecret[], state: ProfileState): Promise<void> {
    const { checkBinding } = await import('./binding-error.ts');
    for (const secret of secrets) {
      const { error } = checkBinding(secret, state, this.#options.serverKeys);
      if (error !== null) throw error;
    }
  }

  async #withLock<Result>(
    work: (context: TransactionContext) => Promise<Result>,
    { breaksDoubtful = false }: { breaksDoubtful?: boolean } = {},
  ): Promise<Result> {
    const [{ withLock }, { withOpenStores }] = await Promise.all([
      import('./lock/lock.ts'),
      import('./open-stores.ts'),
    ]);
    const options = { guardedPath: this.path, breaksDoubtful };
    const turn = this.#lastChange.then(() =>
      withOpenStores(this.#options.stores, (stores) => {
        const commit: Promise<Result> = withLock(this.#paths.lock, options, async () => {
          this.#options.onCommit?.(commit);
          return work({ ...(await this.#context()), stores });
        });
        return commit;
      }),
    );
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }

  async #context(): Promise<TransactionContext> {
    return {
      name: this.name,
      paths: this.#paths,
      stores: this.#options.stores,
      activeStore: this.#options.activeStore(),
      serverKeys: this.#options.serverKeys,
      audit: await this.#recorder(),
    };
  }

  async #recorder(): Promise<AuditRecorder | null> {
    const { audit, now } = this.#options;
    if (audit === undefined) return null;
    const { AuditRecorder } = await import('./audit/recorder.ts');
    return new AuditRecorder(this.#paths, audit, now);
  }
}

function noSecretsFile(name: string): ChannelctlError {
  return usageError(`The profile ${name} has no secrets file.`, {
    hint: 'To store its secrets in an encrypted file, run: channelctl secrets move --to file',
  });
}

function wrongStore(
  items: readonly string[],
  stored: SecretStoreName,
  active: SecretStoreName,
): ChannelctlError {
  return storageError(`Cannot read these secrets: ${listNames(items.map(describeItem))}.`, {
    reason: `They are in the secret store "${stored}", but CHANNELCTL_SECRETS or the "secrets" setting selects "${active}".`,
    hint: `Set CHANNELCTL_SECRETS=${stored}, store the secrets again${active === 'env' ? '.' : `, or run: channelctl secrets move --to ${active}`}`,
  });
}
