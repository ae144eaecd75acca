import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll } from 'vitest';
import { ChannelctlError } from '../../src/shared/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Builds `storage-child.ts` for the tests of a file, and gives functions that start it.
 */
export function storageChild() {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'channelctl-test-child-'));
    await chmod(folder, 0o755); // Some tests start it as another user.
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const entry = { child: join(ROOT, 'test/support/storage-child.ts') };
    await build({
      config: join(ROOT, 'tsup.config.ts'),
      entry,
      outDir: join(folder, 'dist'),
      silent: true,
      onSuccess: async () => {}, // The program's own table is not made here.
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const argv = (...args: string[]) => [process.execPath, join(folder, 'dist', 'child.js'), ...args];
  return {
    /** Program and arguments, to be started by another program. */
    argv,
    /** Starts it as someone to whom permissions apply, even where the tests run as root. */
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

/** Waits for the child's end and gives what it wrote, and the signal that ended it. */
export function ended(child: Child) {
  return new Promise<{ stdout: string; code: number | null; signal: string | null }>((resolve) => {
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.on('close', (code, signal) => resolve({ stdout, code, signal }));
  });
}

/** Resolves at the child's first word. */
export function spoken(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`ended with ${code}`)));
  });
}

/** The ChannelctlError that `work` fails with. */
export async function failureOf(work: Promise<unknown>): Promise<ChannelctlError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ChannelctlError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
