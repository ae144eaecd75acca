import { readFileSync } from 'node:fs';
import { stripControlCharacters } from '../shared/text.ts';
import { complete } from './candidates.ts';
import { readCommandLine } from './command-line.ts';
import { localData } from './local-data.ts';
import type { CommandEntry } from './table.ts';

// What shells call at every press of Tab. The table of commands is made when the program is
// built, so that neither Commander nor any command has to be loaded. Nothing that goes wrong here
// may disturb the line that is being written.
try {
  const table = readFileSync(new URL('./commands.json', import.meta.url), 'utf8');
  const program: CommandEntry = JSON.parse(table);
  const line = readCommandLine(process.argv.slice(3));
  const { candidates, files } = await complete(program, line, localData(process.env));
  const lines = candidates.map(
    ({ value, about }) => `${value}\t${stripControlCharacters(about)}\n`,
  );
  process.stdout.write(lines.join('') + (files ? ':files\n' : ''));
} catch {
  process.exitCode = 0;
}
