import { describe, expect, test } from 'vitest';
import { openKeychain } from '../../src/secrets/keychain.ts';
import { keyringHome, keyringMissing } from '../support/keyring.ts';
import { failureOf, storageChild } from '../support/storage.ts';

const child = storageChild();
const title = `the keychain on Linux${keyringMissing === null ? '' : ` (${keyringMissing})`}`;

describe.skipIf(keyringMissing !== null)(title, () => {
  type Home = Awaited<ReturnType<typeof keyringHome>>;
  type Service = Parameters<Home['run']>[0];

  async function ask(home: Home, service: Service | 'no bus', request: object) {
    const argv = child.argv('keychain', JSON.stringify(request));
    const run = service === 'no bus' ? home.runWithoutBus(argv) : home.run(service, argv);
    const { code, stdout, stderr } = await run;
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test('stores secrets, which other programs can also read, until they are removed', async () => {
    const home = await keyringHome();
    const put = [
      ['default/a/token/1', 'first'],
      ['default/a/token/2', 'zweites Geheimnis: ü "\\'],
    ];
    await ask(home, 'unlocked', { put });
    expect(await home.lookup('default/a/token/1')).toBe('first');
    expect(await home.lookup('default/a/token/2')).toBe('zweites Geheimnis: ü "\\');
    const read = ['default/a/token/1', 'default/a/token/2', 'default/a/token/3'];
    expect(await ask(home, 'unlocked', { read })).toEqual({ result: put });
    await ask(home, 'unlocked', { remove: ['default/a/token/1', 'never/there'] });
    expect(await home.lookup('default/a/token/1')).toBeNull();
    expect(await ask(home, 'unlocked', { read })).toEqual({ result: [put[1]] });
  });

  test('is not changed by assertWritable', async () => {
    const home = await keyringHome();
    expect(await ask(home, 'unlocked', { probe: true })).toEqual({ result: [] });
    const { stdout } = await home.run('unlocked', [
      'secret-tool',
      'search',
      'service',
      'channelctl',
    ]);
    expect(stdout).toBe('');
  });

  const read = { read: ['default/a/token/1'] };
  const put = { put: [['default/a/token/1', 'first']] };
  const probe = { probe: true };

  test.each([
    ['no bus', read, 'requires a D-Bus session bus', 'dbus-run-session'],
    ['no bus', put, 'requires a D-Bus session bus', 'dbus-run-session'],
    ['no bus', probe, 'requires a D-Bus session bus', 'dbus-run-session'],
    ['absent', read, 'No Secret Service', 'start gnome-keyring'],
    ['absent', probe, 'No Secret Service', 'start gnome-keyring'],
    ['locked', read, 'locked', 'Unlock it'],
    ['locked', put, 'locked', 'Unlock it'],
    ['locked', probe, 'locked', 'Unlock it'],
    ['suspended', read, 'did not respond in time', 'Restart'],
    ['suspended', probe, 'did not respond in time', 'Restart'],
  ] as const)(
    'with the keychain %s, %j reports the reason and the alternatives',
    async (service, request, reason, hint) => {
      const home = await keyringHome();
      await ask(home, 'unlocked', put);
      const { error } = await ask(home, service, request);
      expect(error).toMatchObject({ kind: 'storage', message: 'The keychain is not available.' });
      expect(error.reason).toContain(reason);
      expect(error.hint).toContain(hint);
      expect(error.hint).toContain('CHANNELCTL_SECRETS=file with CHANNELCTL_PASSPHRASE');
      expect(error.hint).toContain('CHANNELCTL_SECRETS=env');
    },
  );

  test('splits secrets of over 1,280 characters on Windows', async () => {
    const home = await keyringHome();
    const on = { platform: 'win32' };
    const put = [
      ['a/long', 'x'.repeat(1_281)],
      ['a/longer', '😀é'.repeat(2_000)],
      ['a/marked', 'channelctl-parts:2:but short'],
      ['a/short', 'y'.repeat(1_280)],
    ];
    const read = put.map(([item]) => item);
    await ask(home, 'unlocked', { ...on, put });
    expect(await ask(home, 'unlocked', { ...on, read })).toEqual({ result: put });
    const parts = ['a/long~2', 'a/long~3', 'a/longer~2', 'a/longer~7', 'a/marked~2', 'a/short~2'];
    const stored = await ask(home, 'unlocked', { read: parts });
    expect(stored.result.map(([item]: [string]) => item)).toEqual([
      ...['a/longer~2', 'a/longer~7', 'a/long~2', 'a/long~3'],
    ]);

    // As after an interruption between two of its items.
    await ask(home, 'unlocked', { remove: ['a/longer~7'] });
    expect(await ask(home, 'unlocked', { ...on, read: ['a/longer'] })).toEqual({ result: [] });
    await ask(home, 'unlocked', { ...on, remove: read });
    expect(await ask(home, 'unlocked', { read: [...read, ...parts] })).toEqual({ result: [] });
  });

  test('counts as locked if it has no default keyring and cannot prompt for a password', async () => {
    const { error } = await ask(await keyringHome(), 'locked', put);
    expect(error.reason).toContain('no default keyring');
  });
});

test('rejects a name that is too long for Windows before storing anything', async () => {
  const store = openKeychain({ platform: 'win32', announce: null });
  const name = `a/${'x'.repeat(500)}`;
  const put = new Map([
    ['a/short', 'x'],
    [name, 'y'],
  ]);
  const error = await failureOf(store.write({ put, remove: [] }));
  expect(error).toMatchObject({ kind: 'storage', message: `The secret ${name} was not stored.` });
  expect(error.hint).toContain('CHANNELCTL_SECRETS=file');
});
