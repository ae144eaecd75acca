import type { Argument, Command, Option } from 'commander';
import type { Channel } from '../../src/channels/channel.ts';
import { CHANNELS } from '../../src/channels/index.ts';
import { topicText } from '../../src/cli/help-topics.ts';
import { buildFullProgram } from '../../src/cli/program.ts';
import { COMMAND_GROUPS, TOPICS } from '../../src/cli/registry.ts';
import type {
  CommandDefinition,
  CommandGroup,
  SingleCommand,
} from '../../src/commands/shared/command.ts';
import { SETTING_KEYS, Settings, settingVariable } from '../../src/profile/settings.ts';
import { EXIT_CODES } from '../../src/shared/errors.ts';
import { FORMATS } from '../../src/shared/formats.ts';
import { ROLES } from '../../src/shared/roles.ts';
import { isSecretKey, SECRET_STORES } from '../../src/shared/secrets.ts';
import type { ResultShape } from '../../src/ui/output/render.ts';

export async function recordCommands() {
  const program = await buildFullProgram();
  const commands: Record<string, unknown> = {};
  for (const { path, verb } of await allCommands()) {
    const command = commandAt(program, path);
    commands[path] = {
      role: verb.role,
      ...(verb.checksRole && { checks_role_from: verb.checksRole.from }),
      ...(verb.toleratesCorruptState && { survives_broken_state: true }),
      arguments: command.registeredArguments.map(argumentLine),
      options: command.options.map(optionLine),
      ...recordResults(verb, command),
    };
  }
  return { global_options: program.options.map(optionLine), commands };
}

export function recordNames() {
  const defaults = new Settings({}, {}, {});
  return {
    exit_codes: EXIT_CODES,
    output_formats: FORMATS,
    roles: ROLES,
    secret_stores: SECRET_STORES,
    settings: Object.fromEntries(
      SETTING_KEYS.map((key) => [
        key,
        { default: defaults.value(key), variable: settingVariable(key) },
      ]),
    ),
    channels: Object.fromEntries(
      CHANNELS.map((channel) => [
        channel.name,
        {
          integration_keys: channel.integrationKeys.map(keyLine),
          account_keys: channel.accountKeys.map(keyLine),
          account_key_prefix: channel.derivedAccountKey?.prefix ?? null,
          tokens: tokenLines(channel),
        },
      ]),
    ),
    help_topics: Object.keys(TOPICS),
    environment_variables: variablesIn(topicText('environment') ?? ''),
  };
}

function tokenLines({ token, integrationToken }: Channel): string[] {
  const lines = { account: token, integration: integrationToken };
  return Object.entries(lines).flatMap(([of, one]) =>
    one === undefined ? [] : [`${of} ${one.field} (${one.kind})`],
  );
}

async function allCommands(): Promise<{ path: string; verb: CommandDefinition }[]> {
  return (await Promise.all(COMMAND_GROUPS.map(commandsOf))).flat();
}

async function commandsOf(
  entry: CommandGroup | SingleCommand,
): Promise<{ path: string; verb: CommandDefinition }[]> {
  if ('command' in entry) return [{ path: entry.name, verb: await entry.command() }];
  return (await entry.load()).commands.map((verb) => ({
    path: `${entry.name} ${verb.name}`,
    verb,
  }));
}

function commandAt(program: Command, path: string): Command {
  return path.split(' ').reduce((command, word) => {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) throw new Error(`the command ${path} does not exist`);
    return next;
  }, program);
}

function argumentLine(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  const shown = argument.required ? `<${name}>` : `[${name}]`;
  return shown + attributes([choicesOf(argument), defaultOf(argument)]);
}

function optionLine(option: Option): string {
  return (
    option.flags +
    attributes([
      option.mandatory ? 'mandatory' : null,
      isRepeatable(option) ? 'repeatable' : null,
      choicesOf(option),
      defaultOf(option),
    ])
  );
}

function attributes(found: readonly (string | null)[]): string {
  const present = found.filter((one) => one !== null);
  return present.length === 0 ? '' : ` (${present.join('; ')})`;
}

function choicesOf({ argChoices }: Argument | Option): string | null {
  return argChoices === undefined ? null : `one of ${argChoices.join(' ')}`;
}

function defaultOf({ defaultValue }: Argument | Option): string | null {
  return defaultValue === undefined ? null : `default ${JSON.stringify(defaultValue)}`;
}

function isRepeatable({ variadic, argChoices, parseArg }: Option): boolean {
  if (variadic) return true;
  return argChoices === undefined && Array.isArray(parseArg?.('value', undefined));
}

function recordResults(definition: CommandDefinition, command: Command) {
  const recorded = (values: object) => resultOf(definition.bind(values).result);
  const usual = recorded({});
  const others = command.options
    .map((option) => [option.long ?? option.flags, recorded(optionGiven(option))] as const)
    .filter(([, other]) => JSON.stringify(other) !== JSON.stringify(usual))
    .map(([flag, other]) => [`result with ${flag}`, other]);
  return { result: usual, ...Object.fromEntries(others) };
}

function optionGiven(option: Option): Record<string, unknown> {
  const takesValue = option.required || option.optional;
  return { [option.attributeName()]: takesValue ? 'value' : !option.negate };
}

function resultOf({ fields, anyField, columns, droppable, listIn, jsonOnOneLine }: ResultShape) {
  return {
    fields,
    ...(anyField && { any_field: true }),
    ...(columns && { columns }),
    ...(droppable && { columns_left_out_first: droppable }),
    ...(listIn && { list_in: listIn }),
    ...(jsonOnOneLine && { json_on_one_line: true }),
  };
}

function keyLine({ name, required }: { name: string; required?: boolean }): string {
  return name + attributes([isSecretKey(name) ? 'secret' : null, required ? 'required' : null]);
}

function variablesIn(text: string): string[] {
  return [...new Set(text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g))].sort();
}
