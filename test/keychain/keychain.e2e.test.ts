import { describe, expect, test } from 'vitest';
import { PROGRAM } from '../support/cli.ts';
import { keyringHome, keyringMissing } from '../support/keyring.ts';

const SECRET = 'a1b2c3d4e5f60718';
const MASK = '********0718';
const title = `secrets in a real keychain${keyringMissing === null ? '' : ` (${keyringMissing})`}`;

type Home = Awaited<ReturnType<typeof keyringHome>>;
type Service = Parameters<Home['run']>[0] | 'no bus';

const channelctl = (...args: string[]) => [process.execPath, PROGRAM, ...args];

async function inSession(home: Home, script: string) {
  const env = { CTL: channelctl().join(' '), SECRET };
  const { code, stdout, stderr } = await home.run('unlocked', ['sh', '-ec', script], env);
  expect(code, stderr).toBe(0);
  return stdout;
}

/**
 * Returns the error object in the last line of stderr; the session bus may print messages before
 * it.
 */
function errorIn(stderr: string) {
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error;
}

const SET_APP =
  '$CTL integrations set messenger --config app_id=1065 --config app_secret=env:SECRET --json';
const READ_ITEM = 'secret-tool search --all service channelctl 2>&1';

async function homeWithApp(): Promise<Home> {
  const home = await keyringHome();
  await inSession(home, `${SET_APP} >/dev/null`);
  return home;
}

describe.skipIf(keyringMissing !== null)(title, () => {
  test('a secret can be set, shown masked, revealed, read by another program, and removed', async () => {
    const home = await keyringHome();
    const output = await inSession(
      home,
      `${SET_APP} --fields config
       $CTL integrations list --json --fields config
       $CTL integrations get messenger --reveal --json --fields config
       item=$(grep -o 'default/messenger/app_secret/[0-9a-f]*' "$HOME/.config/channelctl/profiles/default/state.json")
       printf '[%s]\\n' "$(secret-tool lookup service channelctl username "$item")"
       ! grep -rq "$SECRET" "$HOME/.config"
       $CTL integrations set messenger --unset app_secret --json --fields config
       ${READ_ITEM}`,
    );
    const [found, afterwards = ''] = output.split(`[${SECRET}]\n`);
    const shown = [...(found ?? '').matchAll(/"app_secret": "(.*)"/g)].map(([, value]) => value);
    expect(shown).toEqual([MASK, MASK, SECRET]);
    expect(JSON.parse(afterwards)).toEqual({ config: { app_id: '1065' } });
  });

  test('twelve secrets are stored quickly and deleted with their account', async () => {
    const fields = Array.from({ length: 12 }, (_, index) => `key${index}_secret`);
    const pairs = fields.map((field) => `--config ${field}=env:SECRET`).join(' ');
    const output = await inSession(
      await keyringHome(),
      `started=$(date +%s%N)
       $CTL accounts create --channel email --account-key support --config address=a@example.com ${pairs} >/dev/null
       $CTL accounts get support --reveal --json --fields config
       echo "took $(( ($(date +%s%N) - started) / 1000000 ))"
       $CTL accounts delete support --yes >/dev/null
       ${READ_ITEM}`,
    );
    expect(output.match(new RegExp(`_secret": "${SECRET}"`, 'g'))).toHaveLength(12);
    const [, milliseconds, afterwards] = /took (\d+)\n(.*)$/s.exec(output) ?? [];
    expect(Number(milliseconds)).toBeLessThan(3_000);
    expect(afterwards, 'nothing remains in the keychain').toBe('');
  });

  test('a secret that another program deleted is reported with exit code 4 and how to store it again', async () => {
    const home = await homeWithApp();
    const run = (...args: string[]) => {
      const script = 'secret-tool clear service channelctl; "$@"';
      const argv = channelctl(...args, '--json');
      return home.run('unlocked', ['sh', '-c', script, 'sh', ...argv]);
    };
    const signIn = ['--code', 'x', '--redirect-uri', 'http://localhost:8976/callback'];
    for (const [command, what] of [
      [
        ['integrations', 'get', 'messenger', '--reveal'],
        'The app_secret of the messenger integration is missing',
      ],
      [
        ['messenger', 'connect', '--list-only', ...signIn],
        'The app_secret of the messenger integration is missing',
      ],
    ] as const) {
      const { code, stdout, stderr } = await run(...command);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      const error = errorIn(stderr);
      expect(error.kind).toBe('not_allowed');
      expect(error.message).toContain(what);
      expect(error.hint).toContain('integrations set messenger --config app_secret=@file');
    }
  });

  test('secrets move to an encrypted file and back, and none is left behind', async () => {
    const output = await inSession(
      await keyringHome(),
      `${SET_APP} >/dev/null
       export CHANNELCTL_PASSPHRASE='correct horse battery staple'
       $CTL secrets move --to file --json --fields store,moved
       ${READ_ITEM}
       $CTL secrets list --json --fields owner,store
       $CTL secrets move --to keychain --json --fields store,moved
       ls "$HOME/.config/channelctl/profiles/default"
       unset CHANNELCTL_PASSPHRASE
       $CTL integrations get messenger --reveal --json --fields config
       $CTL audit list -o tsv --fields action`,
    );
    expect(output.replace(/\s+/g, ' ')).toMatch(
      /^\{ "store": "file", "moved": 1 \} \[ \{ "owner": "messenger", "store": "file" \} \] \{ "store": "keychain", "moved": 1 \} state\.json \{/,
    );
    expect(output).toContain(`"app_secret": "${SECRET}"`);
    expect(output.match(/secrets\.moved/g)).toHaveLength(2);
  });

  test('a secret is bound to its account and its server, and a rename leaves one item', async () => {
    const output = await inSession(
      await keyringHome(),
      `export CHANNELCTL_GRAPH_URL=http://127.0.0.1:1
       state="$HOME/.config/channelctl/profiles/default/state.json"
       password() { $CTL accounts get "$1" --reveal -o tsv --fields config.password 2>&1 || echo "exit $?"; }
       $CTL accounts create --channel email --account-key desk --config address=a@example.com \
         --config imap_host=imap.example.com --config password=env:SECRET >/dev/null
       sed -i 's/"imap_host": "imap.example.com"/"imap_host": "evil.example.com"/' "$state"
       password desk
       sed -i 's/"imap_host": "evil.example.com"/"imap_host": "imap.example.com"/' "$state"
       $CTL accounts update desk --account-key front --config imap_host=imap.example.org >/dev/null
       password front
       ${READ_ITEM}`,
    );
    expect(output).toMatch(/bound to .* on imap.example.com, .* on evil.example.com.*exit 8\n/s);
    expect(output).toContain(`\n${SECRET}\n`);
    const names = [...output.matchAll(/^attribute.username = (.*)$/gm)].map(([, name]) => name);
    expect(names).toEqual([
      expect.stringMatching(/^default\/email\/front\/password\/imap.example.org:[0-9a-f]{16}$/),
    ]);
  });

  test('on a terminal, a command waits while you respond to a dialog, and says so', async () => {
    const home = await homeWithApp();
    const output = await inSession(
      home,
      `kill -STOP $P
       (sleep 7; kill -CONT $P) &
       script -qec "$CTL integrations get messenger --reveal --json" /dev/null </dev/null
       wait`,
    );
    expect(output).toContain('Waiting for the keychain. If it shows a dialog');
    expect(output).toContain(`"app_secret": "${SECRET}"`);
  });

  const CASES: [Service, string][] = [
    ['locked', 'It is locked'],
    ['absent', 'No Secret Service'],
    ['no bus', 'requires a D-Bus session bus'],
    ['suspended', 'did not respond in time'],
  ];

  test.each(CASES)(
    'with the keychain %s, a command quickly exits with 8, names the alternatives and uses no other store',
    async (service, reason) => {
      const home = await homeWithApp();
      const attempt = async (...args: string[]) => {
        const before = performance.now();
        const argv = channelctl(...args, '--json');
        const env = { SECRET: 'another-secret' };
        const { code, stdout, stderr } = await (service === 'no bus'
          ? home.runWithoutBus(argv, env)
          : home.run(service, argv, env));
        expect(performance.now() - before).toBeLessThan(7_000);
        return { code, stdout, error: errorIn(stderr) };
      };
      for (const command of [
        ['integrations', 'get', 'messenger', '--reveal'],
        ['integrations', 'set', 'messenger', '--config', 'app_secret=env:SECRET'],
      ]) {
        const { code, stdout, error } = await attempt(...command);
        expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
        expect(error).toMatchObject({ kind: 'storage', graph: null });
        expect(error.message).toContain(reason);
        expect(error.hint).toContain('CHANNELCTL_SECRETS=file with CHANNELCTL_PASSPHRASE');
        expect(error.hint).toContain('CHANNELCTL_SECRETS=env');
      }
      const output = await inSession(
        home,
        '$CTL integrations get messenger --reveal --json --fields config; ls "$HOME/.config/channelctl/profiles/default"',
      );
      expect(output, 'the stored secret is unchanged').toContain(`"app_secret": "${SECRET}"`);
      expect(output, 'no other store exists').toMatch(/\}\nstate\.json\n$/);
    },
  );

  test('a secret can be stored again in another store if the keychain is not available', async () => {
    const home = await homeWithApp();
    const env = {
      CHANNELCTL_SECRETS: 'file',
      CHANNELCTL_PASSPHRASE: 'x',
      SECRET: 'another-secret',
    };
    const run = (...args: string[]) => home.runWithoutBus(channelctl(...args, '--json'), env);
    const { code, stderr } = await run('integrations', 'get', 'messenger', '--reveal');
    expect(code).toBe(8);
    expect(errorIn(stderr).hint).toContain('store the secrets again');
    const setting = ['integrations', 'set', 'messenger', '--config', 'app_secret=env:SECRET'];
    expect(await run(...setting)).toMatchObject({ code: 0 });
    const { stdout } = await run('integrations', 'get', 'messenger', '--reveal');
    expect(JSON.parse(stdout).config.app_secret).toBe('another-secret');
  });

  test('commands that show no secret do not access the keychain', async () => {
    const home = await homeWithApp();
    for (const args of [
      ['accounts', 'list'],
      ['integrations', 'list'],
      ['integrations', 'get', 'messenger'],
    ]) {
      const { code, stderr } = await home.runWithoutBus(channelctl(...args, '--json'));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
  });
});
