import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { extend, signInCode, stoppedClock, userToken } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import { type Desk, desks } from '../support/desk.ts';

const desk = desks();

async function longLived(own: Desk, person?: string): Promise<string> {
  const { body } = await extend(own.meta, await userToken(own.meta, {}, person));
  return String(body.access_token);
}

const USER_TOKEN = 'CHANNELCTL_SECRET_MESSENGER_USER_TOKEN';

describe('the user token of messenger pages', () => {
  test('is that of the last sign-in', async () => {
    const own = await desk();
    const code = await signInCode(own.meta);
    await own.json('messenger', 'connect', '--code', code, '--list-only');
    expect(await own.json('messenger', 'pages', '--page', '82')).toEqual({
      success: true,
      pages: [{ id: '82', name: 'Birch & Co', account_key: 'fb-82', connected: true, error: null }],
    });
  });

  test('can be read from a file, from stdin, or from its variable', async () => {
    const own = await desk();
    const token = await longLived(own);
    const file = join(own.configDir, 'token.txt');
    await writeFile(file, `${token}\n`);
    const pages = ['messenger', 'pages', '--page', '81', '--json'];
    const ways = [
      await run([...pages, '--user-token-file', file], own.env),
      await run([...pages, '--user-token-file', '-'], own.env, `  ${token}\r\n`),
      await run(pages, { ...own.env, [USER_TOKEN]: token }),
    ];
    for (const { code, stdout } of ways) {
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, success: true });
    }
  });

  test.each([
    ['an empty file', '\n', 'empty'],
    ['more than a token', 'EAA one\nEAA two\n', 'cannot contain whitespace'],
    ['a quoted token', '"EAA-token"\n', 'a quotation mark'],
    ['the name of a variable', '$USER_TOKEN', 'the name of a variable'],
  ])('cannot be read from %s', async (_what, input, reason) => {
    const own = await desk();
    const args = ['messenger', 'pages', '--page', '81', '--user-token-file', '-'];
    const { code, stdout, stderr } = await run(args, own.env, input);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('EAA');
    expect(own.meta.requests).toEqual([]);
  });

  test('is required: the error explains how to get one', async () => {
    const own = await desk();
    const { code, error } = await own.failure('messenger', 'pages', '--all-pages');
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    for (const way of ['messenger connect', '--user-token-file', USER_TOKEN]) {
      expect(error.hint).toContain(way);
    }
  });
});

describe('messenger pages with invalid input', () => {
  test.each([[[]], [['--page', '']], [['--page', '81', '--all-pages']]])(
    'rejects %j before anything is sent',
    async (args) => {
      const own = await desk({ extra: { [USER_TOKEN]: 'EAA-a-user-token' } });
      const { code, error } = await own.failure('messenger', 'pages', ...args);
      expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
      expect(`${error.message} ${error.hint}`).toMatch(/--page.*--all-pages/);
      expect(own.meta.requests).toEqual([]);
    },
  );

  test('rejects an expired user token', async () => {
    const clock = stoppedClock();
    const own = await desk({ now: clock.now });
    const env = { ...own.env, [USER_TOKEN]: await longLived(own) };
    clock.pass(61 * 24 * 3600 * 1000);
    const { code, stdout, stderr } = await run(
      ['messenger', 'pages', '--all-pages', '--json'],
      env,
    );
    const { error } = JSON.parse(stderr);
    expect({ code, stdout, kind: error.kind }).toEqual({
      code: 4,
      stdout: '',
      kind: 'not_allowed',
    });
    expect(error.graph).toMatchObject({ status: 401, code: 190, subcode: 463 });
    expect(error.hint).toMatch(/expired.*channelctl messenger connect/);
  });

  test('rejects a malformed token without showing it', async () => {
    const token = 'EAA-not-a-token-of-the-sandbox';
    const own = await desk({ extra: { [USER_TOKEN]: token } });
    own.meta.inject({
      operation: 'listPages',
      code: 190,
      message: `Malformed access token ${token}`,
    });
    const result = await own.cli('messenger', 'pages', '--all-pages');
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 4, stdout: '' });
    expect(result.stderr).toContain('Malformed access token [redacted]');
    expect(result.stderr).not.toContain(token);
  });

  test("rejects Pages that are not the user's, and changes nothing", async () => {
    const own = await desk();
    const code = await signInCode(own.meta);
    await own.json('messenger', 'connect', '--code', code, '--page', '81');
    const before = await own.json('accounts', 'list');
    const writes = () => own.meta.requests.filter(({ method }) => method !== 'GET').length;
    const writesBefore = writes();
    const {
      code: exit,
      stdout,
      error,
    } = await own.failure(...['messenger', 'pages', '--page', '82', '--page', '83', '--page', '9']);
    expect({ exit, stdout, kind: error.kind }).toEqual({ exit: 3, stdout: '', kind: 'not_found' });
    expect(error.message).toContain('83, 9');
    expect(await own.json('accounts', 'list')).toEqual(before);
    expect(writes()).toBe(writesBefore);
  });
});

describe('messenger pages --page and --all-pages', () => {
  test('--all-pages succeeds even if no Page can be connected', async () => {
    const own = await desk();
    const env = { ...own.env, [USER_TOKEN]: await longLived(own, '92') };
    const { code, stdout } = await run(['messenger', 'pages', '--all-pages', '--json'], env);
    const { success, pages } = JSON.parse(stdout);
    expect({ code, success }).toEqual({ code: 0, success: true });
    expect(pages).toEqual([expect.objectContaining({ id: '81', connected: false })]);
  });

  test('connects a Page once if it is specified twice', async () => {
    const own = await desk();
    const env = { ...own.env, [USER_TOKEN]: await longLived(own) };
    const args = ['messenger', 'pages', '--page', '81', '--page', '81', '--json'];
    expect(JSON.parse((await run(args, env)).stdout).pages).toHaveLength(1);
  });

  test('writes failures to stdout only, also as YAML', async () => {
    const own = await desk();
    const env = { ...own.env, [USER_TOKEN]: await longLived(own) };
    own.meta.inject({
      operation: '/82',
      code: 100,
      subcode: 33,
      message: 'Unsupported get request',
    });
    const args = ['messenger', 'pages', '--all-pages', '-o', 'yaml'];
    const { code, stdout, stderr } = await run(args, env);
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    expect(stdout).toMatch(/^success: false$/m);
    expect(stdout).toContain('Unsupported get request');
  });

  test('stores every one of 68 Pages', async () => {
    const own = await desk({ seed: '{}' });
    const { app_id, app_secret } = own.meta.description;
    await run(['integrations', 'set', 'messenger', '--config', `app_id=${app_id}`], own.env);
    const env = {
      ...own.env,
      CHANNELCTL_SECRET_MESSENGER_APP_SECRET: app_secret,
      [USER_TOKEN]: await longLived(own),
    };
    const { code, stdout } = await run(['messenger', 'pages', '--all-pages', '--json'], env);
    expect({ code, success: JSON.parse(stdout).success }).toEqual({ code: 0, success: true });
    const accounts = await own.json('accounts', 'list', '--fields', 'account_key,is_default');
    expect(accounts).toHaveLength(68);
    expect(accounts.filter((account: { is_default: boolean }) => account.is_default)).toHaveLength(
      1,
    );
  });
});
