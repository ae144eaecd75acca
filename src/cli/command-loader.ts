import { Argument, type Command, Option } from 'commander';
import type {
  CommandDefinition,
  CommandGroup,
  Example,
  SingleCommand,
} from '../commands/shared/command.ts';
import type { Declaration } from '../commands/shared/options.ts';
import { examplesText } from './examples-text.ts';
import { rejectRepetition } from './repeated-options.ts';
import { joinLines } from './wrap-help.ts';

export type Execute = (
  definition: CommandDefinition,
  options: Record<string, unknown>,
  path: string,
) => Promise<void>;

/** Other names that each group accepts for its commands. */
export const ALIASES: Readonly<Record<string, string>> = { list: 'ls', delete: 'rm', get: 'show' };

export async function loadCommands(
  command: Command,
  entry: CommandGroup | SingleCommand,
  execute: Execute,
): Promise<void> {
  if ('load' in entry) addCommands(command, (await entry.load()).commands, execute);
  else declareCommand(command, await entry.command(), execute);
}

function addCommands(
  group: Command,
  definitions: readonly CommandDefinition[],
  execute: Execute,
): void {
  group.addHelpText('after', examplesText(examplesOf(definitions)));
  for (const definition of definitions) {
    const { summary } = definition;
    const command = createCommand(definition, group).summary(summary).description(`${summary}.`);
    declareCommand(command, definition, execute);
  }
}

function examplesOf(definitions: readonly CommandDefinition[]): readonly Example[] {
  const [only, ...others] = definitions;
  if (only !== undefined && others.length === 0) return only.examples;
  return definitions.map(({ examples: [first] }) => first);
}

function createCommand(definition: CommandDefinition, group: Command): Command {
  const [name = definition.name, subgroup] = definition.name.split(' ').reverse();
  const existing = group.commands.find((command) => command.name() === subgroup);
  const parent =
    subgroup === undefined ? group : (existing ?? addSubgroup(subgroup, definition, group));
  const command = parent.command(name);
  const alias = ALIASES[name];
  return alias === undefined ? command : command.alias(alias);
}

function addSubgroup(
  name: string,
  { summary, examples }: CommandDefinition,
  group: Command,
): Command {
  return group
    .command(name)
    .summary(summary)
    .description(`${summary}.`)
    .usage('<verb> [arguments] [options]')
    .helpCommand(false)
    .configureHelp({ ...group.configureHelp(), showGlobalOptions: true })
    .addHelpText('after', examplesText(examples));
}

function declareCommand(command: Command, definition: CommandDefinition, execute: Execute): void {
  declareArguments(command, definition);
  declareOptions(command, definition);
  declareHelp(command, definition);
  command.action(async () => {
    const given = command.registeredArguments.map((argument, index) => [
      argument.name(),
      command.processedArgs[index],
    ]);
    const options = { ...command.opts(), ...Object.fromEntries(given) };
    await execute(definition, options, pathOf(command));
  });
}

function declareArguments(command: Command, { arguments: declared = {} }: CommandDefinition): void {
  for (const [name, declaration] of Object.entries(declared)) {
    const { description, choices } = inFull(declaration);
    const argument = new Argument(name, description);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
}

function declareOptions(command: Command, { options: declared = {} }: CommandDefinition): void {
  for (const [flags, declaration] of Object.entries(declared)) {
    const { description, choices, ...rest } = inFull(declaration);
    const option = new Option(flags, description);
    if (choices !== undefined) option.choices(choices);
    if (rest.default !== undefined) option.default(rest.default);
    if (rest.isRepeatable === true) option.argParser(collect);
    command.addOption(
      option.makeOptionMandatory(rest.isRequired === true).hideHelp(rest.isHidden === true),
    );
    if (rest.isRepeatable !== true) rejectRepetition(command, option);
  }
}

function inFull(declaration: Declaration): Exclude<Declaration, string> {
  return typeof declaration === 'string' ? { description: declaration } : declaration;
}

function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function declareHelp(command: Command, { notes, role, examples }: CommandDefinition): void {
  command.configureHelp({
    ...command.configureHelp(),
    showGlobalOptions: true,
    commandUsage: () => `channelctl ${pathOf(command)} ${command.usage()}`,
  });
  const needsRole = role === 'supervisor' || role === 'admin';
  const paragraphs = [notes, needsRole ? `Requires the ${role} role.` : undefined];
  const text = paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n');
  if (text !== '') command.addHelpText('after', `\n${joinLines(text)}`);
  command.addHelpText('after', examplesText(examples));
}

function pathOf(command: Command): string {
  const above = command.parent?.parent ? `${pathOf(command.parent)} ` : '';
  return above + command.name();
}
