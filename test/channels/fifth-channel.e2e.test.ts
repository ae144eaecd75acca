import { execFile, spawn } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bareEnvironment } from '../support/cli.ts';

// Adds a made-up channel, Noticeboard, to a copy of the source. Its files and the lines below must
// be all that a channel requires: if another file had to change, the copy would not compile, or one
// of its commands would fail here.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURE = fileURLToPath(new URL('../fixtures/fifth-channel', import.meta.url));
const BUILD_TIME_LIMIT_MS = 120_000;

/** The lines that register the channel, by file: `[before, after]`. */
const REGISTRATION: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'src/channels/index.ts': [
    ["import { email } from './email/index.ts';", "import { board } from './board/index.ts';"],
    ['[whatsapp, messenger, instagram, email]', '[whatsapp, messenger, instagram, email, board]'],
  ],
  'src/cli/registry.ts': [
    [
      "    name: 'email',",
      "    name: 'board',\n    section: 'Accounts',\n    channel: 'board',\n    summary: 'Noticeboards',\n    load: () => import('../commands/board/index.ts'),\n  },\n  {\n    name: 'email',",
    ],
  ],
  'src/graph/operations/index.ts': [
    ["import { instagram } from './instagram.ts';", "import { boards } from './board.ts';"],
    ['  ...nodes,', '  ...nodes,\n  ...boards,'],
  ],
  'src/graph/operations/webhooks.ts': [["'instagram']", "'instagram', 'board']"]],
  'src/sandbox/handlers/index.ts': [
    ["import type { Handlers } from './handler.ts';", "import * as board from './board.ts';"],
    ['  sendBatch,\n};', '  sendBatch,\n  ...board,\n};'],
  ],
  'src/sandbox/handlers/objects.ts': [
    ['  page_id: ', '  board_id: ({ pages }, id) => pages.has(id),\n  page_id: '],
  ],
  'src/sandbox/handlers/webhooks.ts': [
    ['  instagram: [', "  board: ['messages', 'notices'],\n  instagram: ["],
  ],
};

const SEED = `
apps:
  - { id: "700", secret: app-secret-700, name: Desk }
pages:
  - { id: "81", name: Alder Books }
people:
  - { id: "90", name: Ada, pages: [{ id: "81", tasks: [MESSAGING, MANAGE] }] }
webhooks:
  - { app_id: "700", object: board, callback_url: "https://desk.example/board/nb-81", fields: [messages, notices] }
`;

let checkout: string;

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'channelctl-test-fifth-channel-'));
  for (const part of ['src', 'bin', 'package.json', 'tsconfig.json', 'tsup.config.ts']) {
    cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  cpSync(FIXTURE, checkout, { recursive: true, errorOnExist: true, force: false });
  for (const [file, lines] of Object.entries(REGISTRATION)) register(join(checkout, file), lines);
  await promisify(execFile)(process.execPath, [tool('tsup/dist/cli-default.js'), '--silent'], {
    cwd: checkout,
  });
}, BUILD_TIME_LIMIT_MS);
afterAll(() => rm(checkout, { recursive: true, force: true }));

/** Replaces each `before` with `after`; an import is added in front of `before` instead. */
function register(file: string, lines: readonly (readonly [string, string])[]): void {
  let text = readFileSync(file, 'utf8');
  for (const [before, after] of lines) {
    expect(text.split(before), `${file} contains once: ${before}`).toHaveLength(2);
    text = text.replace(before, before.startsWith('import ') ? `${after}\n${before}` : after);
  }
  writeFileSync(file, text);
}

function tool(path: string): string {
  return join(ROOT, 'node_modules', path);
}

async function boardDesk() {
  const home = await mkdtemp(join(checkout, 'home-'));
  const env = { ...bareEnvironment(home), BOARD_TOKEN: '', APP_SECRET: 'app-secret-700' };
  const seed = join(home, 'seed.yaml');
  await writeFile(seed, SEED);
  const child = spawn(
    process.execPath,
    [program(), 'sandbox', 'start', '--port', '0', '--seed', seed, '--json'],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('the sandbox did not start')));
  });
  const sandbox = JSON.parse(line);
  Object.assign(env, {
    CHANNELCTL_GRAPH_URL: sandbox.graph_url,
    BOARD_TOKEN: sandbox.pages[0].access_token,
  });
  const cli = (...args: string[]) => ended([program(), ...args], env);
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli(...args, '--json');
    if (code !== 0) throw new Error(`exit ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  };
  await json('integrations', 'set', 'board', ...config('app_id=700', 'app_secret=env:APP_SECRET'));
  await json('config', 'set', 'webhook_base_url', 'https://desk.example');
  return { home, cli, json };
}

function config(...pairs: string[]): string[] {
  return pairs.flatMap((pair) => ['--config', pair]);
}

function program(): string {
  return join(checkout, 'bin', 'channelctl.js');
}

function ended(args: string[], env: Record<string, string>) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const CREATE = ['accounts', 'create', '--channel', 'board'];
const ACCOUNT = config('board_id=81', 'board_token=env:BOARD_TOKEN');

describe('a new channel: its folder, operations and handlers', () => {
  test('compiles without changes to other files', { timeout: BUILD_TIME_LIMIT_MS }, async () => {
    const project = join(checkout, 'tsconfig.json');
    writeFileSync(
      project,
      JSON.stringify({ ...JSON.parse(readFileSync(project, 'utf8')), include: ['src'] }),
    );
    const { code, stdout } = await ended([tool('typescript/bin/tsc'), '-p', project], {});
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  test('stores the secrets of accounts outside the state', async () => {
    const { json, cli } = await boardDesk();
    const account = await json(...CREATE, ...ACCOUNT);
    expect(account).toMatchObject({ channel: 'board', account_key: 'nb-81' });
    expect(account.webhook_url).toBe('https://desk.example/board/nb-81');
    expect(account.config.board_token).toMatch(/^\*+\S{4}$/);
    expect((await json('board', 'show', 'nb-81')).name).toBe('Noticeboard 81');
    expect((await cli('board', '--help')).stdout).toContain('show');
    const missing = await cli(...CREATE, '--config', 'board_id=82');
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('board_token')]);
  });

  test('subscribes its accounts when a document is applied', async () => {
    const { home, json, cli } = await boardDesk();
    await json(...CREATE, ...ACCOUNT);
    const [before] = JSON.parse((await cli('status', '--json')).stdout);
    expect(before).toMatchObject({ healthy: false, webhook: 'missing' });

    const file = join(home, 'desk.json');
    await writeFile(file, JSON.stringify(await json('export')));
    const document = JSON.parse(readFileSync(file, 'utf8'));
    document.subscriptions = { 'board/nb-81': { subscribed: true } };
    await writeFile(file, JSON.stringify(document));
    const { steps } = await json('apply', '--file', file, '--yes');
    expect(steps).toContainEqual(
      expect.objectContaining({ name: 'board/nb-81', part: 'subscription', result: 'done' }),
    );
    expect((await json('plan', '--file', file)).steps).toEqual([]);
    expect(JSON.stringify(await json('schema'))).toContain('Noticeboard');
  });

  test('has the same webhooks and checks in all commands', async () => {
    const { home, json, cli } = await boardDesk();
    await json(...CREATE, ...ACCOUNT);
    const file = join(home, 'desk.json');
    await writeFile(
      file,
      JSON.stringify({ version: 1, subscriptions: { 'board/nb-81': { subscribed: true } } }),
    );
    await json('apply', '--file', file, '--yes');
    expect(await json('webhooks', 'status', 'nb-81')).toMatchObject({
      called_url: 'https://desk.example/board/nb-81',
      healthy: true,
    });
    const [checked] = await json('accounts', 'check', '--all');
    expect(checked).toMatchObject({ healthy: true, details: { board_name: 'Noticeboard 81' } });
    expect((await json('status'))[0]).toMatchObject({ healthy: true, webhook: 'subscribed' });
    expect((await cli('doctor', '--json')).stdout).toContain('board');
    const api = await json('api', 'GET', 'boards/81', '--account', 'nb-81');
    expect(api.name).toBe('Noticeboard 81');
  });

  test('has tokens that can be listed and renewed', async () => {
    const { json } = await boardDesk();
    const soon = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
    await json(...CREATE, ...ACCOUNT, ...config(`board_token_expires_at=${soon}`));
    expect(await json('tokens', 'list')).toContainEqual(
      expect.objectContaining({ channel: 'board', account_key: 'nb-81', field: 'board_token' }),
    );
    const [refreshed] = await json('tokens', 'refresh', '--expiring-within', '14d');
    expect(refreshed).toMatchObject({ channel: 'board', refreshed: true });
    expect(Date.parse(refreshed.expires_at) - Date.now()).toBeGreaterThan(50 * 24 * 60 * 60 * 1000);
    expect((await json('board', 'show', 'nb-81')).name).toBe('Noticeboard 81');
  });

  test('appears in the shell completion', () => {
    const table = JSON.parse(readFileSync(join(checkout, 'dist', 'commands.json'), 'utf8'));
    const group = table.commands.find(({ name }: { name: string }) => name === 'board');
    expect(group.commands[0].name).toBe('show');
  });
});
