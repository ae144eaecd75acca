import type { CommandLine } from './command-line.ts';
import type { CommandEntry, OptionEntry, Values } from './table.ts';

export interface Candidate {
  value: string;
  about: string;
}

export interface LocalData {
  /** @param channel limits the accounts to one channel; null for any */
  accounts(profile: string | null, channel: string | null): Promise<Candidate[]>;
  profiles(): Promise<Candidate[]>;
}

export interface Completion {
  candidates: Candidate[];
  files: boolean;
}

interface Position {
  path: CommandEntry[];
  givenArguments: readonly string[];
  pendingOption: OptionEntry | null;
  optionValues: ReadonlyMap<string, string>;
  isAfterDashes: boolean;
}

const NOTHING: Completion = { candidates: [], files: false };

export async function complete(
  program: CommandEntry,
  { before, current }: CommandLine,
  localData: LocalData,
): Promise<Completion> {
  const position = positionAfter(program, before);
  const { candidates, files } = await candidatesAt(position, current, localData);
  return { candidates: candidates.filter(({ value }) => value.startsWith(current)), files };
}

async function candidatesAt(
  position: Position,
  current: string,
  localData: LocalData,
): Promise<Completion> {
  const { path, givenArguments, pendingOption, isAfterDashes } = position;
  if (pendingOption !== null) return valuesFrom(pendingOption.values, position, localData);
  const command = path.at(-1);
  if (command === undefined) return NOTHING;
  if (!isAfterDashes && current.startsWith('-'))
    return optionCandidates(position, current, localData);
  const names = command.commands.map(({ name, about }) => ({ value: name, about }));
  const next =
    command.arguments[Math.min(givenArguments.length, command.arguments.length - 1)] ?? null;
  const isFull = givenArguments.length >= command.arguments.length;
  const { candidates, files } = isFull ? NOTHING : await valuesFrom(next, position, localData);
  return { candidates: [...names, ...candidates], files };
}

function positionAfter(program: CommandEntry, words: readonly string[]): Position {
  const position = {
    path: [program],
    givenArguments: [] as string[],
    pendingOption: null as OptionEntry | null,
    optionValues: new Map<string, string>(),
    isAfterDashes: false,
  };
  for (const word of words) {
    if (position.pendingOption !== null) {
      position.optionValues.set(longName(position.pendingOption), word);
      position.pendingOption = null;
    } else if (word === '--') {
      position.isAfterDashes = true;
    } else if (word.startsWith('-') && !position.isAfterDashes) {
      const [flag = '', ...value] = word.split('=');
      const option = optionsAt(position.path).find(({ flags }) => flags.includes(flag));
      if (option?.values && value.length > 0)
        position.optionValues.set(longName(option), value.join('='));
      else if (option?.values) position.pendingOption = option;
    } else {
      const command = position.path
        .at(-1)
        ?.commands.find(({ name, alias }) => name === word || alias === word);
      if (command === undefined) position.givenArguments.push(word);
      else position.path.push(command);
    }
  }
  return position;
}

function optionsAt(path: readonly CommandEntry[]): OptionEntry[] {
  return [...path].reverse().flatMap(({ options }) => options);
}

function longName({ flags }: OptionEntry): string {
  return flags.at(-1) ?? '';
}

async function optionCandidates(
  position: Position,
  current: string,
  localData: LocalData,
): Promise<Completion> {
  const equals = current.indexOf('=');
  const options = optionsAt(position.path);
  if (equals < 0) {
    const all = options.flatMap(({ flags, about }) =>
      flags.filter((flag) => flag.startsWith('--')).map((value) => ({ value, about })),
    );
    return { candidates: all, files: false };
  }
  const flag = current.slice(0, equals);
  const option = options.find(({ flags }) => flags.includes(flag));
  const { candidates, files } = await valuesFrom(option?.values ?? null, position, localData);
  return {
    candidates: candidates.map(({ value, about }) => ({ value: `${flag}=${value}`, about })),
    files,
  };
}

async function valuesFrom(
  values: Values | null,
  position: Position,
  localData: LocalData,
): Promise<Completion> {
  switch (values?.from) {
    case 'list':
      return { candidates: values.list.map((value) => ({ value, about: '' })), files: false };
    case 'before': {
      const list = values.lists[position.givenArguments.at(-1) ?? ''] ?? [];
      return { candidates: list.map((value) => ({ value, about: '' })), files: false };
    }
    case 'files':
      return { candidates: [], files: true };
    case 'profiles':
      return { candidates: await localData.profiles(), files: false };
    case 'accounts': {
      const profile = position.optionValues.get('--profile') ?? null;
      const channel = position.optionValues.get('--channel') ?? position.path[1]?.channel ?? null;
      return { candidates: await localData.accounts(profile, channel), files: false };
    }
    default:
      return NOTHING;
  }
}
