import { expect, test } from 'vitest';
import { share } from '../support/chance.ts';
import { run } from '../support/cli.ts';
import { below, report, Tally } from './dice.ts';
import { type Call, type Fault, inject } from './faults.ts';
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

const MAX_REPORTED = 15;

interface Case {
  outcome: Outcome;
  call: Call;
  index: number;
  fault: 'EIO' | 'EACCES' | 'ENOSPC';
}

async function listCases(home: FaultyHome): Promise<Case[]> {
  const cases: Case[] = [];
  for (const command of COMMANDS) {
    const { outcome, calls } = await runUndisturbed(command, home);
    for (const [index, call] of calls.entries()) {
      for (const fault of ['EIO', 'EACCES'] as const) cases.push({ outcome, call, index, fault });
      if (call.needsSpace) cases.push({ outcome, call, index, fault: 'ENOSPC' });
    }
  }
  return cases;
}

/** A full disk lets all later writes fail, too. */
function decide({ index, fault }: Case, call: Call, now: number): Fault {
  const fails = fault === 'ENOSPC' ? now >= index && call.needsSpace : now === index;
  return fails ? { code: fault } : 'none';
}

test('a file-system call that fails loses nothing, whichever it is', async () => {
  const began = performance.now();
  const home = await faultyHome();
  const all = await listCases(home);
  const left = [...all];
  const [exits, faults] = [new Tally(), new Tally()];
  const failures: string[] = [];
  for (let count = share(all.length); count > 0 && failures.length < MAX_REPORTED; count -= 1) {
    const [one] = left.splice(below(left.length), 1);
    if (one === undefined) break;
    const { outcome, call, index, fault } = one;
    await resetHome(home, outcome.command);
    inject({ folder: home.configDir, decide: (...at) => decide(one, ...at) });
    const result = await run(argumentsFor(outcome.command, home), home.env);
    inject(null);
    const problem = await problemAfter(outcome, result, home);
    if (problem !== null) {
      failures.push(
        `${fault} at call ${index} (${call.name} ${call.path}) of ${outcome.command}: ${problem} ${result.stderr}`,
      );
    }
    exits.add(String(result.code));
    faults.add(fault);
  }
  report('failing disk', began, {
    commands: COMMANDS.length,
    calls: all.filter(({ fault }) => fault === 'EIO').length,
    faults: faults.counts,
    exits: exits.counts,
  });
  expect(failures).toEqual([]);
}, 900_000);
