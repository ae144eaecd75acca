import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { share } from '../support/chance.ts';
import { builtChild } from '../support/storage.ts';
import { below, report, Tally } from './dice.ts';
import type { Call } from './faults.ts';
import {
  argumentsFor,
  COMMANDS,
  type FaultyHome,
  faultyHome,
  type Outcome,
  problemAfter,
  resetHome,
  runUndisturbed,
} from './faulty-commands.ts';

const LANES = 2;
/** A sample contains one in this many kills, because each starts a process. */
const ONE_IN = 20;
const MAX_REPORTED = 15;

const child = builtChild('test/chaos/faulty-child.ts');

interface Kill {
  outcome: Outcome;
  call: Call;
  index: number;
}

async function listKills(home: FaultyHome): Promise<Kill[]> {
  const kills: Kill[] = [];
  for (const command of COMMANDS) {
    const { outcome, calls } = await runUndisturbed(command, home);
    for (const [index, call] of calls.entries()) kills.push({ outcome, call, index });
  }
  return kills;
}

async function runKilled({ outcome, index }: Kill, home: FaultyHome): Promise<boolean> {
  const [program = '', ...args] = child.argv(...argumentsFor(outcome.command, home));
  const { configDir, env } = home;
  const variables = { ...env, CHAOS_FOLDER: configDir, CHAOS_CALL: String(index) };
  const started = spawn(program, args, { stdio: 'ignore', env: variables });
  return new Promise((resolve) => started.on('close', (_, signal) => resolve(signal !== null)));
}

test('a process killed at a file-system call loses nothing, whichever it is', async () => {
  const began = performance.now();
  const homes = await Promise.all(Array.from({ length: LANES }, () => faultyHome()));
  const [first] = homes;
  if (first === undefined) throw new Error('There is no home.');
  const all = await listKills(first);
  const left = Array.from({ length: share(all.length, 1, ONE_IN) }, () =>
    all.splice(below(all.length), 1),
  ).flat();
  const ends = new Tally();
  const failures: string[] = [];
  const lane = async (home: FaultyHome) => {
    for (let kill = left.pop(); kill !== undefined; kill = left.pop()) {
      if (failures.length >= MAX_REPORTED) return;
      const { outcome, call, index } = kill;
      await resetHome(home, outcome.command);
      ends.add((await runKilled(kill, home)) ? 'killed' : 'ended before the call');
      const problem = await problemAfter(outcome, null, home);
      if (problem === null) continue;
      failures.push(`call ${index} (${call.name} ${call.path}) of ${outcome.command}: ${problem}`);
    }
  };
  await Promise.all(homes.map(lane));
  report('killed processes', began, { commands: COMMANDS.length, kills: ends.counts });
  expect(failures).toEqual([]);
  expect(ends.counts.killed).toBeGreaterThan((ends.counts['ended before the call'] ?? 0) * 10);
}, 1_800_000);
