import type { ChannelctlError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import type { SecretStoreName } from '../shared/secrets.ts';
import type { AuditItem, HistoryFilter, HistoryItem } from './audit/log.ts';
import type { SharedAddress } from './backends/address.ts';
import type { LockState } from './lock/lock.ts';

export interface SecretRef {
  store: Exclude<SecretStoreName, 'env'>;
  item: string;
  last4: string | null;
  /** The expiry, in ISO 8601. Absent if it is unknown, or if a configuration key contains it. */
  expires_at?: string;
  /** The fingerprint of the original token, if a refresh has replaced it with this one. */
  renewed_from?: string;
}

export interface OwnedSecret {
  channel: string;
  /** Absent for a secret of the integration. */
  account_key?: string;
  /** The owner's configuration. Absent for an account that is being connected. */
  config?: Readonly<Record<string, Json>>;
  field: string;
  ref: SecretRef;
}

/** Whether a secret may be used by its owner; see `docs/decisions/bound-secrets.md`. */
export interface BindingCheck {
  /** False for a secret that channelctl 0.1.0 or 0.2.0 has stored. */
  isBound: boolean;
  /** Why the secret must not be read; null if it may be. */
  error: ChannelctlError | null;
}

/** A stored configuration: plain values, and references to secrets. No key is in both. */
export interface StoredConfig {
  config: Record<string, Json>;
  secrets: Record<string, SecretRef>;
}

export interface StoredIntegration extends StoredConfig {
  id: string;
  channel: string;
  is_active: boolean;
  created_at: string;
  updated_at: string;
  division_id: string | null;
}

export interface StoredAccount extends StoredConfig {
  id: string;
  channel: string;
  account_key: string;
  display_name: string | null;
  is_active: boolean;
  is_default: boolean;
  created_at: string;
  updated_at: string;
  division_id: string | null;
  verify_token: string;
}

/**
 * The secrets of an account that is being connected. They are stored before they are sent to Meta,
 * so that none is lost.
 */
interface PendingAccount {
  channel: string;
  account_key: string;
  secrets: Record<string, SecretRef>;
}

export interface ProfileState {
  version: 1;
  settings: Record<string, string>;
  integrations: StoredIntegration[];
  accounts: StoredAccount[];
  /** Absent if there is no unfinished connection. */
  pending?: PendingAccount[];
  /** Increases with every write of a local profile. Absent before the first write. */
  revision?: number;
}

/**
 * Collects the secrets that a change adds. When the change commits, secrets that the new state does
 * not refer to are deleted.
 */
export interface SecretEdits {
  /**
   * Stores `value` when the change commits.
   *
   * @param owner for example, `messenger/fb-1065`, or `messenger` for the integration
   * @returns the reference to put into the draft
   */
  put(owner: string, field: string, value: string): SecretRef;
  /**
   * Confirms settings of an owner that the user has passed, although the state contains the same
   * values: its secrets may be bound to them.
   *
   * @param keys configuration keys, and `account_key`
   */
  confirm(owner: string, keys: Iterable<string>): void;
}

export interface DeletedProfile {
  /** Whether files of the profile remain under another name. */
  filesRemain: boolean;
  /** The keychain items that may remain, because this machine has no keychain. */
  itemsRemaining: readonly string[];
}

interface Diagnosis {
  /** The error of a lock that cannot be read, so that every change fails. */
  lock: LockState | ChannelctlError;
  staleFiles: string[];
  errors: ChannelctlError[];
}

/** Who has made the last change, as in the audit log. */
export interface ChangedBy {
  user: string;
  host: string;
  command: string;
}

/** Where a profile is stored, and its last change. */
export interface StateDescription {
  backend: 'local' | SharedAddress['kind'];
  /** The path of the state file, or the address of the server. */
  location: string;
  /** 0 if nothing has been stored yet. */
  revision: number;
  /** ISO 8601; null if nothing has been stored yet. */
  changed_at: string | null;
  /** Null if it is unknown. */
  changed_by: ChangedBy | null;
  lease: LeaseHolder | null;
}

/** The command that excludes other commands of the team for as long as it calls Meta. */
interface LeaseHolder extends ChangedBy {
  /** The URL or name of the CI job; null outside CI. */
  ci: string | null;
  /** ISO 8601. */
  since: string;
}

export interface Profile {
  readonly name: string;
  readonly path: string;
  /** The path of the encrypted secrets file, which need not exist. */
  readonly secretsFile: string;
  /** Whether the profile was written under exactly this name, even if the file system ignores case. */
  exists(): Promise<boolean>;
  /**
   * Returns the state, which is empty if the profile was never written. The state is cached until
   * the next change, and must not be modified.
   */
  read(): Promise<ProfileState>;
  /**
   * Changes the state and the secrets together, while holding the profile's lock. `edit` receives a
   * fresh copy of the state. Either everything is stored or, after a failure, nothing.
   */
  change<Result>(edit: (draft: ProfileState, secrets: SecretEdits) => Result): Promise<Result>;
  /** Fails if a `change` that stores a secret would fail. Changes nothing. */
  assertWritable(): Promise<void>;
  /** Like `assertWritable`, but also works if the state is corrupt. */
  assertStoreWritable(): Promise<void>;
  hasShortPassphrase(): Promise<boolean>;
  /** Returns the origin of the passphrase, in words; null if the active store has none. */
  passphraseOrigin(): Promise<string | null>;
  /**
   * Returns the values of the secrets, by item name. Missing secrets are omitted. If another process
   * has replaced a secret since the state was read, the new value is returned.
   *
   * @throws ChannelctlError `storage`, before a store is opened, if a secret was stored for another
   *   owner, field or server; `not_found` or `conflict` if another process has deleted or changed
   *   the owner of a secret, so that its value is unknown
   */
  readSecrets(secrets: readonly OwnedSecret[]): Promise<Map<string, string>>;
  /** Checks whether a secret may be read by its owner, without opening a store. */
  checkBinding(secret: OwnedSecret): Promise<BindingCheck>;
  /**
   * Binds secrets to their owners if they were stored by channelctl 0.1.0 or 0.2.0. Returns their
   * number.
   */
  bindSecrets(): Promise<number>;
  /** Adds items to the audit log. A failure only causes a warning. */
  record(items: Iterable<AuditItem>): Promise<void>;
  /** Yields the matching entries of the audit log, oldest first, and its unreadable lines. */
  readHistory(filter: HistoryFilter): AsyncGenerator<HistoryItem>;
  /**
   * Checks that entries can be added to the audit log.
   *
   * @throws ChannelctlError `storage`
   */
  assertAuditable(): Promise<void>;
  describe(): Promise<StateDescription>;
  /**
   * Accepts shared state that is older than what this machine has seen. Absent for a profile on this
   * machine.
   */
  accept?(): Promise<void>;
  /** Finds what interrupted commands left behind, and files that prevent changes. */
  diagnose(): Promise<Diagnosis>;
  cleanUp(): Promise<void>;
  /**
   * Returns the items of the active store that nothing refers to; null if the store cannot list its
   * items.
   */
  findUnusedSecrets(): Promise<string[] | null>;
  deleteUnusedSecrets(): Promise<void>;
  moveSecrets(to: SecretRef['store']): Promise<number>;
  /**
   * Changes the passphrase of the encrypted file. `ask` is called once the file is open, and returns
   * the new passphrase.
   *
   * @throws ChannelctlError `usage` if there is no encrypted file
   */
  changePassphrase(ask: () => Promise<string>): Promise<void>;
  /**
   * Deletes the profile: its secrets, then its folder.
   *
   * @throws ChannelctlError `not_found` if the profile does not exist
   */
  delete(): Promise<DeletedProfile>;
}
