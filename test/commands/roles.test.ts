import { beforeAll, describe, expect, test } from 'vitest';
import { home, homeIn, sharedHome } from '../support/cli.ts';
import { commandsIn } from '../support/help.ts';

/** Every command by its required role; those that take an account get one that does not exist. */
const COMMANDS = {
  supervisor: [
    'webhooks status nope',
    'integrations list',
    'integrations get messenger',
    'accounts list',
    'accounts get nope',
    'menu get nope',
    'email check nope',
    'tokens list',
    'whatsapp numbers nope',
    'audit list',
    'export --offline',
    'plan -f nope',
    'status --offline',
    'doctor',
    'secrets list',
    'state show',
  ],
  admin: [
    'integrations set messenger --inactive',
    'accounts create --channel email --account-key k --config address=a@example.com',
    'accounts update nope --inactive',
    'accounts set-default nope',
    'accounts check nope',
    'accounts delete nope --yes',
    'config set output json',
    'config unset output',
    'messenger connect --list-only --code c --redirect-uri http://localhost/cb',
    'messenger pages --page 1',
    'menu set nope --item Talk=postback:TALK',
    'menu delete nope --yes',
    'instagram connect --code c --redirect-uri https://localhost/cb',
    'instagram subscribe nope',
    'tokens inspect nope',
    'tokens refresh nope',
    'whatsapp health nope',
    'whatsapp signup --code c --waba-id 1 --phone-number-id 2',
    'whatsapp register nope',
    'whatsapp deregister nope --yes',
    'whatsapp subscribe nope',
    'whatsapp unsubscribe nope --yes',
    'whatsapp pin set nope --pin 123456',
    'apply -f nope --yes',
    'init',
    'webhooks unset nope --level number --yes',
    'webhooks set nope --yes',
    'webhooks test nope',
    'webhooks listen --port 0',
    'api GET me --account nope',
    'secrets move --to file',
    'secrets passphrase',
    'secrets remember',
    'secrets forget',
    'state init',
    'state accept',
  ],
  /**
   * Any role may run these, but `profiles delete` requires the admin role in the profile being
   * deleted.
   */
  agent: [
    'config list',
    'config get role',
    'config path',
    'profiles list',
    'profiles show default',
    'profiles delete nope --yes',
  ],
  /** These commands do not use the profile. */
  none: ['sandbox start', 'sandbox env', 'schema', 'completion bash', 'secrets generate-key'],
};

const { supervisor, admin, agent, none } = COMMANDS;
const here = sharedHome();

beforeAll(async () => {
  await here.json('config', 'set', 'division_id', 'east');
});

async function refused(role: string, lines: readonly string[]): Promise<string[]> {
  const { cli } = homeIn(here.configDir, { CHANNELCTL_ROLE: role });
  const results = await Promise.all(lines.map((line) => cli(...line.split(' '), '--json')));
  return lines.filter((_, index) => {
    const { code, stdout, stderr } = results[index] ?? {};
    return code === 4 && stdout === '' && JSON.parse(stderr ?? '').error.kind === 'not_allowed';
  });
}

test('an agent is denied exactly the commands of a supervisor and an admin', async () => {
  const before = await here.state();
  expect(await refused('agent', [...supervisor, ...admin])).toEqual([...supervisor, ...admin]);
  expect(await refused('agent', agent)).toEqual([]);
  expect(await here.state()).toBe(before);
});

test('a supervisor is denied exactly the commands of an admin', async () => {
  const before = await here.state();
  expect(await refused('supervisor', admin)).toEqual(admin);
  expect(await refused('supervisor', supervisor)).toEqual([]);
  expect(await here.state()).toBe(before);
});

test('this file lists every command, and the help of each names its role', async () => {
  for (const noun of commandsIn((await here.cli('--help')).stdout)) {
    const verbs = commandsIn((await here.cli(noun, '--help')).stdout);
    const paths = verbs.length === 0 ? [[noun]] : verbs.map((verb) => [noun, verb]);
    const pages = await Promise.all(paths.map((path) => here.cli(...path, '--help')));
    for (const [index, words] of paths.entries()) {
      const path = words.join(' ');
      const is = (lines: readonly string[]) =>
        lines.some((line) => line === path || line.startsWith(`${path} `));
      expect(is([...supervisor, ...admin, ...agent, ...none]), `COMMANDS above lists ${path}`).toBe(
        true,
      );
      if (/^Commands:$/m.test(pages[index]?.stdout ?? '')) continue;
      const stated = /^Requires the (\w+) role\.$/m.exec(pages[index]?.stdout ?? '')?.[1];
      const expected = is(admin) ? 'admin' : is(supervisor) ? 'supervisor' : undefined;
      expect(stated, path).toBe(expected);
    }
  }
});

describe('the effective role', () => {
  test('is that of the profile, which cannot raise it', async () => {
    const night = await home();
    await night.json('config', 'set', 'role', 'supervisor');
    const before = await night.state();
    for (const args of [
      ['config', 'set', 'role', 'admin'],
      ['config', 'unset', 'role'],
    ]) {
      const { code, error } = await night.failure(...args);
      expect({ code, kind: error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
      expect(error.message).toContain('supervisor');
    }
    expect(await night.json('accounts', 'list')).toEqual([]);
    expect(await night.state()).toBe(before);
  });

  test('can be narrowed by CHANNELCTL_ROLE, which every command rejects if it is higher', async () => {
    const night = await home();
    await night.json('config', 'set', 'role', 'supervisor');
    const as = (role: string) => homeIn(night.configDir, { CHANNELCTL_ROLE: role });
    for (const command of ['accounts list', 'config list', 'config get output']) {
      const { code, error } = await as('admin').failure(...command.split(' '));
      expect({ code, kind: error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
      expect(error.hint).toContain('CHANNELCTL_ROLE');
    }
    expect((await as('agent').failure('accounts', 'list')).code).toBe(4);
    expect(await as('supervisor').json('accounts', 'list')).toEqual([]);
    expect(await as('agent').json('config', 'get', 'role')).toEqual({
      key: 'role',
      value: 'agent',
      source: 'env',
    });
  });

  test('must be admin for --reveal', async () => {
    const desk = await home({ CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD: 'of-the-mailbox' });
    const support = ['accounts', 'create', '--channel', 'email', '--account-key', 'support'];
    await desk.json(...support, '--config', 'address=a@example.com');
    await desk.json('integrations', 'set', 'messenger', '--config', 'app_secret=0123456789abcdef');
    const supervisor = homeIn(desk.configDir, { CHANNELCTL_ROLE: 'supervisor' });
    for (const args of [
      ['accounts', 'get', 'support', '--reveal'],
      ['integrations', 'get', 'messenger', '--reveal'],
    ]) {
      const { code, stdout } = await supervisor.failure(...args);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect((await desk.cli(...args)).code).toBe(0);
    }
  });
});
