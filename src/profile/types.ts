import type { Json } from '../shared/json.ts';
import type { SecretStoreName } from '../shared/secrets.ts';
import type { AuditEntry, AuditItem } from './audit/log.ts';
import type { LockState } from './lock/lock.ts';

/** What the state keeps of a secret: where it is, under which name, and its last four characters. */
export interface SecretMark {
  store: Exclude<SecretStoreName, 'env'>;
  item: string;
  last4: string | null;
  /** When it expires, in ISO 8601. Absent where that is not known, or a configuration key says it. */
  expires_at?: string;
  /** The fingerprint of the token that was once given, which this one has replaced by a refresh. */
  renewed_from?: string;
}

/** A configuration as it is kept: plain values here, secrets as marks. No key is in both. */
export interface StoredConfig {
  config: Record<string, Json>;
  secrets: Record<string, SecretMark>;
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
  secrets: Record<string, SecretMark>;
}

/** One profile's state file, as the current version of the program knows it. */
export interface ProfileState {
  version: 1;
  settings: Record<string, string>;
  integrations: StoredIntegration[];
  accounts: StoredAccount[];
  /** Absent where no connecting was left half done. */
  pending?: PendingAccount[];
}

/** Collects the secrets that a change adds. What the new state no longer marks is forgotten by itself. */
export interface SecretEdits {
  /**
   * Keeps `value` when the change commits.
   *
   * @param owner whose secret it is, such as `messenger/fb-1065` or `messenger` for the integration
   * @returns the mark to put into the draft
   */
  put(owner: string, field: string, value: string): SecretMark;
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
  /** Fails as a `change` that stores a secret would fail, and changes nothing. */
  probe(): Promise<void>;
  /** The values of stored secrets by item name; one that is gone is missing. */
  readSecrets(marks: readonly SecretMark[]): Promise<Map<string, string>>;
  /** Writes down what was changed at Meta. Where that can't be done, a warning says so. */
  record(items: readonly AuditItem[]): Promise<void>;
  /** What was changed through channelctl, oldest first, and how many lines of it can't be read. */
  history(): Promise<{ entries: AuditEntry[]; unreadable: number }>;
  /** What is in the way of changes, or was left by interrupted ones. */
  examine(): Promise<{ lock: LockState; leftovers: string[] }>;
  /** Removes what interrupted commands left: a dead lock, half-written files, unused secrets. */
  sweep(): Promise<void>;
  /** Items of the store in force that nothing refers to; null where it can't list its items. */
  unusedSecrets(): Promise<string[] | null>;
  /** Removes those. */
  sweepSecrets(): Promise<void>;
  /** Forgets the profile: its secrets, then its files. */
  delete(): Promise<void>;
}
