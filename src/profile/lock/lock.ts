import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelctlError, systemCode } from '../../shared/errors.ts';
import { fileError, makeFolder } from '../../shared/files.ts';
import { fileExists } from '../paths.ts';
import { describeSelf, hasEnded, type LockOwner, parseLockOwner } from './lock-owner.ts';

// proper-lockfile is not used here. It judges by time alone, so that a dead owner blocks others
// for seconds and a suspended one is robbed, and its takeover (rmdir, then mkdir) can rob one who
// has just got the lock. Here a dead process is recognised, and its lock is taken away by one
// process at a time.

const MAX_WAIT_MS = 10_000;
const POLL_MS = 30;
/** After this an owner on a host that can't be asked counts as dead. */
const FOREIGN_STALE_MS = 60_000;
/** After this a lock file that says nothing counts as left behind. */
const UNREADABLE_STALE_MS = 5_000;
/** Stands in for the owner of a lock that can be neither read nor created, such as a dangling link. */
const UNKNOWN_ID = '';

export interface LockOptions {
  /** The file that the lock guards, for messages. */
  guards: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** How long to wait for any one owner, in milliseconds. */
  maxWaitMs?: number;
}

/** A lock file as it was found. */
interface LockFile {
  id: string;
  /** Null where the file does not say. */
  owner: LockOwner | null;
  modified: number;
}

/**
 * Does `work` while no other process, and nothing else in this one, holds the lock at `path`.
 * A lock left by a dead process is taken over; a suspended process keeps its own.
 *
 * @throws ChannelctlError of kind `conflict` if one owner keeps it for over 10 seconds, of
 *   kind `storage` where the lock's folder can't be written to
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

/** Whose a lock is. */
export type LockState =
  | { state: 'free' }
  /** `pid` is null where the lock does not tell. */
  | { state: 'held' | 'dead'; pid: number | null };

/** Looks at the lock at `path` without waiting for it or touching it. */
export async function inspectLock(path: string, now: number): Promise<LockState> {
  const found = await readLockFile(path);
  if (found === null) return { state: 'free' };
  const dead = await isDead(found, await describeSelf('0'), now);
  return { state: dead ? 'dead' : 'held', pid: found.owner?.pid ?? null };
}

async function acquire(path: string, self: LockOwner, options: LockOptions): Promise<void> {
  let waitingFor: string | null = null;
  let since = options.now();
  while (!(await claim(path, self))) {
    const found = await readLockFile(path);
    const now = options.now();
    const isLeft = found !== null && (await isDead(found, self, now));
    if (isLeft && (await breakLock(path, found, self, now))) continue;
    const id = found?.id ?? UNKNOWN_ID;
    if (id !== waitingFor) {
      waitingFor = id;
      since = now;
      if (found === null) continue; // It has just been released.
    } else if (now - since > (options.maxWaitMs ?? MAX_WAIT_MS)) {
      throw lockTimeout(path, found, options);
    }
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}

/**
 * Creates the lock file, complete from its first moment: whoever sees it can read whose it is.
 *
 * @returns false where there is one already
 */
async function claim(path: string, self: LockOwner): Promise<boolean> {
  if (await fileExists(path)) return false;
  const draft = `${path}.${self.id}.new`;
  try {
    await writeFile(draft, JSON.stringify(self), { mode: 0o600 });
    return await linkNew(draft, path, self);
  } catch (error) {
    throw fileError('written', dirname(path), error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

const NO_HARD_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'];

async function linkNew(draft: string, path: string, self: LockOwner): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    // ENOENT: who got the lock meanwhile has swept the draft away.
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
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readLockFile(path: string): Promise<LockFile | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw fileError('read', path, error);
  }
  try {
    const { ino, mtimeMs } = await file.stat();
    const owner = parseLockOwner(await file.readFile('utf8'));
    const nameless = Math.floor(ino).toString(16) + Math.floor(mtimeMs).toString(16);
    return { id: owner?.id ?? nameless, owner, modified: mtimeMs };
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    await file.close();
  }
}

async function isDead(
  { owner, modified }: LockFile,
  self: LockOwner,
  now: number,
): Promise<boolean> {
  const age = now - modified;
  if (owner === null) return age > UNREADABLE_STALE_MS;
  return owner.host === self.host ? hasEnded(owner) : age > FOREIGN_STALE_MS;
}

/**
 * Removes the lock of a dead owner. The process that does so holds a second lock, named after that
 * very acquisition: so only one process at a time decides about it, and a lock that another got
 * meanwhile is never touched. Who dies while breaking a lock has its own broken in the same way.
 *
 * @returns false where another process is at it, and is to be waited for
 */
async function breakLock(
  path: string,
  dead: LockFile,
  self: LockOwner,
  now: number,
): Promise<boolean> {
  const right = `${path}.${dead.id}`;
  if (!(await claim(right, self))) {
    const other = await readLockFile(right);
    const isStuck = other !== null && (await isDead(other, self, now));
    return isStuck && breakLock(right, other, self, now);
  }
  try {
    const current = await readLockFile(path);
    if (current?.id === dead.id) await rm(path, { force: true });
    return true;
  } catch (error) {
    throw fileError('written', dirname(path), error);
  } finally {
    await release(right, self);
  }
}

/** Removes the lock where it is ours. What is done is done: a failure here fails nothing. */
async function release(path: string, self: LockOwner): Promise<void> {
  try {
    if ((await readLockFile(path))?.id === self.id) await rm(path, { force: true });
  } catch {
    // The lock ends with this process at the latest.
  }
}

/**
 * Removes what killed processes left beside the lock. Only while holding it: then no lock that
 * someone may still be breaking stands, so the rights to break one are void, and the drafts lose.
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
  return new ChannelctlError('conflict', `${options.guards} is locked by another process.`, {
    reason: `${who} has held its lock for over ${seconds} seconds.`,
    hint: `Run the command again when that process is done; if there is none, delete ${path}`,
  });
}
