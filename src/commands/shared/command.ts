import type { Command } from 'commander';
import type { Format } from '../../shared/formats.ts';
import type { Role } from '../../shared/roles.ts';
import type { Style } from '../../shared/style.ts';
import type { ResultShape } from '../../ui/output/render.ts';
import type { CommandContext } from './command-context.ts';

/** What a command gives back. It prints nothing itself. */
export interface CommandResult {
  /** The result, in the shape that the interface promises. */
  data: unknown;
  /** Set where the result stands but not all is well: some items failed, or a check found a problem. */
  kind?: 'graph' | 'unhealthy';
  /** The result in words, for a person who reads it as a table. */
  summary?: string | ((style: Style) => string);
  /** Makes the result anew: it then takes the place of this one, until the program is interrupted. */
  next?(): Promise<CommandResult>;
  /** Printed in place of this result, each as it comes, until there is no more. */
  stream?: AsyncIterable<CommandResult>;
  /** The keys of the result, where only the answer tells them. */
  fields?: readonly string[];
}

export interface Example {
  /** What follows `channelctl` on the command line. */
  line: string;
  about: string;
}

/** A command: its name, arguments and options, the role it needs, and its work. */
export interface CommandDefinition<Options = never> {
  /** One word, or two if it is in a subgroup: `pin set`. */
  name: string;
  summary: string;
  /** The least role that may run it; `none` for a command that looks at no profile. */
  role: Role | 'none';
  /** Where there may be nothing to do that needs the role, `run` asks for it itself; `from` may look. */
  checksRole?: { from: Role };
  /** Whether it runs where the state can't be read, heeding what settings can be used. */
  toleratesCorruptState?: true;
  examples: readonly [Example, Example, ...Example[]];
  /** More that its help says, after the options. */
  notes?: string;
  /** It may depend on the options; wrong `--fields` are found before anything is done. */
  result: ResultShape | ((options: Options) => ResultShape);
  /** Adds arguments and options to the command line. */
  register?(command: Command): void;
  /** Does the work. `options` holds the options and, by their names, the arguments. */
  run(options: Options, context: CommandContext): Promise<CommandResult>;
}

/** Commands under one name, loaded when that name is used: a short start-up matters most. */
export interface CommandGroup {
  name: string;
  summary: string;
  commands(): Promise<readonly CommandDefinition[]>;
}

/** A command outside of any group, such as `plan`. */
export interface SingleCommand {
  name: string;
  summary: string;
  command(): Promise<CommandDefinition>;
}

/** The options that every command takes. */
export interface GlobalOptions {
  profile?: string;
  output?: Format;
  json?: boolean;
  fields?: string;
  input: boolean;
  yes?: boolean;
  quiet?: boolean;
  debug?: boolean;
  color: boolean;
}

/** Declares a command, keeping the type of its options between `register` and `run`. */
export function defineCommand<Options>(definition: CommandDefinition<Options>): CommandDefinition {
  return definition;
}
