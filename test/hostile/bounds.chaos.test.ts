import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { signatureOf } from '../../src/webhooks/signature.ts';
import { home, PROGRAM } from '../support/cli.ts';
import { WEBHOOK_APP, webhookDesks } from '../support/webhook-desk.ts';

const desk = webhookDesks();

const MEGABYTE = 1024 * 1024;
const MAX_RSS_MEGABYTES = 256;

/** Reports the peak memory in kilobytes and the processor time in microseconds. */
const METER = `data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>{const{maxRSS,userCPUTime,systemCPUTime}=process.resourceUsage();writeSync(3,JSON.stringify({maxRSS,cpu:userCPUTime+systemCPUTime}))})`;

function startMeasured(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [`--import=${METER}`, PROGRAM, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { stdout, stderr } = child;
  const meter = child.stdio[3];
  if (stdout === null || stderr === null || !(meter instanceof Readable))
    throw new Error('no pipes');
  const said = { stderr: '' };
  stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk;
  });
  const usage = text(meter);
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    stdout,
    said,
    async ended() {
      const { maxRSS, cpu } = JSON.parse(await usage);
      return { code: await closed, megabytes: maxRSS / 1024, seconds: cpu / 1e6 };
    },
  };
}

const ANSWERS: readonly [name: string, body: string][] = [
  ['escaped quotation marks', `{"a":"${'\\"'.repeat(96 * 1024)}`],
  ['199,000 objects', `{"data":[${'{"id":"1"},'.repeat(198_999)}{"id":"1"}]}`],
  ['20 MB', `{"a":"${'a'.repeat(20 * MEGABYTE)}"}`],
];

test.each(ANSWERS)(
  'an answer with %s takes about a second, and 256 MB',
  async (_, body) => {
    const own = await desk();
    let answer = '{"id":"81"}';
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const env = { ...own.env, CHANNELCTL_GRAPH_URL: `http://127.0.0.1:${port}` };
    const call = async () => {
      const started = startMeasured(['api', 'GET', '81', '--account', 'fb-81', '--json'], env);
      started.stdout.resume();
      return { ...(await started.ended()), stderr: started.said.stderr };
    };
    const usual = await call();
    expect(usual).toMatchObject({ code: 0 });
    answer = body;
    const { code, megabytes, seconds, stderr } = await call();
    expect([0, 5]).toContain(code);
    expect(stderr.length).toBeLessThan(50_000);
    expect(megabytes).toBeLessThan(MAX_RSS_MEGABYTES);
    expect(seconds - usual.seconds).toBeLessThan(3);
  },
  120_000,
);

test.each([
  ['--output', 'ndjson'],
  ['--account', 'm7', '--json'],
  ['--since', '1d', '--json'],
])(
  'audit list %s %s takes 256 MB with a log of 100 MB',
  async (...options) => {
    const own = await home();
    const folder = join(own.configDir, 'audit', 'default');
    await mkdir(folder, { recursive: true });
    const entry = (index: number) => ({
      ...{ at: '2026-01-01T00:00:00.000Z', user: 'ada', host: 'desk', ci: null, command: 'apply' },
      ...{ action: 'account.changed', channel: 'email', account_key: `m${index}`, call: null },
      account_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      changes: [{ field: 'config.note', before: null, after: 'n'.repeat(200) }],
    });
    const lines = Array.from({ length: 500 }, (_, index) => `${JSON.stringify(entry(index))}\n`);
    const block = lines.join('');
    await writeFile(join(folder, 'audit.jsonl'), block.repeat((100 * MEGABYTE) / block.length));
    const { stdout, ended } = startMeasured(['audit', 'list', ...options], own.env);
    stdout.resume();
    const { code, megabytes, seconds } = await ended();
    expect(code).toBe(0);
    expect(megabytes).toBeLessThan(MAX_RSS_MEGABYTES);
    expect(seconds).toBeLessThan(10);
  },
  120_000,
);

test('webhooks listen takes 256 MB while nothing reads its output, and counts what it drops', async () => {
  const own = await desk();
  const { child, stdout, said, ended } = startMeasured(
    ['webhooks', 'listen', '--port', '0', '--json'],
    own.env,
  );
  const listening = () => /Listening on (http:\S+)/.exec(said.stderr)?.[1];
  await expect.poll(listening, { timeout: 30_000 }).toBeDefined();
  const address = listening() ?? '';
  const body = JSON.stringify({
    object: 'page',
    entry: [{ id: '81' }],
    x: 'x'.repeat(3 * MEGABYTE),
  });
  const headers = { 'X-Hub-Signature-256': signatureOf(body, WEBHOOK_APP.secret) };
  const statuses: number[] = [];
  for (let sent = 0; sent < 30; sent += 1) {
    statuses.push((await fetch(address, { method: 'POST', body, headers })).status);
  }
  const unsigned = await fetch(address, { method: 'POST', body: '\\"'.repeat(64 * 1024) });
  expect([401, 503]).toContain(unsigned.status);
  const accepted = statuses.filter((status) => status === 200).length;
  expect(accepted).toBeGreaterThanOrEqual(6);
  expect(accepted).toBeLessThan(10);
  let lines = 0;
  stdout.on('data', (chunk: Buffer) => {
    lines += chunk.toString('latin1').split('\n').length - 1;
  });
  await expect.poll(() => lines, { timeout: 30_000 }).toBeGreaterThanOrEqual(accepted);
  child.kill('SIGINT');
  const { code, megabytes } = await ended();
  expect(code).toBe(0);
  expect(megabytes).toBeLessThan(MAX_RSS_MEGABYTES);
  const dropped = 31 - accepted - (unsigned.status === 401 ? 1 : 0);
  expect(said.stderr).toContain(`${dropped} webhooks were not printed.`);
}, 120_000);
