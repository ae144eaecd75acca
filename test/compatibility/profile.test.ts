import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { home } from '../support/cli.ts';
import { type State, secretsOf, withOldNames } from './format.ts';
import { deskVariables, fixture, fixtureJson, fixtureText, homeOf, storedIn } from './support.ts';

describe('a profile that 0.1.0 wrote', () => {
  test('has the recorded format and every kind of entry', async () => {
    const { state, secrets, audit } = await storedIn(fixture('profile'));
    const channels = state.accounts.map(({ channel }) => channel);
    expect(new Set(channels)).toEqual(new Set(['messenger', 'instagram', 'whatsapp', 'email']));
    expect(state.pending).toHaveLength(1);
    const marks = secretsOf(state);
    expect(marks.some(({ renewed_from }) => renewed_from !== undefined)).toBe(true);
    expect(marks.some(({ expires_at }) => expires_at !== undefined)).toBe(true);
    expect([...secrets.keys()].sort()).toEqual(marks.map(({ item }) => item).sort());
    expect(audit.length).toBeGreaterThan(10);
  });

  test.each([
    ['accounts list', ['accounts', 'list'], 'accounts.json'],
    ['integrations list', ['integrations', 'list'], 'integrations.json'],
    ['audit list', ['audit', 'list'], 'audit.json'],
    [
      'tokens list',
      ['tokens', 'list', '--fields', 'channel,account_key,field,kind,expires_at'],
      'tokens.json',
    ],
  ])('returns the same %s', async (_, args, reading) => {
    const own = await homeOf('profile');
    expect(await own.json(...args)).toEqual(fixtureJson('readings', reading));
  });

  test('returns the same settings, among others of later versions', async () => {
    const own = await homeOf('profile');
    const settings = await own.json('config', 'list');
    expect(settings).toEqual(expect.arrayContaining(fixtureJson('readings', 'settings.json')));
  });

  test('shows every secret with --reveal', async () => {
    const own = await homeOf('profile');
    for (const owner of fixtureJson('readings', 'revealed.json')) {
      const isAccount = owner.account_key !== undefined;
      const args = isAccount
        ? ['accounts', 'get', owner.id]
        : ['integrations', 'get', owner.channel];
      expect(await own.json(...args, '--reveal')).toEqual(owner);
    }
  });

  test('still has a second profile with a narrower role', async () => {
    const own = await homeOf('profile', { CHANNELCTL_PROFILE: 'team-b' });
    expect(await own.json('accounts', 'get', 'team')).toMatchObject({ account_key: 'team' });
    const { code } = await own.failure('accounts', 'update', 'team', '--inactive');
    expect(code).toBe(4);
  });

  test('is not changed by reading', async () => {
    const own = await homeOf('profile');
    await own.json('accounts', 'list');
    await own.json('accounts', 'get', 'fb-81', '--reveal');
    expect(await readFile(own.stateFile(), 'utf8')).toBe(
      fixtureText('profile', 'profiles', 'default', 'state.json'),
    );
  });
});

describe('after an update', () => {
  test('the state file is byte for byte what 0.1.0 writes, except for the time, the names of secrets and the revision', async () => {
    const own = await homeOf('profile', { NEW: 'a-new-token-of-the-page' });
    await own.json(...fixtureJson('updated', 'command.json'));
    const { state, secrets } = await own.stored();
    const text = await readFile(own.stateFile(), 'utf8');
    const expected = fixtureText('updated', 'state.json');
    expect(withoutChance(text)).toBe(withoutChance(expected));
    const page = state.accounts.find(({ account_key }) => account_key === 'fb-81');
    const item = page?.secrets.page_access_token?.item ?? '';
    expect(secrets.get(item)).toBe('a-new-token-of-the-page');
    expect([...secrets.keys()].sort(), 'the old token is deleted').toEqual(
      secretsOf(state)
        .map((secret) => secret.item)
        .sort(),
    );
  });

  test('the other secrets have the values that 0.1.0 stored', async () => {
    const before = (await storedIn(fixture('profile'))).secrets;
    const own = await homeOf('profile', { NEW: 'a-new-token-of-the-page' });
    await own.json(...fixtureJson('updated', 'command.json'));
    const { secrets } = await own.stored();
    const unchanged = [...before].filter(([item]) => !item.includes('fb-81/page_access_token'));
    expect(unchanged).toHaveLength(before.size - 1);
    for (const [item, value] of unchanged) {
      const [name] = [...secrets.keys()].filter((one) => one.startsWith(item));
      expect(name, 'the name is extended').toMatch(/[0-9a-f]{16}$/);
      expect(secrets.get(name ?? '')).toBe(value);
    }
  });

  test('the audit log has the old entries and the one that 0.1.0 writes', async () => {
    const own = await homeOf('profile', { NEW: 'a-new-token-of-the-page' });
    await own.json(...fixtureJson('updated', 'command.json'));
    const { audit } = await own.stored();
    const chance = { at: 'then', user: 'someone', host: 'somewhere', ci: null };
    const old = (await storedIn(fixture('profile'))).audit;
    expect(audit.slice(0, -1)).toEqual(old);
    const expected = { ...fixtureJson('updated', 'audit-entry.json'), ...chance };
    expect(JSON.stringify({ ...audit.at(-1), ...chance })).toBe(JSON.stringify(expected));
  });
});

function withoutChance(text: string): string {
  const { revision: _later, ...state }: State = JSON.parse(withOldNames(text));
  for (const account of state.accounts) {
    if (account.account_key !== 'fb-81') continue;
    account.updated_at = 'then';
    const { page_access_token: token } = account.secrets;
    if (token !== undefined) token.item = token.item.replace(/[0-9a-f]{8}$/, 'random');
  }
  return `${JSON.stringify(state, null, 2)}\n`;
}

describe('unfinished operations of 0.1.0', () => {
  test('a WhatsApp connection is completed with the PIN that 0.1.0 sent', async () => {
    const own = await homeOf('profile', await deskVariables());
    const before = await own.stored();
    const item = before.state.pending?.[0]?.secrets.pin?.item ?? '';
    const pin = before.secrets.get(item);
    expect(pin).toMatch(/^\d{6}$/);
    const ids = ['--config', 'phone_number_id=5021', '--config', 'waba_id=502'];
    const token = ['--config', 'access_token=env:BUSINESS_TOKEN'];
    await own.json('accounts', 'create', '--channel', 'whatsapp', ...ids, ...token);
    const { config } = await own.json('accounts', 'get', 'wa-5021', '--reveal');
    expect(config.pin).toBe(pin);
    const after = await own.stored();
    expect(after.state).not.toHaveProperty('pending');
  });

  test('a refreshed token is not replaced with the old one that a document still contains', async () => {
    const own = await homeOf('profile', await deskVariables());
    const document = {
      version: 1,
      accounts: [
        {
          channel: 'instagram',
          account_key: 'ig-17841445902716038',
          config: { access_token: { env: 'INSTAGRAM_TOKEN' } },
        },
      ],
    };
    const { stdout } = await own.input(JSON.stringify(document), 'plan', '-f', '-', '--offline');
    expect(JSON.parse(stdout).steps).toEqual([]);
  });
});

describe('a profile that this version creates', () => {
  test('has the version, keys and encryption that 0.1.0 reads', async () => {
    const own = await home({ TOKEN: 'a-token-of-the-page', PASSWORD: 'a mail password' });
    const create = ['accounts', 'create', '--channel'];
    const steps = [
      ['config', 'set', 'webhook_base_url', 'https://desk.example.com/hooks'],
      [
        'integrations',
        'set',
        'messenger',
        '--config',
        'app_id=7',
        '--config',
        'app_secret=env:TOKEN',
      ],
      [...create, 'messenger', '--account-key', 'fb-1', '--config', 'page_id=1'],
      [...create, 'email', '--account-key', 'desk', '--config', 'address=desk@example.com'],
    ];
    steps[2]?.push('--config', 'page_access_token=env:TOKEN');
    steps[3]?.push('--config', 'password=env:PASSWORD', '--inactive');
    for (const step of steps) await own.json(...step);
    const { state, secrets, audit } = await storedIn(own.configDir);
    expect(state.accounts).toHaveLength(2);
    expect([...secrets.values()].sort()).toEqual([
      'a mail password',
      'a-token-of-the-page',
      'a-token-of-the-page',
    ]);
    expect(audit.map(({ action }) => action)).toEqual([
      'settings.changed',
      'integration.created',
      'account.created',
      'account.created',
    ]);
  });
});
