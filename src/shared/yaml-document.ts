import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type Document as YamlDocument,
} from 'yaml';
import { usageError } from './errors.ts';
import { isObject, type Json } from './json.ts';
import { aliasTargets, MAX_DEPTH, parseYaml, TOO_DEEP, YamlSyntaxError } from './parse-yaml.ts';
import { isSecretKey } from './secrets.ts';
import { splitSections } from './yaml-sections.ts';

type Path = readonly (string | number)[];

export interface YamlContent {
  value: Json;
  /**
   * Returns the position (`line 3, column 5`) of the node at a path, or of its nearest existing
   * parent.
   */
  positionOf(path: Path): string;
}

type ReadNumber = (key: string, value: number, source: string | undefined) => number | string;

/**
 * The maximum number of nodes that aliases may expand to: with aliases, a small document can
 * describe a huge one.
 */
const MAX_ALIASED_NODES = 100_000;

/**
 * Tags of types that also exist in JSON. Other tags denote binary data, sets, timestamps or unknown
 * types.
 */
const JSON_TAGS = /^(?:!|tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq))$/;

/**
 * Parses YAML or JSON.
 *
 * @param name the name of the document, for errors
 * @throws ChannelctlError `usage` with the line and column, and without quoting the document
 */
export function readYaml(
  text: string,
  name: string,
  readNumber: ReadNumber = keepDigits,
): YamlContent {
  const value = readInParts(text, readNumber) ?? readWhole(text, name, readNumber).value;
  // A parsed document takes a hundred times the memory of its text, so it is discarded, and parsed
  // again if a position is needed.
  let whole: YamlContent | undefined;
  return {
    value,
    positionOf: (path) => {
      whole ??= readWhole(text, name, readNumber);
      return whole.positionOf(path);
    },
  };
}

/**
 * Preserves the digits of IDs, of secrets, and of integers that JavaScript cannot represent
 * exactly.
 */
function keepDigits(key: string, value: number, source: string | undefined): number | string {
  if (source === undefined) return value;
  const isText = isSecretKey(key) || /(?:^|_)id$/.test(key);
  return isText || !Number.isSafeInteger(Math.trunc(value)) ? source : value;
}

function readWhole(text: string, name: string, readNumber: ReadNumber): YamlContent {
  const lineCounter = new LineCounter();
  const positionAt = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `line ${Math.max(line, 1)}, column ${Math.max(col, 1)}`;
  };
  const refuse = (reason: string, offset: number) =>
    usageError(`${name} is not valid YAML or JSON.`, {
      reason: `${reason} at ${positionAt(offset)}.`,
      hint: 'Fix the document and run the command again. Nothing was changed.',
    });
  let document: YamlDocument;
  try {
    document = parseYaml(text, { ...OPTIONS, lineCounter });
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw refuse(describeError(error), error.offset);
    throw error;
  }
  return {
    value: toJson(document, readNumber, refuse),
    positionOf: (path) => positionAt(offsetOf(document, path)),
  };
}

/** Replacements for library messages that quote the document, which may contain secrets. */
const MESSAGES: Readonly<Record<string, string>> = {
  BAD_DIRECTIVE: 'Invalid directive',
  BAD_DQ_ESCAPE: 'Invalid escape sequence',
  TAG_RESOLVE_FAILED: 'Unresolved tag',
};

/**
 * Returns the library's message up to the first colon or semicolon, after which it may quote the
 * document or give advice.
 */
function describeError({ code, message }: YamlSyntaxError): string {
  return MESSAGES[code] ?? message.replace(/(?<=\w)[:;] .*$/s, '');
}

const OPTIONS = { stringKeys: true } as const;

/**
 * Parses a long document list by list, in a fraction of the memory. Returns null if the document
 * has no long list in block style, or if any part is not valid on its own; in that case, the whole
 * document must be parsed.
 */
function readInParts(text: string, readNumber: ReadNumber): Json | null {
  const split = splitSections(text);
  if (split === null) return null;
  const rest = readPart(split.rest, readNumber, 0);
  if (!isMap(rest?.node) || rest.node.flow === true || !isObject(rest.value)) return null;
  const sections = new Map<string, Json>();
  for (const { key, chunks } of split.sections) {
    if (!isEmptyList(rest.value[key]) || sections.has(key)) return null;
    const items: Json[] = [];
    for (const chunk of chunks) {
      const part = readPart(chunk, readNumber, 1);
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
  readNumber: ReadNumber,
  depth: number,
): { node: unknown; value: Json } | null {
  const refuse = (reason: string) => new InvalidPart(reason);
  try {
    const document = parseYaml(text, OPTIONS);
    return { node: document.contents, value: toJson(document, readNumber, refuse, depth) };
  } catch (error) {
    if (error instanceof InvalidPart || error instanceof YamlSyntaxError) return null;
    throw error;
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

type Refuse = (reason: string, offset: number) => Error;

function toJson(document: YamlDocument, readNumber: ReadNumber, refuse: Refuse, depth = 0): Json {
  let repeated = 0;
  const targets = aliasTargets(document);
  const convert = (node: unknown, key: string, depth: number, inAlias: boolean): Json => {
    if (inAlias) repeated += 1;
    const offset = startOf(node);
    if (depth > MAX_DEPTH) throw refuse(TOO_DEEP, offset);
    if (repeated > MAX_ALIASED_NODES) throw refuse('Aliases expand to too many values', offset);
    if (isNode(node) && !JSON_TAGS.test(node.tag ?? '!')) {
      throw refuse('A value has a type that does not exist in JSON', offset);
    }
    if (isAlias(node)) {
      const target = targets.get(node);
      if (target === undefined) throw refuse('An alias has no preceding anchor', offset);
      return convert(target, key, depth + 1, true);
    }
    if (isSeq(node)) return node.items.map((item) => convert(item, '', depth + 1, inAlias));
    if (isMap(node)) {
      const merged = node.items.filter(isMergeKey).flatMap(({ value }) => {
        const source = convert(value, '', depth + 1, inAlias);
        // An earlier mapping in a list has precedence.
        const mappings = Array.isArray(source) ? source.reverse() : [source];
        return mappings.flatMap((mapping) => {
          if (isObject(mapping)) return Object.entries(mapping);
          throw refuse('A merge key (<<) requires a mapping or a list of mappings', startOf(value));
        });
      });
      assertUniqueKeys(node.items, refuse);
      const own = node.items.filter((pair) => !isMergeKey(pair));
      const entries = own.map((pair): [string, Json] => {
        const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        if (name === '__proto__') {
          throw refuse('The key __proto__ is not allowed', startOf(pair.key));
        }
        return [name, convert(pair.value, name, depth + 1, inAlias)];
      });
      return Object.fromEntries([...merged, ...entries]);
    }
    if (!isScalar(node)) return null;
    const { value, source } = node;
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw refuse('Infinity and NaN are not allowed', offset);
      return readNumber(key, value, source);
    }
    if (value === null || typeof value === 'boolean') return value;
    return String(value);
  };
  return convert(document.contents, '', depth, false);
}

function assertUniqueKeys(pairs: readonly Pair[], refuse: Refuse): void {
  const names = new Set<unknown>();
  for (const { key } of pairs) {
    const name = isScalar(key) ? key.value : key;
    if (names.has(name)) throw refuse('Map keys must be unique', startOf(key));
    names.add(name);
  }
}

/** Whether the pair merges other mappings into its own (YAML 1.1). A quoted `<<` is a normal key. */
function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

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
