import { execFileSync } from 'node:child_process';
import { open, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { fileExists } from '../../src/profile/paths.ts';
import { home, run } from '../support/cli.ts';
import { type Desk, desks, withCode } from '../support/desk.ts';
import { interruptedRun } from '../support/interrupted-run.ts';

const desk = desks();

function delayBirch(at: Desk, milliseconds = 20_000): void {
  at.meta.inject({ operation: '/82/subscribed_apps', delay_ms: milliseconds, times: 20 });
}

async function accountKeys(at: Desk): Promise<string[]> {
  const state = JSON.parse((await at.state()) ?? '{"accounts":[]}');
  return state.accounts.map(({ account_key }: { account_key: string }) => account_key);
}

describe('an interrupted command prints what it has done', () => {
  async function applied(...options: string[]) {
    const at = await desk();
    const tokens = at.meta.description.pages.map(({ access_token }) => access_token);
    Object.assign(at.env, { T0: tokens[0], T1: tokens[1] });
    const document = {
      version: 1,
      accounts: ['81', '82'].map((id, index) => ({
        channel: 'messenger',
        account_key: `fb-${id}`,
        config: { page_id: id, page_access_token: { env: `T${index}` } },
      })),
    };
    const path = join(at.configDir, 'document.json');
    await writeFile(path, JSON.stringify(document));
    at.meta.inject({ operation: 'subscribePage', delay_ms: 20_000, times: 2 });
    const args = ['apply', '-f', path, '--yes', ...options];
    const subscribed = () =>
      at.meta.requests.filter(({ operation }) => operation === 'subscribePage').length > 0;
    return interruptedRun(args, at.env, subscribed);
  }

  test('apply, as JSON', async () => {
    const { code, stdout, stderr } = await applied('--json');
    expect(code).toBe(130);
    const { success, steps, problems } = JSON.parse(stdout);
    expect({ success, problems }).toEqual({ success: false, problems: [] });
    const names = steps.map((one: Record<string, string>) => `${one.part} ${one.name}`);
    expect(names).toEqual(expect.arrayContaining(['account messenger/fb-81']));
    expect(names).not.toContain('subscription messenger/fb-82');
    expect(steps.every(({ result }: { result: string }) => result === 'done')).toBe(true);
    const { kind, hint } = JSON.parse(stderr).error;
    expect(kind).toBe('cancelled');
    expect(hint).toContain('Run the same command again to finish.');
  });

  test('apply, as text', async () => {
    const { code, stdout, stderr } = await applied();
    expect(code).toBe(130);
    expect(stdout).toContain('create account messenger/fb-81');
    expect(stdout).toMatch(/^Applied \d of \d changes\.$/m);
    expect(stderr).toContain('Cancelled.');
  });

  test('messenger connect', async () => {
    const at = await desk();
    delayBirch(at);
    const args = [...(await withCode(at, '--page', '81', '--page', '82')), '--json'];
    const { code, stdout } = await interruptedRun(args, at.env, async () =>
      (await accountKeys(at)).includes('fb-81'),
    );
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      success: false,
      pages: [{ id: '81', connected: true }],
    });
  });

  test.each([
    ['accounts check --all', 'accounts', 'check', '--all', '--json'],
    ['status', 'status', '--json'],
  ])('%s', async (_, ...args) => {
    const at = await desk();
    await at.cli(...(await withCode(at, '--page', '81', '--page', '82')));
    delayBirch(at);
    const earlier = at.meta.requests.length;
    const { code, stdout } = await interruptedRun(args, at.env, async () => {
      const before = at.meta.requests.length;
      await sleep(300);
      const isWaiting = at.meta.requests
        .slice(earlier)
        .some(({ path }) => path.includes('/82/subscribed_apps'));
      return isWaiting && at.meta.requests.length === before;
    });
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject([{ account_key: 'fb-81' }]);
    expect(JSON.parse(stdout)).toHaveLength(1);
  });

  test('nothing if it has done nothing', async () => {
    const at = await desk();
    at.meta.inject({ operation: 'subscribePage', delay_ms: 20_000, times: 2 });
    const args = [...(await withCode(at, '--page', '81')), '--json'];
    const subscribed = () =>
      at.meta.requests.some(({ operation }) => operation === 'subscribePage');
    const { code, stdout } = await interruptedRun(args, at.env, subscribed);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });
});

test('a request that was sent is named, because Meta may have processed it', async () => {
  const at = await desk();
  await at.cli(...(await withCode(at, '--page', '81')));
  at.meta.inject({ operation: 'setMessengerProfile', delay_ms: 20_000 });
  const args = ['menu', 'set', 'fb-81', '--item', 'Help=postback:HELP', '--get-started', 'GO'];
  const sent = () => at.meta.requests.some(({ operation }) => operation === 'setMessengerProfile');
  const { code, stderr } = await interruptedRun([...args, '--json'], at.env, sent);
  expect(code).toBe(130);
  const { message } = JSON.parse(stderr.trim()).error;
  expect(message).toMatch(/^Cancelled\. Meta may have processed the request to /);
});

test('a command that fails half-way, such as on a full disk, prints what it has done', async () => {
  const at = await desk();
  delayBirch(at, 2_000);
  const running = run([...(await withCode(at, '--page', '81', '--page', '82')), '--json'], at.env);
  await expect
    .poll(async () => (await accountKeys(at)).includes('fb-81'), { timeout: 10_000 })
    .toBe(true);
  const log = join(at.configDir, 'audit', 'default', 'audit.jsonl');
  await expect.poll(() => fileExists(join(at.configDir, 'profiles', 'default.lock'))).toBe(false);
  await rm(log);
  await symlink('elsewhere', log); // This makes the next change fail.
  const { code, stdout, stderr } = await running;
  expect(code).toBe(8);
  expect(JSON.parse(stdout).pages).toMatchObject([{ id: '81', connected: true }]);
  expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error.kind).toBe('storage');
});

describe('a change under way', () => {
  test('is finished and reported as done', async () => {
    const own = await home({ PASSWORD: 'a-password-of-the-mailbox' });
    const interruption = new AbortController();
    const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
    const running = run(
      ['accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config, '--json'],
      own.env,
      '',
      { interruption, cost: { N: 2 ** 17, r: 8, p: 2 } },
    );
    const lock = join(own.configDir, 'profiles', 'default.lock');
    await expect.poll(() => fileExists(lock), { timeout: 10_000, interval: 5 }).toBe(true);
    interruption.abort();
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ account_key: 'a' });
    expect(await own.state()).toContain('"a"');
  });

  test('is not begun after an interruption', async () => {
    const own = await home();
    const interruption = new AbortController();
    interruption.abort();
    const args = ['config', 'set', 'output', 'json'];
    expect((await run(args, own.env, '', { interruption })).code).toBe(130);
    expect(await own.state()).toBeNull();
  });
});

test.skipIf(process.platform === 'win32')(
  'sandbox start ends if it is interrupted before it listens',
  async () => {
    const own = await home();
    const seed = join(own.configDir, 'seed');
    execFileSync('mkfifo', [seed]);
    const interruption = new AbortController();
    const args = ['sandbox', 'start', '--port', '0', '--seed', seed];
    const running = run(args, own.env, '', { interruption });
    const writer = await open(seed, 'w'); // Waits until the command has opened the pipe.
    interruption.abort();
    await writer.writeFile('{}');
    await writer.close();
    expect((await running).code).toBe(0);
  },
);
