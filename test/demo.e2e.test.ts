import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawn } from '@lydell/node-pty';
import stringWidth from 'string-width';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './support/cli.ts';

const DEMO = fileURLToPath(new URL('./demo/run.js', import.meta.url));
const STEP = { timeout: 60_000 };

/** Returns what the demo has left in its folder for temporary files, and its processes. */
function remains(folder: string): string[] {
  const processes = readdirSync('/proc').filter((name) => {
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').includes(folder);
    } catch {
      return false; // Not a process, or it has ended.
    }
  });
  return [...readdirSync(folder), ...processes];
}

async function demoIn(columns: number) {
  const folder = await temporaryFolder();
  const env = { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: folder };
  const pty = spawn(process.execPath, [DEMO], { cols: columns, rows: 24, env });
  onTestFinished(() => pty.kill('SIGKILL'));
  let written = '';
  pty.onData((text) => {
    written += text;
  });
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  return { folder, ended, written: () => written, interrupt: () => pty.write('\x03') };
}

describe('the demo', () => {
  test.each([40, 80])('fits %i columns', { timeout: 120_000 }, async (columns) => {
    const { ended, folder, written } = await demoIn(columns);
    expect(await ended, written()).toBe(0);
    const lines = written().split('\r\n');
    expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([]);
    expect(lines.at(-2)).toContain(columns === 80 ? 'All files of the demo were' : 'deleted.');
    expect(remains(folder)).toEqual([]);
  });

  test('leaves nothing behind if it is interrupted', STEP, async () => {
    const { ended, folder, written, interrupt } = await demoIn(80);
    await expect.poll(written, STEP).toContain('app_secret  ****');
    interrupt();
    expect(await ended).toBe(130);
    expect(remains(folder)).toEqual([]);
    expect(written()).not.toMatch(/fail|error|EPIPE/i);
  });

  test('ends quietly and leaves nothing behind if its reader stops', STEP, async () => {
    const folder = await temporaryFolder();
    const script = 'set -o pipefail; "$NODE" "$DEMO" | head -3; echo "code $?"';
    const env = {
      ...{ PATH: process.env.PATH, HOME: folder, TMPDIR: folder },
      ...{ NODE: process.execPath, DEMO },
    };
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { env });
    expect(stderr).toBe('');
    expect(stdout).toContain('The sandbox replaces Meta');
    expect(stdout).toMatch(/code 0\n$/);
    expect(remains(folder)).toEqual([]);
  });
});
