import type { Argument, Command, Option } from 'commander';
import { CHANNEL_NAMES } from './channels/index.ts';
import type { CommandEntry, OptionEntry, Values } from './completion/table.ts';
import { wholeProgram } from './program.ts';
import { SETTING_KEYS } from './state/settings.ts';

/** Options and arguments whose values are known, by name. */
const VALUES: ReadonlyMap<string, Values> = new Map<string, Values>([
  ['account', { from: 'accounts' }],
  ['channel', { from: 'list', list: CHANNEL_NAMES }],
  ['app', { from: 'list', list: CHANNEL_NAMES.filter((name) => name !== 'email') }],
  ['profile', { from: 'profiles' }],
  ['key', { from: 'list', list: SETTING_KEYS }],
  ['method', { from: 'list', list: ['GET', 'POST', 'DELETE'] }],
  ...['file', 'input', 'seed', 'config-file', 'user-token-file'].map((name): [string, Values] => [
    name,
    { from: 'files' },
  ]),
]);

function entryOf(command: Command): CommandEntry {
  return {
    name: command.name(),
    about: command.summary() || command.description(),
    arguments: command.registeredArguments.map((argument) => argumentValues(argument, command)),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map((option) => optionEntry(option)),
    commands: command.commands.map(entryOf),
  };
}

function argumentValues(argument: Argument, command: Command): Values {
  if (argument.argChoices !== undefined) return { from: 'list', list: argument.argChoices };
  const isProfile = argument.name() === 'name' && command.parent?.name() === 'profiles';
  return VALUES.get(isProfile ? 'profile' : argument.name()) ?? { from: 'nowhere' };
}

function optionEntry(option: Option): OptionEntry {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const takes = option.required || option.optional;
  const known = option.argChoices;
  const values: Values =
    known === undefined
      ? (VALUES.get(option.name()) ?? { from: 'nowhere' })
      : { from: 'list', list: known };
  return { flags, about: option.description, values: takes ? values : null };
}

process.stdout.write(JSON.stringify(entryOf(await wholeProgram())));
