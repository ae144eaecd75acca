import { type Argument, Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json';
import type { CommandGroup, SingleCommand } from '../commands/shared/command.ts';
import { FORMATS } from '../shared/formats.ts';
import type { Output } from '../shared/streams.ts';
import type { Execute } from './command-loader.ts';
import { examplesText } from './examples-text.ts';
import { COMMAND_GROUPS, isTopic, TOPICS } from './registry.ts';
import { rejectRepetition } from './repeated-options.ts';
import { wrapHelp } from './wrap-help.ts';

type HelpOutput = Pick<Output, 'isTTY' | 'columns'> & { write(text: string): unknown };

const DEFAULT_COLUMNS = 80;

const EXAMPLES = [
  { line: 'sandbox start', about: 'Try channelctl without a Meta account' },
  { line: 'integrations set messenger', about: "Store your app's settings" },
  { line: 'messenger connect', about: 'Sign in and choose Pages' },
  { line: 'accounts list --json', about: 'List accounts as JSON for a script' },
];

/**
 * Builds the program for Commander. A command of the registry is loaded once its name has been
 * parsed; `execute` receives it with its options and arguments by name.
 *
 * @param stdout the output for help and the version
 */
export function buildProgram(execute: Execute, stdout: HelpOutput): Command {
  const program = new Command('channelctl')
    .description('Administer the messaging channels of a customer-service desk.')
    .usage('<noun> <verb> [arguments] [options]')
    .helpCommand(false)
    .helpOption('-h, --help', 'show help')
    .version(version, '-v, --version', 'show the version')
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      optionDescription: describe,
      argumentDescription: describe,
      subcommandTerm: nameWithArguments,
    })
    .configureOutput({
      writeOut: (text) => stdout.write(wrapFor(stdout, text)),
      writeErr: () => {},
      // By default, Commander checks the process's own streams.
      getOutHelpWidth: () => Number.POSITIVE_INFINITY,
      getOutHasColors: () => stdout.isTTY === true,
    })
    .showSuggestionAfterError()
    .addHelpText('after', topicsText())
    .addHelpText('after', examplesText(EXAMPLES));
  addGlobalOptions(program);
  rejectUnknownCommands(program);
  for (const entry of COMMAND_GROUPS) {
    addEntry(program, entry).helpGroup(`${entry.section}:`);
  }
  program.hook('preSubcommand', (_program, command) => loadEntry(command, execute));
  return program;
}

export async function buildFullProgram(): Promise<Command> {
  const execute: Execute = async () => {};
  const program = buildProgram(execute, { write: () => true });
  for (const command of program.commands) await loadEntry(command, execute);
  return program;
}

/**
 * Parses and runs a command line.
 *
 * @param args the command line without the program's name
 * @throws ChannelctlError `usage` if the arguments are wrong, or any error of the command
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<void> {
  const [first, topic = ''] = args;
  if (first === 'help' && isTopic(topic)) {
    const { topicText } = await import('./help-topics.ts');
    return program.configureOutput().writeOut?.(topicText(topic));
  }
  const parsed = first === 'help' ? [...args.slice(1), '--help'] : args;
  try {
    await program.parseAsync(parsed.length === 0 ? ['--help'] : [...parsed], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return; // Help or the version was printed.
    const { usageErrorOf } = await import('./usage-errors.ts');
    throw await usageErrorOf(error, program, args);
  }
}

function wrapFor({ isTTY, columns }: HelpOutput, text: string): string {
  return isTTY === true ? wrapHelp(text, columns || DEFAULT_COLUMNS) : text;
}

function describe({ description, argChoices, defaultValue }: Option | Argument): string {
  const details = [
    ...(argChoices === undefined ? [] : [`one of: ${argChoices.join(', ')}`]),
    ...(defaultValue === undefined ? [] : [`default: ${defaultValue}`]),
  ];
  return details.length === 0 ? description : `${description} (${details.join('; ')})`;
}

function nameWithArguments(command: Command): string {
  const names = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [command.name(), ...names].join(' ');
}

function topicsText(): string {
  const topics = Object.entries(TOPICS).map(
    ([name, about]) => `  channelctl help ${name.padEnd(13)}${about}`,
  );
  return `\nTopics:\n${topics.join('\n')}`;
}

function addGlobalOptions(program: Command): void {
  program
    .option('--profile <name>', 'profile to use (CHANNELCTL_PROFILE)')
    .addOption(new Option('-o, --output <format>', 'output format').choices(FORMATS))
    .option('--json', 'same as --output json')
    .option(
      '--fields <a,b,c>',
      'show only these fields; use dots for nested fields (config.page_id)',
    )
    .option('--no-input', 'never prompt')
    .option('-y, --yes', 'skip confirmation prompts')
    .option('-q, --quiet', 'hide progress, hints and warnings')
    .option('--debug', 'log HTTP requests and responses to stderr, without secrets')
    .option('--no-color', 'disable colours');
  for (const option of program.options) rejectRepetition(program, option);
}

/**
 * Adds a command or group with only its name and summary, because the program's help shows no more.
 */
function addEntry(program: Command, entry: CommandGroup | SingleCommand): Command {
  const command = program
    .command(entry.name)
    .summary(entry.summary)
    .description(`${entry.summary}.`)
    .helpCommand(false);
  if (!('load' in entry)) return command;
  // Each command's own help lists the global options. In the help of a group, they would make the
  // commands hard to find.
  command
    .usage('<verb> [arguments] [options]')
    .configureHelp({ ...command.configureHelp(), showGlobalOptions: false });
  rejectUnknownCommands(command);
  return command;
}

/**
 * Makes `channelctl acounts --help` a usage error; Commander would show the help of `channelctl`.
 */
function rejectUnknownCommands(command: Command): void {
  command.on('beforeHelp', () => {
    const [name] = command.args;
    if (name === undefined || name.startsWith('-')) return;
    command.error(`error: unknown command '${name}'`, { code: 'commander.unknownCommand' });
  });
}

async function loadEntry(command: Command, execute: Execute): Promise<void> {
  const entry = COMMAND_GROUPS.find(({ name }) => name === command.name());
  if (entry === undefined) return;
  const { loadCommands } = await import('./command-loader.ts');
  await loadCommands(command, entry, execute);
}
