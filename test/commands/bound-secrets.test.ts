import { describe, expect, test } from 'vitest';
import type { StoredAccount } from '../../src/profile/types.ts';
import {
  APP_SECRET,
  assign,
  itemOf,
  mailboxes,
  OTHER_PASSWORD,
  secretChecks,
  type Tampered,
} from '../support/mailboxes.ts';

interface Attack {
  name: string;
  edit(state: Tampered, port: number): void;
  /** How the message names the stored secret. */
  bound: string;
  used: string;
  command: string;
}

const EVIL = (account: StoredAccount, port: number) =>
  Object.assign(account.config, { imap_host: 'localhost', imap_port: port });

const ATTACKS: Attack[] = [
  {
    name: 'the app secret of Messenger, sent to another server',
    edit: (state, port) => {
      assign(state.account('desk'), itemOf(state.integrations[0], 'app_secret'));
      EVIL(state.account('desk'), port);
    },
    bound: 'the app_secret of the messenger integration',
    used: 'the password of email/desk on localhost and smtp.example.com',
    command:
      'channelctl accounts update email/desk --config imap_host=localhost --config smtp_host=smtp.example.com --config password=@file',
  },
  {
    name: 'its own password, sent to another IMAP server',
    edit: (state, port) => EVIL(state.account('desk'), port),
    bound: 'the password of email/desk on imap.example.com and smtp.example.com',
    used: 'the password of email/desk on localhost and smtp.example.com',
    command: 'channelctl accounts update email/desk --config imap_host=localhost',
  },
  {
    name: 'its own password, sent to another SMTP server',
    edit: (state, port) =>
      Object.assign(state.account('desk').config, { smtp_host: 'localhost', smtp_port: port }),
    bound: 'on imap.example.com and smtp.example.com',
    used: 'on imap.example.com and localhost',
    command: 'channelctl accounts update email/desk --config smtp_host=localhost',
  },
  {
    name: "another mailbox's password",
    edit: (state, port) => {
      assign(state.account('desk'), itemOf(state.account('sales'), 'password'));
      EVIL(state.account('desk'), port);
    },
    bound: 'the password of email/sales on',
    used: 'the password of email/desk on localhost',
    command:
      'channelctl accounts update email/desk --account-key desk --config imap_host=localhost',
  },
  {
    name: 'its own password under a forged name',
    edit: (state, port) => {
      const item = itemOf(state.account('desk'), 'password');
      assign(state.account('desk'), item.replace('smtp.example.com', 'smtp.example.com/localhost'));
      EVIL(state.account('desk'), port);
    },
    bound: 'an unknown item',
    used: 'the password of email/desk on localhost',
    command: '--config password=@file',
  },
];

describe.each(ATTACKS)('a state file that requests $name', ({ edit, bound, used, command }) => {
  test('is refused by every command that reads the secret, before it is sent', async () => {
    const own = await mailboxes();
    await own.tamper((state) => edit(state, own.port));
    for (const args of [
      ['email', 'check', 'desk'],
      ['accounts', 'check', 'desk'],
      ['accounts', 'get', 'desk', '--reveal'],
    ]) {
      const { code, error } = await own.failure(...args);
      expect({ code, kind: error.kind }, args.join(' ')).toEqual({ code: 8, kind: 'storage' });
      expect(error.message).toContain(bound);
      expect(error.message).toContain(used);
      expect(error.hint).toContain(command);
    }
    expect(own.connections()).toBe(0);
  });

  test('is an error in doctor, and does not affect other accounts', async () => {
    const own = await mailboxes();
    await own.tamper((state) => edit(state, own.port));
    const { code, errors } = await secretChecks(own);
    expect(code).toBe(6);
    expect(errors).toMatchObject([
      { message: expect.stringContaining(bound), hint: expect.stringContaining(command) },
    ]);
    expect(errors[0]?.message).toContain(used);
    const sales = await own.json('accounts', 'get', 'sales', '--reveal');
    expect(sales.config.password).toBe(OTHER_PASSWORD);
    const { config } = await own.json('integrations', 'get', 'messenger', '--reveal');
    expect(config.app_secret).toBe(APP_SECRET);
    await own.json('accounts', 'list');
    await own.json('accounts', 'update', 'sales', '--config', 'imap_host=imap.example.org');
    await own.json('accounts', 'update', 'desk', '--display-name', 'Desk');
    expect((await own.failure('accounts', 'get', 'desk', '--reveal')).code).toBe(8);
  });

  test('cannot be made valid by moving the secrets', async () => {
    const own = await mailboxes();
    await own.tamper((state) => edit(state, own.port));
    const { code, error } = await own.failure('secrets', 'move', '--to', 'file');
    expect({ code, message: error.message }).toMatchObject({
      code: 8,
      message: expect.stringContaining(used),
    });
  });
});

test('a server whose name could run a command is quoted in the hint', async () => {
  const own = await mailboxes();
  await own.tamper((state) =>
    Object.assign(state.account('desk').config, { imap_host: "$(reboot)'x" }),
  );
  const { error } = await own.failure('email', 'check', 'desk');
  expect(error.hint).toContain(String.raw`--config imap_host='$(reboot)'\''x'`);
});

test('of all accounts, only those whose secret must not be read are reported, with exit code 8', async () => {
  const own = await mailboxes();
  await own.tamper((state) => EVIL(state.account('desk'), own.port));
  await own.tamper(({ account }) => {
    account('sales').config = { address: 'sales@example.com' };
  });
  for (const args of [['accounts', 'check', '--all'], ['status']]) {
    const { code, stdout } = await own.cli(...args, '--json');
    expect(code).toBe(8);
    const results: { account_key: string; healthy: boolean }[] = JSON.parse(stdout);
    expect(results.map(({ account_key, healthy }) => [account_key, healthy])).toEqual([
      ['desk', false],
      ['sales', true],
    ]);
  }
  expect(own.connections()).toBe(0);
});
