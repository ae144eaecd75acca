// Compares the start-up times of the built program and of version 0.1.0. Processes run in pairs in
// alternating order, so that load on the machine slows both. Fails if a case exceeds its limit.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseline } from './baseline.js';
import { PROGRAM } from './measure.js';

const PAIRS = Number(process.env.PAIRS ?? 41);
const WARM_UPS = 2;
/** The maximum time, as a multiple of that of 0.1.0. */
const MAX_RATIO = 1.03;

const CASES = [
  { name: '--version', args: ['--version'] },
  { name: '--help', args: ['--help'] },
  {
    name: 'accounts list --json, 1,000 accounts',
    args: ['accounts', 'list', '--json', '--profile', 'thousand'],
  },
  {
    name: 'accounts list, 10,000 accounts',
    args: ['accounts', 'list', '--profile', 'ten-thousand'],
  },
];

const folder = mkdtempSync(join(tmpdir(), 'channelctl-bench-'));
const env = { PATH: process.env.PATH, HOME: folder, CHANNELCTL_CONFIG_DIR: folder };

try {
  storeAccounts('thousand', 1_000);
  storeAccounts('ten-thousand', 10_000);
  const { program, reason } = baseline();
  if (program === null) {
    print(
      `No build of 0.1.0 to compare with: ${reason}. Comparing with node -e 0 instead, without limits:`,
    );
    for (const { name, args } of CASES) report(name, measure(['-e', '0'], [PROGRAM, ...args]));
  } else {
    for (const { name, args } of CASES) {
      const result = measure([program, ...args], [PROGRAM, ...args]);
      report(name, result, MAX_RATIO);
      if (result.ratio > MAX_RATIO) process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Returns the median times of both programs in milliseconds, and the median ratio within a pair.
 */
function measure(base, current) {
  const pairs = [];
  for (let pair = -WARM_UPS; pair < PAIRS; pair += 1) {
    const baseFirst = pair % 2 === 0;
    const first = time(baseFirst ? base : current);
    const second = time(baseFirst ? current : base);
    const times = baseFirst ? { base: first, current: second } : { base: second, current: first };
    if (pair >= 0) pairs.push(times);
  }
  return {
    base: median(pairs.map((one) => one.base)),
    current: median(pairs.map((one) => one.current)),
    ratio: median(pairs.map((one) => one.current / one.base)),
  };
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function time(args) {
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const elapsed = performance.now() - before;
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`);
  return elapsed;
}

function report(name, { base, current, ratio }, limit) {
  const ms = (value) => `${value.toFixed(1)} ms`.padStart(10);
  const verdict =
    limit === undefined ? '' : `  limit ${limit}  ${ratio > limit ? 'TOO SLOW' : 'ok'}`;
  print(`${name.padEnd(38)}${ms(base)}${ms(current)}${ratio.toFixed(3).padStart(8)}${verdict}`);
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

function print(line) {
  process.stdout.write(`${line}\n`);
}
