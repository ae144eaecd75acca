// Measures `whatsapp health`: the round trips for one number, and the time, requests and memory for
// 500 numbers. A proxy in this process delays and counts the requests to the built sandbox.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, PROGRAM, report } from './measure.js';

const WABAS = 50;
const NUMBERS_PER_WABA = 10;
const TOKEN = 'EAAbench-token-of-every-waba';

const LIMITS = { roundTrips: 1.3, seconds: 8, requests: 210, megabytes: 150 };

const folder = await mkdtemp(join(tmpdir(), 'channelctl-bench-'));
const agent = new Agent({ keepAlive: true });
const proxy = { delayMs: 0, requests: 0, target: '' };
const sandbox = spawn(process.execPath, [PROGRAM, 'sandbox', 'start', ...(await seedOptions())], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
const server = createServer(forward).listen(0, '127.0.0.1');

try {
  proxy.target = (await firstLine(sandbox)).graph_url;
  await prepareProfile();
  const first = '1000000';
  await health(`wa-${first}`); // Warm-up: the first run is slower.
  const roundTrips = await medianRoundTrips(`wa-${first}`);
  const text = `${roundTrips.toFixed(2)} round trips`;
  report('one number, 200 ms away', text, roundTrips, LIMITS.roundTrips);
  await measureAllNumbers();
} finally {
  sandbox.kill('SIGTERM');
  server.closeAllConnections();
  server.close();
  agent.destroy();
  await rm(folder, { recursive: true, force: true });
}

/** Returns how many times a 200 ms delay is added to a run: the median of seven pairs of runs. */
async function medianRoundTrips(account) {
  const added = [];
  for (let run = 0; run < 7; run += 1) {
    proxy.delayMs = 0;
    const { seconds: near } = await health(account);
    proxy.delayMs = 200;
    const { seconds: far } = await health(account);
    added.push((far - near) / 0.2);
  }
  return added.sort((a, b) => a - b)[3];
}

async function measureAllNumbers() {
  proxy.delayMs = 100;
  proxy.requests = 0;
  const run = await health('--all');
  const result = JSON.parse(run.stdout);
  const ids = result.map((item) => item.phone_number.id);
  assert.deepEqual(ids, numberIds(), 'in account order');
  assert.ok(
    result.every((item) => item.subscribed_ok),
    'the app is subscribed to the webhooks of every number',
  );
  report('500 numbers, 100 ms away', `${run.seconds.toFixed(1)} s`, run.seconds, LIMITS.seconds);
  report('  requests', String(proxy.requests), proxy.requests, LIMITS.requests);
  report('  memory', `${run.megabytes.toFixed(0)} MB`, run.megabytes, LIMITS.megabytes);
}

function health(...args) {
  const env = { PATH: process.env.PATH, ...environment() };
  return measure(['whatsapp', 'health', ...args, '--json'], env);
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

function forward(incoming, response) {
  proxy.requests += 1;
  const { method, headers, url } = incoming;
  const outgoing = request(proxy.target + url, { method, headers, agent }, (answer) => {
    setTimeout(() => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    }, proxy.delayMs);
  });
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}

async function seedOptions() {
  const wabas = Array.from({ length: WABAS }, (_, waba) => ({
    id: String(5000 + waba),
    business_verification_status: 'VERIFIED',
    subscribed_apps: [{ id: '700' }],
    numbers: numberIds()
      .slice(waba * NUMBERS_PER_WABA, (waba + 1) * NUMBERS_PER_WABA)
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
  return Array.from({ length: WABAS * NUMBERS_PER_WABA }, (_, index) => String(1_000_000 + index));
}

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
      waba_id: String(5000 + Math.floor(index / NUMBERS_PER_WABA)),
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
