import { readFileSync } from 'node:fs';
import { stripControlCharacters } from '../shared/text.ts';
import { complete } from './candidates.ts';
import { readCommandLine } from './command-line.ts';
import { localData } from './local-data.ts';
import type { CommandEntry } from './table.ts';

// Shells run this each time Tab is pressed. The build generates the table of commands, so that
// neither Commander nor any command needs to be loaded. Errors are ignored, because their output
// would garble the command line that is being typed.
try {
  const table = readFileSync(new URL('./commands.json', import.meta.url), 'utf8');
  const program: CommandEntry = JSON.parse(table);
  const line = readCommandLine(process.argv.slice(3));
  const { candidates, files } = await complete(program, line, localData(process.env));
  const lines = candidates.map(
    ({ value, about }) => `${value}\t${stripControlCharacters(about)}\n`,
  );
  const end = line.quoted === null ? '\n' : `\t${line.quoted}\n`;
  process.stdout.write(lines.join('') + (files ? `:files${end}` : ''));
} catch {
  process.exitCode = 0;
}
