import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listProfiles } from '../../src/profile/paths.ts';
import { openProfile } from '../../src/profile/profile.ts';
import { ownedSecrets } from '../../src/profile/secret-refs.ts';
import type { ProfileState, SecretEdits } from '../../src/profile/types.ts';
import { openFileStore } from '../../src/secrets/file.ts';
import { passphraseOf } from '../support/passphrase.ts';
import { failureOf } from '../support/storage.ts';
import { inspect, setSecret, setUp, unavailable } from './profile-support.ts';

describe('a change', () => {
  test('stores the secret in the secret store, and only a reference in the state file', async () => {
    const { profile, open, keychain, files } = await setUp();
    expect(await profile.exists()).toBe(false);
    await profile.change(setSecret('s3cret-value-1'));
    expect(await inspect(profile)).toEqual({ appId: 's3cret-value-1', secret: 's3cret-value-1' });
    expect(await inspect(open())).toEqual(await inspect(profile));
    const [item] = [...keychain.items.keys()];
    expect(item).toMatch(/^default\/messenger\/app_secret\/[0-9a-f]{16}$/);
    expect((await profile.read()).integrations[0]?.secrets).toEqual({
      app_secret: { store: 'keychain', item, last4: 'ue-1' },
    });
    expect((await stat(files.folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(files.folder)).toEqual(['state.json']);
  });

  test('that replaces a secret deletes the old one', async () => {
    const { profile, keychain } = await setUp();
    await profile.change(setSecret('one'));
    await profile.change(setSecret('two'));
    expect([...keychain.items.values()]).toEqual(['two']);
  });

  test('deletes the secrets that the new state does not refer to', async () => {
    const { profile, keychain } = await setUp();
    await profile.change(setSecret('one'));
    await profile.change((draft) => {
      draft.integrations = [];
    });
    expect(keychain.items.size).toBe(0);
  });

  test('does not store a secret whose reference is not used', async () => {
    const { profile, keychain } = await setUp();
    await profile.change((_, secrets) => void secrets.put('messenger', 'app_secret', 'unused'));
    expect(keychain.items.size).toBe(0);
    expect(await profile.exists()).toBe(false);
  });

  test('that changes nothing writes nothing', async () => {
    const { profile, files } = await setUp();
    await profile.change(setSecret('one'));
    const before = await stat(files.state, { bigint: true });
    expect(await profile.change((draft) => draft.integrations.length)).toBe(1);
    const { ino, mtimeNs } = await stat(files.state, { bigint: true });
    expect({ ino, mtimeNs }).toEqual({ ino: before.ino, mtimeNs: before.mtimeNs });
  });

  test('whose edit fails changes nothing', async () => {
    const { profile, keychain } = await setUp();
    await profile.change(setSecret('one'));
    const edit = (draft: ProfileState, secrets: SecretEdits) => {
      setSecret('two')(draft, secrets);
      throw new RangeError('no');
    };
    await expect(profile.change(edit)).rejects.toThrow(new RangeError('no'));
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
    expect(keychain.items.size).toBe(1);
  });

  test('sees changes made since the profile was read', async () => {
    const { profile, open } = await setUp();
    await profile.read();
    await open().change(setSecret('one'));
    expect(await profile.change((draft) => draft.integrations[0]?.config.app_id)).toBe('one');
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
  });

  test('runs after other changes that were requested at the same time', async () => {
    const { profile, open } = await setUp();
    const increment = (draft: ProfileState) => {
      draft.settings.n = `${Number(draft.settings.n ?? 0) + 1}`;
    };
    const other = open();
    await Promise.all(
      [...Array(10)].flatMap(() => [profile.change(increment), other.change(increment)]),
    );
    expect((await open().read()).settings).toEqual({ n: '20' });
  });

  test('that stores a secret fails with CHANNELCTL_SECRETS=env; others succeed', async () => {
    const { profile } = await setUp('env');
    const error = await failureOf(profile.change(setSecret('one')));
    expect(error).toMatchObject({ kind: 'storage', message: 'The secret was not stored.' });
    expect(await profile.exists()).toBe(false);
    await profile.change((draft) => {
      draft.settings.role = 'agent';
    });
    expect((await profile.read()).settings).toEqual({ role: 'agent' });
  });
});

describe('a change that fails', () => {
  test.each(['put', 'probe'] as const)('at %s leaves state and secrets unchanged', async (on) => {
    const { profile, keychain, files } = await setUp();
    await profile.change(setSecret('one'));
    keychain.fault = { on, error: unavailable };
    expect(await failureOf(profile.change(setSecret('two')))).toBe(unavailable);
    keychain.fault = null;
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
    expect([...keychain.items.values()]).toEqual(['one']);
    expect(await readdir(files.folder)).toEqual(['state.json']);
  });

  test('while writing the state leaves state and secrets unchanged', async () => {
    const { profile, keychain, files } = await setUp();
    await profile.change(setSecret('one'));
    const unwritable = (draft: ProfileState, secrets: SecretEdits) => {
      setSecret('two')(draft, secrets);
      Object.assign(draft.settings, { role: 1 });
    };
    await expect(profile.change(unwritable)).rejects.toThrow();
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
    expect([...keychain.items.values()]).toEqual(['one']);
    expect(await readdir(files.folder)).toEqual(['state.json']);
  });

  test('while deleting the old secret keeps the new state, and a later change deletes the secret', async () => {
    const { profile, keychain, files } = await setUp();
    await profile.change(setSecret('one'));
    keychain.fault = { on: 'remove', error: unavailable };
    await profile.change(setSecret('two'));
    expect(await inspect(profile)).toEqual({ appId: 'two', secret: 'two' });
    expect([...keychain.items.values()]).toEqual(['one', 'two']);
    await profile.change(setSecret('three'));
    keychain.fault = null;
    await profile.change(() => undefined);
    expect([...keychain.items.values()]).toEqual(['three']);
    expect(await readdir(files.folder)).toEqual(['state.json']);
  });

  test('because the active store is not available changes nothing', async () => {
    const { profile, keychain } = await setUp();
    await profile.change(setSecret('one'));
    keychain.fault = { on: 'probe', error: unavailable };
    const forget = (draft: ProfileState) => {
      draft.integrations = [];
    };
    expect(await failureOf(profile.change(forget))).toBe(unavailable);
    keychain.fault = null;
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
  });

  test('to delete a secret from another store that is not available leaves it to a later change', async () => {
    const { profile, open, keychain } = await setUp();
    await profile.change(setSecret('one'));
    keychain.fault = { on: 'remove', error: unavailable };
    const moved = open('default', 'file');
    await moved.change(setSecret('two'));
    expect(await inspect(moved)).toEqual({ appId: 'two', secret: 'two' });
    expect([...keychain.items.values()]).toEqual(['one']);
    keychain.fault = null;
    await moved.change(setSecret('three'));
    expect([...keychain.items.values()]).toEqual([]);
    expect(await inspect(moved)).toEqual({ appId: 'three', secret: 'three' });
  });

  test('to delete a profile whose secrets are in an unavailable store loses nothing', async () => {
    const { profile, open, keychain } = await setUp();
    await profile.change(setSecret('one'));
    keychain.fault = { on: 'probe', error: unavailable };
    expect(await failureOf(open('default', 'file').delete())).toBe(unavailable);
    keychain.fault = null;
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
  });

  test('because of a corrupt journal reports the next step, and the state stays readable', async () => {
    const { profile, files } = await setUp();
    await profile.change(setSecret('one'));
    await writeFile(files.journal, '{');
    const error = await failureOf(profile.change(setSecret('two')));
    expect(error).toMatchObject({
      kind: 'storage',
      hint: expect.stringContaining('Delete the file'),
    });
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
  });
});

describe('reading secrets', () => {
  test('omits a secret that was deleted from the store', async () => {
    const { profile, keychain } = await setUp();
    await profile.change(setSecret('one'));
    keychain.items.clear();
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: undefined });
  });

  test('fails for a secret in a store other than the active one, and names both', async () => {
    const { profile, open } = await setUp();
    await profile.change(setSecret('one'));
    const error = await failureOf(inspect(open('default', 'file')));
    expect(error.kind).toBe('storage');
    expect(error.message).toBe('Cannot read these secrets: messenger/app_secret.');
    expect(error.reason).toContain('in the secret store "keychain"');
    expect(error.reason).toContain('selects "file"');
    expect(error.hint).toContain('CHANNELCTL_SECRETS=keychain');
  });

  test('finds none with CHANNELCTL_SECRETS=env', async () => {
    const { profile, open } = await setUp();
    await profile.change(setSecret('one'));
    expect(await inspect(open('default', 'env'))).toEqual({ appId: 'one', secret: undefined });
  });
});

describe('profiles', () => {
  test('share nothing, and are listed once they exist', async () => {
    const { configDir, open, keychain } = await setUp();
    await mkdir(join(configDir, 'profiles', 'a copy of b'), { recursive: true });
    await writeFile(join(configDir, 'profiles', 'a copy of b', 'state.json'), '{}');
    expect(await listProfiles(configDir)).toEqual([]);
    await rm(join(configDir, 'profiles', 'a copy of b'), { recursive: true });
    await open('b').change(setSecret('of-b'));
    await open('a').change(setSecret('of-a'));
    expect(await listProfiles(configDir)).toEqual(['a', 'b']);
    expect(await inspect(open('a'))).toEqual({ appId: 'of-a', secret: 'of-a' });
    await open('a').delete();
    expect(await listProfiles(configDir)).toEqual(['b']);
    expect(await inspect(open('b'))).toEqual({ appId: 'of-b', secret: 'of-b' });
    expect([...keychain.items.values()]).toEqual(['of-b']);
    expect(await readdir(join(configDir, 'profiles'))).toEqual(['b']);
  });

  test('are not deleted if their secrets cannot be deleted', async () => {
    const { profile, keychain } = await setUp();
    await profile.change(setSecret('one'));
    keychain.fault = { on: 'probe', error: unavailable };
    expect(await failureOf(profile.delete())).toBe(unavailable);
    expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
    keychain.fault = { on: 'remove', error: unavailable };
    expect((await failureOf(profile.delete())).kind).toBe('storage');
    expect(await profile.exists()).toBe(true);
    keychain.fault = null;
    await profile.delete();
    expect(await profile.exists()).toBe(false);
    expect(keychain.items.size).toBe(0);
  });

  test('are deleted with their encrypted secrets, without the passphrase', async () => {
    const { configDir, open, files } = await setUp('file');
    await open().change(setSecret('one'));
    const forgetful = openProfile({
      configDir,
      name: 'default',
      activeStore: () => 'file',
      serverKeys: () => [],
      stores: async () =>
        openFileStore({ path: files.secrets, passphrase: passphraseOf(undefined) }),
      now: () => Date.now(),
    });
    await forgetful.delete();
    expect(await readdir(join(configDir, 'profiles'))).toEqual([]);
  });

  test.each(['', '.', '..', '../x', 'a/b', '.hidden', 'a.lock', 'a.lock.ff', 'x'.repeat(65)])(
    'cannot be named %j',
    async (name) => {
      const { open } = await setUp();
      expect(() => open(name)).toThrow(expect.objectContaining({ kind: 'usage' }));
    },
  );
});

describe('assertWritable', () => {
  test('succeeds if a secret could be stored, and creates nothing', async () => {
    const { profile, configDir } = await setUp('file');
    await profile.assertWritable();
    expect(await readdir(configDir)).toEqual([]);
  });

  test('fails if the store is not available or env, or if the state is corrupt', async () => {
    const { profile, open, keychain, files } = await setUp();
    keychain.fault = { on: 'probe', error: unavailable };
    expect(await failureOf(profile.assertWritable())).toBe(unavailable);
    expect((await failureOf(open('default', 'env').assertWritable())).message).toContain(
      'not stored',
    );
    keychain.fault = null;
    await profile.change(setSecret('one'));
    await writeFile(files.state, '{');
    expect((await failureOf(profile.assertWritable())).message).toContain('corrupt');
  });
});

test('secrets of a pending connection survive the process, and are deleted with its entry', async () => {
  const { open, keychain } = await setUp();
  await open().change((draft, secrets) => {
    const pin = secrets.put('whatsapp/wa-1', 'pin', '314159');
    draft.pending = [{ channel: 'whatsapp', account_key: 'wa-1', secrets: { pin } }];
  });
  const [entry] = (await open().read()).pending ?? [];
  const values = await open().readSecrets(entry === undefined ? [] : ownedSecrets(entry));
  expect([...values.values()]).toEqual(['314159']);
  await open().change((draft) => {
    delete draft.pending;
  });
  expect(keychain.items.size).toBe(0);
});

test('secrets of a pending connection are deleted with the profile', async () => {
  const { open, keychain } = await setUp();
  await open().change((draft, secrets) => {
    const pin = secrets.put('whatsapp/wa-1', 'pin', '314159');
    draft.pending = [{ channel: 'whatsapp', account_key: 'wa-1', secrets: { pin } }];
  });
  await open().delete();
  expect(keychain.items.size).toBe(0);
});
