import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';
import { main } from '../../src/main.ts';

export const PROGRAM = fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));

export interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'channelctl-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function bareEnvironment(configDir: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: configDir,
    CHANNELCTL_CONFIG_DIR: configDir,
    CHANNELCTL_SECRETS: 'file',
    CHANNELCTL_PASSPHRASE: 'correct horse battery staple',
  };
}

export interface User {
  uid?: number;
  gid?: number;
}

let copyForOthers: string | undefined;

/**
 * Copies the program to a folder that every user can read, because the original may be in a private
 * one. Returns the path of the copy.
 */
function programForOthers(): string {
  if (copyForOthers !== undefined) return copyForOthers;
  const folder = mkdtempSync(join(tmpdir(), 'channelctl-test-program-'));
  chmodSync(folder, 0o755);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const root = dirname(dirname(PROGRAM));
  for (const part of ['bin', 'dist', 'package.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  copyForOthers = join(folder, 'bin', 'channelctl.js');
  return copyForOthers;
}

export function start(args: string[], env: Record<string, string>, user: User = {}) {
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe'];
  const program = user.uid === undefined ? PROGRAM : programForOthers();
  return spawn(process.execPath, [program, ...args], { env, stdio, ...user });
}

export function runBuilt(
  args: string[],
  env: Record<string, string>,
  input: string | Uint8Array = '',
  user: User = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = start(args, env, user);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {}); // The program may exit before it has read its input.
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/**
 * The minimum key derivation cost that the store accepts. Tests of the real cost start the built
 * program.
 */
export const CHEAP = { N: 2, r: 8, p: 1 };

interface RunOptions {
  interruption?: AbortController;
  cost?: { N: number; r: number; p: number };
}

export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string | Uint8Array = '',
  { interruption = new AbortController(), cost = CHEAP }: RunOptions = {},
): Promise<Run> {
  setMaxListeners(0, interruption.signal); // The signal of the process has no limit either.
  const stdin = new PassThrough();
  stdin.end(input);
  const [stdout, stderr] = [new Collector(), new Collector()];
  const code = await main({
    argv: args,
    env,
    stdin,
    stdout,
    stderr,
    signal: interruption.signal,
    commits: new Set(),
    openInBrowser: () => Promise.reject(new Error('a command in a test must not open a browser')),
    nodeVersion: process.version,
    secretFileCost: cost,
  });
  return { code, signal: null, stdout: stdout.text, stderr: stderr.text };
}

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

export function onBuilt<Of extends Home>(place: Of): Of {
  return { ...place, ...place.built };
}

export async function home(extra: Record<string, string> = {}) {
  return homeIn(await temporaryFolder(), extra);
}

/** Creates one home for all tests of a file or group that do not change it. */
export function sharedHome(extra: Record<string, string> = {}) {
  const configDir = mkdtempSync(join(tmpdir(), 'channelctl-test-'));
  afterAll(() => rm(configDir, { recursive: true, force: true }));
  return homeIn(configDir, extra);
}

export type Home = ReturnType<typeof homeIn>;

/**
 * Creates a home in an existing folder, such as that of a home with other variables. Commands run
 * in this process; those of `built` start the built program.
 */
export function homeIn(configDir: string, extra: Record<string, string>) {
  const env = { ...bareEnvironment(configDir), ...extra };
  const stateFile = (profile = 'default') => join(configDir, 'profiles', profile, 'state.json');
  return {
    configDir,
    env,
    stateFile,
    /** Returns the exact contents of a profile's state file; null if it does not exist. */
    state: (profile?: string) => readFile(stateFile(profile), 'latin1').catch(() => null),
    ...commandsWith((args) => run(args, env)),
    built: commandsWith((args) => runBuilt(args, env)),
  };
}

function commandsWith(runs: (args: string[]) => Promise<Run>) {
  return {
    cli: (...args: string[]) => runs(args),
    async json(...args: string[]) {
      const result = await runs([...args, '--json']);
      if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr}`);
      return JSON.parse(result.stdout);
    },
    async failure(...args: string[]) {
      const result = await runs([...args, '--json']);
      const last = result.stderr.trim().split('\n').at(-1) ?? '';
      return { code: result.code, stdout: result.stdout, error: JSON.parse(last).error };
    },
  };
}
