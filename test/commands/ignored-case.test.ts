import { basename, dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { home } from '../support/cli.ts';

/** Makes checks for files ignore the case of a profile's folder, as on macOS and Windows. */
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  async function access(path: string, mode?: number): Promise<void> {
    const [folder, file] = [dirname(path), basename(path)];
    const names = await fs.readdir(dirname(folder)).catch((): string[] => []);
    const wanted = basename(folder).toLowerCase();
    const stored = names.find((name) => name.toLowerCase() === wanted) ?? basename(folder);
    await fs.access(join(dirname(folder), stored, file), mode);
  }
  return { ...fs, access };
});

test.each([
  [2, 'usage', ['config', 'set', 'division_id', 'west']],
  [3, 'not_found', ['profiles', 'delete', 'work', '--yes']],
  [3, 'not_found', ['accounts', 'list']],
])('a profile in other case is not taken for the one that is named: %s', async (...expected) => {
  const [code, kind, args] = expected;
  const here = await home();
  await here.json('config', 'set', 'division_id', 'east', '--profile', 'Work');
  const failure = await here.failure(...args, '--profile', 'work');
  expect([failure.code, failure.error.kind]).toEqual([code, kind]);
  const division = await here.json('config', 'get', 'division_id', '--profile', 'Work');
  expect(division.value).toBe('east');
});
