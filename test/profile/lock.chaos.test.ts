import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withLock } from '../../src/profile/lock/lock.ts';
import { random, share } from '../support/chance.ts';
import { temporaryFolder } from '../support/cli.ts';
import { ended, spoken, storageChild } from '../support/storage.ts';

const child = storageChild();
const onLinux = test.skipIf(process.platform !== 'linux');
const TURNS = share(6, 2);

const options = { guardedPath: 'state.json' };

onLinux(
  'owners killed at any time never share the lock, and leave nothing behind (needs /proc)',
  async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a.lock');
    const counter = join(folder, 'counter');
    const codes: (number | null)[] = [];
    const lane = async () => {
      for (let turn = 0; turn < TURNS; turn += 1) {
        const doomed = child.start('count', path, counter, '100000');
        const end = ended(doomed);
        await spoken(doomed);
        await sleep(random() * 200);
        doomed.kill('SIGKILL');
        codes.push((await end).code);
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    expect(
      codes.every((code) => code === null),
      'ended by the signal, not by an error',
    ).toBe(true);
    expect(Number(await readFile(counter, 'utf8'))).toBeGreaterThan(0);
    await withLock(path, options, () => Promise.resolve());
    const left = await readdir(folder);
    expect(left.filter((name) => name.startsWith('a.lock'))).toEqual([]);
  },
  60_000,
);
