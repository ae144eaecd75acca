import type { Command, CommanderError } from 'commander';
import { type ChannelctlError, usageError } from '../shared/errors.ts';
import { closestWords, didYouMean } from '../shared/suggest.ts';
import { joinSentences } from '../shared/text.ts';
import { ALIASES } from './command-loader.ts';
import { COMMAND_GROUPS, TOPICS } from './registry.ts';

const MAX_ELSEWHERE = 4;

/** @param args the command line, before `help` is replaced by `--help` */
export async function usageErrorOf(
  error: CommanderError,
  program: Command,
  args: readonly string[],
): Promise<ChannelctlError> {
  const isHelp = args[0] === 'help';
  const commands = namedCommands(program, isHelp ? args.slice(1) : args);
  const command = commands.at(-1) ?? program;
  const path = commands.map((one) => one.name()).join(' ');
  const hint = `Run: ${path} --help`;
  if (error.code === 'commander.unknownCommand') {
    const word = /'(.*)'/s.exec(error.message)?.[1] ?? '';
    const similar = await similarCommands(word, command, isHelp);
    const reason = didYouMean(similar) || availableCommands(command);
    return usageError(`Unknown command '${word}'.`, { reason, hint });
  }
  if (error.code === 'commander.help') {
    return usageError(`${path} requires a command.`, { reason: availableCommands(command), hint });
  }
  const [first = '', ...others] = withoutValue(error.message.replace(/^error: /, '')).split(
    /\. (?=Allowed|Expected)|\n/,
  );
  const message = first.charAt(0).toUpperCase() + first.slice(1).replace(/\.?$/, '.');
  const details = others.join(' ').replace(/^\((.*)\)$/, '$1');
  const reason =
    joinSentences(closestChoice(error, details), details) || reasonFor(error, command, program);
  return usageError(message, { ...(reason !== undefined && { reason }), hint });
}

function namedCommands(program: Command, args: readonly string[]): Command[] {
  const commands = [program];
  // Commander's list of operands, or all arguments if parsing failed before it was set.
  for (const arg of program.args.length > 0 ? program.args : args) {
    const inner = commands.at(-1)?.commands.find((command) => isNamed(command, arg));
    if (inner !== undefined) commands.push(inner);
    else if (!arg.startsWith('-')) break;
  }
  return commands;
}

/**
 * Returns the commands that an unknown word resembles: commands of the same group, topics of
 * `channelctl help`, or else commands of other groups with this name.
 */
async function similarCommands(word: string, command: Command, isHelp: boolean): Promise<string[]> {
  const own = command.commands.map((one) => one.name());
  const topics = isHelp && command.parent === null ? Object.keys(TOPICS) : [];
  const close = closestWords(word, [...own, ...topics]);
  if (close.length > 0) return close.map((one) => (own.includes(one) ? one : `help ${one}`));
  const groups = COMMAND_GROUPS.flatMap((entry) => ('load' in entry ? entry : []));
  const paths = groups.map(async ({ name, load }) =>
    (await load()).commands.map((one) => `${name} ${one.name}`),
  );
  const endings = [word, ...Object.keys(ALIASES).filter((name) => ALIASES[name] === word)];
  return (await Promise.all(paths))
    .flat()
    .filter((path) => endings.some((ending) => path.endsWith(` ${ending}`)))
    .slice(0, MAX_ELSEWHERE);
}

function isNamed(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

function closestChoice({ code, message }: CommanderError, details: string): string {
  if (code !== 'commander.invalidArgument') return '';
  const word = /'([^']*)' is invalid/.exec(message)?.[1] ?? '';
  const choices = /^Allowed choices are (.*?)\.?$/.exec(details)?.[1]?.split(', ') ?? [];
  return didYouMean(closestWords(word, choices));
}

/** Removes the value of an unknown option, which may be a secret, as in `--app-secret=…`. */
function withoutValue(message: string): string {
  return message.replace(/^(unknown option '[^'=]*)=.*'/s, "$1'");
}

function reasonFor(
  { code, message }: CommanderError,
  command: Command,
  program: Command,
): string | undefined {
  if (!/\.(missing\w+|optionMissingArgument)$/.test(code)) return undefined;
  const known = [
    ...command.registeredArguments.map((argument) => [argument.name(), argument.description]),
    ...[...command.options, ...program.options].map(({ flags, description }) => [
      flags,
      description,
    ]),
  ];
  const missing = known.find(([name]) => message.includes(`'${name}'`));
  return missing && `Expected ${missing.join(': ')}.`;
}

function availableCommands({ commands }: Command): string {
  return `Available commands: ${commands.map((command) => command.name()).join(', ')}.`;
}
