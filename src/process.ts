import { setMaxListeners } from 'node:events';
import { main, whenFlushed } from './main.ts';

/** SIGBREAK is Ctrl-Break on Windows; elsewhere it does not exist. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;
const SAME_SIGNAL_MS = 100;

export async function runProcess(): Promise<void> {
  const { stdout, stderr, version } = process;
  const commits = new Set<Promise<unknown>>();
  const signal = interruption(commits);
  const exitCode = await main({
    argv: process.argv.slice(2),
    env: environment(),
    // Node creates the stream on first access; --help and --version should not wait for that.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    signal,
    commits,
    openInBrowser: async (url) =>
      (await import('./cli/open-browser.ts')).openInBrowser(process, url),
    nodeVersion: version,
  });
  await Promise.all([whenFlushed(stdout), whenFlushed(stderr)]);
  if (!signal.aborted && exitCode !== 0)
    await (await import('./cli/wait-for-jobs.ts')).waitForJobs(process, exitCode);
  if (!signal.aborted) process.exit(exitCode);
  process.exitCode = exitCode;
  await endInterrupted();
}

/**
 * Returns a copy, because reading process.env is slow. On Windows, names of variables ignore case:
 * the copy lists them in upper case, and finds them in any.
 */
function environment(): NodeJS.ProcessEnv {
  if (process.platform !== 'win32') return { ...process.env };
  const variables = Object.entries(process.env);
  const copy = Object.fromEntries(variables.map(([name, value]) => [name.toUpperCase(), value]));
  return new Proxy(copy, {
    get: (target, name) => target[String(name).toUpperCase()],
  });
}

/**
 * Returns an AbortSignal that the first system signal aborts. The process then ends even if the
 * command does not. A later signal ends it immediately, unless it follows within `SAME_SIGNAL_MS`: a
 * dependency of conf sends each signal again.
 */
function interruption(commits: ReadonlySet<unknown>): AbortSignal {
  const controller = new AbortController();
  // Each concurrent call adds a listener, so the number of listeners is not limited.
  setMaxListeners(0, controller.signal);
  let first = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        first = performance.now();
        controller.abort();
        void endInterrupted(commits);
      } else if (performance.now() - first > SAME_SIGNAL_MS) void endInterrupted();
    });
  }
  return controller.signal;
}

/** @param commits the changes to wait for; without it, the process ends immediately */
async function endInterrupted(commits?: ReadonlySet<unknown>): Promise<void> {
  await (await import('./cli/ending.ts')).endInterrupted(process, commits);
}
