import type { Format } from '../../shared/formats.ts';
import type { Role } from '../../shared/roles.ts';
import type { ResultShape as AnyResultShape } from '../../ui/output/render.ts';
import type { Style } from '../../ui/output/style.ts';
import type { CommandContext } from './command-context.ts';
import type { ArgumentDeclarations, OptionDeclarations, OptionsOf } from './options.ts';
import type { ResultShape } from './result-shape.ts';

/** The result of a command, which prints nothing itself. */
export interface CommandResult<Data = unknown> {
  /** The result, in the shape that the interface promises. */
  data: Data;
  /** Set if some items failed, or a check found a problem. */
  kind?: 'graph' | 'unhealthy';
  /** The result in words, for the table format. */
  summary?: string | ((style: Style) => string);
  /** Produces the next result, which replaces this one, until the program is interrupted. */
  next?(): Promise<CommandResult<Data>>;
  /** Results that are printed instead of this one as they come. */
  stream?: AsyncIterable<CommandResult<Data>>;
  /** The keys of the result, if they depend on the response. */
  fields?: readonly string[];
}

export interface Example {
  /** The command line without `channelctl`. */
  line: string;
  about: string;
}

interface CommandDescription {
  /** One word, or two if it is in a subgroup: `pin set`. */
  name: string;
  summary: string;
  /** The minimum role; `none` for a command that reads no profile. */
  role: Role | 'none';
  /** If there may be nothing to do that needs the role, `run` requires it; `from` may run it. */
  checksRole?: { from: Role };
  /** Whether it runs although the state can't be read, with the settings that are usable. */
  toleratesCorruptState?: true;
  examples: readonly [Example, Example, ...Example[]];
  /** Text that follows the options in its help. */
  notes?: string;
  arguments?: ArgumentDeclarations;
  options?: OptionDeclarations;
}

/** A command as its file declares it: `Options` and `Arguments` are the declarations. */
interface TypedDefinition<
  Options extends OptionDeclarations,
  Arguments extends ArgumentDeclarations,
  Result extends CommandResult,
> extends CommandDescription {
  arguments?: Arguments;
  options?: Options;
  /** It may depend on the options; invalid `--fields` are reported before anything is done. */
  result:
    | ResultShape<Result['data']>
    | ((options: OptionsOf<Options, Arguments>) => ResultShape<Result['data']>);
  /** Runs the command. `options` has the values of options and, by their names, of arguments. */
  run(options: OptionsOf<Options, Arguments>, context: CommandContext): Promise<Result>;
}

/** A command: its name, arguments and options, the role it needs, and its work. */
export interface CommandDefinition extends CommandDescription {
  /** The command with the values of its options and arguments, as Commander has read them. */
  bind(values: object): BoundCommand;
}

/** A command with the values of its options. */
interface BoundCommand {
  result: AnyResultShape;
  run(context: CommandContext): Promise<CommandResult>;
}

/** Commands under one name, loaded when that name is used, to keep start-up short. */
export interface CommandGroup {
  name: string;
  /** The channel whose accounts its commands work on, if it is one only. */
  channel?: string;
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

/** Declares a command; `run` gets options of the types that its declarations have. */
export function defineCommand<
  const Options extends OptionDeclarations = Record<never, never>,
  const Arguments extends ArgumentDeclarations = Record<never, never>,
  Result extends CommandResult = CommandResult,
>(definition: TypedDefinition<Options, Arguments, Result>): CommandDefinition {
  const { result, run, ...description } = definition;
  return {
    ...description,
    bind(values) {
      // Commander has read them from the same declarations.
      const options = values as OptionsOf<Options, Arguments>;
      return {
        result: typeof result === 'function' ? result(options) : result,
        run: (context) => run(options, context),
      };
    },
  };
}
