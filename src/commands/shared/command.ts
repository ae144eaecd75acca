import type { Format } from '../../shared/formats.ts';
import type { Role } from '../../shared/roles.ts';
import type { ResultShape as AnyResultShape } from '../../ui/output/render.ts';
import type { CommandContext } from './command-context.ts';
import type { CommandResult } from './command-result.ts';
import type { ArgumentDeclarations, OptionDeclarations, OptionsOf } from './options.ts';
import type { ResultShape } from './result-shape.ts';

export interface Example {
  /** The command line without `channelctl`. */
  line: string;
  about: string;
}

interface CommandDescription {
  /** One word, or two for a command in a subgroup: `pin set`. */
  name: string;
  summary: string;
  /** The minimum role; `none` for a command that reads no profile. */
  role: Role | 'none';
  /**
   * For a command that needs `role` only in some cases: `from` is the minimum role for running it,
   * and `run` checks `role`.
   */
  checksRole?: { from: Role };
  /** Whether the command runs even if the state is corrupt, using only the valid settings. */
  toleratesCorruptState?: true;
  /** Whether a copy of shared state will do if its server cannot be reached. */
  readsCopy?: true;
  /** `machine` if the command reads only the settings of this machine, not shared state. */
  state?: 'machine';
  /**
   * What happens if the named profile does not exist: the command creates it, warns, or does not
   * need it. If omitted, that is an error.
   */
  missingProfile?: 'created' | 'warning' | 'allowed';
  examples: readonly [Example, Example, ...Example[]];
  notes?: string;
  arguments?: ArgumentDeclarations;
  options?: OptionDeclarations;
}

interface TypedDefinition<
  Options extends OptionDeclarations,
  Arguments extends ArgumentDeclarations,
  Result extends CommandResult,
> extends CommandDescription {
  arguments?: Arguments;
  options?: Options;
  /**
   * The shape of the result, which may depend on the options. Invalid `--fields` are rejected
   * before `run` is called.
   */
  result:
    | ResultShape<Result['data']>
    | ((options: OptionsOf<Options, Arguments>) => ResultShape<Result['data']>);
  run(options: OptionsOf<Options, Arguments>, context: CommandContext): Promise<Result>;
}

/** A command whose option types are erased, so that all commands have the same type. */
export interface CommandDefinition extends CommandDescription {
  bind(values: object): BoundCommand;
}

interface BoundCommand {
  result: AnyResultShape;
  run(context: CommandContext): Promise<CommandResult>;
}

/** A group of commands. To keep start-up short, it is loaded only when it is used. */
export interface CommandGroup {
  name: string;
  /** The channel of the group, if its commands work on the accounts of only one channel. */
  channel?: string;
  summary: string;
  /** Loads the module of the group. */
  load(): Promise<{ commands: readonly CommandDefinition[] }>;
}

export interface SingleCommand {
  name: string;
  summary: string;
  command(): Promise<CommandDefinition>;
}

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

/**
 * Declares a command. The types of the options that `run` receives follow from their declarations.
 */
export function defineCommand<
  const Options extends OptionDeclarations = Record<never, never>,
  const Arguments extends ArgumentDeclarations = Record<never, never>,
  Result extends CommandResult = CommandResult,
>(definition: TypedDefinition<Options, Arguments, Result>): CommandDefinition {
  const { result, run, ...description } = definition;
  return {
    ...description,
    bind(values) {
      // Commander parsed the values according to the same declarations.
      const options = values as OptionsOf<Options, Arguments>;
      return {
        result: typeof result === 'function' ? result(options) : result,
        run: (context) => run(options, context),
      };
    },
  };
}
