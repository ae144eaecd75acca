import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from '../../src/main.ts';
import { CHEAP, home } from '../support/cli.ts';

test('a JSON warning stays on one line on a narrow terminal', async () => {
  const own = await home();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  stdout.resume();
  const code = await main({
    argv: ['config', 'set', 'role', 'agent', '--json'],
    env: own.env,
    stdin,
    stdout,
    stderr: Object.assign(stderr, { isTTY: true, columns: 40 }),
    signal: new AbortController().signal,
    commits: new Set(),
    openInBrowser: () => Promise.reject(new Error('not expected')),
    nodeVersion: process.version,
    secretFileCost: CHEAP,
  });
  const lines = String(stderr.read()).trim().split('\n');
  expect({ code, lines: lines.length }).toEqual({ code: 0, lines: 1 });
  expect(JSON.parse(lines[0] ?? '').warning.message).toContain('role of this profile is now agent');
});
