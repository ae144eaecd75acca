import { readFile, readlink } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { systemCode } from '../../shared/errors.ts';
import { isObject } from '../../shared/json.ts';

export interface LockOwner {
  /** Unique per acquisition. Hexadecimal. */
  id: string;
  pid: number;
  /**
   * The start time of the process, in clock ticks since boot; null if unknown. It distinguishes
   * processes with the same PID.
   */
  started: string | null;
  /** The system in which `pid` is valid: host, and on Linux boot and PID namespace. */
  host: string;
  /** The system's uptime in seconds when the lock was acquired; null in locks of older versions. */
  uptime: number | null;
}

export async function describeSelf(id: string): Promise<LockOwner> {
  const { pid } = process;
  const started = (await readStatus(pid))?.started ?? null;
  return { id, pid, started, host: await thisHost(), uptime: Math.floor(uptime()) };
}

export function parseLockOwner(text: string): LockOwner | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { id, pid, started, host, uptime: acquired } = value;
  if (typeof id !== 'string' || !/^[0-9a-f]{1,64}$/.test(id)) return null;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return null;
  if (typeof host !== 'string' || !(started === null || typeof started === 'string')) return null;
  return { id, pid, started, host, uptime: typeof acquired === 'number' ? acquired : null };
}

/**
 * Whether the owner's process, which must be on this host, has ended. A zombie process counts as
 * ended.
 */
export async function hasEnded(owner: LockOwner): Promise<boolean> {
  if (owner.uptime !== null && uptime() < owner.uptime) return true; // The system was restarted.
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return true;
  }
  const status = await readStatus(owner.pid);
  if (status === null) return false;
  const anotherProcess = owner.started !== null && owner.started !== status.started;
  return anotherProcess || status.state === 'Z' || status.state === 'X';
}

/**
 * Returns the state and start time of a process, fields 3 and 22 of proc_pid_stat(5); null if they
 * cannot be read.
 */
async function readStatus(pid: number): Promise<{ state: string; started: string } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The process name may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return state === undefined || started === undefined ? null : { state, started };
}

async function thisHost(): Promise<string> {
  const [boot, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return [hostname(), boot.trim(), namespace].join(' ').trim();
}
