import { expect, test } from 'vitest';
import { settle } from '../../src/cli/interruption.ts';
import { ChannelctlError, cancelledError, storageError } from '../../src/shared/errors.ts';

test.each([
  ['a result', () => Promise.resolve('done'), 'done'],
  [
    'its own cancellation',
    () => Promise.reject(cancelledError().with({ reason: 'Meta may have processed it.' })),
    { kind: 'cancelled', reason: 'Meta may have processed it.' },
  ],
  [
    'a full disk',
    () => Promise.reject(storageError('The result was not stored.', { hint: 'Free up space.' })),
    { kind: 'storage', message: 'The result was not stored.' },
  ],
  [
    'another error, which the interruption may have caused',
    () => Promise.reject(new ChannelctlError('graph', 'Meta is unreachable.', { hint: '' })),
    { kind: 'cancelled' },
  ],
])('an interrupted command that ends with %s', async (_, work, expected) => {
  const ended = await settle<unknown>(work(), new Set()).catch((error) => error);
  if (typeof expected === 'string') expect(ended).toBe(expected);
  else expect(ended).toMatchObject(expected);
});

test('an interrupted command that does not end is cancelled, but not while it commits', async () => {
  const never = new Promise<never>(() => {});
  const commits = new Set<Promise<unknown>>();
  const commit = new Promise((resolve) => setTimeout(resolve, 600));
  commits.add(commit);
  void commit.then(() => commits.delete(commit));
  const begun = performance.now();
  await expect(settle(never, commits)).rejects.toMatchObject({ kind: 'cancelled' });
  expect(performance.now() - begun).toBeGreaterThan(600);
});
