import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedHome } from '../support/cli.ts';
import { interactive, isInstalled, pathWithProgram } from '../support/shells.ts';
import { fixture } from './support.ts';

const own = sharedHome();
const env = { ...own.env, PATH: pathWithProgram() };
const script = (shell: string) => fixture('completion', shell);

beforeAll(async () => {
  const account = ['accounts', 'create', '--channel', 'email', '--account-key', 'ann@example.com'];
  await own.json(...account, '--display-name', 'Ann', '--config', 'address=ann@example.com');
});

describe('the completion script that 0.1.0 printed for bash', () => {
  async function complete(line: string): Promise<string[]> {
    const lines = [
      `source '${script('bash')}'`,
      `COMP_LINE='${line}' COMP_POINT=${line.length} _channelctl channelctl`,
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ];
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', lines.join('\n')], {
      env: { ...env, COMP_WORDBREAKS: ' \t\n"\'><=;|&(:@' },
      cwd: fixture('documents'),
    });
    return stdout.trim().split('\n');
  }

  test('completes commands, options, accounts and files with this version', async () => {
    expect(await complete('channelctl accounts set-d')).toEqual(['set-default']);
    expect(await complete('channelctl accounts list --channel=m')).toEqual(['messenger']);
    expect(await complete('channelctl accounts get ann@')).toEqual(['example.com']);
    expect(await complete('channelctl plan --file full.y')).toEqual(['full.yaml']);
  });

  test('completes in an interactive shell when Tab is pressed', async () => {
    const shell = await interactive(['bash', '--norc', '--noprofile', '-i'], env);
    await shell.type(`source '${script('bash')}'; echo re''ady\r`, /ready/);
    await shell.type('channelctl accounts set-d\t', /set-default /);
    await shell.type('ann\t', /ann@example\.com /);
  });
});

test.skipIf(!isInstalled('zsh'))(
  'the completion script that 0.1.0 printed for zsh completes when Tab is pressed',
  async () => {
    const shell = await interactive(['zsh', '-f', '-i'], env);
    const load = `autoload -U compinit; compinit -D -u; source '${script('zsh')}'; echo re''ady\r`;
    await shell.type(load, /ready/);
    await shell.type('channelctl accounts set-d\t', /set-default |efault /);
    await shell.type('email/\t', /ann@example\.com /);
  },
);

test.skipIf(!isInstalled('fish'))(
  'the completion script that 0.1.0 printed for fish completes with descriptions',
  async () => {
    const commands = `source '${script('fish')}'; complete -C 'channelctl accounts get ann'`;
    const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', commands], { env });
    expect(stdout).toBe('ann@example.com\tAnn\n');
  },
);
