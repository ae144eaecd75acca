import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { homeIn, PROGRAM, sharedHome, start } from '../support/cli.ts';

const home = sharedHome();

describe('a reader that has already closed the pipe', () => {
  test.each(['--version', '--help', 'accounts list --json'])(
    'does not cause an error in %s',
    async (line) => {
      const child = start(line.split(' '), home.env);
      child.stdout.destroy();
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
  );
});

function onFullDisk(stream: '>' | '2>', ...args: string[]) {
  const line = `exec "$@" ${stream} /dev/full`;
  const command = ['-c', line, 'sh', process.execPath, PROGRAM, ...args];
  // A password that is part of the system's error message.
  const env = { ...home.env, PASSWORD: 'no space left on device' };
  return spawnSync('sh', command, { env, encoding: 'utf8' });
}

function sourceOf(frame: string): string {
  const [, path = '', line, column] = /\b(src\/\S+\.ts):(\d+):(\d+)\)?$/.exec(frame) ?? [];
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  return text.split('\n')[Number(line) - 1]?.slice(Number(column) - 1) ?? '';
}

describe.skipIf(!existsSync('/dev/full'))('a full disk (skipped without /dev/full)', () => {
  test.each([['--help'], ['accounts', 'list', '--json']])(
    'for stdout is reported by %s without a stack, because the result is lost',
    (...args) => {
      const { status, stderr } = onFullDisk('>', ...args);
      expect(status).toBe(1);
      expect(stderr).toContain('Writing to stdout failed (ENOSPC).');
      expect(stderr).toContain('ENOSPC');
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  test('for stdout is reported with stack and causes by --debug, before the error object', () => {
    const create = ['accounts', 'create', '--channel', 'email', '--account-key', 'support'];
    const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
    const { status, stderr } = onFullDisk('>', ...create, ...config, '--json', '--debug');
    expect(status).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(JSON.parse(lines.pop() ?? '').error.kind).toBe('internal');

    const cause = lines.indexOf('caused by Error: ENOSPC: [redacted], write');
    expect(lines[0]).toMatch(/^ChannelctlError: Writing to stdout failed \(ENOSPC\)\.$/);
    expect(sourceOf(lines[1] ?? '')).toMatch(/^new ChannelctlError\('internal'|^ChannelctlError/);
    const printing = lines.slice(cause).find((line) => line.includes('at print ('));
    expect(sourceOf(printing ?? '')).toMatch(/^(?:stdout\.)?write\(/);
    expect(stderr).not.toMatch(/dist\/|no space left/);
  });

  test('for stderr does not change the exit code', () => {
    expect(onFullDisk('2>', 'accounts', 'get', 'nobody').status).toBe(3);
  });
});

describe.skipIf(!existsSync('/proc/self'))('a folder in /proc (skipped without one)', () => {
  test('cannot be created: the command fails immediately and exits with 8', async () => {
    const nowhere = homeIn(`/proc/no-such-folder-${process.pid}`, {});
    const { code, error } = await nowhere.failure('config', 'set', 'division_id', 'north');
    expect(code).toBe(8);
    expect(error.message).toContain('cannot be written');
  });
});
