import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { homeIn, PROGRAM, sharedHome, start } from '../support/cli.ts';

const home = sharedHome();

describe('a reader that was gone before the first word', () => {
  test.each(['--version', '--help', 'accounts list --json'])('is no error of %s', async (line) => {
    const child = start(line.split(' '), home.env);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

/** Runs the program with one of its streams on a disk that is full. */
function onFullDisk(stream: '>' | '2>', ...args: string[]) {
  const line = `exec "$@" ${stream} /dev/full`;
  const command = ['-c', line, 'sh', process.execPath, PROGRAM, ...args];
  return spawnSync('sh', command, { env: home.env, encoding: 'utf8' });
}

describe.skipIf(!existsSync('/dev/full'))('a full disk (skipped without /dev/full)', () => {
  test.each([['--help'], ['accounts', 'list', '--json']])(
    'behind stdout of %s is told in three lines or one object, for the result is lost',
    (...args) => {
      const { status, stderr } = onFullDisk('>', ...args);
      expect(status).toBe(1);
      expect(stderr).toContain('The result could not be written.');
      expect(stderr).toContain('ENOSPC');
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  test('behind stderr leaves the exit code what it is', () => {
    expect(onFullDisk('2>', 'accounts', 'get', 'nobody').status).toBe(3);
  });
});

describe.skipIf(!existsSync('/proc/self'))('a folder in /proc (skipped without one)', () => {
  test('can not be made, which is told at once: exit 8', async () => {
    const nowhere = homeIn(`/proc/no-such-folder-${process.pid}`, {});
    const { code, error } = await nowhere.failure('config', 'set', 'division_id', 'north');
    expect(code).toBe(8);
    expect(error.message).toContain("can't be written");
  });
});
