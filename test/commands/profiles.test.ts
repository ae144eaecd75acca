import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Home, home, homeIn, sharedHome, temporaryFolder } from '../support/cli.ts';
import { stateWith } from '../support/states.ts';

function mailbox(here: Home, profile: string, key: string) {
  return here.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', key, '--profile', profile],
    ...['--config', 'address=a@example.com', '--config', `password=password-of-${profile}`],
  );
}

test('a profile does not exist until something is stored in it', async () => {
  const here = await home();
  expect(await here.json('profiles', 'list')).toEqual([]);
  const { code, error } = await here.failure('profiles', 'show', 'default');
  expect({ code, kind: error.kind }).toEqual({ code: 3, kind: 'not_found' });
  expect(await readdir(here.configDir)).toEqual([]);
});

test('profiles share no accounts, settings or secrets', async () => {
  const here = await home();
  await mailbox(here, 'desk', 'support');
  await mailbox(here, 'trial', 'support');
  await here.json('config', 'set', 'division_id', 'east', '--profile', 'trial');

  const password = (profile: string) =>
    here.json('accounts', 'get', 'support', '--reveal', '--profile', profile);
  expect((await password('desk')).config.password).toBe('password-of-desk');
  expect((await password('trial')).config.password).toBe('password-of-trial');
  const division = await here.json('config', 'get', 'division_id', '--profile', 'desk');
  expect(division.source).toBe('default');
  expect(await here.json('accounts', 'list')).toEqual([]);

  expect(await here.json('profiles', 'delete', 'trial', '--yes')).toEqual({ success: true });
  expect(await readdir(join(here.configDir, 'profiles'))).toEqual(['desk']);
  expect((await password('desk')).config.password).toBe('password-of-desk');
});

describe('list and show', () => {
  const here = sharedHome();

  test('show the path, role and number of accounts of each profile, and which one is current', async () => {
    await mailbox(here, 'desk', 'one');
    await mailbox(here, 'desk', 'two');
    await here.json('config', 'set', 'role', 'supervisor', '--profile', 'night');
    const desk = {
      name: 'desk',
      path: here.stateFile('desk'),
      role: 'admin',
      accounts: 2,
      is_current: false,
    };
    const night = {
      name: 'night',
      path: here.stateFile('night'),
      role: 'supervisor',
      accounts: 0,
      is_current: true,
    };
    expect(await here.json('profiles', 'list', '--profile', 'night')).toEqual([desk, night]);
    expect(await here.json('profiles', 'show', 'desk')).toEqual(desk);
    const chosen = homeIn(here.configDir, { CHANNELCTL_PROFILE: 'desk' });
    expect(await chosen.json('profiles', 'show', 'desk')).toEqual({ ...desk, is_current: true });
    expect(await chosen.json('profiles', 'show', 'night', '--profile', 'night')).toEqual(night);
  });

  test.each(['', '.', '..', '../x', 'a/b', '.hidden', 'a.lock', 'x'.repeat(65), 'ä', 'a b'])(
    'reject the profile name %j',
    async (name) => {
      const { code, error } = await here.failure('config', 'list', '--profile', name);
      expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    },
  );
});

describe('a named profile that does not exist', () => {
  const here = sharedHome();
  beforeAll(() => mailbox(here, 'desk-eu', 'support'));

  test.each([
    [['accounts', 'list']],
    [['accounts', 'get', 'support']],
    [['integrations', 'list', '--all']],
    [['config', 'list']],
    [['status', '--offline']],
    [['tokens', 'list']],
    [['export']],
    [['doctor']],
    [['webhooks', 'status', 'support']],
  ])('is exit 3 with the closest name: %j', async (args) => {
    const missing = { code: 3, error: { kind: 'not_found' } };
    const byFlag = await here.failure(...args, '--profile', 'desk-ue');
    expect(byFlag).toMatchObject(missing);
    expect(byFlag.error.message).toContain('"desk-ue"');
    expect(byFlag.error.hint).toContain('"desk-eu"');
    const byVariable = homeIn(here.configDir, { CHANNELCTL_PROFILE: 'desk-ue' });
    expect(await byVariable.failure(...args)).toMatchObject(missing);
    expect(await readdir(join(here.configDir, 'profiles'))).toEqual(['desk-eu']);
  });

  test('is created by a command that writes, with a warning', async () => {
    const own = await home();
    const create = ['config', 'set', 'division_id', 'east', '--profile', 'night', '--json'];
    const first = await own.cli(...create);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stderr).warning.message).toContain('"night"');
    const second = await own.cli(...create);
    expect(second).toMatchObject({ code: 0, stderr: '' });
  });

  test('is not reported as created if the command stores nothing', async () => {
    const own = await home();
    const result = await own.cli('config', 'set', 'role', 'root', '--profile', 'night');
    expect(result.code).toBe(2);
    expect(result.stderr).not.toContain('Created');
  });

  test('is only a warning for plan', async () => {
    const document = join(here.configDir, 'empty.yaml');
    await writeFile(document, 'version: 1\n');
    const { code, stdout, stderr } = await here.cli(
      ...['plan', '-f', document, '--offline', '--profile', 'desk-ue', '--json'],
    );
    expect({ code, plan: JSON.parse(stdout) }).toMatchObject({ code: 0 });
    expect(JSON.parse(stderr).warning.message).toContain('"desk-ue"');
  });

  test.each(['con', 'NUL', 'com1.x', 'lpt9', 'dot.', 'DESK-EU'])(
    'is not created as %s, which some file systems do not support',
    async (name) => {
      const { code, error } = await here.failure(
        ...['config', 'set', 'division_id', 'east', '--profile', name],
      );
      expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
      expect(error.message).toContain(name);
      expect(await readdir(join(here.configDir, 'profiles'))).toEqual(['desk-eu']);
    },
  );
});

test('the default profile is not created next to one that differs only in case', async () => {
  const here = await home();
  await here.json('config', 'set', 'division_id', 'east', '--profile', 'Default');
  const { code, error } = await here.failure('config', 'set', 'division_id', 'west');
  expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
  expect(error.message).toContain('"Default"');
  expect(await readdir(join(here.configDir, 'profiles'))).toEqual(['Default']);
});

test('profiles that differ only in case still work, and doctor warns', async () => {
  const here = await home();
  await mailbox(here, 'desk', 'support');
  await cp(join(here.configDir, 'profiles', 'desk'), join(here.configDir, 'profiles', 'Desk'), {
    recursive: true,
  });
  await here.json('config', 'set', 'division_id', 'east', '--profile', 'Desk');
  expect(await here.json('accounts', 'list', '--profile', 'Desk')).toHaveLength(1);
  const { stdout } = await here.cli('doctor', '--profile', 'Desk', '--json');
  const warnings = JSON.parse(stdout).filter(
    (one: { check: string }) => one.check === 'profile_name',
  );
  expect(warnings).toMatchObject([
    { status: 'warning', message: expect.stringContaining('"desk"') },
  ]);
});

test.each(['~/desk', '"/tmp/desk"', "'/tmp/desk", '/tmp/desk"', '%APPDATA%\\desk'])(
  'CHANNELCTL_CONFIG_DIR=%s is rejected, and no such folder is created',
  async (folder) => {
    const here = homeIn(await temporaryFolder(), { CHANNELCTL_CONFIG_DIR: folder });
    for (const args of [['accounts', 'list'], ['config', 'set', 'division_id', 'x'], ['doctor']]) {
      const { code, error } = await here.failure(...args);
      expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
      expect(error.message).toContain('CHANNELCTL_CONFIG_DIR');
      expect(error.hint).not.toBe('');
    }
    expect(existsSync(resolve(folder))).toBe(false);
  },
);

test('list shows all profiles even if one is corrupt', async () => {
  const here = await home();
  await mailbox(here, 'desk', 'support');
  await mailbox(here, 'night', 'support');
  await writeFile(join(here.configDir, 'profiles', 'night', 'state.json'), '{bad');
  for (const current of ['desk', 'night']) {
    const { code, stdout, stderr } = await here.cli(
      'profiles',
      'list',
      '--json',
      '--profile',
      current,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'desk', role: 'admin', accounts: 1 },
      { name: 'night', role: null, accounts: null, is_current: current === 'night' },
    ]);
    expect(JSON.parse(stderr).warning.message).toContain('corrupt');
  }
});

describe('delete', () => {
  test('asks for confirmation, and requires --yes without a terminal', async () => {
    const here = await home();
    await mailbox(here, 'trial', 'support');
    const before = await here.state('trial');
    const { code, error } = await here.failure('profiles', 'delete', 'trial');
    expect(code).toBe(2);
    expect(error.hint).toContain('--yes');
    expect(await here.state('trial')).toBe(before);
  });

  test('requires the admin role in the deleted profile, which CHANNELCTL_ROLE can narrow', async () => {
    const here = await home();
    await here.json('config', 'set', 'role', 'supervisor', '--profile', 'night');
    await mailbox(here, 'desk', 'support');
    expect((await here.failure('profiles', 'delete', 'night', '--yes')).code).toBe(4);
    const narrowed = homeIn(here.configDir, { CHANNELCTL_ROLE: 'supervisor' });
    expect((await narrowed.failure('profiles', 'delete', 'desk', '--yes')).code).toBe(4);
    expect((await here.failure('profiles', 'delete', 'nope', '--yes')).code).toBe(3);
    expect(await here.json('profiles', 'list', '--fields', 'name')).toEqual([
      { name: 'desk' },
      { name: 'night' },
    ]);
  });
});

test('a profile whose secrets are in a keychain that this machine lacks is deleted with a warning that names them', async () => {
  const own = await home({ CHANNELCTL_SECRETS: 'keychain' });
  const ref = {
    store: 'keychain' as const,
    item: 'default/messenger/app_secret/0123abcd',
    last4: null,
  };
  await mkdir(dirname(own.stateFile()), { recursive: true });
  await writeFile(own.stateFile(), JSON.stringify(stateWith({ app_secret: ref })));
  const { code, stderr } = await own.cli('profiles', 'delete', 'default', '--yes');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(ref.item) });
  expect(await own.state()).toBeNull();
});
