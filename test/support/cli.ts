import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';

/** The built program, started as a user's shell would start it. */
export const PROGRAM = fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));

export interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A new empty folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'channelctl-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An environment that holds nothing of the machine's, with secrets in an encrypted file. */
export function bareEnvironment(configDir: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: configDir,
    CHANNELCTL_CONFIG_DIR: configDir,
    CHANNELCTL_SECRETS: 'file',
    CHANNELCTL_PASSPHRASE: 'correct horse battery staple',
  };
}

/** Who runs a program, where it is not who runs the tests. */
export interface User {
  uid?: number;
  gid?: number;
}

let copyForOthers: string | undefined;

/** A copy of the program that every user may read: its own folder may be closed to others. */
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

/** Starts the program and leaves it running. */
export function start(args: string[], env: Record<string, string>, user: User = {}) {
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe'];
  const program = user.uid === undefined ? PROGRAM : programForOthers();
  return spawn(process.execPath, [program, ...args], { env, stdio, ...user });
}

/** Runs the program to its end, without a terminal. */
export function run(
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
    child.stdin.on('error', () => {}); // The program may end before it has read its input.
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A home of its own for one test: `cli('accounts', 'list')` runs there. */
export async function home(extra: Record<string, string> = {}) {
  return homeIn(await temporaryFolder(), extra);
}

/** One home for all tests of a file or a group, for those that leave it as it was. */
export function sharedHome(extra: Record<string, string> = {}) {
  const configDir = mkdtempSync(join(tmpdir(), 'channelctl-test-'));
  afterAll(() => rm(configDir, { recursive: true, force: true }));
  return homeIn(configDir, extra);
}

export type Home = ReturnType<typeof homeIn>;

/** A home in a folder that exists, such as that of another home with other variables. */
export function homeIn(configDir: string, extra: Record<string, string>) {
  const env = { ...bareEnvironment(configDir), ...extra };
  const cli = (...args: string[]) => run(args, env);
  const stateFile = (profile = 'default') => join(configDir, 'profiles', profile, 'state.json');
  return {
    configDir,
    env,
    cli,
    stateFile,
    /** A profile's state file byte for byte; null where there is none. */
    state: (profile?: string) => readFile(stateFile(profile), 'latin1').catch(() => null),
    /** Runs with `--json`, expects success, and gives the parsed result. */
    async json(...args: string[]) {
      const result = await run([...args, '--json'], env);
      if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr}`);
      return JSON.parse(result.stdout);
    },
    /** Runs with `--json`, expects a failure, and gives its exit code and error object. */
    async failure(...args: string[]) {
      const result = await run([...args, '--json'], env);
      const last = result.stderr.trim().split('\n').at(-1) ?? '';
      return { code: result.code, stdout: result.stdout, error: JSON.parse(last).error };
    },
  };
}
