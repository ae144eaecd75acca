import type { Argument, Command, Option } from 'commander';
import { below, chance, pick, pickSome } from './dice.ts';
import { hostile, hostileInput, URLS } from './hostile.ts';

export interface Leaf {
  path: string[];
  arguments: readonly Argument[];
  options: readonly Option[];
}

export function leavesOf(command: Command, path: string[] = []): Leaf[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((inner) => leavesOf(inner, [...path, pickName(inner)]));
  }
  return [{ path, arguments: command.registeredArguments, options: command.options }];
}

function pickName(command: Command): string {
  return pick([command.name(), ...command.aliases()]);
}

export interface Line {
  args: string[];
  input: string | Buffer;
  json: boolean;
}

export interface Known {
  accounts: readonly string[];
  files: readonly string[];
  codes: readonly string[];
}

/** How often the parts of a line are wrong: never, sometimes, or often. */
const CARELESSNESS = [0, 0, 0.05, 0.05, 0.2];

export function randomLine(program: Command, leaves: readonly Leaf[], known: Known): Line {
  const json = chance(0.6);
  const leaf = pick(leaves);
  const error = pick(CARELESSNESS);
  const source = { ...known, error, group: leaf.path[0] ?? '' };
  const words = chance(error / 2) ? [hostile(), hostile()] : misspelt(leaf.path, error);
  const values = leaf.arguments.flatMap((argument) => argumentValues(argument, source));
  const required = leaf.options.filter(isUsual);
  const optional = leaf.options.filter((option) => !isUsual(option));
  const options = [
    ...required.flatMap((option) => (chance(error) ? [] : optionWords(option, source))),
    ...pickSome(optional, error === 0 ? 2 : 4).flatMap((option) => optionWords(option, source)),
    ...pickSome(program.options, error === 0 ? 1 : 2).flatMap((option) =>
      optionWords(option, source),
    ),
    ...(chance(0.8) ? [['--yes']] : []),
    ...(chance(error / 2) ? [[`--${hostile()}`]] : []),
    ...(chance(error) ? [[pick(ODD_WORDS)]] : []),
    ...(chance(error) ? [[hostile()]] : []),
  ];
  const args = [...words];
  for (const part of [...values.map((value) => [value]), ...options]) {
    // Most parts follow the command; the others are misplaced.
    args.splice(chance(error) ? below(args.length + 1) : args.length, 0, ...part);
  }
  return { args: [...(json ? ['--json'] : []), ...args], input: hostileInput(), json };
}

/** Whether a command needs the option in most cases, although it is not required in all. */
function isUsual({ long, flags, mandatory }: Option): boolean {
  return (
    mandatory || ['--file', '--channel', '--config'].includes(long ?? '') || flags === '--page <id>'
  );
}

const ODD_WORDS = [
  '--',
  '-',
  '',
  '-x',
  '--json=x',
  '-oxml',
  '--no-such-option',
  '--output',
  '-yqy',
];

function misspelt(path: readonly string[], error: number): string[] {
  if (!chance(error / 2)) return [...path];
  const words = [...path];
  words[below(words.length)] = pick(['', 'lst', 'ACCOUNTS', '--', 'help', hostile()]);
  return words;
}

interface Source extends Known {
  error: number;
  group: string;
}

function argumentValues(argument: Argument, known: Source): string[] {
  if (chance(argument.required ? known.error : 0.3)) return [];
  return [valueFor(argument.name(), argument.argChoices, known)];
}

const REPEATABLE = ['--config', '--unset', '--page', '--item', '--field'];

function optionWords(option: Option, known: Source): string[][] {
  const flag =
    option.short !== undefined && option.short !== null && chance(0.5)
      ? option.short
      : (option.long ?? '');
  const once = () => {
    if (!option.required) return [chance(known.error / 2) ? `${flag}=${hostile()}` : flag];
    if (chance(known.error / 2)) return [flag];
    const value = valueFor(option.flags.replace(/^.*<(.*)>$/, '$1'), option.argChoices, known);
    return flag.startsWith('--') && chance(0.3) ? [`${flag}=${value}`] : [flag, value];
  };
  return chance(REPEATABLE.includes(option.long ?? '') ? 0.3 : known.error)
    ? [once(), once()]
    : [once()];
}

function valueFor(name: string, choices: readonly string[] | undefined, known: Source): string {
  if (chance(known.error)) return hostile();
  if (choices !== undefined) return pick(choices);
  const kinds: Record<string, () => string> = {
    account: () => accountFor(known),
    channel: () => pick(chance(known.error) ? ODD_CHANNELS : CHANNELS),
    path: () => (chance(0.3) ? pick(GRAPH_PATHS) : pick(known.files)),
    'path|-': () => pick(known.files),
    'file|-': () => pick(known.files),
    'k=v': () => pick(pairsFor(known)),
    'title=target': () =>
      pick(['Talk=postback:TALK', 'Web=https://a.invalid', '=', 'a=', 'b=javascript:x']),
    'code|-': () => pick(['-', 'a-code', ...known.codes]),
    '@file|-|env:NAME|digits': () =>
      pick(['-', '204816', '12345', 'env:PIN', 'env:', `@${pick(known.files)}`]),
    address: () => pick(URLS),
    seconds: () => pick(NUMBERS),
    number: () => pick(['0', '0', '0', ...NUMBERS]),
    span: () => pick(['14d', '0d', '1h', '-1d', '999999999999d', '1w', 'd']),
    time: () => pick(['2026-01-01', 'yesterday', '7d', '2026-13-45', '+275760-09-13', '0']),
    method: () => pick(['GET', 'POST', 'DELETE', 'get', 'PUT', 'TRACE']),
    json: () => pick(['{}', '[]', '{"a":1}', 'null', '{', '{"__proto__":{"x":1}}']),
    'a,b,c': () => pick(['id', 'id,id', 'config.x', ',', 'a,,b', '*', '__proto__', 'steps.result']),
    fields: () => pick(['messages', 'messages,nope', ',', '']),
    payload: () => pick(['START', '', 'x'.repeat(1001)]),
    key: () => pick(known.group === 'config' && !chance(known.error) ? SETTINGS : CONFIG_KEYS),
    value: () => pick(['admin', 'agent', 'json', 'env', 'file', 'v25.0', ...URLS]),
    name: () => pick(['default', 'other', 'Default', 'con', '../x', 'a'.repeat(65)]),
    id: () =>
      pick(['81', '82', '84', '501', '5011', '5012', '5014', '17841', '0', '9'.repeat(400)]),
  };
  return (kinds[name] ?? hostile)();
}

function accountFor({ accounts, group, error }: Source): string {
  const prefix = { menu: 'messenger' }[group] ?? group;
  const fitting = accounts.filter((account) => account.startsWith(`${prefix}/`));
  return pick(fitting.length > 0 && !chance(error) ? fitting : accounts);
}

const CHANNELS = ['whatsapp', 'messenger', 'instagram', 'email'];
const ODD_CHANNELS = ['sms', 'WhatsApp', '__proto__', ''];
const SETTINGS = [
  'webhook_base_url',
  'redirect_uri',
  'graph_version',
  'role',
  'secrets',
  'output',
  'division_id',
];
const CONFIG_KEYS = [
  'address',
  'password',
  'imap_host',
  'imap_port',
  'page_id',
  'page_access_token',
  'app_id',
  'app_secret',
  'phone_number_id',
  'waba_id',
  'access_token',
  'pin',
  'ig_user_id',
  'note',
  'a.b',
  '__proto__',
  'constructor',
  'toString',
  ' ',
  'é',
  'a\nb',
  '\u202ekey',
];
const CONFIG_VALUES = [
  'a',
  '',
  '1',
  'null',
  '127.0.0.1',
  '-',
  'env:NOPE',
  'env:PIN',
  '@',
  '@/nope',
  '********',
  '********abcd',
  '204816',
  '81',
  '501',
  'x@example.com',
  '=',
  '{"a":1}',
  '993',
  '99999',
];
const NUMBERS = [
  '0',
  '1',
  '2',
  '-1',
  '1.5',
  '1e3',
  '0x10',
  '65535',
  '65536',
  '99999999999999999999',
  'NaN',
  '１',
];
const GRAPH_PATHS = [
  'me',
  '/me',
  '81',
  '5011',
  '501/phone_numbers?fields=id',
  'me/../x',
  '?',
  '#',
  'https://evil.invalid/me',
  '//evil.invalid',
  'me?access_token=x',
  '%00',
  'é',
  '',
  ' ',
  'me\n',
  '.',
];

function pairsFor(known: Known): string[] {
  const key = pick(CONFIG_KEYS);
  return [
    `${key}=${pick(CONFIG_VALUES)}`,
    `${key}=@${pick(known.files)}`,
    `${key}=${hostile()}`,
    `${key}=-`,
    key,
    `=${key}`,
  ];
}
