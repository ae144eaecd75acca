import { writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLock } from '../../src/profile/lock/lock.ts';
import { describeSelf } from '../../src/profile/lock/lock-owner.ts';
import { type Call, type Fault, inject } from '../chaos/faults.ts';
import { temporaryFolder } from '../support/cli.ts';
import { failureOf } from '../support/storage.ts';

function injecting(path: string, decide: (call: Call) => Fault): void {
  inject({ folder: dirname(path), decide });
  onTestFinished(() => void inject(null));
}

const failingLink =
  (code: string) =>
  ({ name }: Call): Fault =>
    name === 'link' ? { code } : 'none';

const options = { guardedPath: 'state.json' };

test.each(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR'])(
  'a file system without hard links, which reports %s, has locks that exclude each other',
  async (code) => {
    const path = join(await temporaryFolder(), 'a.lock');
    injecting(path, failingLink(code));
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
  const path = join(await temporaryFolder(), 'a.lock');
  injecting(path, failingLink('EIO'));
  expect((await failureOf(withLock(path, options, async () => {}))).kind).toBe('storage');
});

test('a lock that replaces a dead one, just before that is broken, is not removed', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const self = await describeSelf('1fe');
  const dead = { ...self, id: 'dead', pid: 2 ** 22, started: '1' };
  await writeFile(path, JSON.stringify(dead));
  const living = JSON.stringify(self);
  let isBreaking = false;
  injecting(path, (call) => {
    if (call.name === 'link' && call.path.startsWith(`${path}.dead.`)) isBreaking = true;
    // The process that breaks the lock holds the second one, and looks at the first one again.
    if (isBreaking && call.name === 'open' && call.path === path) writeFileSync(path, living);
    return 'none';
  });
  const error = await failureOf(withLock(path, { ...options, maxWaitMs: 200 }, async () => {}));
  expect(error.kind).toBe('conflict');
  expect(await readFile(path, 'utf8')).toBe(living);
});
