import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The user `nobody`, because servers refuse to run as root; this user if it is not root. */
const USER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

export interface ServerFolder {
  path: string;
  /** Runs a program to its end, and returns its output. */
  run(program: string, args: readonly string[], options?: SpawnOptions): Promise<string>;
  /** Starts a server, which `stop` kills. */
  start(program: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Kills the servers and deletes the folder. */
  stop(): Promise<void>;
}

export async function serverFolder(): Promise<ServerFolder> {
  const path = await mkdtemp(join(tmpdir(), 'channelctl-test-server-'));
  if (USER.uid !== undefined) await chown(path, USER.uid, USER.gid);
  const servers = new Set<ChildProcess>();
  const launch = (program: string, args: readonly string[], options: SpawnOptions = {}) =>
    spawn(program, args, { cwd: path, ...USER, ...options });
  return {
    path,
    async run(program, args, options) {
      const child = launch(program, args, options);
      let output = '';
      child.stdout?.on('data', (text) => {
        output += text;
      });
      child.stderr?.on('data', (text) => {
        output += text;
      });
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Error(`${program} failed: ${output}`);
      return output;
    },
    start(program, args, options) {
      const child = launch(program, args, { stdio: 'ignore', ...options });
      servers.add(child);
      return child;
    },
    async stop() {
      for (const server of servers) {
        if (server.exitCode !== null || server.signalCode !== null) continue;
        server.kill('SIGKILL');
        await once(server, 'exit');
      }
      await rm(path, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Calls `check` until it succeeds. */
export async function eventually<Result>(
  check: () => Promise<Result>,
  timeLimitMs = 60_000,
): Promise<Result> {
  const until = Date.now() + timeLimitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
