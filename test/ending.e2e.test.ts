import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/cli.ts';
import { builtChild, ended } from './support/storage.ts';

const child = builtChild('test/support/busy-child.ts');
const canReplaceProcess = 'execve' in process;

test('a process whose thread pool is blocked ends after three seconds anyway', async () => {
  const pipe = join(await temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const started = performance.now();
  const { code, signal } = await ended(child.start(pipe));
  expect(performance.now() - started).toBeLessThan(10_000);
  expect({ code, signal }).toEqual(
    canReplaceProcess ? { code: 8, signal: null } : { code: null, signal: 'SIGTERM' },
  );
});

test('a process whose jobs end in time ends with its exit code', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, 'text');
  expect(await ended(child.start(file))).toMatchObject({ code: 8, signal: null });
});
