import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { bindSecrets } from '../../src/profile/bind-secrets.ts';
import { ownedSecrets } from '../../src/profile/secret-refs.ts';
import type { Profile, ProfileState, SecretEdits } from '../../src/profile/types.ts';
import type { SecretStore } from '../../src/shared/secrets.ts';
import { interruptedAt } from '../support/interruption.ts';
import { stateWith } from '../support/states.ts';
import { failureOf } from '../support/storage.ts';
import { setUp, unavailable } from './profile-support.ts';

function addMailbox(key: string) {
  return (draft: ProfileState, secrets: SecretEdits) => {
    const put = (field: string) => secrets.put(`email/${key}`, field, `${field} of ${key}`);
    draft.accounts.push({
      id: `id-of-${key}`,
      channel: 'email',
      account_key: key,
      display_name: null,
      is_active: true,
      is_default: false,
      config: { imap_host: 'imap.example.com' },
      secrets: { password: put('password'), api_token: put('api_token') },
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      division_id: null,
      verify_token: 'v',
    });
  };
}

const rename = (from: string, to: string) => (draft: ProfileState) => {
  for (const account of draft.accounts) if (account.account_key === from) account.account_key = to;
};

async function secretsOf(profile: Profile) {
  const secrets = (await profile.read()).accounts.flatMap(ownedSecrets);
  const values = await profile.readSecrets(secrets);
  return Object.fromEntries(
    secrets.map(({ account_key, field, ref }) => [`${account_key} ${field}`, values.get(ref.item)]),
  );
}

async function oldProfile() {
  const place = await setUp('keychain');
  const { keychain, files, open } = place;
  for (const key of ['a', 'b']) await open().change(addMailbox(key));
  const shorten = (item: string) => item.replace(/\/(?:[^/]*:)?([0-9a-f]{8})[0-9a-f]{8}$/, '/$1');
  for (const [item, value] of [...keychain.items]) {
    keychain.items.delete(item);
    keychain.items.set(shorten(item), value);
  }
  const state: ProfileState = JSON.parse(await readFile(files.state, 'utf8'));
  for (const { secrets } of state.accounts) {
    for (const ref of Object.values(secrets)) ref.item = shorten(ref.item);
  }
  await writeFile(files.state, `${JSON.stringify(state, null, 2)}\n`);
  const asked: string[] = [];
  const read = keychain.read.bind(keychain);
  keychain.read = async (items) => {
    asked.push(...items);
    return read(items);
  };
  const bound = async () => {
    const profile = open();
    const secrets = (await profile.read()).accounts.flatMap(ownedSecrets);
    const checks = await Promise.all(secrets.map((one) => profile.checkBinding(one)));
    return secrets
      .filter((_, index) => checks[index]?.isBound)
      .map(({ account_key, field }) => `${account_key} ${field}`);
  };
  return { ...place, asked, bound };
}

const OF_A = { 'a password': 'password of a', 'a api_token': 'api_token of a' };
const OF_B = { 'b password': 'password of b', 'b api_token': 'api_token of b' };

describe('secrets of 0.1.0 in a keychain', () => {
  test('are not read by a change that stores no secret', async () => {
    const { open, asked, bound } = await oldProfile();
    await open().change((draft) => {
      draft.settings.output = 'json';
      for (const account of draft.accounts) account.display_name = 'Mailbox';
    });
    expect(asked).toEqual([]);
    expect(await bound()).toEqual([]);
  });

  test('are bound together with a new secret of their owner, those of other owners are not read', async () => {
    const { open, asked, bound, keychain } = await oldProfile();
    await open().change((draft, secrets) => {
      const ref = secrets.put('email/a', 'password', 'new');
      Object.assign(draft.accounts[0]?.secrets ?? {}, { password: ref });
    });
    expect(asked).toEqual([expect.stringMatching(/^default\/email\/a\/api_token\/[0-9a-f]{8}$/)]);
    expect(await bound()).toEqual(['a password', 'a api_token']);
    expect(await secretsOf(open())).toEqual({ ...OF_A, ...OF_B, 'a password': 'new' });
    expect(keychain.items.size).toBe(4);
  });

  test('are bound by a rename', async () => {
    const { open, bound } = await oldProfile();
    await open().change(rename('a', 'c'));
    expect(await bound()).toEqual(['c password', 'c api_token']);
    expect(Object.values(await secretsOf(open()))).toEqual([
      ...Object.values(OF_A),
      ...Object.values(OF_B),
    ]);
  });

  test('are all bound on request, and only once', async () => {
    const { open, bound } = await oldProfile();
    expect(await open().bindSecrets()).toBe(4);
    expect(await bound()).toHaveLength(4);
    expect(await open().bindSecrets()).toBe(0);
    expect(await secretsOf(open())).toEqual({ ...OF_A, ...OF_B });
  });

  test('stay readable for a process that has read the state before', async () => {
    const { open, profile } = await oldProfile();
    await profile.read();
    await open().bindSecrets();
    expect(await secretsOf(profile)).toEqual({ ...OF_A, ...OF_B });
  });

  test('stay readable with references that are older than a change of the same process', async () => {
    const { profile } = await oldProfile();
    const secrets = (await profile.read()).accounts.flatMap(ownedSecrets);
    await profile.bindSecrets();
    expect([...(await profile.readSecrets(secrets)).values()]).toHaveLength(4);
  });

  test('that are missing stay missing', async () => {
    const { open, keychain, files } = await oldProfile();
    keychain.items.clear();
    const before = await readFile(files.state, 'utf8');
    expect(await open().bindSecrets()).toBe(0);
    expect(await readFile(files.state, 'utf8')).toBe(before);
    await open().change(rename('a', 'c'));
    expect((await secretsOf(open()))['c password']).toBeUndefined();
  });
});

test.each(['keychain', 'file'] as const)(
  'a rename that is killed at any step leaves all secrets in the %s readable, under one name',
  async (store) => {
    const ends = new Set<string>();
    for (let count = 1; ; count += 1) {
      const { open, keychain, files } = await setUp(store);
      await open().change(addMailbox('a'));
      const write = keychain.write.bind(keychain);
      const wasDone = await interruptedAt(count, (step) => {
        keychain.write = async (change) => {
          step();
          await write(change);
        };
        return open().change(rename('a', 'c'));
      });
      keychain.write = write;
      await rm(files.lock, { force: true }); // Its owner counts as alive, because it is this process.
      const [key = ''] = (await open().read()).accounts.map(({ account_key }) => account_key);
      ends.add(key);
      const expected = {
        [`${key} password`]: 'password of a',
        [`${key} api_token`]: 'api_token of a',
      };
      expect(await secretsOf(open()), `step ${count}`).toEqual(expected);
      await open().cleanUp();
      expect(await open('default', store).findUnusedSecrets()).toEqual(
        store === 'file' ? [] : null,
      );
      expect(keychain.items.size, `step ${count}`).toBe(store === 'file' ? 0 : 2);
      expect(await secretsOf(open()), `step ${count}`).toEqual(expected);
      if (wasDone) break;
    }
    expect([...ends]).toEqual(['a', 'c']);
  },
);

test('a rename fails without a change if the store is not available', async () => {
  const { open, keychain, files } = await setUp('keychain');
  await open().change(addMailbox('a'));
  const before = await readFile(files.state, 'utf8');
  keychain.read = async () => {
    throw unavailable;
  };
  const error = await failureOf(open().change(rename('a', 'c')));
  expect(error).toMatchObject({ kind: 'storage', message: unavailable.message });
  expect(error.reason).toContain('Nothing was changed');
  expect(error.hint).toBe(unavailable.hint);
  expect(await readFile(files.state, 'utf8')).toBe(before);
});

test('another process that renames an account does not hide its secrets', async () => {
  const { open, profile } = await setUp('file');
  await open().change(addMailbox('a'));
  const secrets = (await profile.read()).accounts.flatMap(ownedSecrets);
  await open().change(rename('a', 'c'));
  const values = await profile.readSecrets(secrets);
  expect([...values.values()]).toEqual(['password of a', 'api_token of a']);
});

test('a reference that the state file has received in the meantime is checked, too', async () => {
  const { open, profile, keychain, files } = await setUp('keychain');
  for (const key of ['a', 'b']) await open().change(addMailbox(key));
  const secrets = (await profile.read()).accounts.slice(0, 1).flatMap(ownedSecrets);
  for (const { ref } of secrets) keychain.items.delete(ref.item);
  const state: ProfileState = JSON.parse(await readFile(files.state, 'utf8'));
  const [a, b] = state.accounts;
  if (a !== undefined && b !== undefined) a.secrets = b.secrets;
  await writeFile(files.state, JSON.stringify(state));
  expect(await failureOf(profile.readSecrets(secrets))).toMatchObject({
    kind: 'storage',
    reason: expect.stringContaining('bound to the password of email/b on imap.example.com'),
  });
});

test.each([
  [true, 1],
  [false, 0],
])(
  'a change that needs no secret opens a store only if that shows no prompt: %s',
  async (opensSilently, reads) => {
    const item = 'default/messenger/app_secret/0123abcd';
    const state = stateWith({ app_secret: { store: 'file', item, last4: null } });
    let count = 0;
    const store: SecretStore = {
      name: 'file',
      opensSilently: () => opensSilently,
      read: async () => {
        count += 1;
        return new Map([[item, 'a secret']]);
      },
      write: async () => {},
      assertWritable: async () => {},
    };
    const bound = await bindSecrets(
      {
        name: 'default',
        activeStore: 'file',
        stores: async () => store,
        serverKeys: () => [],
      },
      {
        old: state,
        draft: structuredClone(state),
        added: new Map(),
        confirmed: new Map(),
        all: false,
      },
    );
    expect({ count, bound: bound.length }).toEqual({ count: reads, bound: reads });
  },
);

const SILENT: Pick<SecretStore, 'name' | 'write' | 'assertWritable'> = {
  name: 'file',
  write: async () => {},
  assertWritable: async () => {},
};

/** Binds the secrets of a draft; the store contains all of them, but is not open. */
function bindInClosedStore(old: ProfileState, draft: ProfileState) {
  const store: SecretStore = {
    ...SILENT,
    opensSilently: () => false,
    read: async (items) => new Map(items.map((item) => [item, `value of ${item}`])),
  };
  return bindSecrets(
    { name: 'default', activeStore: 'file', stores: async () => store, serverKeys: () => [] },
    { old, draft, added: new Map(), confirmed: new Map(), all: false },
  );
}

const oldRef = (field: string, store: 'file' | 'keychain' = 'file') => ({
  store,
  item: `default/messenger/${field}/0123abcd`,
  last4: null,
});

test.each([
  ['the file', 'file', ['value of default/messenger/app_secret/0123abcd']],
  ['another store', 'keychain', []],
] as const)('old secrets are bound when a secret is removed from %s', async (_, store, bound) => {
  const old = stateWith({
    app_secret: oldRef('app_secret'),
    user_token: oldRef('user_token', store),
  });
  const draft = structuredClone(old);
  delete draft.integrations[0]?.secrets.user_token;
  const stored = await bindInClosedStore(old, draft);
  expect(stored.map(({ value }) => value)).toEqual(bound);
});

test('the old secret of an account that was being connected is bound when it is stored', async () => {
  const pin = { ...oldRef('pin'), item: 'default/whatsapp/wa-1065/pin/0123abcd' };
  const owner = { channel: 'whatsapp', account_key: 'wa-1065' };
  const old: ProfileState = {
    ...stateWith({ app_secret: oldRef('app_secret') }),
    pending: [{ ...owner, secrets: { pin } }],
  };
  const draft = structuredClone(old);
  delete draft.pending;
  delete draft.integrations[0]?.secrets.app_secret; // This change uses the store anyway.
  addMailbox('a')(draft, { put: () => pin, confirm: () => {} });
  Object.assign(draft.accounts[0] ?? {}, { ...owner, config: {}, secrets: { pin: { ...pin } } });
  const stored = await bindInClosedStore(old, draft);
  expect(stored).toMatchObject([
    {
      ref: {
        item: expect.stringMatching(/^default\/whatsapp\/wa-1065\/pin\/0123abcd[0-9a-f]{8}$/),
      },
      value: `value of ${pin.item}`,
    },
  ]);
});
