import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll } from 'vitest';
import { ChannelctlError } from '../../src/shared/errors.ts';

const BUILD_MS = 120_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function storageChild() {
  return builtChild('test/support/storage-child.ts');
}

export function builtChild(path: string) {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'channelctl-test-child-'));
    await chmod(folder, 0o755); // Some tests start the child as another user.
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const entry = { child: join(ROOT, path) };
    await build({
      config: join(ROOT, 'tsup.config.ts'),
      entry,
      outDir: join(folder, 'dist'),
      silent: true,
      onSuccess: async () => {}, // Skips the program's command table.
    });
  }, BUILD_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const argv = (...args: string[]) => [process.execPath, join(folder, 'dist', 'child.js'), ...args];
  return {
    argv,
    /** Starts the child as a user who is subject to permissions, even if the tests run as root. */
    startAsOther(...args: string[]) {
      const [program = '', ...rest] = argv(...args);
      const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
      return spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'], ...user });
    },
    start(...args: string[]) {
      const [program = '', ...rest] = argv(...args);
      return spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    },
  };
}

type Child = ReturnType<ReturnType<typeof storageChild>['start']>;

export function ended(child: Child) {
  return new Promise<{ stdout: string; code: number | null; signal: string | null }>((resolve) => {
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.on('close', (code, signal) => resolve({ stdout, code, signal }));
  });
}

export function spoken(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`exited with ${code}`)));
  });
}

export async function failureOf(work: Promise<unknown>): Promise<ChannelctlError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ChannelctlError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
