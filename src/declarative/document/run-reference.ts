import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import type { Environment } from '../../profile/settings.ts';

interface CommandSources {
  env: Environment;
  folder: string;
  signal: AbortSignal;
  timeLimitMs: number;
}

const MAX_OUTPUT_BYTES = 1024 * 1024;

/** How long a finished command's output may stay open, for example by a process in the background. */
const DRAIN_MS = 1000;

/** Variables that a command does not receive, because they contain channelctl's own secrets. */
const OWN_SECRETS = /^CHANNELCTL_(?:(?:NEW_)?PASSPHRASE|SECRET_)/i;

/** Whether Node.js refuses to run the program on Windows without a shell. */
function isBatchFile(program: string): boolean {
  return /\.(?:cmd|bat)$/i.test(program);
}

function failure(code: string): Error {
  return Object.assign(new Error('command failed'), { code });
}

/**
 * Runs the command of a reference without a shell and returns what it writes to stdout.
 *
 * @throws Error with `code`: a system code, or why the command failed. The error contains no
 *   output, which may be the secret.
 */
export async function runReference(
  [program = '', ...args]: readonly string[],
  { env, folder, signal, timeLimitMs }: CommandSources,
): Promise<Buffer> {
  const isWindows = platform() === 'win32';
  if (isWindows && isBatchFile(program)) throw failure('for a batch file, write [cmd, /c, …]');
  const child = spawn(program, args, {
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_SECRETS.test(name))),
    cwd: folder,
    // A program that reads from stdin must not wait for input.
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
    // In a process group of its own, the command can be killed with its child processes.
    detached: !isWindows,
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      if (isWindows) child.kill();
      else process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The processes have already ended.
    }
  };
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise<Buffer>((resolve, reject) => {
    const fail = (code: string) => reject(failure(code));
    const stop = (code: string) => {
      kill();
      child.stdout.destroy();
      fail(code);
    };
    const timer = setTimeout(
      () => stop(`timed out after ${timeLimitMs / 1000} s`),
      timeLimitMs,
    ).unref();
    const cancel = () => stop('cancelled');
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const finish = (code: number | null, killedBy: string | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      if (code === 0) resolve(Buffer.concat(chunks));
      else fail(code === null ? `killed by ${killedBy}` : `exit code ${code}`);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_OUTPUT_BYTES) stop('more than 1 MB of output');
    });
    child.on('error', (error: NodeJS.ErrnoException) => stop(error.code ?? 'unknown'));
    child.on('close', finish);
    child.on('exit', (code, killedBy) => {
      setTimeout(() => {
        kill();
        finish(code, killedBy);
      }, DRAIN_MS).unref();
    });
  });
}
