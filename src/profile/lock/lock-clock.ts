import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from '../../shared/file-errors.ts';

interface Measurement {
  /** The age of the lock file in milliseconds when it was first seen. */
  age: number;
  /** The monotonic time at which it was first seen, in milliseconds. */
  seen: number;
}

/**
 * Measures the ages of lock files. The clock of this machine may jump, and may differ from that of
 * the machine that created a file. Therefore, a file is compared with a new one in the same folder,
 * which has the time of the same file server, and from then on the monotonic clock counts.
 */
export class LockClock {
  readonly #measured = new Map<string, Measurement>();
  readonly #probe: string;

  /** @param id unique per process; a file with this name next to the lock is temporary */
  constructor(path: string, id: string) {
    this.#probe = `${path}.${id}.new`;
  }

  /**
   * Returns the age of a lock file in milliseconds.
   *
   * @throws ChannelctlError `storage` if the folder is not writable
   */
  async ageOf({ id, modified }: { id: string; modified: number }): Promise<number> {
    const key = `${id} ${modified}`;
    let first = this.#measured.get(key);
    if (first === undefined) {
      first = { age: (await this.#fileTime()) - modified, seen: performance.now() };
      this.#measured.set(key, first);
    }
    return first.age + performance.now() - first.seen;
  }

  /** Returns the time that the file system gives to a new file, in milliseconds. */
  async #fileTime(): Promise<number> {
    try {
      const file = await open(this.#probe, 'wx', 0o600);
      try {
        return (await file.stat()).mtimeMs;
      } finally {
        await file.close();
        await rm(this.#probe, { force: true });
      }
    } catch (error) {
      throw fileError('written', dirname(this.#probe), error);
    }
  }
}
