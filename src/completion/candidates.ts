import type { CommandEntry, OptionEntry, Values } from './table.ts';
import type { Words } from './words.ts';

export interface Candidate {
  value: string;
  about: string;
}

/** What is known of this machine, asked for where it is needed. */
export interface Known {
  /** @param channel of this channel alone, where it is known which */
  accounts(profile: string | null, channel: string | null): Promise<Candidate[]>;
  profiles(): Promise<Candidate[]>;
}

export interface Completion {
  candidates: Candidate[];
  /** Whether the names of files fit too. */
  files: boolean;
}

/** Where a command line stands at the cursor. */
interface Place {
  /** The program, the noun, the verb. */
  path: CommandEntry[];
  /** Arguments so far that are no command. */
  given: readonly string[];
  /** The option whose value comes next. */
  pending: OptionEntry | null;
  /** The values of options so far, by their long names. */
  values: ReadonlyMap<string, string>;
  /** Behind a `--`. */
  isPlain: boolean;
}

const NOTHING: Completion = { candidates: [], files: false };

/** Everything that the current word may become. */
export async function complete(
  program: CommandEntry,
  { before, current }: Words,
  known: Known,
): Promise<Completion> {
  const place = follow(program, before);
  const { candidates, files } = await possible(place, current, known);
  return { candidates: candidates.filter(({ value }) => value.startsWith(current)), files };
}

async function possible(place: Place, current: string, known: Known): Promise<Completion> {
  const { path, given, pending, isPlain } = place;
  if (pending !== null) return valuesFrom(pending.values, place, known);
  const command = path.at(-1);
  if (command === undefined) return NOTHING;
  if (!isPlain && current.startsWith('-')) return optionCandidates(place, current, known);
  const names = command.commands.map(({ name, about }) => ({ value: name, about }));
  const next = command.arguments[Math.min(given.length, command.arguments.length - 1)] ?? null;
  const isFull = given.length >= command.arguments.length;
  const { candidates, files } = isFull ? NOTHING : await valuesFrom(next, place, known);
  return { candidates: [...names, ...candidates], files };
}

function follow(program: CommandEntry, words: readonly string[]): Place {
  const place = {
    path: [program],
    given: [] as string[],
    pending: null as OptionEntry | null,
    values: new Map<string, string>(),
    isPlain: false,
  };
  for (const word of words) {
    if (place.pending !== null) {
      place.values.set(longName(place.pending), word);
      place.pending = null;
    } else if (word === '--') {
      place.isPlain = true;
    } else if (word.startsWith('-') && !place.isPlain) {
      const [flag = '', ...value] = word.split('=');
      const option = optionsAt(place.path).find(({ flags }) => flags.includes(flag));
      if (option?.values && value.length > 0) place.values.set(longName(option), value.join('='));
      else if (option?.values) place.pending = option;
    } else {
      const command = place.path.at(-1)?.commands.find(({ name }) => name === word);
      if (command === undefined) place.given.push(word);
      else place.path.push(command);
    }
  }
  return place;
}

function optionsAt(path: readonly CommandEntry[]): OptionEntry[] {
  return [...path].reverse().flatMap(({ options }) => options);
}

function longName({ flags }: OptionEntry): string {
  return flags.at(-1) ?? '';
}

/** The options; behind `--name=`, its values. */
async function optionCandidates(place: Place, current: string, known: Known): Promise<Completion> {
  const equals = current.indexOf('=');
  const options = optionsAt(place.path);
  if (equals < 0) {
    const long = options.flatMap(({ flags, about }) =>
      flags.filter((flag) => flag.startsWith('--')).map((value) => ({ value, about })),
    );
    return { candidates: long, files: false };
  }
  const flag = current.slice(0, equals);
  const option = options.find(({ flags }) => flags.includes(flag));
  const { candidates, files } = await valuesFrom(option?.values ?? null, place, known);
  return {
    candidates: candidates.map(({ value, about }) => ({ value: `${flag}=${value}`, about })),
    files,
  };
}

async function valuesFrom(values: Values | null, place: Place, known: Known): Promise<Completion> {
  switch (values?.from) {
    case 'list':
      return { candidates: values.list.map((value) => ({ value, about: '' })), files: false };
    case 'before': {
      const list = values.lists[place.given.at(-1) ?? ''] ?? [];
      return { candidates: list.map((value) => ({ value, about: '' })), files: false };
    }
    case 'files':
      return { candidates: [], files: true };
    case 'profiles':
      return { candidates: await known.profiles(), files: false };
    case 'accounts': {
      const profile = place.values.get('--profile') ?? null;
      const channel = place.values.get('--channel') ?? place.path[1]?.channel ?? null;
      return { candidates: await known.accounts(profile, channel), files: false };
    }
    default:
      return NOTHING;
  }
}
