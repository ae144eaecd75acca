import assert from 'node:assert/strict';
import test from 'node:test';
import { channelctl, home } from './support.js';

for (const name of ['CON', 'nul.txt', 'com1', 'desk.']) {
  test(`a profile named ${name} is refused`, async () => {
    const { code, stderr } = await home('keychain').cli([
      'config',
      'set',
      'output',
      'json',
      '--profile',
      name,
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /Windows does not allow/);
  });
}

test('a profile is not found by its name in another case', async () => {
  const own = home('keychain');
  await own.cli(['config', 'set', 'output', 'json', '--profile', 'prod']);
  const deleted = await own.cli(['profiles', 'delete', 'PROD', '--yes']);
  assert.notEqual(deleted.code, 0);
  const names = (await own.json(['profiles', 'list'])).map(({ name }) => name);
  assert.deepEqual(names, ['prod']);
});

test('names of variables ignore case', async () => {
  const { env } = home('keychain');
  const settings = await channelctl(['config', 'list', '--json'], {
    env: { CHANNELCTL_CONFIG_DIR: env.CHANNELCTL_CONFIG_DIR, Channelctl_Secrets: 'file' },
  });
  assert.equal(JSON.parse(settings.stdout).find(({ key }) => key === 'secrets').value, 'file');
});

test('references to variables ignore case', async () => {
  const own = home('keychain', { MailboxPassword: 'a-password' });
  const config = [
    '--config',
    'address=desk@example.com',
    '--config',
    'password=env:mailboxPASSWORD',
  ];
  const create = ['accounts', 'create', '--channel', 'email', '--account-key', 'a1', ...config];
  const created = await own.cli(create);
  assert.equal(created.code, 0, created.stderr);
  assert.equal(await own.password('a1'), 'a-password');
});
