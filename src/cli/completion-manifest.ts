import type { Argument, Command, Option } from 'commander';
import { CHANNEL_NAMES, CHANNELS, hasApp } from '../channels/index.ts';
import type { CommandEntry, OptionEntry, Values } from '../completion/table.ts';
import { SETTING_KEYS } from '../profile/settings.ts';
import { FORMATS } from '../shared/formats.ts';
import { ROLES } from '../shared/roles.ts';
import { SECRET_STORES } from '../shared/secrets.ts';
import { buildFullProgram } from './program.ts';
import { COMMAND_GROUPS, TOPICS } from './registry.ts';

const VALUES: ReadonlyMap<string, Values> = new Map<string, Values>([
  ['account', { from: 'accounts' }],
  ['channel', { from: 'list', list: CHANNEL_NAMES }],
  ['app', { from: 'list', list: CHANNELS.filter(hasApp).map(({ name }) => name) }],
  ['profile', { from: 'profiles' }],
  ['key', { from: 'list', list: SETTING_KEYS }],
  ['value', { from: 'before', lists: { role: ROLES, secrets: SECRET_STORES, output: FORMATS } }],
  ['method', { from: 'list', list: ['GET', 'POST', 'DELETE'] }],
  ...['file', 'input', 'seed', 'config-file', 'user-token-file'].map((name): [string, Values] => [
    name,
    { from: 'files' },
  ]),
]);

/**
 * The keys of `VALUES` for arguments whose names differ from them, by command and argument.
 */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['profiles show name', 'profile'],
  ['profiles delete name', 'profile'],
  ['channelctl init channel', 'app'],
]);

function entryOf(command: Command): CommandEntry {
  const alias = command.alias();
  return {
    name: command.name(),
    ...(alias !== undefined && { alias }),
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
  const place = `${command.parent?.name()} ${command.name()} ${argument.name()}`;
  return VALUES.get(MEANINGS.get(place) ?? argument.name()) ?? { from: 'nowhere' };
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

function channelOf({ name }: CommandEntry): Pick<CommandEntry, 'channel'> {
  const group = COMMAND_GROUPS.find((one) => one.name === name);
  return group !== undefined && 'channel' in group ? { channel: group.channel } : {};
}

function helpOf({ commands }: CommandEntry): CommandEntry {
  const list = [...Object.keys(TOPICS), ...commands.map(({ name }) => name)];
  const about = 'Show help for a topic or command';
  return { name: 'help', about, arguments: [{ from: 'list', list }], options: [], commands: [] };
}

const program = entryOf(await buildFullProgram());
const groups = program.commands.map((entry) => ({ ...entry, ...channelOf(entry) }));
const whole = { ...program, commands: [...groups, helpOf(program)] };
process.stdout.write(JSON.stringify(whole));
