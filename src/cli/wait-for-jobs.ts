import { setTimeout as sleep } from 'node:timers/promises';
import { countedJobs } from '../shared/thread-pool.ts';

const POLL_MS = 25;
/** How long a job of a command that has ended, such as an abandoned call, may take. */
const MAX_JOB_MS = 3_000;

/**
 * Waits for the jobs in the thread pool, for which `process.exit` would wait without a limit, such
 * as a dialog of macOS whose time is over. After `MAX_JOB_MS`, the process ends anyway: with the
 * exit code if Node.js can replace the process (22.15 and later), otherwise by SIGTERM.
 */
export async function waitForJobs(process: NodeJS.Process, exitCode: number): Promise<void> {
  const start = performance.now();
  while (countedJobs() > 0) {
    if (performance.now() - start > MAX_JOB_MS) endByForce(process, exitCode);
    await sleep(POLL_MS);
  }
}

function endByForce(process: Replaceable, exitCode: number): void {
  if (process.platform !== 'win32') {
    process.execve?.('/bin/sh', ['sh', '-c', `exit ${exitCode}`], {});
  }
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}

/** Node.js 20 has no `execve`. */
interface Replaceable extends NodeJS.Process {
  execve?(file: string, args: readonly string[], env: Record<string, string>): never;
}
