import { Argument, Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json';
import type {
  CommandDefinition,
  CommandGroup,
  Example,
  GlobalOptions,
  SingleCommand,
} from '../commands/shared/command.ts';
import type { Declaration } from '../commands/shared/options.ts';
import { usageError } from '../shared/errors.ts';
import { FORMATS } from '../shared/formats.ts';
import type { Output } from '../shared/streams.ts';
import { COMMAND_GROUPS, TOPICS } from './registry.ts';

export type Execute = (
  definition: CommandDefinition,
  options: Record<string, unknown>,
  globals: GlobalOptions,
  /** The command in full: `accounts update`. */
  command: string,
) => Promise<void>;

type HelpOutput = Pick<Output, 'isTTY' | 'columns'> & { write(text: string): unknown };

/** Width of help that does not go to a terminal. */
const PLAIN_WIDTH = 80;

/**
 * The whole command line. `execute` gets the command that was asked for, its options and arguments by
 * name, and the global options.
 *
 * @param stdout where help and the version go
 */
export function buildProgram(execute: Execute, stdout: HelpOutput): Command {
  const program = new Command('channelctl')
    .description('Administer the messaging channels of a customer-service desk.')
    .usage('<noun> <verb> [arguments] [options]')
    .helpCommand(false)
    .helpOption('-h, --help', 'show help')
    .version(version, '--version', 'show the version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: () => {},
      // Commander would ask the streams of the process.
      getOutHelpWidth: () => (stdout.isTTY === true && stdout.columns) || PLAIN_WIDTH,
      getOutHasColors: () => stdout.isTTY === true,
    })
    .showSuggestionAfterError();
  addGlobalOptions(program);
  const topics = Object.entries(TOPICS).map(
    ([name, about]) => `  channelctl help ${name.padEnd(13)}${about}`,
  );
  program.addHelpText('after', `\nTopics:\n${topics.join('\n')}`);
  program.addHelpText(
    'after',
    examples([
      { line: 'sandbox start', about: 'Try everything without an account at Meta' },
      { line: 'integrations set messenger', about: "Enter your app's settings" },
      { line: 'messenger connect', about: 'Sign in and choose Pages to connect' },
      { line: 'accounts list --json', about: 'List accounts for a script' },
    ]),
  );
  refuseUnknown(program);
  for (const entry of COMMAND_GROUPS) addEntry(program, entry, execute);
  return program;
}

/** The program with every command loaded, for inspection only. */
export async function wholeProgram(): Promise<Command> {
  const execute: Execute = async () => {};
  const program = buildProgram(execute, { write: () => true });
  for (const [index, entry] of COMMAND_GROUPS.entries()) {
    const command = program.commands[index];
    if (command !== undefined) await load(program, command, entry, execute);
  }
  return program;
}

/** `channelctl acounts --help` is a usage error, where Commander would show the help of `channelctl`. */
function refuseUnknown(command: Command): void {
  command.on('beforeHelp', () => {
    const [name] = command.args;
    if (name === undefined || name.startsWith('-')) return;
    throw usageError(
      `Unknown command '${name}'.`,
      oneOf(command),
      `Run: ${commandPath(command)} --help`,
    );
  });
}

function commandPath(command: Command): string {
  const above = command.parent === null ? '' : `${commandPath(command.parent)} `;
  return above + command.name();
}

function addGlobalOptions(program: Command): void {
  program
    .option('--profile <name>', 'profile to use (CHANNELCTL_PROFILE)')
    .addOption(new Option('-o, --output <format>', 'format of the result').choices(FORMATS))
    .option('--json', 'the same as --output json')
    .option('--fields <a,b,c>', 'only these fields; a dot goes into one')
    .option('--no-input', 'never ask anything')
    .option('-y, --yes', 'answer yes to every confirmation')
    .option('-q, --quiet', 'no progress, notes or warnings')
    .option('--debug', 'show each HTTP exchange on stderr, without secrets')
    .option('--no-color', 'no colours');
}

function addEntry(program: Command, entry: CommandGroup | SingleCommand, execute: Execute): void {
  const command = program
    .command(entry.name)
    .summary(entry.summary)
    .description(`${entry.summary}.`)
    .helpCommand(false);
  if ('commands' in entry) {
    // Each command's own help lists the global options; here they would bury the commands.
    command.usage('<verb> [arguments] [options]').configureHelp({ showGlobalOptions: false });
    refuseUnknown(command);
  }
  program.hook('preSubcommand', async (_program, chosen) => {
    if (chosen === command) await load(program, command, entry, execute);
  });
}

/** Loads what an entry of the registry contains: its commands, or its own options. */
async function load(
  program: Command,
  command: Command,
  entry: CommandGroup | SingleCommand,
  execute: Execute,
): Promise<void> {
  if (!('commands' in entry)) {
    return fillCommand(command, await entry.command(), program, execute);
  }
  const definitions = await entry.commands();
  const [only, ...others] = definitions;
  const list = only !== undefined && others.length === 0 ? only.examples : firstOf(definitions);
  command.addHelpText('after', examples(list));
  for (const definition of definitions) addCommand(command, definition, execute);
}

function firstOf(definitions: readonly CommandDefinition[]): Example[] {
  return definitions.map(({ examples: [first] }) => first);
}

function addCommand(group: Command, definition: CommandDefinition, execute: Execute): void {
  const command = createCommand(definition, group)
    .summary(definition.summary)
    .description(`${definition.summary}.`);
  fillCommand(command, definition, group.parent, execute);
}

/** @param program whose options are those that every command takes */
function fillCommand(
  command: Command,
  definition: CommandDefinition,
  program: Command | null,
  execute: Execute,
): void {
  command.configureHelp({ showGlobalOptions: true });
  declareArguments(command, definition);
  declareOptions(command, definition);
  const notes = [
    definition.notes,
    definition.role === 'none' || definition.role === 'agent'
      ? undefined
      : `Needs the role ${definition.role}.`,
  ].filter((note) => note !== undefined);
  if (notes.length > 0) command.addHelpText('after', `\n${notes.join('\n\n')}`);
  command.addHelpText('after', examples(definition.examples));
  command.action(async () => {
    const names = command.registeredArguments.map((argument) => argument.name());
    const given = Object.fromEntries(
      names.map((name, index) => [name, command.processedArgs[index]]),
    );
    const globals = program?.opts<GlobalOptions>() ?? { input: true, color: true };
    const [, ...path] = commandPath(command).split(' ');
    await execute(definition, { ...command.opts(), ...given }, globals, path.join(' '));
  });
}

function declareArguments(command: Command, { arguments: declared = {} }: CommandDefinition): void {
  for (const [name, declaration] of Object.entries(declared)) {
    const { description, choices } = details(declaration);
    const argument = new Argument(name, description);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
}

function declareOptions(command: Command, { options: declared = {} }: CommandDefinition): void {
  for (const [flags, declaration] of Object.entries(declared)) {
    const { description, choices, ...rest } = details(declaration);
    const option = new Option(flags, description);
    if (choices !== undefined) option.choices(choices);
    if (rest.default !== undefined) option.default(rest.default);
    if (rest.isRepeatable === true) option.argParser(collect);
    command.addOption(
      option.makeOptionMandatory(rest.isRequired === true).hideHelp(rest.isHidden === true),
    );
  }
}

function details(declaration: Declaration): Exclude<Declaration, string> {
  return typeof declaration === 'string' ? { description: declaration } : declaration;
}

function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** Creates the command; the first of two words is a subgroup, as `pin` is in `pin set`. */
function createCommand(definition: CommandDefinition, group: Command): Command {
  const [name = definition.name, subgroup] = definition.name.split(' ').reverse();
  if (subgroup === undefined) return group.command(name);
  const existing = group.commands.find((command) => command.name() === subgroup);
  return (existing ?? addSubgroup(subgroup, definition, group)).command(name);
}

function addSubgroup(
  name: string,
  { summary, examples: list }: CommandDefinition,
  group: Command,
): Command {
  return group
    .command(name)
    .summary(summary)
    .description(`${summary}.`)
    .usage('<verb> [arguments] [options]')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', examples(list));
}

function examples(list: readonly Example[]): string {
  const lines = list.map(({ line, about }) => `  # ${about}\n  channelctl ${line}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

/**
 * Parses and runs a command line, the program's name left out.
 *
 * @throws ChannelctlError of kind `usage` where the line makes no sense, and whatever the command throws
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<void> {
  const [first, topic = ''] = args;
  const text = first === 'help' ? await topicText(topic) : undefined;
  if (text !== undefined) return program.configureOutput().writeOut?.(text);
  const asked = first === 'help' ? [...args.slice(1), '--help'] : args;
  try {
    await program.parseAsync(asked.length === 0 ? ['--help'] : [...asked], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageOf(error, program, asked);
  }
}

async function topicText(name: string): Promise<string | undefined> {
  if (!Object.hasOwn(TOPICS, name)) return undefined;
  return (await import('./help-topics.ts')).topicText(name);
}

function usageOf(error: CommanderError, program: Command, args: readonly string[]): Error {
  const commands = [program];
  // What Commander took for words; where it did not come that far, all that was given.
  for (const arg of program.args.length > 0 ? program.args : args) {
    const inner = commands.at(-1)?.commands.find((command) => command.name() === arg);
    if (inner !== undefined) commands.push(inner);
    else if (!arg.startsWith('-')) break;
  }
  const last = commands.at(-1) ?? program;
  const path = commands.map((command) => command.name()).join(' ');
  const hint = `Run: ${path} --help`;
  if (error.code === 'commander.help') {
    const what = last === program ? 'noun' : 'verb';
    return usageError(`${path} needs a ${what}.`, oneOf(last), hint);
  }
  const message = withoutValue(error.message.replace(/^error: /, ''));
  const [what = '', ...why] = message.split(/\. (?=Allowed|Expected)|\n/);
  const sentence = what.charAt(0).toUpperCase() + what.slice(1).replace(/\.?$/, '.');
  const reason = why.join(' ').replace(/^\((.*)\)$/, '$1') || reasonOf(error, last, program);
  return usageError(sentence, reason ?? `It is not what ${path} takes.`, hint);
}

/** What Commander leaves out: the commands that there are, or what it is that is missing. */
function reasonOf({ code, message }: CommanderError, command: Command, program: Command) {
  if (code === 'commander.unknownCommand') return oneOf(command);
  if (!/\.(missing\w+|optionMissingArgument)$/.test(code)) return undefined;
  const known = [
    ...command.registeredArguments.map((argument) => [argument.name(), argument.description]),
    ...[...command.options, ...program.options].map(({ flags, description }) => [
      flags,
      description,
    ]),
  ];
  const missing = known.find(([name]) => message.includes(`'${name}'`));
  return missing && `Give ${missing.join(': ')}.`;
}

function oneOf({ commands }: Command): string {
  return `It is one of ${commands.map((command) => command.name()).join(', ')}.`;
}

/** What was given to an unknown option may be a secret, as in `--app-secret=…`. */
function withoutValue(message: string): string {
  return message.replace(/^(unknown option '[^'=]*)=.*'/s, "$1'");
}
