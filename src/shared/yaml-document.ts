import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Document as YamlDocument,
} from 'yaml';
import { withDigits } from './digits.ts';
import { usageError } from './errors.ts';
import { isObject, type Json } from './json.ts';
import { YAML_FAULTS } from './yaml-faults.ts';
import { splitSections } from './yaml-sections.ts';

type Path = readonly (string | number)[];

/** A text that was read as YAML, or as JSON, which is YAML too. */
export interface ReadText {
  value: Json;
  /** Line and column of a path, or of what is nearest above it. */
  placeOf(path: Path): string;
}

/** Deeper than anything that channelctl takes, and far from what would exhaust the stack. */
const DEEPEST = 60;

/** What aliases may stand for in all: a small document can mean an endless one by them. */
const MOST_REPEATED = 100_000;

/** The tags of what JSON has too; any other means bytes, a set, a time, or nothing at all. */
const TAGS_OF_JSON = /^(?:!|tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq))$/;

/**
 * Reads YAML, or JSON, and remembers where everything stands.
 *
 * @param name what is read, for errors
 * @param numberOf what a number means; its digits are kept where it stands for a text
 * @throws ChannelctlError of kind `usage` that names line and column, and quotes nothing
 */
export function readYaml(text: string, name: string, numberOf = withDigits): ReadText {
  const value = readInParts(text, numberOf) ?? readWhole(text, name, numberOf).value;
  // The parsed document takes a hundred times the memory of its text: it is parsed again for errors.
  let whole: ReadText | undefined;
  return {
    value,
    placeOf: (path) => {
      whole ??= readWhole(text, name, numberOf);
      return whole.placeOf(path);
    },
  };
}

function readWhole(text: string, name: string, numberOf: typeof withDigits): ReadText {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { ...OPTIONS, lineCounter });
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `line ${Math.max(line, 1)}, column ${Math.max(col, 1)}`;
  };
  const refuse = (reason: string, offset: number) =>
    usageError(
      `${name} is neither JSON nor YAML that channelctl can use.`,
      `${reason} at ${place(offset)}.`,
      'Correct that place; nothing was changed.',
    );
  // A warning tells of what would be left out, such as a tag that nobody knows.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw refuse(YAML_FAULTS[fault.code], fault.pos[0]);
  return {
    value: toJson(document, numberOf, refuse),
    placeOf: (path) => place(offsetOf(document, path)),
  };
}

const OPTIONS = { prettyErrors: false, stringKeys: true } as const;

/**
 * Reads a long document list by list, in a fraction of the memory. Null if it has no long list in
 * block style, or if any part is not valid by itself: then the whole says what is wrong.
 */
function readInParts(text: string, numberOf: typeof withDigits): Json | null {
  const split = splitSections(text);
  if (split === null) return null;
  const rest = readPart(split.rest, numberOf, 0);
  if (!isMap(rest?.node) || rest.node.flow === true || !isObject(rest.value)) return null;
  const sections = new Map<string, Json>();
  for (const { key, chunks } of split.sections) {
    if (!isEmptyList(rest.value[key]) || sections.has(key)) return null;
    const items: Json[] = [];
    for (const chunk of chunks) {
      const part = readPart(chunk, numberOf, 1);
      if (!isSeq(part?.node) || !Array.isArray(part.value)) return null;
      for (const item of part.value) items.push(item);
    }
    sections.set(key, items);
  }
  return Object.fromEntries(
    Object.entries(rest.value).map(([key, value]): [string, Json] => [
      key,
      sections.get(key) ?? (value as Json),
    ]),
  );
}

class InvalidPart extends Error {}

function readPart(
  text: string,
  numberOf: typeof withDigits,
  depth: number,
): { node: unknown; value: Json } | null {
  const document = parseDocument(text, OPTIONS);
  if (document.errors.length + document.warnings.length > 0) return null;
  const refuse = (reason: string) => new InvalidPart(reason);
  try {
    return { node: document.contents, value: toJson(document, numberOf, refuse, depth) };
  } catch (error) {
    if (error instanceof InvalidPart) return null;
    throw error;
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

type Refuse = (reason: string, offset: number) => Error;

function toJson(
  document: YamlDocument,
  numberOf: typeof withDigits,
  refuse: Refuse,
  depth = 0,
): Json {
  let repeated = 0;
  const convert = (node: unknown, key: string, depth: number, inAlias: boolean): Json => {
    if (inAlias) repeated += 1;
    const offset = startOf(node);
    if (depth > DEEPEST) throw refuse('What is nested too deeply, or in itself, stands', offset);
    if (repeated > MOST_REPEATED) throw refuse('Aliases repeat one another too often', offset);
    if (isNode(node) && !TAGS_OF_JSON.test(node.tag ?? '!')) {
      throw refuse('A value of a kind that JSON does not have stands', offset);
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw refuse('An alias has no anchor before it', offset);
      return convert(target, key, depth + 1, true);
    }
    if (isSeq(node)) return node.items.map((item) => convert(item, '', depth + 1, inAlias));
    if (isMap(node)) {
      const entries = node.items.map((pair): [string, Json] => {
        const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        if (name === '__proto__') {
          throw refuse('The key __proto__ is not known here', startOf(pair.key));
        }
        return [name, convert(pair.value, name, depth + 1, inAlias)];
      });
      return Object.fromEntries(entries);
    }
    if (!isScalar(node)) return null;
    const { value, source } = node;
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw refuse('A number without end stands', offset);
      return numberOf(key, value, source);
    }
    if (value === null || typeof value === 'boolean') return value;
    return String(value);
  };
  return convert(document.contents, '', depth, false);
}

/** Where the node at a path begins, or the last node of the path that is there. */
function offsetOf(document: YamlDocument, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    const inner = childOf(node, part);
    if (inner === undefined) return offset;
    node = inner.value;
    offset = node === null ? startOf(inner.key) : startOf(node);
  }
  return offset;
}

function childOf(
  node: unknown,
  part: string | number,
): { key: unknown; value: unknown } | undefined {
  if (isSeq(node) && typeof part === 'number') {
    const value = node.items[part];
    return value === undefined ? undefined : { key: value, value };
  }
  if (!isMap(node)) return undefined;
  return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
}

function startOf(node: unknown): number {
  const { range } = (node ?? {}) as Partial<Node>;
  return range?.[0] ?? 0;
}
