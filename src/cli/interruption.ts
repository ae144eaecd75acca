import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelctlError, cancelledError } from '../shared/errors.ts';

const GRACE_PERIOD_MS = 250;
/** How long an interrupted command may take to commit a change that it has begun. */
export const MAX_COMMIT_MS = 10_000;

/**
 * Waits for an interrupted command: for the grace period and, while it commits changes, for up to
 * `MAX_COMMIT_MS` more.
 *
 * @param commits the changes that are being committed at any time
 * @throws ChannelctlError `cancelled` if the command does not complete: its own error, or a generic
 *   one; `storage` if the command could not store its results
 */
export function settle<Result>(
  work: Promise<Result>,
  commits: ReadonlySet<Promise<unknown>>,
): Promise<Result> {
  const own = work.catch((error: unknown) => {
    throw isCancelled(error) || isStorageError(error) ? error : cancelledError();
  });
  return Promise.race([own, rejectLate(commits)]);
}

async function rejectLate(commits: ReadonlySet<Promise<unknown>>): Promise<never> {
  await sleep(GRACE_PERIOD_MS);
  const end = performance.now() + MAX_COMMIT_MS;
  while (commits.size > 0 && performance.now() < end) {
    await Promise.race([Promise.allSettled(commits), sleep(end - performance.now())]);
    await sleep(GRACE_PERIOD_MS);
  }
  throw cancelledError();
}

/** A full disk, for example, may have prevented the command from storing what it had done. */
function isStorageError(error: unknown): boolean {
  return error instanceof ChannelctlError && error.kind === 'storage';
}

export function withFinishHint(error: unknown): unknown {
  if (!isCancelled(error)) return error;
  const next =
    error.hint === cancelledError().hint ? 'Run the same command again to finish.' : error.hint;
  return error.with({ hint: `The output shows what was done. ${next}` });
}

function isCancelled(error: unknown): error is ChannelctlError {
  return error instanceof ChannelctlError && error.kind === 'cancelled';
}
