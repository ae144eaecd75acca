// Measures what a person feels at every call: whole processes of the built program, against bare
// `node -e 0`, in pairs, so that a busy machine slows both. Fails where a limit is exceeded.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));
const PAIRS = 15;
const WARM_UPS = 2;

const CASES = [
  { name: '--version', args: ['--version'], limit: 1.5 },
  { name: '--help', args: ['--help'], limit: 1.9 },
  {
    name: 'accounts list --json, 1,000 accounts',
    args: ['accounts', 'list', '--json', '--profile', 'thousand'],
    limit: 3,
  },
  {
    name: 'accounts list, 10,000 accounts',
    args: ['accounts', 'list', '--profile', 'ten-thousand'],
    limit: 8,
  },
];

const folder = mkdtempSync(join(tmpdir(), 'channelctl-bench-'));
const env = { PATH: process.env.PATH, HOME: folder, CHANNELCTL_CONFIG_DIR: folder };

try {
  storeAccounts('thousand', 1_000);
  storeAccounts('ten-thousand', 10_000);
  const results = CASES.map((one) => ({ ...one, ratio: measure(one.args) }));
  for (const { name, ratio, limit } of results) {
    const verdict = ratio > limit ? 'TOO SLOW' : 'ok';
    say(`${name.padEnd(38)}${ratio.toFixed(2).padStart(6)}  limit ${limit.toFixed(1)}  ${verdict}`);
  }
  process.exitCode = results.some(({ ratio, limit }) => ratio > limit) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The median, over pairs of runs, of how many times as long as `node -e 0` the program takes. */
function measure(args) {
  const ratios = [];
  for (let pair = -WARM_UPS; pair < PAIRS; pair += 1) {
    const bare = time(['-e', '0']);
    const ratio = time([PROGRAM, ...args]) / bare;
    if (pair >= 0) ratios.push(ratio);
  }
  return ratios.sort((a, b) => a - b)[Math.floor(PAIRS / 2)];
}

/** Milliseconds from the start of a Node process to its end. */
function time(args) {
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const elapsed = performance.now() - before;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return elapsed;
}

function storeAccounts(profile, count) {
  const accounts = Array.from({ length: count }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    channel: 'email',
    account_key: `mailbox-${index}`,
    display_name: `Mailbox ${index}`,
    is_active: true,
    is_default: index === 0,
    config: { address: `mailbox-${index}@example.com` },
    secrets: {
      password: { store: 'file', item: `${profile}/${index}/password/0a1b2c3d`, last4: 'abcd' },
    },
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    division_id: null,
    verify_token: String(index).padStart(32, '0'),
  }));
  mkdirSync(join(folder, 'profiles', profile), { recursive: true });
  const state = { version: 1, settings: {}, integrations: [], accounts };
  const path = join(folder, 'profiles', profile, 'state.json');
  writeFileSync(path, JSON.stringify(state, null, 2));
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
