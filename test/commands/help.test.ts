import { expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/shared/errors.ts';
import { sharedHome } from '../support/cli.ts';

const { cli } = sharedHome();

/** The names under "Commands:" in a help text. */
function commandsIn(help: string): string[] {
  const [, list = ''] = /\nCommands:\n(.*?)(?:\n\n|$)/s.exec(help) ?? [];
  return [...list.matchAll(/^ {2}(\S+)/gm)].flatMap((match) => match[1] ?? []);
}

function examplesIn(help: string): string[] {
  const [, list = ''] = /\nExamples:\n(.*)$/s.exec(help) ?? [];
  return list.split('\n').filter((line) => /^ {2}(?!#)\S/.test(line));
}

test('channelctl help lists the topics, and each of them has examples', async () => {
  const { stdout } = await cli('help');
  const topics = [...stdout.matchAll(/^ {2}channelctl help (\S+)/gm)].map(
    (match) => match[1] ?? '',
  );
  expect(topics).toEqual(['exit-codes', 'environment', 'output', 'secrets']);
  for (const topic of topics) {
    const { code, stdout: text, stderr } = await cli('help', topic);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(examplesIn(text).length, topic).toBeGreaterThanOrEqual(2);
    expect(Math.max(...text.split('\n').map((line) => line.length)), topic).toBeLessThanOrEqual(
      100,
    );
  }
});

test('help exit-codes has every code with its kind', async () => {
  const { stdout } = await cli('help', 'exit-codes');
  for (const [kind, code] of Object.entries(EXIT_CODES)) {
    expect(stdout).toMatch(new RegExp(`^ {2}${code} +${kind} `, 'm'));
  }
});

test('help environment has every variable of the settings that config list can show', async () => {
  const { stdout } = await cli('help', 'environment');
  for (const name of ['WEBHOOK_BASE_URL', 'REDIRECT_URI', 'GRAPH_VERSION', 'ROLE', 'SECRETS']) {
    expect(stdout).toContain(`CHANNELCTL_${name}`);
  }
});

test('a topic that there is not is a usage error', async () => {
  const { code, stderr } = await cli('help', 'weather');
  expect(code).toBe(2);
  expect(stderr).toContain("'weather'");
});

test('every command has at least two examples, and each line names a command that there is', async () => {
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
