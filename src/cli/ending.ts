import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT_CODES } from '../shared/errors.ts';
import { countedJobs } from '../shared/thread-pool.ts';
import { MAX_COMMIT_MS } from './interruption.ts';

/** How long an interrupted command may take to end, apart from a change that it is committing. */
const MAX_END_MS = 400;
const POLL_MS = 25;
/** How often a busy thread pool is polled before the process ends anyway. */
const MAX_POLLS = 4;
/** Requests in the thread pool, as `getActiveResourcesInfo` names them. */
const REQUESTS = /^(?:FSReq|GetAddrInfo|GetNameInfo)/;

/** @param commits the changes to wait for; without it, the process ends immediately */
export async function endInterrupted(
  process: NodeJS.Process,
  commits?: ReadonlySet<unknown>,
): Promise<void> {
  await (commits === undefined ? endNow(process) : endSoon(process, commits));
}

/**
 * Ends an interrupted process if the command does not end it within `MAX_END_MS` after its last
 * commit.
 */
async function endSoon(process: NodeJS.Process, commits: ReadonlySet<unknown>): Promise<void> {
  const start = performance.now();
  let idleSince = start;
  while (performance.now() - idleSince < MAX_END_MS) {
    await sleep(POLL_MS);
    const now = performance.now();
    if (commits.size > 0 && now - start < MAX_COMMIT_MS) idleSince = now;
  }
  await endNow(process);
}

/**
 * Ends an interrupted process, with exit code 130 unless it has another one. `process.exit` waits
 * for the thread pool, in which a stalled DNS lookup, a keychain dialog or a pipe can take minutes.
 * Therefore, a busy process ends by SIGINT, which shells also report as 130. Windows has no signals:
 * the exit code is then 1.
 */
async function endNow(process: NodeJS.Process): Promise<void> {
  process.exitCode ??= EXIT_CODES.cancelled;
  const isBusy = () =>
    countedJobs() > 0 || process.getActiveResourcesInfo().some((name) => REQUESTS.test(name));
  for (let polls = 0; isBusy() && polls < MAX_POLLS; polls += 1) await sleep(POLL_MS);
  if (isBusy()) {
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT'); // The first process of a container ignores this.
  }
  process.exit();
}
