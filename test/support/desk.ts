import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { signInCode } from '../sandbox/support.ts';
import { bareEnvironment, home, type Run, run, start } from './cli.ts';

export const APP = { id: '700', secret: 'app-secret-700-of-the-desk' };

/**
 * One app and two people. Ada can answer messages of Alder Books and Birch & Co, and only analyze
 * Dogwood Dance; Bo can only analyze Alder Books.
 */
export const DESK_SEED = `
apps:
  - { id: "${APP.id}", secret: ${APP.secret}, name: Small Desk }
pages:
  - { id: "81", name: Alder Books, category: Bookstore }
  - { id: "82", name: Birch & Co }
  - { id: "83", name: Cedar Tea }
  - { id: "84", name: Dogwood Dance }
people:
  - { id: "91", name: Ada Alder, pages: [{ id: "81" }, { id: "82" }, { id: "84", tasks: [ANALYZE] }] }
  - { id: "92", name: Bo Birch, pages: [{ id: "81", tasks: [ANALYZE] }] }
`;

export function variablesFor({ urls }: Pick<Sandbox, 'urls'>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(urls).map(([name, value]) => [`CHANNELCTL_${name.toUpperCase()}`, value]),
  );
}

interface DeskOptions {
  seed?: string;
  now?: () => number;
  extra?: Record<string, string>;
}

/**
 * Sets up a Messenger integration once for all tests of a file, and returns a function that creates
 * a copy of it and a sandbox for each test.
 *
 * @param commands additional commands to run once, with APP_SECRET in the environment
 */
export function desks(...commands: readonly string[][]) {
  let template = '';
  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), 'channelctl-test-desk-'));
    const env = { ...bareEnvironment(template), APP_SECRET: APP.secret };
    const settings = ['--config', `app_id=${APP.id}`, '--config', 'app_secret=env:APP_SECRET'];
    for (const command of [['integrations', 'set', 'messenger', ...settings], ...commands]) {
      const { code, stderr } = await run(command, env);
      if (code !== 0) throw new Error(stderr);
    }
  });
  afterAll(() => rm(template, { recursive: true, force: true }));

  return async ({ seed = DESK_SEED, now, extra = {} }: DeskOptions = {}) => {
    const meta = await startSandbox({ port: 0, seed: parseSeed(seed), now });
    onTestFinished(() => meta.close());
    const own = await home({ ...variablesFor(meta), ...extra });
    await cp(template, own.configDir, { recursive: true });
    return { ...own, meta, signIn: (...args: string[]) => signingIn(args, own.env) };
  };
}

export type Desk = Awaited<ReturnType<ReturnType<typeof desks>>>;

export async function withCode(own: Desk, ...args: string[]): Promise<string[]> {
  return ['messenger', 'connect', '--code', await signInCode(own.meta), ...args];
}

/** Tests override the token with a variable. */
export function pageAccount(id: string): string[] {
  const config = ['--config', `page_id=${id}`, '--config', 'page_access_token=env:APP_SECRET'];
  return ['accounts', 'create', '--channel', 'messenger', '--account-key', `fb-${id}`, ...config];
}

export interface SigningIn {
  address: string;
  said(): string;
  type(line: string): void;
  endInput(): void;
  interrupt(): void;
  ended: Promise<Run>;
}

export async function signingIn(args: string[], env: Record<string, string>): Promise<SigningIn> {
  const child = start(args, env);
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => {}); // The program may exit before it has read its input.
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  const ended = new Promise<Run>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, ...text }));
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text.stderr += chunk;
      const line = /^(https?:\S+\/oauth(?:\/authorize)?\?\S+)\n/m.exec(text.stderr)?.[1];
      if (line !== undefined) resolve(line);
    });
    child.on('close', () =>
      reject(new Error(`The command exited without printing a URL: ${text.stderr}`)),
    );
  });
  return {
    address,
    said: () => text.stderr,
    type: (line) => void child.stdin.write(`${line}\n`),
    endInput: () => void child.stdin.end(),
    interrupt: () => void child.kill('SIGINT'),
    ended,
  };
}
