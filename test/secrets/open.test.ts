import { expect, test } from 'vitest';
import { openStore } from '../../src/secrets/open.ts';
import { SECRET_STORES } from '../../src/shared/secrets.ts';
import { failureOf } from '../support/storage.ts';

const options = {
  path: '/nowhere/secrets.json',
  env: { CHANNELCTL_PASSPHRASE: 'p' },
  user: null,
  signal: new AbortController().signal,
  platform: process.platform,
};

test.each(SECRET_STORES)('opens the store %s', async (name) => {
  expect((await openStore(name, options)).name).toBe(name);
});

test('the store env is empty and rejects writes', async () => {
  const store = await openStore('env', options);
  expect((await store.read(['a'])).size).toBe(0);
  for (const refused of [
    store.assertWritable(),
    store.write({ put: new Map([['a', 'x']]), remove: [] }),
  ]) {
    const error = await failureOf(refused);
    expect(error.kind).toBe('storage');
    expect(error.reason).toContain('CHANNELCTL_SECRETS=env');
  }
});
