import { describe, expect, test } from 'vitest';
import type { SecretRef } from '../../src/profile/types.ts';
import { type Home, home } from '../support/cli.ts';
import {
  assign,
  editing,
  NOWHERE,
  PASSWORD,
  secretChecks,
  type Tampered,
} from '../support/mailboxes.ts';
import { homeOf } from './support.ts';

function refOf(ref: SecretRef | undefined): SecretRef {
  if (ref === undefined) throw new Error('no secret');
  return ref;
}

describe('a profile of 0.1.0', () => {
  const opened = async () => {
    const own = await homeOf('profile', { ...NOWHERE, PASSWORD });
    return { ...own, ...editing(own) };
  };
  const revealed = async (own: Home, name: string) =>
    (await own.json('accounts', 'get', name, '--reveal')).config;

  test('is a warning in doctor until the next change, which binds all its secrets', async () => {
    const own = await opened();
    const { errors, warnings } = await secretChecks(own);
    expect(errors).toEqual([]);
    expect(warnings).toMatchObject([
      {
        message: expect.stringContaining('13 secrets stored by an earlier version'),
        hint: 'Run: channelctl doctor --fix',
      },
    ]);
    await own.json('config', 'set', 'output', 'table');
    expect(await secretChecks(own)).toMatchObject({ errors: [], warnings: [] });
    expect(await revealed(own, 'support@example.com')).toMatchObject({
      password: 'mail password of support',
    });
  });

  test('is bound by doctor --fix', async () => {
    const own = await opened();
    const { oks, warnings } = await secretChecks(own, '--fix');
    expect(warnings).toEqual([]);
    expect(oks.map(({ message }) => message)).toContain(
      'Bound 13 secrets to their accounts and servers.',
    );
    expect((await own.stored()).audit.at(-1)).not.toMatchObject({ action: 'account.changed' });
  });

  test('is not bound if that would require a passphrase that the change does not need', async () => {
    const own = await opened();
    own.env.CHANNELCTL_PASSPHRASE = '';
    await own.json('config', 'set', 'output', 'table');
    own.env.CHANNELCTL_PASSPHRASE = 'a wrong passphrase';
    await own.json('accounts', 'update', 'support@example.com', '--display-name', 'Support');
    own.env.CHANNELCTL_PASSPHRASE = (await home()).env.CHANNELCTL_PASSPHRASE ?? '';
    expect((await secretChecks(own)).warnings).toHaveLength(1);
  });

  test('keeps working with an account that 0.1.0 renamed', async () => {
    const own = await opened();
    await own.tamper(({ account }) => {
      account('support@example.com').account_key = 'renamed';
    });
    const { errors, warnings } = await secretChecks(own);
    expect({ errors, warnings }).toMatchObject({ errors: [], warnings: [{}] });
    expect(await revealed(own, 'renamed')).toMatchObject({ password: 'mail password of support' });
    await own.json('accounts', 'update', 'renamed', '--account-key', 'again');
    expect(await revealed(own, 'again')).toMatchObject({ password: 'mail password of support' });
    await own.tamper(({ account }) => {
      account('again').account_key = 'by-hand';
    });
    expect((await own.failure('accounts', 'get', 'by-hand', '--reveal')).code).toBe(8);
  });

  test.each([
    ['another channel', 'default/messenger/app_secret/'],
    ['another field', 'default/whatsapp/wa-5011/pin/'],
  ])('refuses a secret of %s before it is bound', async (_, prefix) => {
    const own = await opened();
    await own.tamper((state) => {
      const refs = [...state.integrations, ...state.accounts].flatMap(({ secrets }) =>
        Object.values(secrets),
      );
      const item = refs.find((ref) => ref.item.startsWith(prefix))?.item ?? '';
      assign(state.account('support@example.com'), item);
    });
    const args = ['accounts', 'get', 'support@example.com', '--reveal'];
    expect((await own.failure(...args)).code).toBe(8);
    await own.json('config', 'set', 'output', 'table');
    expect((await own.failure(...args)).code).toBe(8);
  });

  test.each([
    [
      'its own PIN as its token',
      ({ account }: Tampered) => {
        const { secrets } = account('wa-5011');
        account('wa-5011').secrets = { access_token: refOf(secrets.pin) };
      },
    ],
    [
      'the app secret of the integration',
      ({ account, integrations }: Tampered) => {
        const app = integrations.find(({ channel }) => channel === 'whatsapp');
        account('wa-5011').secrets = { app_secret: refOf(app?.secrets.app_secret) };
        if (app !== undefined) app.secrets = {};
      },
    ],
  ])('refuses %s, even if nothing else refers to it', async (_, edit) => {
    const own = await opened();
    await own.tamper(edit);
    expect((await own.failure('accounts', 'get', 'wa-5011', '--reveal')).code).toBe(8);
    expect((await secretChecks(own)).errors).toHaveLength(1);
  });

  test('refuses a second reference to the secret of another account', async () => {
    const own = await opened();
    await own.tamper((state) => {
      const support = state.account('support@example.com');
      state.accounts.push({ ...structuredClone(support), id: 'x', account_key: 'copy' });
    });
    expect((await own.failure('accounts', 'get', 'copy', '--reveal')).code).toBe(8);
    expect(await revealed(own, 'support@example.com')).toMatchObject({
      password: 'mail password of support',
    });
  });
});
