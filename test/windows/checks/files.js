import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { channelctl, holdOpen, home } from './support.js';

const rename = ['accounts', 'update', 'a1', '--display-name', 'Front desk'];

test('the configuration folder is in %APPDATA%, also of users with a space and umlauts', async () => {
  const appData = 'C:\\users\\Jörg Müller\\AppData\\Roaming';
  const shown = await channelctl(['config', 'path'], { env: { APPDATA: appData } });
  assert.equal(shown.stdout.trim(), `${appData}\\channelctl\\profiles\\default\\state.json`);
});

test('without %APPDATA%, the configuration folder is in %USERPROFILE%', async () => {
  const env = { APPDATA: undefined, USERPROFILE: 'C:\\users\\desk' };
  const shown = await channelctl(['config', 'path'], { env });
  assert.match(shown.stdout, /^C:\\users\\desk\\AppData\\Roaming\\channelctl\\/);
});

for (const name of ['state.json', 'secrets.json']) {
  test(`a change waits while another program has ${name} open`, async () => {
    const own = home('file');
    await own.createMailbox('a1');
    const close = await holdOpen(join(own.profile, name));
    const changing = own.createMailbox('a2');
    setTimeout(close, 2_000);
    const { code, stderr } = await changing;
    assert.equal(code, 0, stderr);
    assert.equal((await own.json(['accounts', 'list'])).length, 2);
  });
}

test('a program that keeps the state open is reported, and nothing is changed', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  const before = readFileSync(own.state, 'utf8');
  const close = await holdOpen(own.state);
  const changed = await own.cli(rename);
  const listed = await own.cli(['accounts', 'list']);
  await close();
  for (const { code, stderr } of [changed, listed]) {
    assert.equal(code, 8);
    assert.match(stderr, /Another program has it open/);
  }
  assert.equal(readFileSync(own.state, 'utf8'), before);
  assert.deepEqual(readdirSync(join(own.folder, 'profiles')), ['default'], 'the lock was released');
  assert.equal((await own.cli(rename)).code, 0);
});

test('a change is stored and recorded if another program has the audit log open for a moment', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  const close = await holdOpen(join(own.folder, 'audit', 'default', 'audit.jsonl'));
  const changing = own.cli(rename);
  setTimeout(close, 2_000);
  assert.equal((await changing).code, 0);
  const changes = await own.json(['audit', 'list']);
  assert.ok(changes.some(({ command }) => command === 'accounts update'));
});

test('a path can have more than 260 characters', async () => {
  const { folder } = home('keychain');
  const long = join(folder, ...Array(8).fill('d'.repeat(40)));
  const own = home('keychain', { CHANNELCTL_CONFIG_DIR: long });
  assert.equal((await own.createMailbox('a1')).code, 0);
  assert.equal(await own.password('a1'), 'a-password');
});

test('doctor creates a file to check the folder, and does not claim to have checked permissions', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  const results = await own.json(['doctor']);
  const find = (name) => results.find(({ check }) => check === name);
  assert.equal(find('folder').status, 'ok');
  assert.match(find('permissions').message, /^Not checked/);
  assert.deepEqual(readdirSync(own.profile), ['state.json']);
});

test('doctor reports a folder that cannot be written', async () => {
  const own = home('keychain');
  mkdirSync(join(own.folder, 'profiles'));
  writeFileSync(own.profile, 'a file in the place of the folder');
  const { code, stdout } = await own.cli(['doctor', '--json']);
  const folder = JSON.parse(stdout).find(({ check }) => check === 'folder');
  assert.equal(folder.status, 'error');
  assert.notEqual(code, 0);
  assert.ok(existsSync(own.profile));
});
