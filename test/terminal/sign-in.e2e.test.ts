import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { decide, SMALL_SEED } from '../sandbox/support.ts';
import { home, runBuilt } from '../support/cli.ts';
import { KEY, type Session, terminal } from '../support/terminal.ts';

let on: Sandbox;
beforeAll(async () => {
  on = await startSandbox({ port: 0, seed: parseSeed(SMALL_SEED) });
});
afterAll(() => on.close());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function desk() {
  const redirect = `http://localhost:${await freePort()}/callback`;
  const place = await home({
    CHANNELCTL_GRAPH_URL: on.urls.graph_url,
    CHANNELCTL_FACEBOOK_URL: on.urls.facebook_url,
    CHANNELCTL_REDIRECT_URI: redirect,
    APP_SECRET: on.description.app_secret,
  });
  const app = [
    '--config',
    `app_id=${on.description.app_id}`,
    '--config',
    'app_secret=env:APP_SECRET',
  ];
  await place.json('integrations', 'set', 'messenger', ...app);
  return { ...place, stdout: join(place.configDir, 'stdout') };
}

async function allowed(session: Session): Promise<string> {
  await session.shows(/dialog\/oauth/);
  const address = /http:\S+dialog\/oauth\S+/.exec(session.written())?.[0] ?? '';
  return (await decide(address, 'allow')).headers.get('location') ?? '';
}

const CONNECT = ['messenger', 'connect', '--no-browser'];

test('accepts a pasted URL while the listener waits, and the next prompt receives its keys', async () => {
  const { env, stdout } = await desk();
  const session = terminal([...CONNECT, '--json'], { env, redirect: `>${stdout}`, columns: 200 });
  const address = await allowed(session);
  session.send('http://elsewhere.example/callback?code=x\r');
  await session.shows('This is not the callback URL for this sign-in.');
  session.send(`${address}\r`);
  await session.shows('0 selected');
  session.send(KEY.down, KEY.space);
  await session.shows('1 selected');
  session.send(KEY.enter);
  expect(await session.end()).toEqual({ code: 0, isSane: true });
  const [, second] = on.description.pages;
  expect(JSON.parse(await readFile(stdout, 'utf8'))).toMatchObject({
    success: true,
    pages: [{ id: second?.id, connected: true }],
  });
});

test('the next prompt also receives its keys after a redirect in the browser', async () => {
  const { env, stdout } = await desk();
  const session = terminal([...CONNECT, '--json'], { env, redirect: `>${stdout}`, columns: 200 });
  await fetch(await allowed(session));
  await session.shows('0 selected');
  session.send(KEY.space, KEY.down, KEY.space);
  await session.shows('2 selected');
  session.send(KEY.enter);
  expect((await session.end()).code).toBe(0);
  expect(JSON.parse(await readFile(stdout, 'utf8')).pages).toHaveLength(2);
});

test('Ctrl-D while the listener waits only disables pasting, and the next prompt is cancelled', async () => {
  const { env } = await desk();
  const session = terminal(CONNECT, { env, columns: 200 });
  const address = await allowed(session);
  session.send(KEY.ctrlD);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await fetch(address);
  expect(await session.end()).toEqual({ code: 130, isSane: true });
});

test('Ctrl-C during a sign-in exits with 130 and frees the port', async () => {
  const { env } = await desk();
  for (const flags of [[], ['--manual']]) {
    const session = terminal([...CONNECT, ...flags], { env });
    await session.shows('dialog/oauth');
    session.send(KEY.ctrlC);
    expect(await session.end()).toEqual({ code: 130, isSane: true });
    expect(session.screen.text).toContain('error: Cancelled.');
  }
});

test('shows progress on a terminal while Pages are listed, then clears it; --quiet hides it', async () => {
  const { env } = await desk();
  const session = terminal([...CONNECT, '--list-only'], { env, columns: 200, rows: 100 });
  await fetch(await allowed(session));
  expect((await session.end()).code).toBe(0);
  expect(session.written()).toContain('Listing Pages …');
  expect(session.screen.text).not.toContain('…');
  const quiet = terminal(['messenger', 'pages', '--all-pages', '--quiet'], { env });
  await quiet.end();
  expect(quiet.written()).not.toContain('…');
});

test('shows no progress without a terminal', async () => {
  const { env } = await desk();
  const session = terminal([...CONNECT, '--list-only'], { env });
  await fetch(await allowed(session));
  await session.end();
  const { code, stderr } = await runBuilt(['messenger', 'pages', '--all-pages'], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
