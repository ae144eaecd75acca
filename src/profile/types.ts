import type { Json } from '../shared/json.ts';
import type { SecretStoreName } from '../shared/secrets.ts';
import type { AuditEntry, AuditItem } from './audit/log.ts';
import type { LockState } from './lock/lock.ts';

/** Reference to a stored secret: its store, its name there, and its last four characters. */
export interface SecretRef {
  store: Exclude<SecretStoreName, 'env'>;
  item: string;
  last4: string | null;
  /** When it expires, in ISO 8601. Absent where that is not known, or a configuration key says it. */
  expires_at?: string;
  /** The fingerprint of the token that was once given, which this one has replaced by a refresh. */
  renewed_from?: string;
}

/** A configuration as stored: plain values, and references to secrets. No key is in both. */
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

/** The secrets of an account that is being connected, kept before they are sent, so that none is lost. */
interface PendingAccount {
  channel: string;
  account_key: string;
  secrets: Record<string, SecretRef>;
}

/** One profile's state file, as the current version of the program knows it. */
export interface ProfileState {
  version: 1;
  settings: Record<string, string>;
  integrations: StoredIntegration[];
  accounts: StoredAccount[];
  /** Absent if no connection was left half done. */
  pending?: PendingAccount[];
}

/** Collects the secrets that a change adds. A secret that the new state no longer refers to is removed when the change commits. */
export interface SecretEdits {
  /**
   * Stores `value` when the change commits.
   *
   * @param owner whose secret it is, such as `messenger/fb-1065` or `messenger` for the integration
   * @returns the reference to put into the draft
   */
  put(owner: string, field: string, value: string): SecretRef;
}

/** One profile: its state file and the secrets that belong to it. */
export interface Profile {
  readonly name: string;
  /** Path of the state file, whether it exists or not. */
  readonly path: string;
  /** Whether the profile has been written yet. */
  exists(): Promise<boolean>;
  /** The state; an empty one where the profile was never written. Read from disk once. Not to be changed. */
  read(): Promise<ProfileState>;
  /**
   * Changes state and secrets together, under the lock between processes: `edit` gets a fresh
   * copy, and either everything it did is kept or, on any failure, nothing.
   */
  change<Result>(edit: (draft: ProfileState, secrets: SecretEdits) => Result): Promise<Result>;
  /** Fails if a `change` that stores a secret would fail. Changes nothing. */
  assertWritable(): Promise<void>;
  /** The values of stored secrets by item name; a missing one is left out. */
  readSecrets(refs: readonly SecretRef[]): Promise<Map<string, string>>;
  /** Writes down what was changed at Meta. Where that can't be done, a warning says so. */
  record(items: Iterable<AuditItem>): Promise<void>;
  /** What was changed through channelctl, oldest first, and how many lines of it can't be read. */
  history(): Promise<{ entries: AuditEntry[]; unreadable: number }>;
  /** What is in the way of changes, or was left by interrupted ones. */
  diagnose(): Promise<{ lock: LockState; staleFiles: string[] }>;
  /** Removes what interrupted commands left: a dead lock, half-written files, unused secrets. */
  cleanUp(): Promise<void>;
  /** Items of the active store that nothing refers to; null where it can't list its items. */
  unusedSecrets(): Promise<string[] | null>;
  /** Removes those. */
  deleteUnusedSecrets(): Promise<void>;
  /** Deletes the profile: its secrets, then its files. */
  delete(): Promise<void>;
}
