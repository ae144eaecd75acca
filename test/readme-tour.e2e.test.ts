import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { bareEnvironment, PROGRAM, start, temporaryFolder } from './support/cli.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function commandsWith(command: string): string {
  const blocks = [...README.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] ?? '');
  const found = blocks.find((text) => text.includes(command));
  if (found === undefined) throw new Error(`The README has no ${command}.`);
  return found;
}

async function startSandbox(env: Record<string, string>): Promise<string> {
  const child = start(['sandbox', 'start', '--port', '0'], env);
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('export SANDBOX_PAGE_TOKEN=')) break;
  }
  return lines.join('\n');
}

test("the README's tour creates a WhatsApp number that every command reports as healthy", async () => {
  const env = bareEnvironment(await temporaryFolder());
  const script = [
    'set -eu',
    `channelctl() { "${process.execPath}" "${PROGRAM}" "$@"; }`,
    await startSandbox(env),
    commandsWith('channelctl whatsapp health'),
  ];
  const { stdout } = await promisify(execFile)('bash', ['-c', script.join('\n')], { env });
  expect(stdout).toMatch(/whatsapp\/wa-\d+ {2}healthy/);
  expect(stdout).not.toMatch(/unhealthy|error/);
});
