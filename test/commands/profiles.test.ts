import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Home, home, homeIn, sharedHome } from '../support/cli.ts';

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
