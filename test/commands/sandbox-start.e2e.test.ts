import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SandboxDescription } from '../../src/sandbox/types.ts';
import { accepts, freePort, send } from '../auth/oauth/support.ts';
import {
  bareEnvironment,
  home,
  PROGRAM,
  type Run,
  runBuilt,
  start,
  temporaryFolder,
} from '../support/cli.ts';
import { DESK_SEED } from '../support/desk.ts';

async function serving(...args: string[]) {
  return servingIn(bareEnvironment(await temporaryFolder()), ...args);
}

async function servingIn(env: Record<string, string>, ...args: string[]) {
  const child = start(['sandbox', 'start', ...args], env);
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
  });
  const ended = new Promise<Run>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, ...text }));
  });
  const spoken = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text.stdout += chunk;
      if (chunk.endsWith('\n')) resolve();
    });
  });
  await Promise.race([spoken, ended]);
  return { child, ended, said: () => text.stdout, warned: () => text.stderr };
}

async function seedFile(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'seed.yaml');
  await writeFile(path, text);
  return path;
}

const portOf = ({ graph_url }: { graph_url: string }) => Number(new URL(graph_url).port);

describe('sandbox start --json', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('prints one line and runs until %s', async (signal) => {
    const { child, ended, said } = await serving('--json', '--port', '0');
    const description: SandboxDescription = JSON.parse(said());
    const port = portOf(description);
    expect(await accepts('127.0.0.1', port)).toBe(true);
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr, lines: stdout.split('\n').length }).toEqual({
      ...{ code: 0, stderr: '', lines: 2 },
    });
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('prints every URL, app, token and Page', async () => {
    const { said } = await serving('--json', '--port', '0');
    const description: SandboxDescription = JSON.parse(said());
    expect(Object.keys(description)).toEqual([
      ...['graph_url', 'facebook_url', 'instagram_url', 'instagram_api_url'],
      ...['instagram_graph_url', 'facebook_sdk_url', 'app_id', 'app_secret'],
      ...['instagram_app_id', 'instagram_app_secret', 'waba_id', 'phone_number_id'],
      ...['business_token', 'pin', 'pages'],
    ]);
    const { pages, ...values } = description;
    for (const value of Object.values(values)) expect(value).toMatch(/./);
    expect(pages).toHaveLength(70);
    for (const page of pages) {
      expect(page).toEqual({
        id: expect.stringMatching(/^\d+$/),
        name: expect.any(String),
        access_token: expect.stringMatching(/^EAA/),
      });
    }
    const { hostname } = new URL(description.graph_url);
    expect(hostname).toMatch(/^(127\.0\.0\.1|localhost)$/);
  });
});

describe('sandbox start', () => {
  test('listens on the specified port', async () => {
    const port = await freePort();
    const { said } = await serving('--json', '--port', String(port));
    expect(portOf(JSON.parse(said()))).toBe(port);
  });

  test('exits with 7 and names the port if it is in use', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void other.close());
    const { code, stdout, error } = await (await home()).failure(
      ...['sandbox', 'start', '--port', String(port)],
    );
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 7, stdout: '', kind: 'conflict' });
    expect(error.message).toContain(String(port));
    expect(error.hint).toContain('--port');
  });

  test.each(['65536', '-1', 'http'])('exits with 2 for --port %s', async (port) => {
    const { code, error } = await (await home()).failure('sandbox', 'start', '--port', port);
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
  });

  test('prints shell commands that set up the environment for every command', async () => {
    const secret = 'it$HOME\\;(id)&<x>|*';
    const seed = DESK_SEED.replace(/secret: [\w-]+/, `secret: ${JSON.stringify(secret)}`);
    const { said } = await serving('--port', '0', '--seed', await seedFile(seed));
    expect(said()).toMatch(/^(?:export [A-Z_]+='.*'\n)+$/);
    const folder = await temporaryFolder();
    const lines = join(folder, 'lines.sh');
    await writeFile(lines, said());
    const script = `set -e
      . "$1"; shift
      "$@" integrations set messenger --config app_id="$SANDBOX_APP_ID" --config app_secret=env:SANDBOX_APP_SECRET
      "$@" accounts create --channel messenger --account-key fb-81 --config page_id="$SANDBOX_PAGE_ID" --config page_access_token=env:SANDBOX_PAGE_TOKEN
      "$@" menu set fb-81 --item Talk=postback:TALK --get-started START >&2
      printf %s "$SANDBOX_APP_SECRET"`;
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', script, 'sh', lines, process.execPath, PROGRAM, '--quiet'],
      { env: bareEnvironment(folder) },
    );
    expect(stdout.endsWith(secret)).toBe(true);
  });

  test('starts with the Pages of the seed', async () => {
    const { said } = await serving('--port', '0', '--json', '--seed', await seedFile(DESK_SEED));
    const { app_id, pages }: SandboxDescription = JSON.parse(said());
    expect({ app_id, ids: pages.map(({ id }) => id) }).toEqual({
      app_id: '700',
      ids: ['81', '82', '83', '84'],
    });
  });

  test('starts with the example seed in the README, also from stdin', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const example = /```yaml\n(# seed\.yaml\n[^`]+)```/.exec(readme)?.[1] ?? '';
    const { said } = await serving('--port', '0', '--json', '--seed', await seedFile(example));
    const child = start(
      ['sandbox', 'start', '--port', '0', '--json', '--seed', '-'],
      bareEnvironment(await temporaryFolder()),
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.end(example);
    const [piped] = await once(child.stdout, 'data');
    for (const line of [said(), String(piped)]) {
      expect(JSON.parse(line)).toMatchObject({
        ...{ app_id: '700', app_secret: 'app-secret-700', instagram_app_id: '800' },
        ...{ waba_id: '10', phone_number_id: '11', business_token: 'EAA-for-all', pin: '204816' },
      });
    }
  });

  test('explains on stderr at once that a client used HTTPS', async () => {
    const { child, ended, said, warned } = await serving('--port', '0', '--json');
    const { graph_url }: SandboxDescription = JSON.parse(said());
    await expect(send(graph_url.replace('http:', 'https:'))).rejects.toThrow();
    await expect.poll(warned).toContain('A client used HTTPS');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(JSON.parse(stderr)).toEqual({
      warning: {
        message: 'A client used HTTPS, but the sandbox accepts only plain HTTP.',
        hint: expect.stringContaining('http://'),
      },
    });
  });

  test("uses the profile's output format for its result and errors", async () => {
    const own = await home();
    await own.cli('config', 'set', 'output', 'json');
    const { said } = await servingIn(own.env, '--port', '0');
    expect(JSON.parse(said())).toHaveProperty('graph_url');
    const { code, stderr } = await own.cli('sandbox', 'start', '--port', 'http');
    expect([code, JSON.parse(stderr).error.kind]).toEqual([2, 'usage']);
  });

  test('does not apply the output setting to output for other programs', async () => {
    const own = await home();
    await own.cli('config', 'set', 'output', 'yaml');
    expect((await own.cli('completion', 'bash')).stdout).toMatch(/^_channelctl\(\) \{/);
    expect(JSON.parse((await own.cli('schema')).stdout)).toHaveProperty('properties');
  });

  test('explains in its help how to stop it and where seeds are described', async () => {
    const { stdout } = await (await home()).cli('sandbox', 'start', '--help');
    expect(stdout).toContain('exit code 0');
    const [, section = ''] = /"(A seed for [^"]+)"/.exec(stdout) ?? [];
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\n## ${section}\n`);
  });

  test.each([
    ['pages: *nothing', 'alias'],
    ['? [pages]\n: []', 'line 1'],
    ['pages: !list []', 'line 1'],
    ['pages: [', 'seed'],
    ['pages: [{ id: 81, name: A }]', 'pages[0].id'],
    ['pages: [{ id: "81" }]', 'pages[0].name'],
    ['pges: []', 'pges'],
    ['people: [{ id: "1", name: A, pages: [{ id: "9" }] }]', 'people[0].pages[0].id'],
  ])('exits with 2 for the invalid seed %j', async (seed, words) => {
    const env = bareEnvironment(await temporaryFolder());
    const args = ['sandbox', 'start', '--port', '0', '--seed', await seedFile(seed)];
    const { code, stdout, stderr } = await runBuilt(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
  });

  test('exits with 2 if the seed file does not exist', async () => {
    const own = await home();
    const { code, error } = await own.failure('sandbox', 'start', '--seed', '/nowhere/seed.yaml');
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('/nowhere/seed.yaml');
  });

  test('works without a usable profile folder', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'not-a-folder'), '');
    const env = { ...bareEnvironment(join(folder, 'not-a-folder')), CHANNELCTL_ROLE: 'agent' };
    const child = start(['sandbox', 'start', '--port', '0', '--json'], env);
    onTestFinished(() => void child.kill('SIGKILL'));
    const [beginning] = await once(child.stdout, 'data');
    expect(String(beginning)).toMatch(/^\{"graph_url":/);
  });
});

test('rejects a token of the real Meta', async () => {
  const { said } = await serving('--port', '0', '--json', '--seed', await seedFile(DESK_SEED));
  const { graph_url }: SandboxDescription = JSON.parse(said());
  const own = await home({
    CHANNELCTL_GRAPH_URL: graph_url,
    CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: 'EAA-a-token-of-the-real-Meta',
  });
  const { code, error } = await own.failure('messenger', 'pages', '--all-pages');
  expect({ code, kind: error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
  expect(error.graph).toMatchObject({ status: 401, code: 190, type: 'OAuthException' });
});
