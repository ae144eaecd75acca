import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { secretsOf, withOldNames } from './format.ts';
import { fixtureJson, fixtureText, homeOf } from './support.ts';

const ACCOUNT = 'email/support@example.com';
const FIRST = 'mail password of support';
const SECOND = 'another password';

// 0.1.0 was killed while replacing a password, either before or after it replaced the state file.
const MOMENTS = [
  { fixture: 'killed-before', password: FIRST, dropped: SECOND },
  { fixture: 'killed-after', password: SECOND, dropped: FIRST },
];

describe.each(MOMENTS)('a change that 0.1.0 left as $fixture', ({ fixture, password, dropped }) => {
  test('consists of a journal of two items, a lock, and both passwords', async () => {
    const { version, items } = fixtureJson(fixture, 'profiles', 'default', 'journal.json');
    expect(version).toBe(1);
    expect(items.map((item: object) => Object.keys(item))).toEqual([
      ['store', 'item'],
      ['store', 'item'],
    ]);
    const own = await homeOf(fixture);
    expect(await readdir(join(own.configDir, 'profiles'))).toContain('default.lock');
    const { secrets } = await own.stored();
    expect([...secrets.values()]).toEqual(expect.arrayContaining([FIRST, SECOND]));
  });

  test('is read as recorded in the state file', async () => {
    const own = await homeOf(fixture);
    const { config } = await own.json('accounts', 'get', ACCOUNT, '--reveal');
    expect(config.password).toBe(password);
  });

  test('is finished by the next change, which deletes the other password', async () => {
    const own = await homeOf(fixture);
    await own.json('config', 'set', 'division_id', 'd-5');
    const { state, secrets } = await own.stored();
    const names = secretsOf(state).map(({ item }) => item);
    expect([...secrets.keys()].sort()).toEqual(names.sort());
    expect([...secrets.values()]).toContain(password);
    expect([...secrets.values()]).not.toContain(dropped);
    const folder = join(own.configDir, 'profiles');
    expect((await readdir(folder)).sort()).toEqual(['default', 'team-b']);
    expect((await readdir(join(folder, 'default'))).sort()).toEqual(['secrets.json', 'state.json']);
  });

  test('is finished by doctor --fix', async () => {
    const own = await homeOf(fixture);
    const { stdout } = await own.cli('doctor', '--fix', '--json');
    const fixed = JSON.parse(stdout).filter((one: { fixed: boolean }) => one.fixed);
    const names = fixed.map(({ check }: { check: string }) => check);
    expect(names).toEqual(expect.arrayContaining(['lock', 'leftovers']));
    const { state, secrets } = await own.stored();
    expect(secrets.size).toBe(secretsOf(state).length);
    const text = await readFile(own.stateFile(), 'utf8');
    const old = withOldNames(text).replace(/,\n {2}"revision": \d+/, '');
    expect(old).toBe(fixtureText(fixture, 'profiles', 'default', 'state.json'));
  });
});
