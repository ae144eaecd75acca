import type { SharedAddress } from './address.ts';

/** A revision of a profile's document, as the server stores it. */
export interface StoredRevision {
  /** A positive integer; every write has a higher one. */
  revision: number;
  sealed: Buffer;
}

export interface RevisionWrite {
  sealed: Buffer;
  /** The revision that this one replaces; 0 for the first. */
  expected: number;
  /** A random ID, with which a write is found again if its acknowledgement was lost. */
  writeId: string;
  /** Lines for the audit log, which are stored if and only if the revision is. */
  audit: readonly string[];
}

/** The newest revision of a profile, and the sequence of revisions that the address has. */
export interface Stored {
  /** The UUID that `state init` has given to the address. */
  lineage: string;
  /** Null if nothing has been stored for the profile yet. */
  newest: StoredRevision | null;
}

/** The server that stores the documents of profiles. It never sees their content. */
export interface Backend {
  readonly address: SharedAddress;
  /**
   * Returns the newest revision.
   *
   * @throws ChannelctlError `storage` if the server cannot be reached or refuses, or the address
   *   has not been initialized
   */
  read(profile: string): Promise<Stored>;
  /** Returns a revision; null if it does not exist or has been pruned. */
  readRevision(profile: string, revision: number): Promise<StoredRevision | null>;
  /**
   * Stores a revision unless another one has been stored since `expected`.
   *
   * @throws ChannelctlError `storage` if the server cannot be reached or refuses. If the error is
   *   an `UnreachableError`, the revision may have been stored nevertheless.
   */
  write(profile: string, write: RevisionWrite): Promise<'ok' | 'conflict'>;
  /** Returns the profiles that have a revision, in alphabetical order. */
  list(): Promise<string[]>;
  appendAudit(profile: string, lines: readonly string[]): Promise<void>;
  /** Returns the lines of the audit log, oldest first. */
  readAudit(profile: string): Promise<string[]>;
  /**
   * Changes nothing.
   *
   * @throws ChannelctlError `storage` if a write would be refused
   */
  assertWritable(): Promise<void>;
  /** Creates what the server needs before the first write. Can be repeated. */
  init(): Promise<void>;
  /** Returns the SQL statements of `init` and those that grant privileges. Absent without SQL. */
  statements?(): Promise<string[]>;
  close(): Promise<void>;
}
