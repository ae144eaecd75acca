// Measures `whatsapp health`: what a slow Meta costs for one number, and what 500 numbers cost.
// The built sandbox runs in a process of its own, behind a door here that delays and counts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));
const WABAS = 50;
const NUMBERS_EACH = 10;
const TOKEN = 'EAAbench-token-of-every-waba';

const LIMITS = { roundTrips: 1.3, seconds: 8, requests: 1100, megabytes: 150 };

const folder = await mkdtemp(join(tmpdir(), 'channelctl-bench-'));
const agent = new Agent({ keepAlive: true });
const door = { delay: 0, requests: 0, target: '' };
const sandbox = spawn(process.execPath, [PROGRAM, 'sandbox', 'start', ...(await seedOptions())], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
const server = createServer(pass).listen(0, '127.0.0.1');

try {
  door.target = (await firstLine(sandbox)).graph_url;
  await prepareProfile();
  const first = '1000000';
  await health(`wa-${first}`); // Nobody counts the first run of a file.
  const one = await roundTripsOfOne(`wa-${first}`);
  report('one number, 200 ms away', `${one.toFixed(2)} round trips`, one, LIMITS.roundTrips);
  await everyNumber();
} finally {
  sandbox.kill('SIGTERM');
  server.closeAllConnections();
  server.close();
  agent.destroy();
  await rm(folder, { recursive: true, force: true });
}

/** What a delay of 200 ms adds to a run, in delays: the median of paired runs. */
async function roundTripsOfOne(account) {
  const added = [];
  for (let run = 0; run < 7; run += 1) {
    door.delay = 0;
    const { seconds: near } = await health(account);
    door.delay = 200;
    const { seconds: far } = await health(account);
    added.push((far - near) / 0.2);
  }
  return added.sort((a, b) => a - b)[3];
}

async function everyNumber() {
  door.delay = 100;
  door.requests = 0;
  const run = await health('--all');
  const ids = run.result.map((item) => item.phone_number.id);
  assert.deepEqual(ids, numberIds(), 'in account order');
  assert.ok(
    run.result.every((item) => item.subscribed_ok),
    'every number is subscribed',
  );
  report('500 numbers, 100 ms away', `${run.seconds.toFixed(1)} s`, run.seconds, LIMITS.seconds);
  report('  requests', door.requests, door.requests, LIMITS.requests);
  const memory = run.kilobytes / 1024;
  report('  memory', `${memory.toFixed(0)} MB`, memory, LIMITS.megabytes);
}

function report(what, shown, value, limit) {
  const fits = value <= limit;
  process.stdout.write(`${what.padEnd(28)} ${String(shown).padStart(16)}   limit ${limit}\n`);
  if (!fits) process.exitCode = 1;
}

/** Runs `whatsapp health … --json`; the highest memory is told by the child itself as it ends. */
function health(...what) {
  const tell = "process.on('exit', () => console.error(process.resourceUsage().maxRSS))";
  const preload = `data:text/javascript,${encodeURIComponent(tell)}`;
  const args = ['--import', preload, PROGRAM, 'whatsapp', 'health', ...what, '--json'];
  const env = { PATH: process.env.PATH, ...environment() };
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const child = spawn(process.execPath, args, { env });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (chunk) => {
        text[name] += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`exit ${code}: ${text.stderr}`));
      const seconds = Number(process.hrtime.bigint() - began) / 1e9;
      const kilobytes = Number(text.stderr.trim().split('\n').at(-1));
      return resolve({ seconds, kilobytes, result: JSON.parse(text.stdout) });
    });
  });
}

function environment() {
  const tokens = numberIds().map((id) => [
    `CHANNELCTL_SECRET_WHATSAPP_WA_${id}_ACCESS_TOKEN`,
    TOKEN,
  ]);
  return {
    CHANNELCTL_CONFIG_DIR: folder,
    CHANNELCTL_SECRETS: 'env',
    CHANNELCTL_GRAPH_URL: `http://127.0.0.1:${server.address().port}`,
    ...Object.fromEntries(tokens),
  };
}

/** Hands a request on to the sandbox, and its answer back after the delay. */
function pass(incoming, answer) {
  door.requests += 1;
  const { method, headers, url } = incoming;
  const onward = request(door.target + url, { method, headers, agent }, (reply) => {
    setTimeout(() => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    }, door.delay);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
}

async function seedOptions() {
  const wabas = Array.from({ length: WABAS }, (_, waba) => ({
    id: String(5000 + waba),
    business_verification_status: 'VERIFIED',
    subscribed_apps: [{ id: '700' }],
    numbers: numberIds()
      .slice(waba * NUMBERS_EACH, (waba + 1) * NUMBERS_EACH)
      .map((id) => ({ id })),
  }));
  const seed = {
    apps: [{ id: '700', name: 'Bench' }],
    whatsapp: { business_token: TOKEN, wabas },
  };
  await writeFile(join(folder, 'seed.json'), JSON.stringify(seed));
  return ['--port', '0', '--json', '--seed', join(folder, 'seed.json')];
}

function numberIds() {
  return Array.from({ length: WABAS * NUMBERS_EACH }, (_, index) => String(1_000_000 + index));
}

/** The state that 500 `accounts create` would leave. */
async function prepareProfile() {
  const time = new Date().toISOString();
  const common = {
    is_active: true,
    secrets: {},
    division_id: null,
    created_at: time,
    updated_at: time,
  };
  const accounts = numberIds().map((id, index) => ({
    ...common,
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    channel: 'whatsapp',
    account_key: `wa-${id}`,
    display_name: null,
    is_default: index === 0,
    config: {
      phone_number_id: id,
      waba_id: String(5000 + Math.floor(index / NUMBERS_EACH)),
    },
    verify_token: '0'.repeat(32),
  }));
  const integration = { ...common, id: 'bench', channel: 'whatsapp', config: { app_id: '700' } };
  const state = { version: 1, settings: {}, integrations: [integration], accounts };
  await mkdir(join(folder, 'profiles', 'default'), { recursive: true });
  await writeFile(join(folder, 'profiles', 'default', 'state.json'), JSON.stringify(state));
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text));
    });
    child.on('close', () => reject(new Error('The sandbox did not start.')));
  });
}
