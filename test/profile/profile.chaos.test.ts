import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/secrets/file.ts';
import { passphraseOf } from '../support/passphrase.ts';
import { ended, storageChild } from '../support/storage.ts';
import { inspect, setSecret, setUp } from './profile-support.ts';

const child = storageChild();

describe('a process killed during a change', () => {
  test.each([
    ['before put', 'one'],
    ['after put', 'one'],
    ['before remove', 'two'],
    ['after remove', 'two'],
  ])('%s leaves a consistent profile, and the next change cleans up', async (step, expected) => {
    const { configDir, open, files } = await setUp('file');
    await open().change(setSecret('one'));
    const { signal } = await ended(child.start('change', configDir, files.secrets, 'two', step));
    expect(signal).toBe('SIGKILL');
    expect(await inspect(open())).toEqual({ appId: expected, secret: expected });
    const journal = JSON.parse(await readFile(files.journal, 'utf8'));
    const listed: string[] = journal.items.map(({ item }: { item: string }) => item);
    expect(listed, 'the new and the old item').toHaveLength(2);

    await open().change(() => undefined);
    expect(await inspect(open())).toEqual({ appId: expected, secret: expected });
    expect((await readdir(files.folder)).sort()).toEqual(['secrets.json', 'state.json']);
    const store = openFileStore({ path: files.secrets, passphrase: passphraseOf('pass') });
    expect([...(await store.read(listed)).values()]).toEqual([expected]);
  });
});
