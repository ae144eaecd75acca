import { platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from './errors.ts';

const BUSY_CODES = ['EPERM', 'EACCES', 'EBUSY'];
const PATIENCE_MS = 3_000;
const PAUSE_MS = 50;

/**
 * Whether the error can mean that another program, such as a virus scanner, has the file open. Only
 * Windows then refuses to read, rename or delete it.
 */
export function isBusy(error: unknown, system: string = platform()): boolean {
  return system === 'win32' && BUSY_CODES.includes(systemCode(error) ?? '');
}

/** Repeats `work` for up to three seconds while another program has its file open. */
export async function whileBusy<Result>(
  work: () => Promise<Result>,
  system?: string,
): Promise<Result> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error, system) || performance.now() >= end) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
