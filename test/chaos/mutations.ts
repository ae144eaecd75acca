import { parse, stringify } from 'yaml';
import { below, chance, pick } from './dice.ts';

export type Syntax = 'json' | 'yaml' | 'lines' | 'text';

export interface Mutant {
  name: string;
  content: Buffer;
}

type Mutation = (content: Buffer, others: readonly Buffer[]) => Buffer;

const onLines =
  (change: (lines: string[], at: number) => void): Mutation =>
  (content) => {
    const lines = content.toString('latin1').split('\n');
    change(lines, below(lines.length));
    return Buffer.from(lines.join('\n'), 'latin1');
  };

function inserted(content: Buffer, part: string | Buffer): Buffer {
  const at = below(content.length + 1);
  return Buffer.concat([content.subarray(0, at), Buffer.from(part), content.subarray(at)]);
}

function withFlippedBits(content: Buffer): Buffer {
  const copy = Buffer.from(content);
  for (let left = 1 + below(3); left > 0 && copy.length > 0; left -= 1) {
    const at = below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
  }
  return copy;
}

const BYTE_MUTATIONS: Record<string, Mutation> = {
  'flipped bits': withFlippedBits,
  truncated: (content) => content.subarray(0, below(content.length + 1)),
  'without its start': (content) => content.subarray(below(content.length + 1)),
  'a line deleted': onLines((lines, at) => void lines.splice(at, 1 + below(3))),
  'a line duplicated': onLines((lines, at) => void lines.splice(at, 0, lines[at] ?? '')),
  'a line moved': onLines((lines, at) => {
    const moved = lines.splice(at, 1);
    lines.splice(below(lines.length + 1), 0, ...moved);
  }),
  'a long line': onLines((lines, at) => void lines.splice(at, 0, 'x'.repeat(200_000))),
  'a byte order mark': (content) => Buffer.concat([Buffer.from('\ufeff'), content]),
  'two byte order marks': (content) => Buffer.concat([Buffer.from('\ufeff\ufeff'), content]),
  'UTF-16': (content) => Buffer.from(`\ufeff${content}`, 'utf16le'),
  CRLF: (content) => Buffer.from(content.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  NUL: (content) => inserted(content, '\0'),
  'NUL only': (content) => Buffer.alloc(content.length),
  'invalid UTF-8': (content) => inserted(content, Buffer.from([0xc3, 0x28, 0xff])),
  'control characters': (content) => inserted(content, '\u001b[2J\u202e\u0007'),
  'random characters': (content) =>
    inserted(content, pick(['"', '}', ']', ',', ':', '\\', '&a', '*', '<<: '])),
  empty: () => Buffer.alloc(0),
  blank: () => Buffer.from(' \n\t\n'),
  twice: (content) => Buffer.concat([content, content]),
  'another file': (content, others) => (others.length > 0 ? pick(others) : content),
  'only brackets': () => Buffer.from(pick(['[', '{"a":', '[[']).repeat(pick([50, 20_000]))),
};

type Tree = unknown;

/** A placeholder for text that JSON and YAML cannot produce. */
const MARK = 'placeholder-of-the-mutation';
const DEEP = 20_000;

const VALUES: readonly (() => Tree)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1.5,
  () => 1e308,
  () => '',
  () => ' ',
  () => 'x',
  () => '0',
  () => '__proto__',
  () => '../../x',
  () => '\u0000\u001b[31m\u202e',
  () => '\ud800',
  () => 'x'.repeat(100_000),
  () => [],
  () => [null],
  () => ({}),
  () => ({ store: 'file', item: 'x', last4: null }),
  () => '9999-99-99T99:99:99Z',
  () => 'http://[',
  () => '%',
];

/** Text for the placeholder, including its quotation marks. */
const RAW_VALUES: readonly (() => string)[] = [
  () => '1e999',
  () => '-0',
  () => '123456789012345678901234567890',
  () => '9'.repeat(1000),
  () => `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  () => `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  () => '"\\ud800"',
  () => '{"__proto__":{"polluted":true}}',
  () => '{"constructor":{"prototype":{"polluted":true}}}',
  () => '{"a":1,"a":2}',
];

type Change = (holder: Record<string, Tree>, key: string) => void;

const CHANGES: Record<string, Change> = {
  'a value changed': (holder, key) => {
    holder[key] = pick(VALUES)();
  },
  'a raw value': (holder, key) => {
    holder[key] = MARK;
  },
  'a key deleted': (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  'a key added': (holder, key) => {
    if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
    else
      define(
        holder,
        pick(['__proto__', 'constructor', 'toString', '', 'x', '\u001b']),
        holder[key],
      );
  },
  'a key renamed': (holder, key) => {
    if (Array.isArray(holder)) return void holder.reverse();
    const value = holder[key];
    delete holder[key];
    define(holder, pick([`${key}s`, key.toUpperCase(), '__proto__', 'x']), value);
  },
  'values swapped': (holder, key) => {
    const other = pick(Object.keys(holder));
    [holder[key], holder[other]] = [holder[other], holder[key]];
  },
  'a value copied': (holder, key) => {
    holder[pick(Object.keys(holder))] = structuredClone(holder[key]);
  },
};

function define(holder: object, key: string, value: Tree): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function placesIn(tree: Tree): [Record<string, Tree>, string][] {
  if (typeof tree !== 'object' || tree === null) return [];
  const holder = tree as Record<string, Tree>;
  return Object.keys(holder).flatMap((key) => [
    [holder, key] as [Record<string, Tree>, string],
    ...placesIn(holder[key]),
  ]);
}

function withChangedValues(tree: Tree): { name: string; tree: Tree; raw: string } {
  const name = pick(Object.keys(CHANGES));
  const root = { root: structuredClone(tree) };
  const places = placesIn(root.root);
  for (let left = chance(0.8) ? 1 : 3; left > 0 && places.length > 0; left -= 1) {
    CHANGES[name]?.(...pick(places));
  }
  return { name, tree: root.root, raw: pick(RAW_VALUES)() };
}

function mutateValues(content: Buffer, syntax: Syntax): Mutant {
  const text = content.toString('utf8');
  if (syntax === 'lines') {
    const lines = text.split('\n').filter((line) => line !== '');
    const at = below(lines.length);
    const { name, content: line } = mutateValues(Buffer.from(lines[at] ?? '{}'), 'json');
    lines[at] = line.toString('utf8').replaceAll('\n', '');
    return { name, content: Buffer.from(`${lines.join('\n')}\n`) };
  }
  const { name, tree, raw } = withChangedValues(syntax === 'json' ? JSON.parse(text) : parse(text));
  const serialized =
    syntax === 'yaml' && chance(0.5) ? stringify(tree) : JSON.stringify(tree, null, 2);
  const filled = serialized.replaceAll(`"${MARK}"`, raw).replaceAll(MARK, raw);
  return { name, content: Buffer.from(filled) };
}

/** Returns a mutant of a file. Half of the mutations of structured files keep its syntax. */
export function mutate(content: Buffer, syntax: Syntax, others: readonly Buffer[]): Mutant {
  if (syntax !== 'text' && content.length > 0 && chance(0.5)) return mutateValues(content, syntax);
  const name = pick(Object.keys(BYTE_MUTATIONS));
  const mutation = BYTE_MUTATIONS[name] ?? withFlippedBits;
  return { name, content: mutation(content, others) };
}
