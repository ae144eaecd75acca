import { beforeAll, describe, expect, test } from 'vitest';
import { sharedHome } from '../support/cli.ts';

const own = sharedHome();

beforeAll(async () => {
  for (const key of ['support', 'sales-north', 'sales-south']) {
    await own.json(
      ...['accounts', 'create', '--channel', 'email', '--account-key', key],
      ...['--config', 'address=desk@example.com'],
    );
  }
});

test.each([
  ['-v', '--version'],
  ['accounts ls', 'accounts list'],
  ['accounts show support', 'accounts get support'],
  ['config show output', 'config get output'],
  ['help accounts ls', 'accounts list --help'],
  ['accounts rm --help', 'accounts delete --help'],
  ['help whatsapp pin set', 'whatsapp pin set --help'],
  ['--json secrets ls', 'secrets list --json'],
])('%s prints the same as %s', async (short, long) => {
  const [one, other] = await Promise.all([short, long].map((line) => own.cli(...line.split(' '))));
  expect(one).toMatchObject({ code: 0, stderr: '' });
  expect(one?.stdout).toBe(other?.stdout);
});

test('rm asks for confirmation as delete does', async () => {
  const { code, error } = await own.failure('accounts', 'rm', 'support');
  expect(code).toBe(2);
  expect(error.hint).toContain('--yes');
});

test('profiles show is a command of its own', async () => {
  expect(await own.json('profiles', 'show', 'default')).toMatchObject({ name: 'default' });
});

describe('suggests the closest', () => {
  test.each([
    ['group', ['acounts', 'list'], 'Did you mean accounts?'],
    ['command', ['accounts', 'lits'], 'Did you mean list?'],
    ['command of a subgroup', ['whatsapp', 'pin', 'sett'], 'Did you mean set?'],
    ['command in help', ['help', 'webhooks', 'statsu'], 'Did you mean status?'],
    ['topic', ['help', 'exitcodes'], 'Did you mean help exit-codes?'],
    ['option', ['accounts', 'list', '--chanel', 'email'], 'Did you mean --channel?'],
    ['option value', ['accounts', 'list', '-o', 'jsn'], 'Did you mean json?'],
    ['option value of a command', ['webhooks', 'set', 'x', '--level', 'wba'], 'Did you mean waba?'],
    ['field', ['accounts', 'list', '--fields', 'acount_key'], 'Did you mean account_key?'],
    ['channel', ['accounts', 'list', '--channel', 'emial'], 'Did you mean email?'],
    ['channel of an integration', ['integrations', 'get', 'Messanger'], 'Did you mean messenger?'],
    ['setting', ['config', 'get', 'webhookbaseurl'], 'Did you mean webhook_base_url?'],
    ['profile', ['profiles', 'show', 'defualt'], 'Did you mean default?'],
    ['account key', ['accounts', 'get', 'suport'], 'Did you mean support?'],
    ['account', ['accounts', 'get', 'email/suport'], 'Did you mean email/support?'],
    ['account keys', ['accounts', 'get', 'sales'], 'Did you mean sales-north or sales-south?'],
  ])('%s', async (_, args, expected) => {
    const { stderr } = await own.cli(...args);
    expect(stderr).toContain(expected);
  });

  test.each([
    ['connect', ['connect']],
    ['connect', ['accounts', 'connect']],
  ])('commands of other groups for %s', async (_, args) => {
    const { code, stderr } = await own.cli(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean messenger connect or instagram connect?');
  });
});

test('suggests nothing that is not similar', async () => {
  const { stderr } = await own.cli('accounts', 'get', 'zzzzzzzz');
  expect(stderr).not.toContain('Did you mean');
  expect((await own.cli('accounts', 'zzzzzzzz')).stderr).toContain('Available commands: list');
});

test('suggests in JSON too', async () => {
  const { code, error } = await own.failure('accounts', 'get', 'suport');
  expect({ code, hint: error.hint }).toEqual({
    code: 3,
    hint: 'Did you mean support? To list all accounts, run: channelctl accounts list',
  });
});
