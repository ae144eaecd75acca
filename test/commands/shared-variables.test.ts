import { expect, test } from 'vitest';
import { home } from '../support/cli.ts';

async function mailboxes(hosts: readonly [string, string], extra: Record<string, string> = {}) {
  const own = await home({ PASSWORD: 'password-of-one-mailbox', ...extra });
  for (const [index, key] of ['desk.one', 'desk-one'].entries()) {
    await own.json(
      ...['accounts', 'create', '--channel', 'email', '--account-key', key],
      ...['--config', 'address=a@example.com', '--config', `imap_host=${hosts[index]}`],
      ...['--config', 'imap_port=1', '--config', 'password=env:PASSWORD'],
    );
  }
  own.env.CHANNELCTL_SECRET_EMAIL_DESK_ONE_PASSWORD = 'password-of-the-first';
  return own;
}

test('a variable that would send a password to the server of another account is refused', async () => {
  const own = await mailboxes(['127.0.0.1', 'localhost']);
  const { code, error } = await own.failure('email', 'check', 'desk-one');
  expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
  for (const name of ['email/desk-one', 'email/desk.one', 'EMAIL_DESK_ONE_PASSWORD']) {
    expect(error.message).toContain(name);
  }
  const checked = await own.cli('accounts', 'check', '--all', '--json');
  expect(checked.code).toBe(6);
  expect(JSON.parse(checked.stdout)).toMatchObject([
    { healthy: false, problems: [{ part: 'account' }] },
    { healthy: false, problems: [{ part: 'account' }] },
  ]);
});

test('a variable that serves several accounts of one server is used', async () => {
  const own = await mailboxes(['127.0.0.1', '127.0.0.1']);
  const { code, stdout } = await own.cli('email', 'check', 'desk-one', '--json');
  expect(code).toBe(6);
  expect(JSON.parse(stdout).imap.problem.kind).not.toBe('password');
});

test('doctor names a variable of a secret that channelctl does not know', async () => {
  const own = await mailboxes(['127.0.0.1', '127.0.0.1']);
  for (const key of ['desk.one', 'desk-one']) {
    await own.json('accounts', 'update', key, '--config', 'api_token=env:PASSWORD');
  }
  delete own.env.CHANNELCTL_SECRET_EMAIL_DESK_ONE_PASSWORD;
  own.env.CHANNELCTL_SECRET_EMAIL_DESK_ONE_API_TOKEN = 'token-of-the-first';
  own.env.CHANNELCTL_GRAPH_URL = 'http://127.0.0.1:1';
  const { stdout } = await own.cli('doctor', '--json');
  const found = JSON.parse(stdout).filter(({ check }: { check: string }) => check === 'secrets');
  expect(found.map(({ message }: { message: string }) => message).join(' ')).toContain(
    'EMAIL_DESK_ONE_API_TOKEN overrides the api_token of several accounts',
  );
});

test.each([[['127.0.0.1', 'localhost'] as const], [['127.0.0.1', '127.0.0.1'] as const]])(
  'doctor names the variable and its accounts: %j',
  async (hosts) => {
    const own = await mailboxes(hosts, { CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1' });
    const { stdout } = await own.cli('doctor', '--json');
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({
        check: 'secrets',
        status: 'warning',
        message: expect.stringMatching(
          /EMAIL_DESK_ONE_PASSWORD .*email\/desk.one and email\/desk-one/,
        ),
      }),
    );
  },
);
