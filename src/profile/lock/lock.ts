import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy, whileBusy } from '../../shared/busy-files.ts';
import { ChannelctlError, systemCode } from '../../shared/errors.ts';
import { fileError } from '../../shared/file-errors.ts';
import { makeFolder } from '../../shared/files.ts';
import { giveToFolderOwner } from '../../shared/ownership.ts';
import { fileExists } from '../paths.ts';
import { LockClock } from './lock-clock.ts';
import { describeSelf, hasEnded, type LockOwner, parseLockOwner } from './lock-owner.ts';

// proper-lockfile is not used, because it relies only on time: a dead owner blocks others for
// seconds, a suspended one loses its lock, and its takeover (rmdir, then mkdir) can remove a lock
// that was just acquired. This implementation detects dead processes, and only one process at a
// time removes a lock.

const MAX_WAIT_MS = 10_000;
const POLL_MS = 30;
const MAX_RELEASE_ATTEMPTS = 3;
/** After this time, an owner on another host counts as dead. */
const FOREIGN_STALE_MS = 60_000;
/** After this time, an owner whose process cannot be identified may have ended. */
const DOUBTFUL_MS = 60_000;
/** After this time, an unreadable lock file counts as stale. */
const UNREADABLE_STALE_MS = 5_000;
/** The ID of a lock that can be neither read nor created, such as a dangling link. */
const UNKNOWN_ID = '';

export interface LockOptions {
  guardedPath: string;
  /** How long to wait for each owner, in milliseconds. */
  maxWaitMs?: number;
  /** Whether to break a lock whose owner may have ended. */
  breaksDoubtful?: boolean;
}

interface LockFile {
  id: string;
  owner: LockOwner | null;
  modified: number;
}

/**
 * Runs `work` while holding the lock at `path`, which excludes other processes and other work in
 * this one. The lock of a dead process is broken; a suspended process on this host keeps its lock.
 *
 * @throws ChannelctlError `conflict` if one owner holds the lock for longer than `maxWaitMs` (10
 *   seconds by default), `storage` if the lock's folder is not writable
 */
export async function withLock<Result>(
  path: string,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  await makeFolder(dirname(path));
  const self = await describeSelf(randomBytes(8).toString('hex'));
  await acquire(path, self, options);
  try {
    await removeDrafts(path);
    return await work();
  } finally {
    await release(path, self);
  }
}

/**
 * `doubtful`: a process with the owner's ID exists, but its start time is unknown, so that the ID
 * may have been given to another process.
 */
export type LockState =
  | { state: 'free' }
  | { state: 'held' | 'dead' | 'doubtful'; pid: number | null };

/**
 * Inspects the lock at `path` without waiting for it or changing it. If the age of the lock is
 * needed but cannot be measured, because its folder is not writable, the lock counts as held.
 */
export async function inspectLock(path: string): Promise<LockState> {
  const found = await readLockFile(path);
  if (found === null) return { state: 'free' };
  const self = await describeSelf(randomBytes(8).toString('hex'));
  const clock = new LockClock(path, self.id);
  const pid = found.owner?.pid ?? null;
  if (await isDead(found, self, clock).catch(() => false)) return { state: 'dead', pid };
  const isInDoubt = await isDoubtful(found, self, clock).catch(() => false);
  return { state: isInDoubt ? 'doubtful' : 'held', pid };
}

async function acquire(path: string, self: LockOwner, options: LockOptions): Promise<void> {
  const clock = new LockClock(path, self.id);
  let waitingFor: string | null = null;
  let since = performance.now();
  while (!(await tryAcquire(path, self))) {
    const found = await readLockFile(path);
    const now = performance.now();
    const isStale =
      found !== null &&
      ((await isDead(found, self, clock)) ||
        (options.breaksDoubtful === true && (await isDoubtful(found, self, clock))));
    if (isStale && (await breakLock(path, path, found, self, clock))) continue;
    const id = found?.id ?? UNKNOWN_ID;
    if (id !== waitingFor) {
      waitingFor = id;
      since = now;
      if (found === null) continue;
    } else if (now - since > (options.maxWaitMs ?? MAX_WAIT_MS)) {
      throw lockTimeout(path, found, options);
    }
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}

/**
 * Creates the lock file together with its content, so that other processes never see an incomplete
 * one.
 *
 * @returns false if the file already exists
 */
async function tryAcquire(path: string, self: LockOwner): Promise<boolean> {
  if (await isTaken(path)) return false;
  const draft = `${path}.${self.id}.new`;
  try {
    await writeFile(draft, JSON.stringify(self), { mode: 0o600 });
    await giveToFolderOwner(draft);
    return await linkNew(draft, path, self);
  } catch (error) {
    throw fileError('written', dirname(path), error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** exFAT on Windows reports EISDIR. */
const NO_HARD_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR'];

/** On Windows, a lock that is deleted but still open cannot be accessed. */
async function isTaken(path: string): Promise<boolean> {
  try {
    return await fileExists(path);
  } catch (error) {
    if (error instanceof Error && isBusy(error.cause)) return true;
    throw error;
  }
}

async function linkNew(draft: string, path: string, self: LockOwner): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    // ENOENT: the process that acquired the lock in the meantime has deleted the draft.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (NO_HARD_LINKS.includes(code)) return createExclusively(path, self);
    throw error;
  }
}

async function createExclusively(path: string, self: LockOwner): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(self), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || isBusy(error)) return false;
    throw error;
  }
}

async function readLockFile(path: string): Promise<LockFile | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    if (isBusy(error)) return { id: UNKNOWN_ID, owner: null, modified: Date.now() };
    throw fileError('read', path, error);
  }
  try {
    const { ino, mtimeMs } = await file.stat();
    const owner = parseLockOwner(await file.readFile('utf8'));
    const fallbackId = Math.floor(ino).toString(16) + Math.floor(mtimeMs).toString(16);
    return { id: owner?.id ?? fallbackId, owner, modified: mtimeMs };
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    await file.close();
  }
}

async function isDead(file: LockFile, self: LockOwner, clock: LockClock): Promise<boolean> {
  const { owner } = file;
  if (owner === null) return (await clock.ageOf(file)) > UNREADABLE_STALE_MS;
  if (owner.host === self.host) return hasEnded(owner);
  return (await clock.ageOf(file)) > FOREIGN_STALE_MS;
}

async function isDoubtful(file: LockFile, self: LockOwner, clock: LockClock): Promise<boolean> {
  const { owner } = file;
  if (owner === null || owner.host !== self.host || owner.started !== null) return false;
  return (await clock.ageOf(file)) > DOUBTFUL_MS;
}

/**
 * Breaks the lock of a dead owner. The breaking process holds a second lock, named after the
 * acquisition that it breaks, so that only one process at a time decides, and a lock that another
 * process has acquired in the meantime is not touched. If the process dies, its second lock is
 * broken in the same way.
 *
 * @param base the path of the first lock; those that are named after it do not grow
 * @returns false if another process is breaking the lock, so the caller must wait
 */
async function breakLock(
  base: string,
  path: string,
  dead: LockFile,
  self: LockOwner,
  clock: LockClock,
): Promise<boolean> {
  const breakerPath = `${base}.${dead.id}`;
  if (!(await tryAcquire(breakerPath, self))) {
    const other = await readLockFile(breakerPath);
    const isStuck = other !== null && (await isDead(other, self, clock));
    return isStuck && breakLock(base, breakerPath, other, self, clock);
  }
  try {
    const current = await readLockFile(path);
    if (current?.id === dead.id) await whileBusy(() => rm(path, { force: true }));
    return true;
  } catch (error) {
    throw fileError('written', dirname(path), error);
  } finally {
    await release(breakerPath, self);
  }
}

/**
 * Removes the lock if this process holds it. A failure, such as that of a file server or of a virus
 * scanner that has opened the file, may be temporary. A permanent one is ignored, because the work is
 * done, and the lock becomes stale when this process ends.
 */
async function release(path: string, self: LockOwner): Promise<void> {
  for (let attempt = 1; attempt <= MAX_RELEASE_ATTEMPTS; attempt += 1) {
    try {
      if ((await readLockFile(path))?.id === self.id) {
        await whileBusy(() => rm(path, { force: true }));
      }
      return;
    } catch {
      await sleep(POLL_MS);
    }
  }
}

/**
 * Deletes the drafts and second locks next to the lock. Requires the lock: while this process has
 * it, other processes do not need theirs.
 */
async function removeDrafts(path: string): Promise<void> {
  const leftover = /^(?:\.[0-9a-f]+)+(?:\.new)?$/;
  const folder = dirname(path);
  for (const entry of await readdir(folder).catch(() => [])) {
    const isOurs = entry.startsWith(basename(path));
    if (!isOurs || !leftover.test(entry.slice(basename(path).length))) continue;
    await rm(join(folder, entry), { force: true }).catch(() => undefined);
  }
}

function lockTimeout(path: string, found: LockFile | null, options: LockOptions): ChannelctlError {
  const pid = found?.owner?.pid;
  const who = pid === undefined ? 'Another process' : `Process ${pid}`;
  const seconds = (options.maxWaitMs ?? MAX_WAIT_MS) / 1000;
  return new ChannelctlError('conflict', `${options.guardedPath} is locked by another process.`, {
    reason: `${who} has held the lock for over ${seconds} seconds.`,
    hint: `Run the command again when that process has finished. If it no longer exists, delete the lock: ${path}`,
  });
}
