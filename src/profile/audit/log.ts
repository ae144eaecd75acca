import { constants, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { whileBusy } from '../../shared/busy-files.ts';
import { ChannelctlError, storageError, systemCode } from '../../shared/errors.ts';
import { fileError } from '../../shared/file-errors.ts';
import { makeFolder } from '../../shared/files.ts';
import { isObject, isTooDeep, type Json } from '../../shared/json.ts';
import { giveToFolderOwner } from '../../shared/ownership.ts';
import { readLines } from './lines.ts';

export interface AuditActor {
  user: string;
  host: string;
  /** The URL or name of the CI job; null outside CI. */
  ci: string | null;
  /**
   * The name of the command, such as `accounts update`. Its arguments may contain secrets, so they
   * are omitted.
   */
  command: string;
}

/** A changed field. A missing value is null; a secret is eight asterisks. */
export interface FieldChange {
  field: string;
  before: Json;
  after: Json;
}

export interface AuditItem {
  action: string;
  channel: string | null;
  account_id: string | null;
  account_key: string | null;
  /** The call to Meta, such as `POST /1065/subscribed_apps`; null for a change to the profile. */
  call: string | null;
  changes: FieldChange[];
}

export interface AuditEntry extends AuditActor, AuditItem {
  /** ISO 8601. */
  at: string;
}

const ROTATE_BYTES = 1024 * 1024;
const MAX_ARCHIVED_LOGS = 9;

const LINES_PER_WRITE = 1000;

/**
 * The flags for appending to a file without following a link. O_NOFOLLOW does not exist on Windows.
 */
const APPEND_FLAGS =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * Checks that the log is not a link, which could divert the record of a change to any file.
 *
 * @throws ChannelctlError `storage`
 */
export async function assertNotLink(path: string): Promise<void> {
  const entry = await lstat(path).catch(() => null);
  if (entry === null || !entry.isSymbolicLink()) return;
  throw storageError(`The audit log ${path} is a symbolic link.`, {
    reason: 'channelctl writes the log only to a file in its own folder.',
    hint: 'Replace the link with the file.',
  });
}

/**
 * Appends entries to the log, which only its owner can read. Each write appends whole lines, so
 * that processes need no lock.
 *
 * @throws ChannelctlError `storage`
 */
export async function appendEntries(path: string, entries: Iterable<AuditEntry>): Promise<void> {
  await appendLines(path, serializeAll(entries));
}

function* serializeAll(entries: Iterable<AuditEntry>): Generator<string> {
  for (const entry of entries) yield JSON.stringify(entry);
}

/**
 * Appends serialized entries to the log; see `appendEntries`.
 *
 * @throws ChannelctlError `storage`
 */
export async function appendLines(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  let batch: string[] = [];
  let last: string | undefined;
  for await (const line of lines) {
    batch.push(line);
    last = line;
    if (batch.length < LINES_PER_WRITE) continue;
    await appendBatch(path, batch);
    batch = [];
  }
  if (batch.length > 0) await appendBatch(path, batch);
  const at = last === undefined ? undefined : parseEntry(last)?.at;
  if (at !== undefined) await rotateIfLarge(path, at);
}

async function appendBatch(path: string, batch: readonly string[]): Promise<void> {
  await makeFolder(dirname(path));
  await assertNotLink(path);
  try {
    const file = await whileBusy(() => open(path, APPEND_FLAGS, 0o600));
    try {
      const { size } = await file.stat();
      if (size === 0) await giveToFolderOwner(path);
      const lines = batch.map((line) => `${line}\n`).join('');
      const text = Buffer.from(`${(await endsWithNewline(file, size)) ? '' : '\n'}${lines}`);
      const { bytesWritten } = await file.write(text);
      if (bytesWritten < text.length) throw Object.assign(new Error(), { code: 'ENOSPC' });
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError('written', path, error);
  }
}

/**
 * Archives the log if it is too large. Call this after all entries are written, so that one large
 * change stays in one file.
 */
async function rotateIfLarge(path: string, at: string): Promise<void> {
  try {
    if ((await stat(path)).size > ROTATE_BYTES) await rotate(path, at);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return; // Another process has archived the log.
    throw error instanceof ChannelctlError ? error : fileError('written', path, error);
  }
}

/** Returns false if a full disk or a killed process has truncated the last line. */
async function endsWithNewline(file: Awaited<ReturnType<typeof open>>, size: number) {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
}

/**
 * Archives the log under a unique name, so that nothing is lost if two processes do so at the same
 * time, and deletes the oldest archives.
 */
async function rotate(path: string, at: string): Promise<void> {
  const archive = path.replace(/jsonl$/, `${at.replaceAll(':', '-')}-${process.pid}.jsonl`);
  await whileBusy(() => rename(path, archive)).catch((error) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  const old = await archivedLogs(path);
  for (const name of old.slice(0, -MAX_ARCHIVED_LOGS)) await rm(name, { force: true });
}

async function archivedLogs(path: string): Promise<string[]> {
  const start = basename(path).replace(/jsonl$/, '');
  const names = await readdir(dirname(path)).catch((error) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError('read', dirname(path), error);
  });
  return names
    .filter((name) => name.startsWith(start) && name.endsWith('.jsonl') && name !== basename(path))
    .sort()
    .map((name) => join(dirname(path), name));
}

/** Selects entries of the log. A line that cannot match is not parsed, which is faster. */
export interface HistoryFilter {
  mayMatch(line: string): boolean;
  matches(entry: AuditEntry): boolean;
}

export interface HistoryItem {
  /** Null for an unreadable line. */
  entry: AuditEntry | null;
  log: string;
  /** The length of the entry's line in the log. */
  length: number;
}

/**
 * Yields the matching entries, oldest first.
 *
 * @param pending lines that will be appended unless the log contains them
 * @throws ChannelctlError `storage`
 */
export async function* readEntries(
  path: string,
  pending: ReadonlySet<string>,
  filter: HistoryFilter,
): AsyncGenerator<HistoryItem> {
  const missing = new Set(pending);
  for (const log of [...(await archivedLogs(path)), path]) {
    for await (const line of readLines(log)) {
      missing.delete(line);
      yield* itemsIn(line, log, filter);
    }
  }
  for (const line of missing) yield* itemsIn(line, path, filter);
}

/** Yields the entry of a line, unless it is excluded; a null entry for an unreadable line. */
export function* itemsIn(
  line: string,
  log: string,
  { mayMatch, matches }: HistoryFilter,
): Generator<HistoryItem> {
  const isComplete = line.startsWith('{') && line.endsWith('}');
  if (isComplete && !mayMatch(line)) return;
  const entry = parseEntry(line);
  if (entry === null || matches(entry)) yield { entry, log, length: line.length };
}

function parseEntry(line: string): AuditEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is AuditEntry {
  if (!isObject(value) || isTooDeep(value)) return false;
  if (!Array.isArray(value.changes) || !value.changes.every(isObject)) return false;
  const required = [value.at, value.user, value.host, value.command, value.action];
  const nullable = [value.ci, value.channel, value.account_id, value.account_key, value.call];
  return (
    required.every((field) => typeof field === 'string') &&
    nullable.every((field) => field === null || typeof field === 'string')
  );
}
