import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accepts, freePort, send } from '../auth/oauth/support.ts';
import { decide } from '../sandbox/support.ts';
import { runBuilt } from '../support/cli.ts';
import { APP, type Desk, desks } from '../support/desk.ts';

const desk = desks();

const LIST = ['messenger', 'connect', '--list-only', '--json'];
const REMOTE = 'https://desk.example.com/callback';

async function loopback(): Promise<{ port: number; redirectUri: string }> {
  const port = await freePort();
  return { port, redirectUri: `http://localhost:${port}/callback` };
}

async function answered(address: string, decision: 'allow' | 'cancel' = 'allow'): Promise<string> {
  return (await decide(address, decision)).headers.get('location') ?? '';
}

async function waiting(...args: string[]) {
  const { port, redirectUri } = await loopback();
  const own = await desk({ extra: { CHANNELCTL_REDIRECT_URI: redirectUri } });
  const signIn = await own.signIn(...LIST, '--no-browser', ...args);
  return { own, port, redirectUri, signIn };
}

function expectPages(result: { code: number | null; stdout: string }) {
  expect({ code: result.code, ...JSON.parse(result.stdout) }).toMatchObject({
    code: 0,
    pages: [{ id: '81' }, { id: '82' }, { id: '84' }],
  });
}

function remoteDesk(extra: Record<string, string> = {}): Promise<Desk> {
  const seed = `{ apps: [{ id: "${APP.id}", secret: ${APP.secret}, name: Desk, redirect_uris: ["${REMOTE}"] }] }`;
  return desk({ seed, extra: { CHANNELCTL_REDIRECT_URI: REMOTE, ...extra } });
}

describe('the login URL', () => {
  test('requests a code with the permissions for Pages and a new state', async () => {
    const { redirectUri, signIn } = await waiting();
    const address = new URL(signIn.address);
    expect(address.pathname).toBe('/facebook/v26.0/dialog/oauth');
    const { state = '', ...rest } = Object.fromEntries(address.searchParams);
    expect(rest).toEqual({
      client_id: APP.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'pages_show_list,pages_messaging,pages_manage_metadata,business_management',
    });
    expect(Buffer.from(state, 'base64url')).toHaveLength(32);
  });

  test('contains the Facebook Login for Business configuration instead of permissions if one is set', async () => {
    const own = await desk({ extra: { CHANNELCTL_REDIRECT_URI: (await loopback()).redirectUri } });
    await own.json('integrations', 'set', 'messenger', '--config', 'config_id=4711');
    const { address } = await own.signIn(...LIST, '--no-browser');
    const { searchParams } = new URL(address);
    expect(searchParams.get('config_id')).toBe('4711');
    expect(searchParams.get('override_default_response_type')).toBe('true');
    expect(searchParams.has('scope')).toBe(false);
  });

  test('prefers --redirect-uri to the variable, and the variable to the setting', async () => {
    const { redirectUri } = await loopback();
    const own = await desk();
    await own.json('config', 'set', 'redirect_uri', redirectUri);
    const redirectOf = async (env: Record<string, string>, ...args: string[]) => {
      const result = await runBuilt([...LIST, '--manual', ...args], { ...own.env, ...env });
      const address = /^http\S+\/dialog\/oauth\S+$/m.exec(result.stderr)?.[0] ?? '';
      return new URL(address).searchParams.get('redirect_uri');
    };
    const variable = { CHANNELCTL_REDIRECT_URI: 'http://localhost:1/variable' };
    expect(await redirectOf({})).toBe(redirectUri);
    expect(await redirectOf(variable)).toBe('http://localhost:1/variable');
    expect(await redirectOf(variable, '--redirect-uri', 'http://localhost:1/flag')).toBe(
      'http://localhost:1/flag',
    );
  });
});

describe('through the callback server', () => {
  test('redirects the browser to a page without the code, and completes', async () => {
    const { own, port, redirectUri, signIn } = await waiting('--quiet');
    const location = await answered(signIn.address);
    const page = await fetch(location);
    expect(page.url).toMatch(new RegExp(`^${redirectUri}/done/[\\w-]+$`));
    expect(await page.text()).toContain('Signed in to Facebook');
    const result = await signIn.ended;
    expectPages(result);
    const exchange = own.meta.requests.find(({ operation }) => operation === 'exchangeLoginCode');
    expect(exchange?.query.redirect_uri).toBe(redirectUri);
    expect(await accepts('127.0.0.1', port)).toBe(false);
    const code = new URL(location).searchParams.get('code') ?? 'none';
    expect(result.stderr + result.stdout).not.toContain(code);
  });

  test('ignores a wrong state, another path and unrelated requests', async () => {
    const { redirectUri, signIn } = await waiting();
    const location = new URL(await answered(signIn.address));
    const forged = new URL(location);
    forged.searchParams.set('state', 'of-another-attempt');
    expect((await send(forged.href)).status).toBe(400);
    const refusal = `${redirectUri}?error=access_denied&state=of-another-attempt`;
    expect((await send(refusal)).status).toBe(400);
    expect((await send(redirectUri)).status).toBe(400);
    const elsewhere = new URL(location);
    elsewhere.pathname = '/elsewhere';
    expect((await send(elsewhere.href)).status).toBe(404);
    expect((await send(new URL('/favicon.ico', redirectUri).href)).status).toBe(404);
    await fetch(location);
    expectPages(await signIn.ended);
  });

  test('exits with 4 if the user cancels', async () => {
    const { own, signIn } = await waiting();
    const page = await fetch(await answered(signIn.address, 'cancel'));
    expect(await page.text()).toContain('Facebook denied access');
    const { code, stdout, stderr } = await signIn.ended;
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect({ code, stdout, kind: error.kind }).toEqual({
      code: 4,
      stdout: '',
      kind: 'not_allowed',
    });
    expect(own.meta.requests.filter(({ operation }) => operation !== null)).toEqual([]);
  });

  test('exits with 5 and the message if the login page reports an error', async () => {
    const { redirectUri, signIn } = await waiting();
    const fault = new URLSearchParams({
      error: 'server_error',
      error_code: '1349195',
      error_description: 'The app is being updated.',
      state: new URL(signIn.address).searchParams.get('state') ?? '',
    });
    await fetch(`${redirectUri}?${fault}`);
    const { code, stderr } = await signIn.ended;
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect({ code, kind: error.kind }).toEqual({ code: 5, kind: 'graph' });
    expect(error.message).toContain('The app is being updated.');
    expect(error.graph).toMatchObject({ code: 1349195, type: 'server_error' });
  });

  test('exits with 5 on a timeout', async () => {
    const { port, signIn } = await waiting('--timeout', '1');
    const { code, stdout, stderr } = await signIn.ended;
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 5, stdout: '', kind: 'graph' });
    expect(error.message).toMatch(/Timed out.*1 second/);
    expect(error.hint).toContain('--timeout');
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('exits with 130 when interrupted, and stops listening', async () => {
    const { port, signIn } = await waiting();
    expect(await accepts('127.0.0.1', port)).toBe(true);
    signIn.interrupt();
    const { code, stdout, stderr } = await signIn.ended;
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect({ code, stdout, kind: error.kind }).toEqual({
      code: 130,
      stdout: '',
      kind: 'cancelled',
    });
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('continues to wait when stdin ends', async () => {
    const { signIn } = await waiting();
    signIn.endInput();
    await pause(100);
    await fetch(await answered(signIn.address));
    expectPages(await signIn.ended);
  });

  test('exits with 7 if the port is in use, with the port and redirect_uri', async () => {
    const { port, redirectUri } = await loopback();
    const other = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void other.close());
    const own = await desk({ extra: { CHANNELCTL_REDIRECT_URI: redirectUri } });
    const { code, stdout, error } = await own.failure(...LIST, '--no-browser');
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 7, stdout: '', kind: 'conflict' });
    expect(error.message).toContain(String(port));
    expect(error.hint).toContain('redirect_uri');
  });

  test.each([
    ['0', '--timeout'],
    ['1.5', '--timeout'],
    ['soon', '--timeout'],
  ])('rejects --timeout %s with exit code 2', async (seconds, named) => {
    const own = await desk();
    const { code, error } = await own.failure(...LIST, '--no-browser', '--timeout', seconds);
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain(named);
  });
});

describe('by paste', () => {
  test.each(['the complete URL', 'the bare code'])('--manual reads %s from stdin', async (what) => {
    const own = await desk();
    const signIn = await own.signIn(...LIST, '--manual');
    const location = await answered(signIn.address);
    const code = new URL(location).searchParams.get('code') ?? '';
    signIn.type(what === 'the bare code' ? code : location);
    const result = await signIn.ended;
    expectPages(result);
    expect(result.stderr).not.toContain(code);
  });

  test('does not listen, and lets the user correct a wrong paste', async () => {
    const { port, redirectUri } = await loopback();
    const own = await desk({ extra: { CHANNELCTL_REDIRECT_URI: redirectUri } });
    const signIn = await own.signIn(...LIST, '--manual');
    expect(await accepts('127.0.0.1', port)).toBe(false);
    const location = await answered(signIn.address);
    signIn.type(location.replace(/state=[\w-]+/, 'state=another'));
    signIn.type('https://elsewhere.example.com/?code=1');
    signIn.type(location);
    const result = await signIn.ended;
    expectPages(result);
    expect(result.stderr.match(/is not the callback URL for this sign-in/g)).toHaveLength(2);
  });

  test('is used automatically if the redirect URI is on another machine', async () => {
    const own = await remoteDesk();
    const signIn = await own.signIn(...LIST, '--no-browser');
    expect(signIn.said()).toContain('desk.example.com');
    signIn.type(await answered(signIn.address));
    expect((await signIn.ended).code).toBe(0);
  });

  test('exits with 2 and suggests --manual if the input ends', async () => {
    const own = await remoteDesk();
    const { code, stdout, error } = await own.failure(...LIST, '--no-browser');
    expect({ code, stdout, kind: error.kind }).toEqual({ code: 2, stdout: '', kind: 'usage' });
    expect(error.hint).toContain('--manual');
  });

  test('respects --timeout', async () => {
    const own = await desk();
    const signIn = await own.signIn(...LIST, '--manual', '--timeout', '1');
    const { code, stderr } = await signIn.ended;
    expect(code).toBe(5);
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error.kind).toBe('graph');
  });

  test('exits with 130 when interrupted', async () => {
    const signIn = await (await desk()).signIn(...LIST, '--manual');
    signIn.interrupt();
    expect((await signIn.ended).code).toBe(130);
  });
});

describe('the browser', () => {
  async function launcher(own: Desk) {
    const folder = join(own.configDir, 'bin');
    const seen = join(folder, 'seen');
    await mkdir(folder);
    await writeFile(
      join(folder, 'xdg-open'),
      `#!/bin/sh\nenv >'${seen}.env'\nprintf '%s\\n' "$@" >'${seen}'\n`,
    );
    await chmod(join(folder, 'xdg-open'), 0o755);
    own.env.PATH = `${folder}:${own.env.PATH}`;
    return {
      seen: () => readFile(seen, 'utf8').catch(() => null),
      received: () => readFile(`${seen}.env`, 'utf8'),
    };
  }

  test.skipIf(process.platform !== 'linux')(
    'is opened with the URL, which is also printed, and without secrets (Linux only: xdg-open)',
    async () => {
      const { redirectUri } = await loopback();
      const own = await desk({ extra: { CHANNELCTL_REDIRECT_URI: redirectUri } });
      for (const name of ['PGPASSWORD', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
        own.env[name] = 'hidden';
      }
      const { seen, received } = await launcher(own);
      const signIn = await own.signIn(...LIST);
      await expect.poll(seen, { timeout: 5_000 }).toBe(`${signIn.address}\n`);
      expect(await received()).toContain('CHANNELCTL_REDIRECT_URI=');
      expect(await received()).not.toMatch(/hidden|^CHANNELCTL_PASSPHRASE/m);
      await fetch(await answered(signIn.address));
      expectPages(await signIn.ended);
    },
  );

  test.skipIf(process.platform !== 'linux').each([['--no-browser'], ['--manual']])(
    'is not opened with %s (Linux only: xdg-open)',
    async (flag) => {
      const { redirectUri } = await loopback();
      const own = await desk({ extra: { CHANNELCTL_REDIRECT_URI: redirectUri } });
      const { seen } = await launcher(own);
      const signIn = await own.signIn(...LIST, flag, '--timeout', '1');
      await signIn.ended;
      expect(await seen()).toBeNull();
    },
  );

  test('is reported if it cannot be opened, and the command continues to wait', async () => {
    const { redirectUri } = await loopback();
    const own = await desk({ extra: { CHANNELCTL_REDIRECT_URI: redirectUri } });
    own.env.PATH = own.configDir;
    const signIn = await own.signIn(...LIST);
    await expect.poll(signIn.said, { timeout: 5_000 }).toContain('Could not open the browser');
    await fetch(await answered(signIn.address));
    expectPages(await signIn.ended);
  });
});
