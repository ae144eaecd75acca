import type { Command, CommanderError } from 'commander';
import { type ChannelctlError, usageError } from '../shared/errors.ts';

export function usageErrorOf(
  error: CommanderError,
  program: Command,
  args: readonly string[],
): ChannelctlError {
  const commands = namedCommands(program, args);
  const command = commands.at(-1) ?? program;
  const path = commands.map((one) => one.name()).join(' ');
  const hint = `Run: ${path} --help`;
  if (error.code === 'commander.help') {
    return usageError(`${path} requires a command.`, { reason: availableCommands(command), hint });
  }
  const [first = '', ...others] = withoutValue(error.message.replace(/^error: /, '')).split(
    /\. (?=Allowed|Expected)|\n/,
  );
  const message = first.charAt(0).toUpperCase() + first.slice(1).replace(/\.?$/, '.');
  const details = others.join(' ').replace(/^\((.*)\)$/, '$1');
  const reason = details || reasonFor(error, command, program);
  return usageError(message, { ...(reason !== undefined && { reason }), hint });
}

function namedCommands(program: Command, args: readonly string[]): Command[] {
  const commands = [program];
  // Commander's list of operands, or all arguments if parsing failed before it was set.
  for (const arg of program.args.length > 0 ? program.args : args) {
    const inner = commands.at(-1)?.commands.find((command) => command.name() === arg);
    if (inner !== undefined) commands.push(inner);
    else if (!arg.startsWith('-')) break;
  }
  return commands;
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
  if (code === 'commander.unknownCommand') return availableCommands(command);
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
