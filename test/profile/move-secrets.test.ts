import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/secrets/file.ts';
import { interruptedAt } from '../support/interruption.ts';
import { passphraseOf } from '../support/passphrase.ts';
import { failureOf } from '../support/storage.ts';
import { inspect, setSecret, setUp, unavailable } from './profile-support.ts';

const STORES = ['keychain', 'file'] as const;
type Store = (typeof STORES)[number];

const otherThan = (store: Store): Store => (store === 'file' ? 'keychain' : 'file');

async function profileWith(store: Store) {
  const place = await setUp(store);
  await place.open().change(setSecret('the app secret'));
  const itemsIn = async (name: Store) => {
    if (name === 'keychain') return [...place.keychain.items.values()];
    const file = { path: place.files.secrets, passphrase: passphraseOf('pass') };
    const items = await openFileStore(file).list?.();
    return [...(await openFileStore(file).read(items ?? [])).values()];
  };
  return { ...place, itemsIn };
}

describe('moving secrets', () => {
  test.each(STORES)('from the %s leaves nothing there, and selects the new store', async (from) => {
    const to = otherThan(from);
    const { open, itemsIn, files } = await profileWith(from);
    const profile = open();
    expect(await profile.moveSecrets(to)).toBe(1);
    expect((await profile.read()).settings.secrets).toBe(to);
    expect(await inspect(open('default', to))).toMatchObject({ secret: 'the app secret' });
    expect(await itemsIn(from)).toEqual([]);
    expect(await itemsIn(to)).toEqual(['the app secret']);
    expect(existsSync(files.journal)).toBe(false);
    expect(existsSync(files.secrets), 'the empty secrets file is removed').toBe(to === 'file');
  });

  test('keeps the expiry and the fingerprint of a token', async () => {
    const { open } = await profileWith('keychain');
    const extra = { expires_at: '2027-01-01T00:00:00.000Z', renewed_from: 'f' };
    await open().change((draft) => {
      Object.assign(draft.integrations[0]?.secrets.app_secret ?? {}, extra);
    });
    await open().moveSecrets('file');
    const [integration] = (await open().read()).integrations;
    expect(integration?.secrets.app_secret).toMatchObject({ ...extra, store: 'file' });
  });

  test('again moves nothing', async () => {
    const { open, files } = await profileWith('keychain');
    await open().moveSecrets('file');
    const before = await readFile(files.state, 'utf8');
    expect(await open().moveSecrets('file')).toBe(0);
    expect(await readFile(files.state, 'utf8')).toBe(before);
  });

  test('fails without a change if a secret is missing in its store', async () => {
    const { open, keychain, files } = await profileWith('keychain');
    keychain.items.clear();
    const before = await readFile(files.state, 'utf8');
    const error = await failureOf(open().moveSecrets('file'));
    expect(error.kind).toBe('not_allowed');
    expect(error.reason).toContain('messenger/app_secret');
    expect(await readFile(files.state, 'utf8')).toBe(before);
    expect(existsSync(files.secrets)).toBe(false);
  });

  test('fails without a change if the new store is not available', async () => {
    const { open, keychain, itemsIn } = await profileWith('file');
    keychain.fault = { on: 'probe', error: unavailable };
    expect(await failureOf(open().moveSecrets('keychain'))).toBe(unavailable);
    expect(await inspect(open())).toMatchObject({ secret: 'the app secret' });
    expect(await itemsIn('keychain')).toEqual([]);
  });

  test.each(STORES)(
    'from the %s, killed at any step, leaves every secret readable, and can be repeated',
    async (from) => {
      const to = otherThan(from);
      const ends = new Set<string>();
      for (let count = 1; ; count += 1) {
        const { open, keychain, itemsIn, files } = await profileWith(from);
        const write = keychain.write.bind(keychain);
        const wasDone = await interruptedAt(count, (step) => {
          keychain.write = async (change) => {
            step();
            await write(change);
          };
          return open().moveSecrets(to);
        });
        keychain.write = write;
        await rm(files.lock, { force: true }); // Its owner counts as alive, because it is this process.
        const store = (await open().read()).settings.secrets === to ? to : from;
        ends.add(store);
        expect(await inspect(open('default', store)), `step ${count}`).toMatchObject({
          secret: 'the app secret',
        });
        await open().moveSecrets(to);
        expect(await inspect(open('default', to)), `step ${count}`).toMatchObject({
          secret: 'the app secret',
        });
        expect([await itemsIn(from), await itemsIn(to)]).toEqual([[], ['the app secret']]);
        if (wasDone) break;
      }
      expect([...ends]).toEqual([from, to]);
    },
  );
});

describe('changing the passphrase', () => {
  const readWith = (path: string, passphrase: string, item: string) =>
    openFileStore({ path, passphrase: passphraseOf(passphrase) }).read([item]);

  async function opening({ open, files }: Awaited<ReturnType<typeof profileWith>>) {
    const item = (await open().read()).integrations[0]?.secrets.app_secret?.item ?? '';
    const opens: string[] = [];
    for (const passphrase of ['pass', 'a new passphrase']) {
      const found = await readWith(files.secrets, passphrase, item).catch(() => null);
      if (found?.get(item) === 'the app secret') opens.push(passphrase);
    }
    return opens;
  }

  test('killed at any step, leaves a file that one of the two passphrases opens', async () => {
    const ends = new Set<string>();
    for (let count = 1; ; count += 1) {
      const place = await profileWith('file');
      const wasDone = await interruptedAt(count, () =>
        place.open().changePassphrase(async () => 'a new passphrase'),
      );
      await rm(place.files.lock, { force: true });
      const opens = await opening(place);
      expect(opens, `step ${count}`).toHaveLength(1);
      ends.add(opens.join());
      if (wasDone) break;
    }
    expect([...ends]).toEqual(['pass', 'a new passphrase']);
  });

  test('asks for the new one only once the file is open, and requires a file', async () => {
    const { open } = await setUp('keychain');
    const asked = async () => {
      throw new Error('asked');
    };
    expect(await failureOf(open().changePassphrase(asked))).toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('secrets move --to file'),
    });
  });
});
