import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterAll, expect, onTestFinished } from 'vitest';
import { PROGRAM } from './cli.ts';

export function isInstalled(shell: string): boolean {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function pathWithProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), 'channelctl-test-path-'));
  symlinkSync(PROGRAM, join(folder, 'channelctl'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder + delimiter + (process.env.PATH ?? '');
}

const PATIENCE_MS = 10_000;

export async function interactive(argv: readonly string[], env: Record<string, string>) {
  const [program = '', ...args] = argv;
  const pty = spawn(program, args, { cols: 120, rows: 30, env: { ...env, TERM: 'dumb' } });
  let written = '';
  pty.onData((text) => {
    written += text;
  });
  onTestFinished(() => pty.kill('SIGKILL'));
  return {
    /** Types keys, and waits until the output since then matches. */
    async type(keys: string, wanted: RegExp): Promise<string> {
      written = '';
      pty.write(keys);
      await expect.poll(() => written, { timeout: PATIENCE_MS }).toMatch(wanted);
      return written;
    },
  };
}
