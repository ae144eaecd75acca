import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openKeychain } from '../../src/secrets/keychain.ts';
import { failureOf } from '../support/storage.ts';

const SECOND = 1_000;

/** What a dialog of macOS does, which only a Mac can show. */
const dialog = vi.hoisted(() => ({
  answer: (): Promise<string> => Promise.resolve('secret'),
  open: 0,
  mostOpen: 0,
}));

vi.mock('@napi-rs/keyring', () => ({
  AsyncEntry: class {
    async getPassword(): Promise<string> {
      dialog.open += 1;
      dialog.mostOpen = Math.max(dialog.mostOpen, dialog.open);
      try {
        return await dialog.answer();
      } finally {
        dialog.open -= 1;
      }
    }
  },
}));

const inSeconds = (seconds: number) =>
  new Promise<string>((resolve) => setTimeout(() => resolve('secret'), seconds * SECOND));

describe('the keychain of macOS, which asks again after an update of Node.js,', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    Object.assign(dialog, { open: 0, mostOpen: 0 });
  });
  afterEach(() => void vi.useRealTimers());

  test('waits up to two minutes for each dialog at a terminal, one after the other', async () => {
    dialog.answer = () => inSeconds(110);
    const announced: string[] = [];
    const store = openKeychain({ platform: 'darwin', announce: (line) => announced.push(line) });
    const read = store.read(['a', 'b', 'c']);
    await vi.advanceTimersByTimeAsync(331 * SECOND);
    expect((await read).size).toBe(3);
    expect(dialog.mostOpen).toBe(1);
    expect(announced).toEqual([expect.stringContaining('respond to it')]);
  });

  test.each([
    ['at a terminal, after two minutes', () => {}, 120],
    ['unattended, after five seconds', null, 5],
  ])('gives up %s', async (_when, announce, seconds) => {
    dialog.answer = () => inSeconds(600);
    const failure = failureOf(openKeychain({ platform: 'darwin', announce }).read(['a']));
    await vi.advanceTimersByTimeAsync(seconds * SECOND + 1);
    const error = await failure;
    expect(error).toMatchObject({
      kind: 'storage',
      reason: `It did not respond within ${seconds} seconds.`,
    });
    expect(error.hint).toContain('Always Allow');
    expect(error.hint).toContain('security unlock-keychain');
  });

  test.each([
    ['User interaction is not allowed.', /Node\.js was updated/, 'security unlock-keychain'],
    ['In dark wake, no UI possible', /Node\.js was updated/, 'security unlock-keychain'],
    ['User canceled the operation.', /denied in the dialog/, 'Always Allow'],
    ['The user name or passphrase you entered is not correct.', /denied/, 'Always Allow'],
    ['A default keychain could not be found.', /no usable default/, 'Keychain Access'],
    ['No keychain is available. You may need to restart.', /no usable default/, 'HOME'],
  ])('explains %j', async (message, reason, hint) => {
    dialog.answer = () => Promise.reject(new Error(`Platform failure: ${message}`));
    const store = openKeychain({ platform: 'darwin', announce: null });
    const error = await failureOf(store.read(['a']));
    expect(error).toMatchObject({ kind: 'storage', message: 'The keychain is not available.' });
    expect(error.reason).toMatch(reason);
    expect(error.hint).toContain(hint);
    expect(error.hint).toContain('CHANNELCTL_SECRETS=file');
  });
});
