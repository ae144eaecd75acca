import { spawn } from 'node:child_process';
import { platform } from 'node:os';

interface CommandSources {
  env: Readonly<Record<string, string | undefined>>;
  /** The working directory; that of this process if omitted. */
  folder?: string;
  signal: AbortSignal;
  timeLimitMs: number;
  /**
   * Whether the command may use the terminal of this process, to ask for a password. Otherwise, its
   * stdin is empty and its stderr is discarded.
   */
  usesTerminal?: boolean;
}

const MAX_OUTPUT_BYTES = 1024 * 1024;

/** How long a finished command's output may stay open, for example by a process in the background. */
const DRAIN_MS = 1000;

/** How long a command that uses the terminal may take to restore the terminal's modes. */
const RESTORE_MS = 200;

/**
 * Variables that a command does not receive, because they contain channelctl's own secrets or refer
 * to them. A command that runs channelctl must not run itself again.
 */
const OWN_SECRETS = /^CHANNELCTL_(?:(?:NEW_)?PASSPHRASE|SECRET_)/i;

const BATCH_FILE = 'a batch file must be run with cmd /c, which is [cmd, /c, …] in a document';

/** Whether Node.js refuses to run the program on Windows without a shell. */
function isBatchFile(program: string): boolean {
  return /\.(?:cmd|bat)$/i.test(program);
}

function failure(code: string): Error {
  return Object.assign(new Error('command failed'), { code });
}

/**
 * Runs a command without a shell and returns what it writes to stdout.
 *
 * @throws Error with `code`: a system code, or why the command failed. The error contains no
 *   output, which may be the secret.
 */
export async function runSecretCommand(
  [program = '', ...args]: readonly string[],
  { env, folder, signal, timeLimitMs, usesTerminal = false }: CommandSources,
): Promise<Buffer> {
  const isWindows = platform() === 'win32';
  if (isWindows && isBatchFile(program)) throw failure(BATCH_FILE);
  // Without the terminal, the command has a process group of its own, in which it can be killed with
  // its child processes. With the terminal, Ctrl-C reaches all of them.
  const hasOwnGroup = !isWindows && !usesTerminal;
  const child = spawn(program, args, {
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_SECRETS.test(name))),
    cwd: folder,
    stdio: usesTerminal ? ['inherit', 'pipe', 'inherit'] : ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
    detached: hasOwnGroup,
  });
  const kill = (how: 'SIGTERM' | 'SIGKILL') => {
    if (child.pid === undefined) return;
    try {
      if (hasOwnGroup) process.kill(-child.pid, how);
      else child.kill(how);
    } catch {
      // The processes have already ended.
    }
  };
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise<Buffer>((resolve, reject) => {
    const fail = (code: string) => reject(failure(code));
    const stop = (code: string) => {
      const end = () => {
        kill('SIGKILL');
        child.stdout?.destroy();
        fail(code);
      };
      if (!usesTerminal || child.pid === undefined) return end();
      kill('SIGTERM');
      const timer = setTimeout(end, RESTORE_MS);
      child.on('exit', () => {
        clearTimeout(timer);
        end();
      });
    };
    const timer = setTimeout(
      () => stop(`timed out after ${timeLimitMs / 1000} s`),
      timeLimitMs,
    ).unref();
    const cancel = () => stop('cancelled');
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    let drainTimer: NodeJS.Timeout | undefined;
    const finish = (code: number | null, killedBy: string | null) => {
      clearTimeout(timer);
      clearTimeout(drainTimer);
      signal.removeEventListener('abort', cancel);
      if (code === 0) resolve(Buffer.concat(chunks));
      else fail(code === null ? `killed by ${killedBy}` : `exit code ${code}`);
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_OUTPUT_BYTES) stop('more than 1 MB of output');
    });
    child.on('error', (error: NodeJS.ErrnoException) => stop(error.code ?? 'unknown'));
    child.on('close', finish);
    child.on('exit', (code, killedBy) => {
      drainTimer = setTimeout(() => {
        kill('SIGKILL');
        finish(code, killedBy);
      }, DRAIN_MS).unref();
    });
  });
}
