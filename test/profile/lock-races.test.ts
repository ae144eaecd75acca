import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { describeSelf } from '../../src/profile/lock/lock-owner.ts';
import { temporaryFolder } from '../support/cli.ts';

type Link = typeof import('node:fs/promises').link;

const mocked = vi.hoisted(() => ({ link: null as ((link: Link) => Link) | null }));

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const link: Link = (from, to) => (mocked.link?.(fs.link) ?? fs.link)(from, to);
  return { ...fs, link };
});

// Modules that an earlier test file has loaded do not use the mock.
vi.resetModules();
const { withLock } = await import('../../src/profile/lock/lock.ts');
const { failureOf } = await import('../support/storage.ts');

afterEach(() => {
  mocked.link = null;
});

const options = { guardedPath: 'state.json' };

test.each(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR'])(
  'a file system without hard links, which reports %s, has locks that exclude each other',
  async (code) => {
    mocked.link = () => async () => {
      throw Object.assign(new Error(), { code });
    };
    const path = join(await temporaryFolder(), 'a.lock');
    const order: string[] = [];
    const hold = (name: string) =>
      withLock(path, options, async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push(`${name} ends`);
      });
    await Promise.all([hold('one'), hold('two')]);
    expect(order).toHaveLength(4);
    expect(order[1]).toBe(order[0]?.replace('begins', 'ends'));
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  },
);

test('another error of the file system is reported', async () => {
  mocked.link = () => async () => {
    throw Object.assign(new Error(), { code: 'EIO' });
  };
  const path = join(await temporaryFolder(), 'a.lock');
  expect((await failureOf(withLock(path, options, async () => {}))).kind).toBe('storage');
});

test('a lock that replaces a dead one, just before that is broken, is not removed', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const dead = { id: 'dead', pid: 2 ** 22, started: '1', host: hostname(), uptime: null };
  const self = await describeSelf('1fe');
  await writeFile(path, JSON.stringify({ ...dead, host: self.host }));
  const living = JSON.stringify(self);
  mocked.link = (link) => async (from, to) => {
    await link(from, to);
    // The process that breaks the lock has just acquired the second one.
    if (to === `${path}.dead`) await writeFile(path, living);
  };
  const error = await failureOf(withLock(path, { ...options, maxWaitMs: 200 }, async () => {}));
  expect(error.kind).toBe('conflict');
  expect(await readFile(path, 'utf8')).toBe(living);
});
