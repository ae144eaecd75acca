import fs, { readFile, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { withLock } from '../../src/profile/lock/lock.ts';
import { describeSelf } from '../../src/profile/lock/lock-owner.ts';
import { temporaryFolder } from '../support/cli.ts';
import { failureOf } from '../support/storage.ts';

type Link = typeof fs.link;

const link = fs.link;

/** Replaces `link` in modules that an earlier test file has loaded, too; a mock would not. */
function replaceLink(replacement: Link): void {
  Object.assign(fs, { link: replacement });
  syncBuiltinESMExports();
}

afterEach(() => replaceLink(link));

const options = { guardedPath: 'state.json' };

test.each(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR'])(
  'a file system without hard links, which reports %s, has locks that exclude each other',
  async (code) => {
    replaceLink(async () => {
      throw Object.assign(new Error(), { code });
    });
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
  replaceLink(async () => {
    throw Object.assign(new Error(), { code: 'EIO' });
  });
  const path = join(await temporaryFolder(), 'a.lock');
  expect((await failureOf(withLock(path, options, async () => {}))).kind).toBe('storage');
});

test('a lock that replaces a dead one, just before that is broken, is not removed', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const dead = { id: 'dead', pid: 2 ** 22, started: '1', host: hostname(), uptime: null };
  const self = await describeSelf('1fe');
  await writeFile(path, JSON.stringify({ ...dead, host: self.host }));
  const living = JSON.stringify(self);
  replaceLink(async (from, to) => {
    await link(from, to);
    // The process that breaks the lock has just acquired the second one.
    if (to === `${path}.dead`) await writeFile(path, living);
  });
  const error = await failureOf(withLock(path, { ...options, maxWaitMs: 200 }, async () => {}));
  expect(error.kind).toBe('conflict');
  expect(await readFile(path, 'utf8')).toBe(living);
});
