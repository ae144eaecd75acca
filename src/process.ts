import { setMaxListeners } from 'node:events';
import { main, whenFlushed } from './main.ts';
import { EXIT_CODES } from './shared/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SAME_SIGNAL_MS = 100;

export async function runProcess(): Promise<void> {
  const { stdout, stderr, version } = process;
  const exitCode = await main({
    argv: process.argv.slice(2),
    env: { ...process.env }, // A copy, because reading process.env is slow.
    // Node creates the stream on first access; --help and --version should not wait for that.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    signal: interruption(),
    openInBrowser,
    nodeVersion: version,
  });
  await Promise.all([whenFlushed(stdout), whenFlushed(stderr)]);
  process.exit(exitCode);
}

/**
 * Returns an AbortSignal that the first system signal aborts. A later one ends the process, unless
 * it follows within SAME_SIGNAL_MS: a dependency of conf sends each signal again.
 */
function interruption(): AbortSignal {
  const controller = new AbortController();
  // Each concurrent call adds a listener, so the number of listeners is not limited.
  setMaxListeners(0, controller.signal);
  let first = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (controller.signal.aborted && Date.now() - first > SAME_SIGNAL_MS) {
        process.exit(EXIT_CODES.cancelled);
      }
      first ||= Date.now();
      controller.abort();
    });
  }
  return controller.signal;
}

/**
 * Opens a URL. The browser outlives this process, so it must not inherit the secrets in the
 * environment.
 */
async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import('open');
  for (const name of Object.keys(process.env)) {
    if (/^CHANNELCTL_((NEW_)?PASSPHRASE$|SECRET_)/.test(name)) delete process.env[name];
  }
  await open(url);
}
