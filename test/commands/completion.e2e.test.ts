import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { onBuilt, sharedHome } from '../support/cli.ts';
import { interactive, isInstalled, pathWithProgram } from '../support/shells.ts';

const own = onBuilt(sharedHome());
const env = { ...own.env, PATH: pathWithProgram() };
const script = (shell: string) => join(own.configDir, `completion.${shell}`);

beforeAll(async () => {
  const email = ['accounts', 'create', '--channel', 'email', '--config', 'address=a@example.com'];
  const page = ['accounts', 'create', '--channel', 'messenger', '--config', 'page_id=81'];
  const token = ['--config', 'page_access_token=env:TOKEN'];
  const setUp: string[][] = [
    [...email, '--account-key', 'ann@example.com', '--display-name', 'Ann'],
    [...email, '--account-key', 'desk'],
    [...page, ...token, '--account-key', 'desk'],
    [...page, ...token, '--account-key', 'fb-81', '--display-name', 'Alder\tBooks'],
    ['config', 'set', 'output', 'table', '--profile', 'staging'],
  ];
  own.env.TOKEN = 'a-token-of-the-page';
  for (const args of setUp) {
    const { code, stderr } = await own.cli(...args);
    if (code !== 0) throw new Error(stderr);
  }
  await mkdir(join(own.configDir, 'docs', 'inner folder'), { recursive: true });
  for (const name of ['my channels.yaml', "q'uote.yaml", 'box@a.yaml']) {
    await writeFile(join(own.configDir, 'docs', name), '');
  }
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    const { stdout } = await own.cli('completion', shell);
    await writeFile(script(shell), stdout);
  }
});

const FILES: [typed: string, completed: RegExp][] = [
  ['-f my', /my\\ channels\.yaml /],
  ['-f my\\ ch', /annels\.yaml /],
  ['-f "my ch', /annels\.yaml" /],
  ["-f 'my ch", /annels\.yaml' /],
  ['-f q', /q\\'uote\.yaml /],
  ['-f box@', /a\.yaml /],
  ['-f inn', /inner\\ folder\//],
  ['-f ~/docs/my', /\\ channels\.yaml /],
  ['-f $HOME/docs/my', /\\ channels\.yaml /],
  ['--file=my\\ ch', /annels\.yaml /],
];

async function candidates(line: string): Promise<string[]> {
  const { code, stdout, stderr } = await own.cli('__complete', '--line', line);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').flatMap((row) => (row === '' ? [] : (row.split('\t')[0] ?? '')));
}

describe('completion', () => {
  test('completes groups and commands', async () => {
    expect(await candidates('channelctl we')).toEqual(['webhooks']);
    expect(await candidates('channelctl webhooks ')).toEqual([
      'status',
      'set',
      'unset',
      'test',
      'listen',
    ]);
    expect(await candidates('channelctl whatsapp pin ')).toEqual(['set']);
  });

  test('completes options, including global ones', async () => {
    expect(await candidates('channelctl accounts list --d')).toEqual(['--division-id', '--debug']);
    expect(await candidates('channelctl --json api GET /me --pa')).toEqual(['--paginate']);
  });

  test('completes accounts by key, with the channel if the key is ambiguous', async () => {
    const keys = ['ann@example.com', 'email/ann@example.com', 'email/desk', 'messenger/desk'];
    expect(await candidates('channelctl accounts get ')).toEqual([
      ...keys,
      'fb-81',
      'messenger/fb-81',
    ]);
    expect(await candidates('channelctl accounts get ann@')).toEqual(['ann@example.com']);
    expect(await candidates('channelctl webhooks status f')).toEqual(['fb-81']);
    expect(await candidates('channelctl api GET /me --account fb')).toEqual(['fb-81']);
    expect(await candidates('channelctl accounts get fb-81 ')).toEqual([]);
  });

  test('completes only accounts of the channel that the command works on', async () => {
    const found = ['messenger/desk', 'fb-81', 'messenger/fb-81'];
    expect(await candidates('channelctl menu set ')).toEqual(found);
  });

  test('completes accounts of the profile in the command line', async () => {
    expect(await candidates('channelctl --profile other accounts get ')).toEqual([]);
    expect(await candidates('channelctl --profile=other accounts get ')).toEqual([]);
  });

  test('completes channels, choices, settings and profiles', async () => {
    const channels = ['whatsapp', 'messenger', 'instagram', 'email'];
    expect(await candidates('channelctl accounts list --channel ')).toEqual(channels);
    expect(await candidates('channelctl accounts list --channel=m')).toEqual([
      '--channel=messenger',
    ]);
    expect(await candidates('channelctl integrations get e')).toEqual(['email']);
    expect(await candidates('channelctl accounts list -o t')).toEqual(['table', 'tsv']);
    expect(await candidates('channelctl config get w')).toEqual(['webhook_base_url']);
    expect(await candidates('channelctl profiles show ')).toEqual(['default', 'staging']);
    expect(await candidates('channelctl accounts list --profile s')).toEqual(['staging']);
  });

  test('leaves file names to the shell', async () => {
    expect(await candidates('channelctl menu set fb-81 --file ')).toEqual([':files']);
    expect(await candidates('channelctl api POST /me --input ')).toEqual([':files']);
    expect(await candidates('channelctl plan --file=chan')).toEqual([':files']);
    const { stdout } = await own.cli('__complete', '--line', 'channelctl plan -f "my ch');
    expect(stdout).toBe(':files\t"my ch\n');
  });

  test('completes help topics, values of settings, and channels with an app', async () => {
    const topics = ['exit-codes', 'environment', 'output', 'secrets'];
    expect((await candidates('channelctl help ')).slice(0, 4)).toEqual(topics);
    expect(await candidates('channelctl help acc')).toEqual(['accounts']);
    expect(await candidates('channelctl config set role ')).toEqual([
      ...['agent', 'supervisor', 'admin'],
    ]);
    expect(await candidates('channelctl config set output t')).toEqual(['table', 'tsv']);
    expect(await candidates('channelctl config set division_id ')).toEqual([]);
    expect(await candidates('channelctl init ')).toEqual(['whatsapp', 'messenger', 'instagram']);
  });

  test('treats a quoted string as one word', async () => {
    const line = `channelctl accounts update --display-name "Alder & Co" fb`;
    expect(await candidates(line)).toEqual(['fb-81']);
    expect(await candidates(`channelctl accounts update --display-name 'a b`)).toEqual([]);
  });

  test('prints a description on one line without control characters', async () => {
    const { stdout } = await own.cli('__complete', 'accounts', 'get', ':fb');
    expect(stdout).toBe('fb-81\tAlder Books\n');
  });

  test('prints neither candidates nor an error if the state cannot be read', async () => {
    await writeFile(own.stateFile('staging'), 'not JSON');
    const result = await own.cli('__complete', '--profile', 'staging', 'accounts', 'get', ':');
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });
});

test('completion also prints the script as JSON, and rejects other shells', async () => {
  expect(await own.json('completion', 'fish')).toEqual({
    shell: 'fish',
    script: expect.stringContaining('complete -c channelctl'),
  });
  expect(await own.failure('completion', 'tcsh')).toMatchObject({ code: 2, stdout: '' });
});

describe('bash', () => {
  async function complete(line: string): Promise<string[]> {
    const lines = [
      `source '${script('bash')}'`,
      `COMP_LINE='${line}' COMP_POINT=${line.length} _channelctl channelctl`,
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ];
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', lines.join('\n')], {
      env: { ...env, COMP_WORDBREAKS: ' \t\n"\'><=;|&(:@' },
      cwd: own.configDir,
    });
    return stdout.trim().split('\n');
  }

  test('completes a line, and splits words as bash does', async () => {
    expect(await complete('channelctl webhooks s')).toEqual(['status', 'set']);
    expect(await complete('channelctl accounts get ann@')).toEqual(['example.com']);
    expect(await complete('channelctl accounts list --channel=m')).toEqual(['messenger']);
    expect(await complete('channelctl menu set fb-81 --file completion.b')).toEqual([
      'completion.bash',
    ]);
    expect(await complete('channelctl plan --file=completion.b')).toEqual(['completion.bash']);
  });

  test('completes in an interactive shell when Tab is pressed', async () => {
    const shell = await interactive(['bash', '--norc', '--noprofile', '-i'], env);
    await shell.type(`source '${script('bash')}'; echo re''ady\r`, /ready/);
    await shell.type('channelctl web\t', /channelctl webhooks /);
    await shell.type('stat\t', /status /);
    await shell.type('fb\t', /fb-81 /);
    await shell.type('\x15channelctl accounts get ann\t', /ann@example\.com /);
  });
});

describe.each([
  ['bash', ['bash', '--norc', '--noprofile', '-i'], ''],
  [
    'bash without compopt, as on macOS',
    ['bash', '--norc', '--noprofile', '-i'],
    'enable -n compopt; ',
  ],
  ['zsh', ['zsh', '-f', '-i'], 'autoload -U compinit; compinit -D -u; '],
  ['fish', ['fish', '--no-config', '-i'], ''],
])('%s', (_name, argv, before) => {
  const [name = ''] = argv;

  test.skipIf(!isInstalled(name))('completes and quotes the names of files', async () => {
    const shell = await interactive(argv, { ...env, HOME: own.configDir });
    await shell.type(`${before}source '${script(name)}'; cd ~/docs; echo re''ady\r`, /ready/);
    for (const [typed, completed] of FILES) {
      await shell.type(`\x15channelctl plan ${typed}\t`, completed);
    }
  });
});

test.skipIf(!isInstalled('zsh'))(
  'zsh completes in an interactive shell when Tab is pressed',
  async () => {
    const shell = await interactive(['zsh', '-f', '-i'], env);
    const load = `autoload -U compinit; compinit -D -u; source '${script('zsh')}'; echo re''ady\r`;
    await shell.type(load, /ready/);
    await shell.type('channelctl web\t', /channelctl webhooks |hooks /);
    await shell.type('stat\t', /us /);
    await shell.type('fb\t', /81 /);
    await shell.type(`\x15channelctl plan --file=${own.configDir}/completion.z\t`, /zsh/);
  },
);

test.skipIf(!isInstalled('fish'))('fish also completes files after an option', async () => {
  const file = `${own.configDir}/completion.f`;
  const line = `complete -C 'channelctl plan --file=${file}'`;
  const commands = `source '${script('fish')}'; ${line}`;
  const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', commands], { env });
  expect(stdout).toContain(`--file=${file}ish`);
});

test.skipIf(!isInstalled('fish'))('fish completes with descriptions', async () => {
  const commands = `source '${script('fish')}'; complete -C 'channelctl accounts get fb'`;
  const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', commands], { env });
  expect(stdout).toBe('fb-81\tAlder Books\n');
});
