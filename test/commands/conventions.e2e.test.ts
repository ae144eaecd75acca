import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { homeIn, onBuilt, sharedHome, start } from '../support/cli.ts';
import { commandsIn } from '../support/help.ts';

const built = onBuilt(sharedHome());
const home = sharedHome();

beforeAll(() =>
  home.json(
    ...['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-1065'],
    ...['--config', 'page_id=1065', '--config', 'page_access_token=EAAG-page-token'],
  ),
);

describe('help', () => {
  test('of every group and command goes to stdout with an example, and exits with 0', async () => {
    const nouns = commandsIn((await built.cli('--help')).stdout);
    expect(nouns).toEqual(
      expect.arrayContaining([
        'integrations',
        'accounts',
        'messenger',
        'menu',
        'config',
        'profiles',
        'sandbox',
      ]),
    );
    for (const noun of nouns) {
      const ofNoun = await built.cli(noun, '--help');
      expect(ofNoun).toMatchObject({ code: 0, stderr: '' });
      const verbs = commandsIn(ofNoun.stdout);
      const paths = verbs.length === 0 ? [[noun]] : verbs.map((verb) => [noun, verb]);
      const pages = await Promise.all(paths.map((path) => built.cli(...path, '-h')));
      for (const [index, { code, stdout, stderr }] of pages.entries()) {
        const path = ['channelctl', ...(paths[index] ?? [])].join(' ');
        expect({ code, stderr }, path).toEqual({ code: 0, stderr: '' });
        expect(stdout).toMatch(
          new RegExp(`^Usage: ${path} [\\s\\S]*\nExamples:\n  # .+\n  ${path}`),
        );
        expect(stdout, 'the global options are listed too').toContain('--fields <a,b,c>');
      }
    }
  });

  test('--version prints the version, with or without other options', async () => {
    for (const args of [['--version'], ['--json', '--version']])
      expect(await built.cli(...args)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
        stderr: '',
      });
  });
});

test('a reader that closes the pipe early does not cause an error', async () => {
  const many = homeIn(home.configDir, { CHANNELCTL_PROFILE: 'many' });
  const first = await many.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'k'],
    ...['--config', 'address=a@example.com'],
  );
  const state = JSON.parse((await many.state('many')) ?? '');
  const [account] = state.accounts;
  state.accounts = Array.from({ length: 5_000 }, (_, index) => ({
    ...account,
    id: `${index}-${first.id}`,
    account_key: `k${index}`,
  }));
  await writeFile(many.stateFile('many'), JSON.stringify(state));

  for (const format of ['json', 'table']) {
    const child = start(['accounts', 'list', '-o', format], many.env);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
});

describe('without a terminal a command does not prompt or wait, and names the flag', () => {
  test.each([
    ['integrations set messenger', '--config app_id='],
    ['accounts create --channel email', '--account-key'],
    ['accounts create --channel email --account-key k', '--config address='],
    [
      'accounts create --channel whatsapp --no-register --no-subscribe',
      '--config phone_number_id=',
    ],
    ['accounts delete fb-1065', '--yes'],
    ['profiles delete default', '--yes'],
    ['accounts update fb-1065', 'channelctl accounts update --help'],
  ])('%s', async (line, flag) => {
    const before = await home.state();
    // Stdin stays open, as it may in a CI job.
    const child = start(line.split(' '), home.env);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(2);
    expect(stderr).toContain(flag);
    expect(await home.state()).toBe(before);
  });
});
