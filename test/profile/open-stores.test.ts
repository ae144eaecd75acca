import { expect, test } from 'vitest';
import { cancelledError } from '../../src/shared/errors.ts';
import { failureOf } from '../support/storage.ts';
import { inspect, setSecret, setUp, unavailable } from './profile-support.ts';

const CHANGES = {
  'stores a secret': setSecret('two'),
  'deletes a secret': (draft: { integrations: unknown[] }) => {
    draft.integrations = [];
  },
};

async function closedStore() {
  const at = await setUp();
  await at.profile.change(setSecret('one'));
  at.keychain.isOpen = false;
  return at;
}

test.each(Object.entries(CHANGES))(
  'other processes do not wait for the dialog of a change that %s',
  async (what, change) => {
    const { keychain, open } = await closedStore();
    let isShown = false;
    const respond = new Promise<() => void>((resolve) => {
      keychain.assertWritable = () => {
        isShown = true;
        return new Promise((respond) => resolve(respond));
      };
    });
    const waiting = open().change(change);
    await expect.poll(() => isShown).toBe(true);
    await open().change((draft) => {
      draft.settings.division_id = 'north';
    });
    expect([...keychain.items.values()]).toEqual(['one']);
    keychain.isOpen = true;
    keychain.assertWritable = async () => {};
    (await respond)();
    await waiting;
    expect((await open().read()).settings).toEqual({ division_id: 'north' });
    expect([...keychain.items.values()]).toEqual(what === 'stores a secret' ? ['two'] : []);
  },
);

test('a change fails if its store cannot be opened, and can be repeated', async () => {
  const { keychain, profile } = await closedStore();
  keychain.fault = { on: 'probe', error: unavailable };
  expect(await failureOf(profile.change(setSecret('two')))).toBe(unavailable);
  expect(await inspect(profile)).toEqual({ appId: 'one', secret: 'one' });
  keychain.fault = null;
  await profile.change(setSecret('two'));
  expect(await inspect(profile)).toEqual({ appId: 'two', secret: 'two' });
});

test('a change that deletes a secret of another store succeeds although that store cannot be opened', async () => {
  const { keychain, open } = await closedStore();
  keychain.fault = { on: 'probe', error: unavailable };
  await open('default', 'file').change(CHANGES['deletes a secret']);
  expect((await open().read()).integrations).toEqual([]);
});

test('a cancelled prompt cancels the change', async () => {
  const { keychain, open } = await closedStore();
  keychain.fault = { on: 'probe', error: cancelledError() };
  const change = open('default', 'file').change(CHANGES['deletes a secret']);
  expect((await failureOf(change)).kind).toBe('cancelled');
  expect((await open().read()).integrations).toHaveLength(1);
});

test('a change that needs no secret opens no store', async () => {
  const { keychain, profile } = await closedStore();
  await profile.change((draft) => {
    draft.settings.division_id = 'north';
  });
  expect(keychain.isOpen).toBe(false);
});
