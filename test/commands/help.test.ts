import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { buildFullProgram, buildProgram, runProgram } from '../../src/cli/program.ts';
import { TOPICS } from '../../src/cli/registry.ts';
import { EXIT_CODES } from '../../src/shared/errors.ts';
import { sharedHome } from '../support/cli.ts';
import { commandsIn } from '../support/help.ts';

const { cli } = sharedHome();

function examplesIn(help: string): string[] {
  const [, list = ''] = /\nExamples:\n(.*)$/s.exec(help) ?? [];
  return list.split('\n').filter((line) => /^ {2}(?!#)\S/.test(line));
}

test('lists the topics of channelctl help, each with examples', async () => {
  const { stdout } = await cli('help');
  const topics = [...stdout.matchAll(/^ {2}channelctl help (\S+)/gm)].map(
    (match) => match[1] ?? '',
  );
  expect(topics).toEqual(['exit-codes', 'environment', 'output', 'secrets']);
  for (const topic of topics) {
    const { code, stdout: text, stderr } = await cli('help', topic);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(examplesIn(text).length, topic).toBeGreaterThanOrEqual(2);
  }
});

test('lists every exit code with its kind', async () => {
  const { stdout } = await cli('help', 'exit-codes');
  for (const [kind, code] of Object.entries(EXIT_CODES)) {
    expect(stdout).toMatch(new RegExp(`^ {2}${code} +${kind} `, 'm'));
  }
});

test('lists the variable of every setting', async () => {
  const { stdout } = await cli('help', 'environment');
  for (const name of ['WEBHOOK_BASE_URL', 'REDIRECT_URI', 'GRAPH_VERSION', 'ROLE', 'SECRETS']) {
    expect(stdout).toContain(`CHANNELCTL_${name}`);
  }
});

test('rejects an unknown topic as a usage error', async () => {
  const { code, stderr } = await cli('help', 'weather');
  expect(code).toBe(2);
  expect(stderr).toContain("'weather'");
});

test('shows at least two examples per command, all of existing commands', async () => {
  const nouns = commandsIn((await cli('--help')).stdout);
  const known = new Set<string>();
  const examples: [command: string, lines: string[]][] = [];
  const visit = async (path: string[]): Promise<void> => {
    const { stdout } = await cli(...path, '--help');
    const inner = commandsIn(stdout);
    if (inner.length === 0) {
      known.add(path.join(' '));
      examples.push([path.join(' '), examplesIn(stdout)]);
    }
    for (const name of inner) await visit([...path, name]);
  };
  await Promise.all(nouns.map((noun) => visit([noun])));
  expect(known.size).toBeGreaterThan(30);
  const few = examples.filter(([, lines]) => lines.length < 2).map(([command]) => command);
  expect(few).toEqual([]);
  for (const [command, lines] of examples) {
    expect(lines.join('\n'), command).toContain(`channelctl ${command}`);
    for (const line of lines) {
      const words = line.slice(line.indexOf('channelctl ') + 'channelctl '.length).split(' ');
      const names = [1, 2, 3].map((length) => words.slice(0, length).join(' '));
      expect(
        names.some((name) => known.has(name)),
        line,
      ).toBe(true);
    }
  }
}, 60_000);

describe('help of the program', () => {
  test('groups the commands by task', async () => {
    const { stdout } = await cli('--help');
    const headings = [...stdout.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Options',
      'Accounts',
      'Webhooks',
      'Configuration as code',
      'Operations',
      'Setup',
      'Topics',
      'Examples',
    ]);
    const program = await buildFullProgram();
    expect(commandsIn(stdout)).toEqual(program.commands.map((command) => command.name()));
  });
});

describe('help on a terminal', async () => {
  const paths = pathsIn(await buildFullProgram());
  const pages = [
    ...paths.map((path) => [...path.split(' ').filter((word) => word !== ''), '--help']),
    ...Object.keys(TOPICS).map((topic) => ['help', topic]),
  ];
  const commands = paths.map((path) => `channelctl ${path}`.trim());

  test.each([40, 60, 80, 200])('wraps to %d columns', async (columns) => {
    for (const page of pages) {
      const [piped, wrapped] = [await helpText(page), await helpText(page, columns)];
      expect(words(wrapped), `the words of ${page.join(' ')}`).toEqual(words(piped));
      const long = wrapped.split('\n').filter((line) => line.length > columns);
      expect(long.filter((line) => !isUnbreakable(line))).toEqual([]);
    }
  });

  test.each([40, 60, 80])('keeps a command on one line in %d columns', async (columns) => {
    for (const page of pages) {
      const [piped, wrapped] = [await helpText(page), await helpText(page, columns)];
      const synopsis = /^Usage: .*(?:\n +[[<].*)*/;
      for (const command of commands) {
        const count = (text: string) => text.replace(synopsis, '').split(command).length - 1;
        expect(count(wrapped), `${command} in ${page.join(' ')}`).toBe(count(piped));
      }
    }
  });

  test('stays unwrapped in a pipe', async () => {
    const { stdout } = await cli('help', 'secrets');
    expect(stdout).toContain(`\n${(await helpText(['help', 'secrets'])).split('\n')[2]}\n`);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeGreaterThan(120);
  });
});

function pathsIn(command: Command, path = ''): string[] {
  const inner = command.commands.flatMap((one) => pathsIn(one, `${path} ${one.name()}`.trim()));
  return [path, ...inner];
}

async function helpText(args: readonly string[], columns?: number): Promise<string> {
  let text = '';
  const stdout = {
    ...(columns !== undefined && { isTTY: true, columns }),
    write: (part: string) => {
      text += part;
    },
  };
  await runProgram(
    buildProgram(async () => {}, stdout),
    args,
  );
  return text;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '#');
}

function isUnbreakable(line: string): boolean {
  return /^ *(?:channelctl |# yaml-language-server|[A-Z_]+=\S* channelctl |\S+$|\S+ <[^>]+>$|-)/.test(
    line,
  );
}
