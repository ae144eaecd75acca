import { expect, test } from 'vitest';
import { deferred, mapLimited } from '../../src/shared/concurrency.ts';

test('a failure starts no further item, and is thrown when those that were started have ended', async () => {
  const first = deferred<string>();
  const started: string[] = [];
  let hasEnded = false;
  const mapped = mapLimited(['first', 'second', 'third'], 2, async (item) => {
    started.push(item);
    if (item === 'first') return first.promise;
    throw new Error(`${item} failed`);
  }).finally(() => {
    hasEnded = true;
  });
  const failure = expect(mapped).rejects.toThrow('second failed');
  await new Promise(setImmediate);
  expect({ started, hasEnded }).toEqual({ started: ['first', 'second'], hasEnded: false });
  first.resolve('done');
  await failure;
});
