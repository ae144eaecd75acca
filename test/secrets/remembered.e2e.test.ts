import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatKey } from '../../src/secrets/generated-key.ts';
import { PROGRAM } from '../support/cli.ts';
import { keyringHome, keyringMissing } from '../support/keyring.ts';
import { OWNER } from '../support/postgres.ts';
import { STATE_SERVERS, teams } from '../support/state-servers.ts';

/** Generated keys make the commands faster than passphrases. */
const KEY = formatKey(new Uint8Array(32));
const OTHER_KEY = formatKey(new Uint8Array(32).fill(1));
const PASSPHRASE = 'correct horse battery staple';
const SECRET = 'the mail password';
const CTL = `${process.execPath} ${PROGRAM}`;
const title = `a remembered passphrase${keyringMissing === null ? '' : ` (${keyringMissing})`}`;

type Home = Awaited<ReturnType<typeof keyringHome>>;

const ITEMS = 'secret-tool search --all service channelctl-passphrase 2>&1 | grep username || :';
const READ = '$CTL accounts get a --reveal --json --fields config.password';
/** Prints what the command prints, then its exit code. */
const CODE = `code() { "$@" 2>&1 && echo "exit 0" || echo "exit $?"; }`;
const create = (passphrase: string, extra = '') =>
  `CHANNELCTL_PASSPHRASE='${passphrase}' $CTL accounts create --channel email --account-key a \
     --config address=a@example.com --config password=env:SECRET ${extra} >/dev/null 2>&1`;
const remember = (passphrase: string, extra = '') =>
  `CHANNELCTL_PASSPHRASE='${passphrase}' $CTL secrets remember ${extra}`;

const env = { CTL, SECRET, CHANNELCTL_SECRETS: 'file' };

async function inSession(
  home: Home,
  script: string,
  service: Parameters<Home['run']>[0] = 'unlocked',
) {
  const argv = ['sh', '-ec', `${CODE}\n${script}`];
  const { code, stdout, stderr } = await home.run(service, argv, env);
  expect(code, stderr + stdout).toBe(0);
  return stdout;
}

async function homeWithRemembered(): Promise<Home> {
  const home = await keyringHome();
  await inSession(home, `${create(KEY)}; ${remember(KEY)}`);
  return home;
}

describe.skipIf(keyringMissing !== null)(title, () => {
  test('opens the secrets file until it is deleted, which always succeeds', async () => {
    const home = await homeWithRemembered();
    const output = await inSession(
      home,
      `${READ}
       $CTL doctor --json --fields check,message || :
       $CTL secrets forget
       code ${READ}
       $CTL secrets forget
       $CTL secrets forget --json`,
    );
    expect(output).toContain(`"password": "${SECRET}"`);
    expect(output).toContain("file: available. The passphrase comes from this machine's keychain.");
    const [deleted = '', again = ''] = output
      .slice(output.indexOf('Deleted the passphrase'))
      .split('exit 8\n');
    expect(deleted).toContain('no passphrase is remembered');
    expect(deleted).toContain('channelctl secrets remember');
    expect(again).toContain('The keychain contains no passphrase of the profile default.');
    expect(again).toMatch(/\{\s*"success": true\s*\}\s*$/s);
  });

  test('must open the existing file, and replaces an earlier one', async () => {
    const home = await homeWithRemembered();
    const output = await inSession(
      home,
      `code env CHANNELCTL_PASSPHRASE='battery staple' $CTL secrets remember
       ${READ}
       CHANNELCTL_PASSPHRASE_COMMAND='echo "${KEY}"' $CTL secrets remember --json
       ${READ}
       ${ITEMS}
       code $CTL secrets remember`,
    );
    expect(output).toMatch(/Wrong passphrase \(CHANNELCTL_PASSPHRASE\).*?exit 8/s);
    expect(output.split(SECRET)).toHaveLength(3);
    expect(output.match(/attribute.username/g)).toHaveLength(1);
    expect(output).toMatch(/The passphrase is missing.*?exit 2\n$/s);
  });

  test('is changed by secrets passphrase, from a generated key to a passphrase and back', async () => {
    const home = await homeWithRemembered();
    const output = await inSession(
      home,
      `CHANNELCTL_NEW_PASSPHRASE='${PASSPHRASE}' $CTL secrets passphrase
       ${READ}
       CHANNELCTL_PASSPHRASE='${PASSPHRASE}' CHANNELCTL_NEW_PASSPHRASE=${KEY} $CTL secrets passphrase
       ${READ}`,
    );
    expect(output.match(/of the secrets file and in the keychain/g)).toHaveLength(2);
    expect(output.split(SECRET)).toHaveLength(3);
  });

  test('that is wrong is named, with the command that deletes it', async () => {
    const home = await homeWithRemembered();
    const file = '"$HOME/.config/channelctl/profiles/default/secrets.json"';
    const output = await inSession(
      home,
      `rm ${file}
       CHANNELCTL_PASSPHRASE=${OTHER_KEY} $CTL accounts update a --config password=env:SECRET >/dev/null
       code ${READ}
       CHANNELCTL_PASSPHRASE=${OTHER_KEY} ${READ}`,
    );
    expect(output).toContain("Wrong passphrase (this machine's keychain)");
    expect(output).toContain('Run channelctl secrets forget');
    expect(output).toContain('exit 8');
    expect(output, 'a variable overrides it').toContain(SECRET);
  });

  test('belongs to one profile, with which it is deleted', async () => {
    const output = await inSession(
      await homeWithRemembered(),
      `${create(OTHER_KEY, '--profile shop')}
       code ${READ} --profile shop
       ${remember(OTHER_KEY, '--profile shop')}
       ${READ} --profile shop
       ${READ}
       code $CTL secrets remember --profile typo
       ${ITEMS}
       $CTL profiles delete shop --yes
       ${ITEMS}`,
    );
    expect(output).toMatch(/requires a passphrase.*?exit 8/s);
    expect(output).toMatch(/"typo" does not exist.*?exit 3/s);
    expect(output.split(SECRET)).toHaveLength(3);
    const [before = '', after = ''] = output.split('Deleted the profile shop');
    expect(before.match(/attribute.username/g)).toHaveLength(2);
    expect(after.match(/attribute.username/g)).toHaveLength(1);
    expect(after).toContain('attribute.username = default:');
  });

  test('belongs to one configuration folder, however its path is written', async () => {
    const home = await homeWithRemembered();
    await mkdir(join(home.home, 'other'));
    await symlink(join(home.home, 'other'), join(home.home, 'link'));
    const output = await inSession(
      home,
      `export CHANNELCTL_CONFIG_DIR="$HOME/link/new"
       ${remember(OTHER_KEY)}
       ${create(OTHER_KEY)}
       export CHANNELCTL_CONFIG_DIR="$HOME/other/new"
       ${READ}
       unset CHANNELCTL_CONFIG_DIR
       ${READ}
       $CTL secrets forget
       ${ITEMS}`,
    );
    expect(output.split(SECRET)).toHaveLength(3);
    const names = [...output.matchAll(/username = (\S+)/g)].map(([, name]) => name);
    expect(names).toEqual([`default:${home.home}/other/new`]);
  });

  test('does not count as an unused secret, and no secret is taken for it', async () => {
    const output = await inSession(
      await homeWithRemembered(),
      `$CTL doctor --fix --json --fields check,message || :
       CHANNELCTL_SECRETS=keychain $CTL secrets move --to keychain
       CHANNELCTL_SECRETS=keychain $CTL accounts delete a --yes
       CHANNELCTL_SECRETS=keychain $CTL doctor --fix --json --fields check,message || :
       ${ITEMS}`,
    );
    expect(output).not.toContain('unused secret:');
    expect(output.match(/attribute.username/g)).toHaveLength(1);
  });

  test('in a locked keychain, exits with 8 and names both ways, unless a variable is set', async () => {
    const home = await homeWithRemembered();
    const output = await inSession(
      home,
      `code ${READ}
       CHANNELCTL_PASSPHRASE='${KEY}' ${READ}
       CHANNELCTL_PASSPHRASE='${KEY}' CHANNELCTL_NEW_PASSPHRASE=${OTHER_KEY} $CTL secrets passphrase 2>&1
       $CTL accounts list --json --fields account_key
       $CTL profiles delete default --yes 2>&1`,
      'locked',
    );
    expect(output).toMatch(
      /The keychain, which may contain the passphrase, cannot be read..*?Unlock it.*?set CHANNELCTL_PASSPHRASE, .*?exit 8/s,
    );
    expect(output).toContain(SECRET);
    expect(output).toMatch(/was changed, but not in the keychain.*?channelctl secrets remember/s);
    expect(output).toMatch(/may still contain the passphrase of the deleted profile/s);
    expect(output).toContain('channelctl secrets forget --profile default');
    expect(await inSession(home, '$CTL secrets forget')).toContain('Deleted the passphrase');
  });

  test('in a locked keychain, a prompt on a terminal replaces it', async () => {
    const home = await homeWithRemembered();
    const output = await inSession(
      home,
      `(sleep 3; echo '${KEY}'; sleep 3) | script -qec "$CTL accounts get a --reveal" /dev/null`,
      'locked',
    );
    expect(output.replace(/\s+/g, ' ')).toContain('may contain the passphrase, cannot be read');
    expect(output).toContain('Passphrase of the secrets file');
    expect(output).toContain(SECRET);
  });

  test.each(['no bus', 'absent', 'locked'] as const)(
    'on a machine with the keychain %s that never stored one, nothing changes',
    async (service) => {
      const home = await keyringHome();
      await inSession(home, create(KEY), 'absent');
      const argv = (script: string) => ['sh', '-ec', `${CODE}\n${script}`];
      const run = (script: string) =>
        service === 'no bus'
          ? home.runWithoutBus(argv(script), env)
          : home.run(service, argv(script), env);
      const before = performance.now();
      const { stdout } = await run(`code ${READ}`);
      expect(performance.now() - before).toBeLessThan(4_000);
      expect(stdout).toMatch(/requires a passphrase.*?no passphrase is remembered.*?exit 8/s);
      expect(stdout).not.toContain('warning');
      const others = await run(
        `$CTL secrets forget
         code env ${remember(KEY)}
         $CTL profiles delete default --yes 2>&1`,
      );
      expect(others.stdout).toContain('contains no passphrase');
      expect(others.stdout).toMatch(/in the keychain cannot be changed.*?exit 8/s);
      expect(others.stdout).toMatch(/Deleted the profile default\.\n$/);
      expect(others.stdout).not.toContain('warning');
    },
  );
});

const [postgres] = STATE_SERVERS;

describe.skipIf(keyringMissing !== null || !postgres?.isInstalled)(
  `${title} of shared state`,
  () => {
    const team = postgres && teams(postgres);

    test('must open the state, and can be deleted if it does not', async () => {
      const address = (await team?.())?.address;
      const another = (await team?.())?.address;
      const output = await inSession(
        await keyringHome(),
        `export CHANNELCTL_STATE='${address}' PGPASSWORD='${OWNER.password}'
       ${create(KEY)}
       typed() { (sleep 3; echo "$1"; sleep 3) | script -qec "$CTL secrets remember" /dev/null; }
       typed '${OTHER_KEY}' || echo 'typed a wrong one'
       typed '${KEY}'
       ${READ}
       export CHANNELCTL_STATE='${another}'
       ${create(OTHER_KEY)}
       code ${READ}
       $CTL secrets forget
       ${remember(OTHER_KEY)}
       ${READ}`,
      );
      expect(output).toMatch(/Wrong passphrase.*?typed a wrong one/s);
      expect(output).not.toContain('New passphrase');
      expect(output).toMatch(/\(this machine's keychain\).*?channelctl secrets forget.*?exit 8/s);
      expect(output).toContain('Deleted the passphrase of the profile default');
      expect(output.split(SECRET)).toHaveLength(3);
    }, 60_000);
  },
);
