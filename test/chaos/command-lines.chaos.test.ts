import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildFullProgram } from '../../src/cli/program.ts';
import { signInCode } from '../sandbox/support.ts';
import { share } from '../support/chance.ts';
import { type Run, run } from '../support/cli.ts';
import { report, Tally } from './dice.ts';
import { type Known, type Line, leavesOf, randomLine } from './line-generator.ts';
import { runLimited, TIME_LIMIT_MS } from './run-limited.ts';
import { storedFleet } from './stored-fleet.ts';
import { differences, readTree, type Tree, writeTree } from './tree.ts';
import { problemOf } from './verdict.ts';

const LINES = share(6000);
/** After this many lines, the sandbox is replaced, because lines change it. */
const LINES_PER_SANDBOX = 250;
const MAX_REPORTED = 15;
const MAX_QUOTED = 600;
const MAX_ARGUMENT = 80;

interface Place {
  configDir: string;
  env: Record<string, string>;
  tree: Tree;
  known: Known;
}

async function preparePlace(): Promise<Place> {
  const { configDir, env, meta } = await storedFleet();
  const accounts = JSON.parse((await run(['accounts', 'list', '--json'], env)).stdout);
  const inputs = join(configDir, 'inputs');
  const files = (await readdir(inputs)).map((name) => join(inputs, name));
  return {
    configDir,
    env: { ...env, PIN: '204816' },
    tree: await readTree(configDir),
    known: {
      accounts: accounts.flatMap((one: { id: string; channel: string; account_key: string }) => [
        ...[one.id, one.id.slice(0, 4), one.id.slice(0, 3), one.account_key],
        `${one.channel}/${one.account_key}`,
      ]),
      files: ['-', join(configDir, 'channels.yaml'), configDir, '/nonexistent', ...files],
      codes: await Promise.all([1, 2, 3].map(() => signInCode(meta))),
    },
  };
}

function wrongEnd(result: Run, line: Line, changed: readonly string[]): string | null {
  const isRejected = result.code === 2 && changed.length > 0;
  return problemOf(result, line) ?? (isRejected ? `exit 2 changed ${changed}` : null);
}

function shorten(args: readonly string[]): string {
  const short = args.map((arg) => {
    return arg.length > MAX_ARGUMENT ? `${arg.slice(0, 20)}… (${arg.length} characters)` : arg;
  });
  return JSON.stringify(short);
}

test(`${LINES} random command lines end as documented, and a rejected one changes nothing`, async () => {
  const began = performance.now();
  const program = await buildFullProgram();
  const leaves = leavesOf(program);
  const exits = new Tally();
  const failures: string[] = [];
  let place = await preparePlace();
  let slowest = 0;
  for (let index = 0; index < LINES && failures.length < MAX_REPORTED; index += 1) {
    if (index > 0 && index % LINES_PER_SANDBOX === 0) place = await preparePlace();
    const line = randomLine(program, leaves, place.known);
    const start = performance.now();
    const result = await runLimited(line, place.env);
    const took = performance.now() - start;
    slowest = Math.max(slowest, took);
    // An interrupted sign-in may still be creating its certificate, as the process does not end here.
    const changed = differences(place.tree, await readTree(place.configDir)).filter(
      (path) => !path.startsWith('tls'),
    );
    const problem =
      result === null ? `no end within ${TIME_LIMIT_MS} ms` : wrongEnd(result, line, changed);
    if (problem !== null) {
      failures.push(`${problem}: ${shorten(line.args)} ${result?.stderr.slice(0, MAX_QUOTED)}`);
    }
    exits.add(String(result?.code));
    if (changed.length > 0) await writeTree(place.configDir, place.tree);
  }
  report('command lines', began, {
    lines: LINES,
    commands: leaves.length,
    exits: exits.counts,
    'slowest, in ms': Math.round(slowest),
  });
  expect(failures).toEqual([]);
}, 900_000);
