import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelctlError, storageError, usageError } from '../shared/errors.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';
import { count } from '../shared/text.ts';
import { diffStates } from './audit/changes.ts';
import { type AuditOptions, auditEntries } from './audit/entries.ts';
import { type AuditItem, type HistoryFilter, itemsIn } from './audit/log.ts';
import type { Backend, RevisionWrite } from './backends/backend.ts';
import { UnreachableError } from './backends/errors.ts';
import type { BindingContext } from './bind-secrets.ts';
import { checkBinding } from './binding-error.ts';
import { type Content, parseContent, serializeContent } from './document/content.ts';
import { parseSealed } from './document/header.ts';
import type { Memory } from './document/memory.ts';
import { type DocumentKey, hashOf, seal } from './document/sealed.ts';
import { assertNewest } from './document/seen.ts';
import type { Vault } from './document/vault.ts';
import { profileNotFound } from './paths.ts';
import { changesAnything, prepareEdit } from './prepare-edit.ts';
import type { ServerKeys } from './secret-binding.ts';
import { secretRefsOf } from './secret-refs.ts';
import { isMachineSetting } from './settings.ts';
import { emptyState } from './state-file/read.ts';
import type {
  BindingCheck,
  ChangedBy,
  DeletedProfile,
  OwnedSecret,
  Profile,
  ProfileState,
  SecretEdits,
} from './types.ts';

const MAX_WAIT_MS = 10_000;
const MAX_WRITE_ATTEMPTS = 3;
const RETRY_MS = 50;

export interface SharedProfileOptions {
  name: string;
  backend: Backend;
  vault: Vault;
  memory: Memory;
  /** The profile's folder on this machine, which contains only the settings of this machine. */
  machine: Profile;
  activeStore(): SecretStoreName;
  serverKeys: ServerKeys;
  /** Milliseconds since the epoch. */
  now(): number;
  onCommit?(work: Promise<unknown>): void;
  /** Whether a copy on this machine may be read if the server cannot be reached. */
  mayReadCopy: boolean;
  warn(message: string, hint: string): void;
  audit: AuditOptions;
}

/** A revision that has been read and opened. */
interface Loaded extends Content {
  lineage: string;
  /** 0 if nothing has been stored yet. */
  revision: number;
  hash: string | null;
  /** Null if nothing has been stored yet, like the fields below. */
  key: DocumentKey | null;
  /** ISO 8601. */
  at: string | null;
  by: ChangedBy | null;
}

/**
 * Returns a profile whose state and secrets are one encrypted document on a server. Does not
 * connect.
 */
export function openSharedProfile(options: SharedProfileOptions): Profile {
  return new SharedProfile(options);
}

class SharedProfile implements Profile {
  readonly name: string;
  readonly #options: SharedProfileOptions;
  #loaded: Promise<Loaded> | null = null;
  #isFromCopy = false;
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(options: SharedProfileOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get path(): string {
    return this.#options.backend.address.location;
  }

  /** The document contains the secrets. */
  get secretsFile(): string {
    return this.path;
  }

  async exists(): Promise<boolean> {
    const { revision, isDeleted } = await this.#load();
    return revision > 0 && !isDeleted;
  }

  async read(): Promise<ProfileState> {
    const { state } = await this.#load();
    return { ...state, settings: { ...state.settings, ...(await this.#machineSettings()) } };
  }

  change<Result>(edit: (draft: ProfileState, secrets: SecretEdits) => Result): Promise<Result> {
    return this.#change(edit);
  }

  async bindSecrets(): Promise<number> {
    let bound = 0;
    await this.#change(
      (draft) => {
        bound = secretRefsOf(draft).length;
      },
      { bindAll: true },
    );
    return bound;
  }

  async readSecrets(secrets: readonly OwnedSecret[]): Promise<Map<string, string>> {
    if (secrets.length === 0 || this.#options.activeStore() === 'env') return new Map();
    for (const secret of secrets) {
      const { error } = await this.checkBinding(secret);
      if (error !== null) throw error;
    }
    const { secrets: stored } = await this.#load();
    return pick(
      stored,
      secrets.map(({ ref }) => ref.item),
    );
  }

  async checkBinding(secret: OwnedSecret): Promise<BindingCheck> {
    return checkBinding(secret, (await this.#load()).state, this.#options.serverKeys);
  }

  async record(items: Iterable<AuditItem>): Promise<void> {
    const lines = await this.#auditLines(items);
    try {
      await this.#options.backend.appendAudit(this.name, lines);
    } catch (error) {
      if (!(error instanceof ChannelctlError)) throw error;
      const message = `The change was made but not recorded in the audit log. ${error.description}`;
      this.#options.warn(message, error.hint);
    }
  }

  async *readHistory(filter: HistoryFilter): ReturnType<Profile['readHistory']> {
    const lines = await this.#options.backend.readAudit(this.name);
    for (const line of lines) yield* itemsIn(line, this.path, filter);
  }

  assertAuditable(): Promise<void> {
    return this.#options.backend.assertWritable();
  }

  async assertWritable(): Promise<void> {
    await this.#loadFresh();
    await this.#options.backend.assertWritable();
  }

  /** The document contains the secrets, so it is their store. */
  async assertStoreWritable(): Promise<void> {
    await this.assertWritable();
  }

  async hasShortPassphrase(): Promise<boolean> {
    const { isShortPassphrase } = await import('../secrets/passphrase.ts');
    return isShortPassphrase((await this.#options.vault.passphrase('open')).value);
  }

  async passphraseOrigin(): Promise<string | null> {
    if (this.#options.activeStore() === 'env') return null;
    const { originOf } = await import('../secrets/file-errors.ts');
    return originOf(await this.#options.vault.passphrase('open'));
  }

  async delete(): Promise<DeletedProfile> {
    if (!(await this.exists())) throw profileNotFound(this.name);
    await this.#change((draft) => Object.assign(draft, emptyState()), { isDeleted: true });
    return { filesRemain: false, itemsRemaining: [] };
  }

  async describe(): ReturnType<Profile['describe']> {
    const { backend } = this.#options;
    const { revision, at, by } = await this.#loadFresh();
    const { kind, location } = backend.address;
    return {
      backend: kind,
      location,
      revision,
      changed_at: at,
      changed_by: by,
      lease: null,
    };
  }

  async accept(): Promise<void> {
    await this.#options.memory.forget();
    this.#loaded = null;
    await this.#loadFresh();
  }

  diagnose(): ReturnType<Profile['diagnose']> {
    return Promise.resolve({ lock: { state: 'free' }, staleFiles: [], errors: [] });
  }

  async cleanUp(): Promise<void> {}

  /** A document contains no other secrets than those that its state refers to. */
  findUnusedSecrets(): Promise<string[]> {
    return Promise.resolve([]);
  }

  async deleteUnusedSecrets(): Promise<void> {}

  moveSecrets(): Promise<number> {
    throw usageError('The secrets of shared state cannot be moved.', {
      reason: 'They are encrypted in the same document as the state.',
    });
  }

  changePassphrase(): Promise<void> {
    throw usageError('The passphrase of shared state cannot be changed.');
  }

  async #change<Result>(
    edit: (draft: ProfileState, secrets: SecretEdits) => Result,
    { isDeleted = false, bindAll = false } = {},
  ): Promise<Result> {
    const turn = this.#lastChange.then(() => this.#commit(edit, { isDeleted, bindAll }));
    this.#options.onCommit?.(turn);
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }

  /** Repeats the edit on the newest revision until no other process has written in the meantime. */
  async #commit<Result>(
    edit: (draft: ProfileState, secrets: SecretEdits) => Result,
    options: { isDeleted: boolean; bindAll: boolean },
  ): Promise<Result> {
    const until = performance.now() + MAX_WAIT_MS;
    for (let attempt = 1; ; attempt += 1) {
      const loaded = await this.#loadFresh();
      const { outcome, result } = await this.#tryCommit(loaded, edit, options);
      if (outcome === 'ok') return result;
      this.#loaded = null;
      if (performance.now() > until) throw this.#busy();
      await sleep(RETRY_MS * Math.min(attempt, 10) * Math.random());
    }
  }

  async #tryCommit<Result>(
    loaded: Loaded,
    edit: (draft: ProfileState, secrets: SecretEdits) => Result,
    { isDeleted, bindAll }: { isDeleted: boolean; bindAll: boolean },
  ): Promise<{ outcome: 'ok' | 'conflict'; result: Result }> {
    const machine = await this.#machineSettings();
    const old = { ...loaded.state, settings: { ...loaded.state.settings, ...machine } };
    const { result, ...edited } = await prepareEdit(this.#context(loaded), old, edit, { bindAll });
    if (!changesAnything(edited) && isDeleted === loaded.isDeleted) {
      return { outcome: 'ok', result };
    }
    const { shared, own } = splitSettings(edited.draft.settings);
    const state = { ...edited.draft, settings: shared };
    const kept = secretRefsOf(state).map(({ item }) => item);
    const added = edited.put.map(({ ref, value }) => [ref.item, value] as const);
    const content: Content = {
      state,
      secrets: pick(new Map([...loaded.secrets, ...added]), kept),
      isDeleted,
    };
    const audit = await this.#auditLines(diffStates(old, edited.draft));
    const outcome = await this.#store(loaded, content, audit);
    if (outcome === 'ok' && !isSame(own, machine)) {
      await this.#options.machine.change((draft) => {
        draft.settings = own;
      });
    }
    return { outcome, result };
  }

  async #store(
    { lineage, revision, hash, ...loaded }: Loaded,
    content: Content,
    audit: readonly string[],
  ): Promise<'ok' | 'conflict'> {
    const { vault, memory, audit: options, now } = this.#options;
    const { user, host, command } = await options.actor();
    const key = loaded.key ?? (await vault.create());
    const next = { lineage, profile: this.name, revision: revision + 1, previous: hash };
    const by = { user, host, command };
    const at = new Date(now()).toISOString();
    const writeId = randomUUID();
    const sealed = seal(serializeContent(content), { ...next, write_id: writeId, at, ...by }, key);
    const outcome = await this.#write({ sealed, expected: revision, writeId, audit });
    if (outcome === 'conflict') return outcome;
    const stored = { ...next, hash: hashOf(sealed) };
    await memory.remember(stored, sealed);
    this.#loaded = Promise.resolve({ ...content, ...stored, key, at, by });
    return outcome;
  }

  /**
   * Writes a revision. If the acknowledgement is lost, looks for the write's ID before it writes
   * again.
   */
  async #write(write: RevisionWrite): Promise<'ok' | 'conflict'> {
    const { backend } = this.#options;
    let lost: UnreachableError | null = null;
    for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
      try {
        const outcome = await backend.write(this.name, write);
        return outcome === 'conflict' && lost !== null && (await this.#isStored(write))
          ? 'ok'
          : outcome;
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        lost = error;
        await sleep(RETRY_MS * 2 ** attempt);
      }
    }
    throw lost ?? this.#busy();
  }

  async #isStored({ expected, writeId }: RevisionWrite): Promise<boolean> {
    const { backend } = this.#options;
    const stored = await backend.readRevision(this.name, expected + 1);
    return stored !== null && parseSealed(stored.sealed, this.path).header.write_id === writeId;
  }

  #context({ secrets }: Loaded): BindingContext {
    const { activeStore, serverKeys } = this.#options;
    const store: SecretStore = {
      name: 'file',
      read: (items) => Promise.resolve(pick(secrets, items)),
      write: () => Promise.reject(new Error('The document is written as a whole.')),
      assertWritable: () => Promise.resolve(),
      opensSilently: () => true,
    };
    return {
      name: this.name,
      stores: () => Promise.resolve(store),
      activeStore: activeStore() === 'env' ? 'env' : 'file',
      serverKeys,
    };
  }

  /** Returns the newest revision that this process knows, which is read once. */
  #load(): Promise<Loaded> {
    this.#loaded ??= this.#readNewest().catch((error) => this.#readCopy(error));
    return this.#loaded;
  }

  /** Returns a revision from the server, never the copy. */
  async #loadFresh(): Promise<Loaded> {
    const loaded = await this.#load();
    if (!this.#isFromCopy) return loaded;
    this.#loaded = this.#readNewest();
    await this.#loaded;
    this.#isFromCopy = false;
    return this.#loaded;
  }

  async #readNewest(): Promise<Loaded> {
    const { backend, memory } = this.#options;
    const [{ lineage, newest }, seen] = await Promise.all([backend.read(this.name), memory.seen()]);
    if (newest === null) {
      assertNewest({ lineage, revision: 0, hash: null, previous: null }, seen, this.path);
      return { ...nothing(), lineage, revision: 0, hash: null, key: null, at: null, by: null };
    }
    const loaded = await this.#open(newest.sealed);
    if (loaded.revision !== newest.revision || loaded.lineage !== lineage) {
      throw anotherDocument(this.path);
    }
    assertNewest(loaded, seen, this.path);
    const { revision, hash } = loaded;
    await memory.remember({ revision, lineage, hash }, newest.sealed);
    return loaded;
  }

  async #readCopy(error: unknown): Promise<Loaded> {
    const { mayReadCopy, memory, now, warn } = this.#options;
    if (!mayReadCopy || !(error instanceof UnreachableError)) throw error;
    const copy = await memory.copy();
    if (copy === null) throw error;
    const loaded = await this.#open(copy);
    this.#isFromCopy = true;
    const minutes = Math.round((now() - Date.parse(loaded.at)) / 60_000);
    warn(
      `${error.message} This is the last copy on this machine; its state was written ${count(minutes, 'minute')} ago.`,
      error.hint,
    );
    return loaded;
  }

  async #open(sealed: Buffer) {
    const { header, key, content } = await this.#options.vault.open(sealed);
    if (header.profile !== this.name) throw anotherDocument(this.path);
    const { lineage, revision, previous, at, user, host, command } = header;
    return {
      ...parseContent(content, this.path),
      lineage,
      revision,
      previous,
      hash: hashOf(sealed),
      key,
      at,
      by: { user, host, command },
    };
  }

  async #machineSettings(): Promise<Record<string, string>> {
    return splitSettings((await this.#options.machine.read()).settings).own;
  }

  async #auditLines(items: Iterable<AuditItem>): Promise<string[]> {
    const { audit, now } = this.#options;
    return [...(await auditEntries(items, audit, now))].map((entry) => JSON.stringify(entry));
  }

  #busy(): ChannelctlError {
    return new ChannelctlError(
      'conflict',
      `The state in ${this.path} is being changed by others.`,
      {
        reason: `Other processes have changed it repeatedly for ${MAX_WAIT_MS / 1000} seconds.`,
        hint: 'Run the command again.',
      },
    );
  }
}

function anotherDocument(location: string): ChannelctlError {
  return storageError(`The state in ${location} is not what was stored there.`, {
    reason: 'The document belongs to another profile or revision.',
    hint: 'Someone may have copied or exchanged documents on the server. Nothing was changed.',
  });
}

function nothing(): Content {
  return { state: emptyState(), secrets: new Map(), isDeleted: false };
}

function pick(values: ReadonlyMap<string, string>, items: Iterable<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const item of items) {
    const value = values.get(item);
    if (value !== undefined) found.set(item, value);
  }
  return found;
}

function splitSettings(settings: Readonly<Record<string, string>>) {
  const isOwn = ([key]: [string, string]) => isMachineSetting(key);
  const entries = Object.entries(settings);
  return {
    own: Object.fromEntries(entries.filter(isOwn)),
    shared: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  };
}

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => one[key] === other[key]);
}
