import { mkdir, readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { inspectLock, withLock } from '../../src/profile/lock/lock.ts';
import { temporaryFolder } from '../support/cli.ts';
import { ended, failureOf, spoken, storageChild } from '../support/storage.ts';

const child = storageChild();
const onLinux = test.skipIf(process.platform !== 'linux');
const options = { guardedPath: 'state.json' };

async function aHolder(path: string) {
  const holder = child.start('hold', path);
  onTestFinished(() => void holder.kill('SIGKILL'));
  await spoken(holder);
  return holder;
}

async function leaveDeadLock(path: string): Promise<string> {
  const holder = await aHolder(path);
  const end = ended(holder);
  holder.kill('SIGKILL');
  await end;
  return JSON.parse(await readFile(path, 'utf8')).id;
}

test('40 processes take turns, and no update is lost', async () => {
  const folder = await temporaryFolder();
  const counter = join(folder, 'counter');
  const children = Array.from({ length: 40 }, () =>
    ended(child.start('count', join(folder, 'a.lock'), counter, '5')),
  );
  for (const { code } of await Promise.all(children)) expect(code).toBe(0);
  expect(await readFile(counter, 'utf8')).toBe('200');
  expect(await readdir(folder)).toEqual(['counter']);
}, 60_000);

test('a lock that is a dangling link times out like the lock of another process', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  await symlink('/nowhere/at/all', path);
  const error = await failureOf(withLock(path, { ...options, maxWaitMs: 200 }, async () => {}));
  expect(error.kind).toBe('conflict');
  expect(error.hint).toContain(path);
});

test('the lock of a killed process is taken over immediately', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  await leaveDeadLock(path);
  const before = performance.now();
  await withLock(path, options, () => Promise.resolve());
  expect(performance.now() - before).toBeLessThan(500);
});

test('a lock is taken over even if a process was killed while breaking it', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const id = await leaveDeadLock(path);
  const inner = await leaveDeadLock(`${path}.${id}`);
  await leaveDeadLock(`${path}.${inner}`);
  await withLock(path, { ...options, maxWaitMs: 500 }, () => Promise.resolve());
  expect(await readdir(join(path, '..'))).toEqual([]);
});

test('a suspended process keeps its lock, and the timeout error names the process', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const holder = await aHolder(path);
  holder.kill('SIGSTOP');
  const before = performance.now();
  const error = await failureOf(
    withLock(path, { ...options, maxWaitMs: 700 }, () => Promise.resolve()),
  );
  expect(performance.now() - before).toBeGreaterThanOrEqual(700);
  expect(error.kind).toBe('conflict');
  expect(error.message).toContain('state.json');
  expect(error.reason).toContain(`Process ${holder.pid} `);
  expect(error.hint).toContain(path);
});

onLinux(
  'a process with the reused PID of a dead owner does not hold its lock (needs /proc)',
  async () => {
    const path = join(await temporaryFolder(), 'a.lock');
    await withLock(path, options, async () => {
      const own = JSON.parse(await readFile(path, 'utf8'));
      expect(own.pid).toBe(process.pid);
      await writeFile(`${path}2`, JSON.stringify({ ...own, id: 'ab', started: '1' }));
    });
    await withLock(`${path}2`, { ...options, maxWaitMs: 500 }, () => Promise.resolve());
  },
);

/** A lock of this system whose owner has the ID of a running process. */
async function leaveLockOf(owner: { started: string | null; uptime?: number }): Promise<string> {
  const path = join(await temporaryFolder(), 'a.lock');
  await withLock(path, options, async () => {
    const self = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(`${path}.copy`, JSON.stringify({ ...self, id: 'ab', ...owner }));
  });
  await rename(`${path}.copy`, path);
  return path;
}

test('a lock from before the last restart is taken over, even if its process ID is in use', async () => {
  const path = await leaveLockOf({ started: null, uptime: uptime() + 1_000 });
  expect(await inspectLock(path)).toMatchObject({ state: 'dead' });
  const work = () => Promise.resolve('done');
  expect(await withLock(path, { ...options, maxWaitMs: 200 }, work)).toBe('done');
});

test('a lock whose process cannot be identified is in doubt after a minute', async () => {
  const path = await leaveLockOf({ started: null });
  expect(await inspectLock(path)).toMatchObject({ state: 'held' });
  const take = (breaksDoubtful: boolean) =>
    withLock(path, { ...options, maxWaitMs: 200, breaksDoubtful }, () => Promise.resolve('done'));
  expect((await failureOf(take(true))).kind).toBe('conflict');
  const old = Date.now() / 1000 - 61;
  await utimes(path, old, old);
  expect(await inspectLock(path)).toMatchObject({ state: 'doubtful' });
  expect((await failureOf(take(false))).kind).toBe('conflict');
  expect(await take(true)).toBe('done');
});

test('the names of locks do not grow when processes are killed while breaking them', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  let id = await leaveDeadLock(path);
  for (let killed = 0; killed < 4; killed += 1) id = await leaveDeadLock(`${path}.${id}`);
  await withLock(path, { ...options, maxWaitMs: 500 }, async () => {
    expect(await readdir(join(path, '..'))).toEqual(['a.lock']);
  });
});

test('a process that breaks the lock of one killed while breaking a lock is waited for', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const id = await leaveDeadLock(path);
  const inner = await leaveDeadLock(`${path}.${id}`);
  const other = await aHolder(`${path}.${inner}`);
  const wait = () => withLock(path, { ...options, maxWaitMs: 200 }, () => Promise.resolve('done'));
  expect((await failureOf(wait())).kind).toBe('conflict');
  const end = ended(other);
  other.kill('SIGKILL');
  await end;
  expect(await wait()).toBe('done');
});

test('the lock of an owner on another host expires after a minute', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  await writeFile(path, JSON.stringify({ id: 'ab', pid: 1, started: null, host: 'elsewhere' }));
  const wait = () => withLock(path, { ...options, maxWaitMs: 200 }, () => Promise.resolve('done'));
  expect((await failureOf(wait())).kind).toBe('conflict');
  const old = Date.now() / 1000 - 61;
  await utimes(path, old, old);
  expect(await wait()).toBe('done');
});

test.each([
  ['two minutes ahead', 120_000],
  ['a day behind', -86_400_000],
])('a clock that is %s does not break a lock of another host', async (_, offset) => {
  const path = join(await temporaryFolder(), 'a.lock');
  await writeFile(path, JSON.stringify({ id: 'ab', pid: 1, started: null, host: 'elsewhere' }));
  const wait = () => withLock(path, { ...options, maxWaitMs: 200 }, () => Promise.resolve('done'));
  const clock = vi.spyOn(Date, 'now');
  onTestFinished(() => clock.mockRestore());
  clock.mockImplementation(() => performance.timeOrigin + performance.now() + offset);
  expect((await failureOf(wait())).kind).toBe('conflict');
  expect(await inspectLock(path)).toEqual({ state: 'held', pid: 1 });
  expect(await readdir(join(path, '..'))).toEqual(['a.lock']);
  const old = (performance.timeOrigin + performance.now()) / 1000 - 61;
  await utimes(path, old, old);
  expect(await inspectLock(path)).toEqual({ state: 'dead', pid: 1 });
  expect(await wait()).toBe('done');
});

test('a clock that jumps while a process waits does not change how long it waits', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  await aHolder(path);
  const clock = vi.spyOn(Date, 'now');
  onTestFinished(() => clock.mockRestore());
  let calls = 0;
  clock.mockImplementation(() => {
    calls += 1;
    return calls * 3_600_000;
  });
  const before = performance.now();
  const error = await failureOf(
    withLock(path, { ...options, maxWaitMs: 700 }, () => Promise.resolve()),
  );
  expect(error.kind).toBe('conflict');
  expect(performance.now() - before).toBeGreaterThanOrEqual(700);
});

test.each([
  ['empty', ''],
  ['not JSON', '{"id":'],
  [
    'with a path as its ID',
    JSON.stringify({ id: '../../x', pid: 1, started: null, host: hostname() }),
  ],
  [
    'with a PID that denotes a process group',
    JSON.stringify({ id: 'ab', pid: -1, started: null, host: hostname() }),
  ],
])('a lock file that is %s expires after five seconds', async (_, content) => {
  const path = join(await temporaryFolder(), 'a.lock');
  await writeFile(path, content);
  const wait = () => withLock(path, { ...options, maxWaitMs: 200 }, () => Promise.resolve('done'));
  expect((await failureOf(wait())).kind).toBe('conflict');
  const old = Date.now() / 1000 - 6;
  await utimes(path, old, old);
  expect(await wait()).toBe('done');
});

test('an error under the lock is thrown unchanged, and the lock is released', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const fail = () => Promise.reject(new RangeError('too far'));
  await expect(withLock(path, options, fail)).rejects.toThrow(new RangeError('too far'));
  expect(await withLock(path, options, () => Promise.resolve('free'))).toBe('free');
});

test('files next to the lock, such as those of another profile, are not changed', async () => {
  const folder = await temporaryFolder();
  const others = ['a.lock.txt', 'a.lockdown', 'ab.lock.00ff', 'b.lock'];
  for (const name of others) await writeFile(join(folder, name), '');
  await mkdir(join(folder, 'a.lock.ff'));
  await withLock(join(folder, 'a.lock'), options, () => Promise.resolve());
  expect((await readdir(folder)).sort()).toEqual([...others, 'a.lock.ff'].sort());
});
