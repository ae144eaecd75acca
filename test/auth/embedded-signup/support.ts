import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/types.ts';
import { loadOrCreateCertificate } from '../../../src/shared/loopback/certificate.ts';
import { sandbox } from '../../sandbox/support.ts';
import { signupCode as codeFor } from '../../sandbox/whatsapp-support.ts';
import { bareEnvironment, home, type Run, run, start } from '../../support/cli.ts';
import { type Answered, freePort, send } from '../oauth/support.ts';

export const CONFIG_ID = '1045000000000001';
export const WABA = '1045822094417306';
export const NUMBER = '1045390276615530';

const APP = { id: '700', secret: 'app-secret-700' };
const SECRET = { CHANNELCTL_SECRET_WHATSAPP_APP_SECRET: APP.secret };

const template = { folder: '' };
beforeAll(async () => {
  template.folder = await mkdtemp(join(tmpdir(), 'channelctl-test-'));
  const pairs = [`app_id=${APP.id}`, `config_id=${CONFIG_ID}`].flatMap((pair) => [
    '--config',
    pair,
  ]);
  await run(['integrations', 'set', 'whatsapp', ...pairs], bareEnvironment(template.folder));
  await loadOrCreateCertificate(join(template.folder, 'tls'), 'localhost', Date.now());
});
afterAll(() => rm(template.folder, { recursive: true, force: true }));

export async function desk(extra: Record<string, string> = {}) {
  const made = await home({ ...SECRET, ...extra });
  await cp(template.folder, made.configDir, { recursive: true });
  return made;
}

interface Changes {
  args?: string[];
  env?: Record<string, string>;
  seed?: string;
}

export async function prepareSignup({ env = {}, seed = '' }: Omit<Changes, 'args'> = {}) {
  const port = await freePort();
  const address = `https://localhost:${port}/callback`;
  const on = await sandbox(
    `apps: [{ id: "${APP.id}", secret: ${APP.secret}, name: Small Desk, redirect_uris: ["${address}", "https://localhost:8976/callback"] }]\n${seed}`,
  );
  const { urls } = on;
  const made = await desk({
    CHANNELCTL_GRAPH_URL: urls.graph_url,
    CHANNELCTL_FACEBOOK_URL: urls.facebook_url,
    CHANNELCTL_FACEBOOK_SDK_URL: urls.facebook_sdk_url,
    CHANNELCTL_REDIRECT_URI: address,
    ...env,
  });
  return { ...made, on, port, address };
}

/** @param at the desk and the address of an earlier sign-up, if this one follows it */
export async function startSignup({
  args = [],
  at,
  ...changes
}: Changes & { at?: Awaited<ReturnType<typeof prepareSignup>> } = {}) {
  const place = at ?? (await prepareSignup(changes));
  const { address } = place;
  const child = start(['whatsapp', 'signup', '--no-browser', '--json', ...args], place.env);
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = new Promise<Run>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  await Promise.race([
    ended,
    vi.waitFor(() => {
      if (!output.stderr.includes(`${address}\n`)) throw new Error(output.stderr);
    }, 10_000),
  ]);
  return { ...place, child, ended, said: () => output.stderr };
}

export type Signup = Awaited<ReturnType<typeof startSignup>>;

export function errorOf({ stderr }: Run) {
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error;
}

export async function newPage(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  onTestFinished(() => context.close());
  return await context.newPage();
}

export async function openFacebook(page: Page, address: string): Promise<Page> {
  await page.goto(address);
  const opened = page.waitForEvent('popup');
  await page.click('#go:enabled');
  return await opened;
}

export async function resultIn(page: Page) {
  await page.waitForSelector('[data-state=good], [data-state=bad], [data-state=lost]');
  return {
    state: await page.getAttribute('body', 'data-state'),
    title: await page.textContent('h1'),
    text: await page.textContent('#text'),
    rows: await page.$$eval('dd', (rows) => rows.map((row) => row.textContent)),
    quote: await page.textContent('#quote'),
  };
}

export async function settingsIn(address: string) {
  const { body } = await send(address);
  return JSON.parse(/<script type="application\/json"[^>]*>(.*?)<\/script>/.exec(body)?.[1] ?? '');
}

export function messageOf(
  event: string,
  data: object = { waba_id: WABA, phone_number_id: NUMBER },
) {
  return JSON.stringify({ type: 'WA_EMBEDDED_SIGNUP', version: '3', event, data });
}

export async function postResult(
  { address }: Pick<Signup, 'address'>,
  changed: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answered> {
  const { csrfToken, resultPath } = await settingsIn(address);
  const { origin } = new URL(address);
  return send(origin + resultPath, {
    method: 'POST',
    headers: { Origin: origin, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ csrfToken, code: 'AQB-code', message: messageOf('FINISH'), ...changed }),
  });
}

export const signupCode = (on: Sandbox) => codeFor(on, NUMBER);

export function exchanged({ requests }: Sandbox): (string | undefined)[] {
  return requests
    .filter(
      ({ operation }) => operation === 'exchangeSignupCode' || operation === 'exchangeLoginCode',
    )
    .map(({ query }) => query.code);
}

export async function serveScript(
  script: string,
  port = 0,
): Promise<{ origin: string; url: string }> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/sdk.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><title>Facebook</title>');
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('It listens on no port.');
  const origin = `http://127.0.0.1:${bound.port}`;
  return { origin, url: `${origin}/sdk.js` };
}
