import { expect, test } from 'vitest';
import { share } from '../support/chance.ts';
import { run } from '../support/cli.ts';
import { pick, report, Tally } from './dice.ts';
import { type EchoCommand, echoDesk, textOf } from './echo-desk.ts';
import type { EchoKind } from './echo-server.ts';
import { WAYS } from './echo-ways.ts';
import { LeakSearch } from './leak-search.ts';
import { readTree } from './tree.ts';

const KINDS: readonly EchoKind[] = ['refusal', 'answer'];
const OUTPUTS = ['-o table', '--json', '--debug'];
const MAX_REPORTED = 15;

test('no secret that Meta repeats is printed or stored', { timeout: 1_800_000 }, async () => {
  const began = performance.now();
  const desk = await echoDesk();
  const search = new LeakSearch();
  const exits = new Tally();
  const failures: string[] = [];
  const cases = casesOf(desk.commands);
  let echoed = 0;
  for (const { way, command, output, kind } of cases) {
    if (failures.length >= MAX_REPORTED) break;
    await desk.restore();
    const code = command.code === undefined ? [] : [await command.code()];
    Object.assign(desk.server, { kind, write: way[1], echoed: new Set(code) });
    const args = [...command.line.split(' '), ...code, ...output.split(' '), '--yes'];
    const { code: exit, stdout, stderr } = await run(args, desk.env);
    exits.add(String(exit));
    const secrets = [...desk.server.echoed];
    if (secrets.length > 0) echoed += 1;
    const files = textOf(await readTree(desk.configDir));
    for (const [place, text] of Object.entries({ stdout, stderr, files })) {
      // The state file contains verify tokens.
      const wanted = secrets.filter((secret) => place !== 'files' || !desk.files.includes(secret));
      const leaks = search.leaksIn(text, wanted);
      if (leaks.length === 0) continue;
      failures.push(`${kind} ${way[0]}: ${command.line} ${output}: ${place}: ${leaks.slice(0, 3)}`);
    }
  }
  report('echoes', began, {
    ways: WAYS.length,
    commands: desk.commands.length,
    runs: cases.length,
    'with a secret': echoed,
    exits: exits.counts,
  });
  expect(failures).toEqual([]);
});

interface Case {
  way: (typeof WAYS)[number];
  command: EchoCommand;
  output: string;
  kind: EchoKind;
}

function casesOf(commands: readonly EchoCommand[]): Case[] {
  const all = WAYS.flatMap((way) =>
    commands.flatMap((command) =>
      OUTPUTS.flatMap((output) => KINDS.map((kind) => ({ way, command, output, kind }))),
    ),
  );
  const wanted = share(all.length);
  if (wanted === all.length) return all;
  return Array.from({ length: wanted }, (_, index) => {
    const command = commands[index % commands.length];
    return pick(all.filter((one) => one.command === command));
  });
}
