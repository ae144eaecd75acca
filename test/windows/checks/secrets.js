import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { home, PROGRAM } from './support.js';

const { Entry } = createRequire(PROGRAM)('@napi-rs/keyring');
const itemOf = (name) => new Entry('channelctl', name).getPassword();
const MAX_ITEM_LENGTH = 1_280;

/** Returns the name of the item that contains the password of an account. */
function itemName({ state }, key) {
  const { accounts } = JSON.parse(readFileSync(state, 'utf8'));
  return accounts.find(({ account_key }) => account_key === key).secrets.password.item;
}

for (const store of ['keychain', 'file']) {
  test(`${store}: stores, reads and deletes a secret`, async () => {
    const own = home(store, { PASSWORD: 'sécret-🎉-in-a-variable' });
    assert.equal((await own.createMailbox('a1', { env: own.env })).code, 0);
    assert.equal(await own.password('a1'), 'sécret-🎉-in-a-variable');
    const deleted = await own.cli(['profiles', 'delete', 'default', '--yes']);
    assert.equal(deleted.code, 0, deleted.stderr);
  });
}

test('Credential Manager has no item of a deleted account', async () => {
  const own = home('keychain');
  await own.createMailbox('a1', { env: { PASSWORD: 'x'.repeat(3_000) } });
  const item = itemName(own, 'a1');
  assert.notEqual(itemOf(item), null);
  assert.equal((await own.cli(['accounts', 'delete', 'a1', '--yes'])).code, 0);
  for (const name of [item, `${item}~2`, `${item}~3`]) assert.equal(itemOf(name), null, name);
});

for (const length of [MAX_ITEM_LENGTH, MAX_ITEM_LENGTH + 1, 5_000]) {
  test(`Credential Manager stores a secret of ${length} characters`, async () => {
    const own = home('keychain');
    const password = '🎉'.repeat(length / 2) + 'z'.repeat(length % 2);
    const created = await own.createMailbox('a1', { env: { PASSWORD: password } });
    assert.equal(created.code, 0, created.stderr);
    assert.equal(await own.password('a1'), password);
    const hasParts = itemOf(`${itemName(own, 'a1')}~2`) !== null;
    assert.equal(hasParts, length > MAX_ITEM_LENGTH);
  });
}

test('a process that is killed between two parts of a secret loses nothing', async () => {
  const own = home('keychain');
  await own.createMailbox('a1', { env: { PASSWORD: 'the-old-password' } });
  const change = ['accounts', 'update', 'a1', '--config', 'password=env:PASSWORD'];
  for (const at of ['2', '3']) {
    const killed = await own.cli(change, {
      env: { PASSWORD: 'n'.repeat(2_000), KILL_IN: 'keychain', KILL_BEFORE: at },
      preload: 'kill-at.cjs',
    });
    assert.notEqual(killed.code, 0);
    assert.equal(await own.password('a1'), 'the-old-password');
  }
  const repeated = await own.cli(change, { env: { PASSWORD: 'n'.repeat(2_000) } });
  assert.equal(repeated.code, 0, repeated.stderr);
  assert.equal(await own.password('a1'), 'n'.repeat(2_000));
});

test('an item name that is too long is refused before anything is written', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  const host = `${'a'.repeat(60)}.`.repeat(4);
  const refused = await own.createMailbox('a2');
  assert.equal(refused.code, 0);
  const update = ['accounts', 'update', 'a2', '--config', 'password=env:PASSWORD'];
  const hosts = ['imap_host', 'smtp_host'].flatMap((key, index) => [
    '--config',
    `${key}=${host}${index}.example`,
  ]);
  const result = await own.cli([...update, ...hosts], { env: { PASSWORD: 'another-password' } });
  assert.equal(result.code, 8, result.stderr);
  assert.match(result.stderr, /name is too long for the Windows Credential Manager/);
  const account = await own.json(['accounts', 'get', 'a2', '--reveal']);
  assert.equal(account.config.password, 'a-password');
  assert.equal(account.config.imap_host, undefined);
});

test('a keychain module that cannot be loaded is explained', async () => {
  const own = home('keychain');
  const missing = { NAPI_RS_NATIVE_LIBRARY_PATH: 'C:\\missing.node' };
  const result = await own.createMailbox('a1', { env: missing });
  assert.equal(result.code, 8, result.stderr);
  assert.match(result.stderr, /Microsoft Visual C\+\+ Redistributable/);
});
