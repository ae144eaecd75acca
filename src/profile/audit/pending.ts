import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { whileBusy } from '../../shared/busy-files.ts';
import { fileError } from '../../shared/file-errors.ts';
import { makeFolder } from '../../shared/files.ts';
import { isObject } from '../../shared/json.ts';
import { giveToFolderOwner } from '../../shared/ownership.ts';
import type { ProfilePaths } from '../paths.ts';
import { digestOfFile } from '../state-file/digest.ts';
import { readLines } from './lines.ts';
import { type AuditEntry, appendLines } from './log.ts';

// The entries of a change are written to a file before the change is committed, and appended to the
// log afterwards. If the process is killed in between, the next one appends them, if the file that
// commits the change is the one that the change has written.

type PendingPaths = Pick<ProfilePaths, 'audit' | 'pendingAudit' | 'state' | 'secrets'>;

/** The file that commits a change, and its digest after the change; null if it is then deleted. */
export type Commit = { state: string | null } | { secrets: string };

const LINES_PER_WRITE = 1000;

/**
 * Writes the entries of a change that is about to be committed.
 *
 * @throws ChannelctlError `storage`
 */
export async function writePending(
  path: string,
  entries: Iterable<AuditEntry>,
  commit: Commit,
): Promise<void> {
  await makeFolder(dirname(path));
  try {
    await whileBusy(() => rm(path, { force: true }));
    const file = await whileBusy(() => open(path, 'wx', 0o600));
    try {
      await giveToFolderOwner(path);
      let batch = [JSON.stringify({ version: 1, ...commit })];
      for (const entry of entries) {
        batch.push(JSON.stringify(entry));
        if (batch.length < LINES_PER_WRITE) continue;
        await writeLines(file, batch);
        batch = [];
      }
      await writeLines(file, batch);
    } finally {
      await file.close();
    }
  } catch (error) {
    await discardPending(path);
    throw fileError('written', path, error);
  }
}

async function writeLines(file: FileHandle, lines: readonly string[]): Promise<void> {
  await file.writeFile(lines.map((line) => `${line}\n`).join(''));
}

export async function discardPending(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/**
 * Appends the pending entries to the log, and deletes their file. Requires the profile's lock.
 *
 * @throws ChannelctlError `storage`
 */
export async function appendPending({ audit, pendingAudit }: PendingPaths): Promise<void> {
  await appendLines(audit, linesOf(pendingAudit));
  await discardPending(pendingAudit);
}

/**
 * Appends the entries that a killed process has left to the log if their change was committed, and
 * deletes their file. Requires the profile's lock.
 *
 * @throws ChannelctlError `storage`
 */
export async function recoverPending(paths: PendingPaths): Promise<void> {
  const { audit, pendingAudit } = paths;
  const missing = await readPending(paths);
  if (missing.size > 0) {
    // The process may have been killed while it appended the lines.
    for await (const line of readLines(audit)) missing.delete(line);
    await appendLines(audit, missing);
  }
  await discardPending(pendingAudit);
}

/** Returns the pending lines if their change was committed; otherwise none. Changes nothing. */
export async function readPending(paths: PendingPaths): Promise<Set<string>> {
  const { pendingAudit } = paths;
  if (!(await isCommitted(await readCommit(pendingAudit), paths))) return new Set();
  const lines = new Set<string>();
  for await (const line of linesOf(pendingAudit)) lines.add(line);
  return lines;
}

async function isCommitted(commit: Commit | null, paths: PendingPaths): Promise<boolean> {
  if (commit === null) return false;
  if ('secrets' in commit) return (await digestOfFile(paths.secrets)) === commit.secrets;
  return (await digestOfFile(paths.state)) === commit.state;
}

/** Returns null if there are no pending entries, or their file is incomplete. */
async function readCommit(path: string): Promise<Commit | null> {
  for await (const line of readLines(path)) {
    try {
      const header: unknown = JSON.parse(line);
      if (!isObject(header)) return null;
      const { state, secrets } = header;
      if (typeof secrets === 'string') return { secrets };
      return state === null || typeof state === 'string' ? { state } : null;
    } catch {
      return null;
    }
  }
  return null;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let isHeader = true;
  for await (const line of readLines(path)) {
    if (!isHeader) yield line;
    isHeader = false;
  }
}
