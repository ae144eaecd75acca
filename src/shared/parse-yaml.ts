import {
  Composer,
  type CST,
  type Document,
  isAlias,
  type LineCounter,
  type Node,
  type ParseOptions,
  Parser,
  type SchemaOptions,
  visit,
} from 'yaml';

/** Deeper than any channelctl document, but too shallow to exhaust the stack. */
export const MAX_DEPTH = 60;

export const TOO_DEEP = `Values are nested more than ${MAX_DEPTH} levels deep`;

/** The first error in a YAML text. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';

  /** @param code the library's code, such as `BAD_INDENT`, or `TOO_DEEP` */
  constructor(
    readonly code: string,
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

type Options = Pick<ParseOptions, 'stringKeys'> & SchemaOptions & { lineCounter?: LineCounter };

/**
 * Parses a YAML text as the library's `parseDocument` does, in time proportional to its length:
 * stops at the first error, which can also be a warning about content that would be ignored; does not
 * compare each key of a mapping with all others, so the caller must reject duplicate keys; and checks
 * the depth before functions call themselves for each level.
 *
 * @throws YamlSyntaxError
 */
export function parseYaml(text: string, { lineCounter, ...options }: Options): Document.Parsed {
  const shared: ParseOptions & SchemaOptions = {
    ...options,
    prettyErrors: false,
    uniqueKeys: false,
  };
  const composer = new Composer(shared);
  let first: YamlSyntaxError | undefined;
  const onError = (source: unknown, code: string, message: string) => {
    // The library catches the error in a value, and reports it again for the whole value.
    first ??= new YamlSyntaxError(code, message, offsetOf(source));
    throw first;
  };
  Object.assign(composer, { onError });
  const tokens = new Parser(lineCounter?.addNewLine).parse(text);
  const [document, other] = composer.compose(withoutDeepTokens(tokens), true, text.length);
  if (document === undefined) throw new Error('The library returned no document.');
  const [error] = document.errors;
  if (error !== undefined) throw new YamlSyntaxError(error.code, error.message, error.pos[0]);
  if (other === undefined) return document;
  throw new YamlSyntaxError('MULTIPLE_DOCS', MULTIPLE_DOCUMENTS, other.range[0]);
}

/** The library's message. */
const MULTIPLE_DOCUMENTS = 'Source contains multiple documents';

/** @param source the library's description of a position: an offset, a range or a token */
function offsetOf(source: unknown): number {
  if (typeof source === 'number') return source;
  return Array.isArray(source) ? source[0] : (source as { offset: number }).offset;
}

function* withoutDeepTokens(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  for (const token of tokens) {
    if (token.type === 'error') {
      throw new YamlSyntaxError('UNEXPECTED_TOKEN', token.message, token.offset);
    }
    assertShallow(token);
    yield token;
  }
}

function assertShallow(root: CST.Token): void {
  const rest: { token: CST.Token; depth: number }[] = [{ token: root, depth: 0 }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) throw new YamlSyntaxError('TOO_DEEP', TOO_DEEP, token.offset);
    if (token.type === 'document' && token.value !== undefined) {
      rest.push({ token: token.value, depth });
    }
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) rest.push({ token: key, depth: depth + 1 });
      if (value) rest.push({ token: value, depth: depth + 1 });
    }
  }
}

/** Returns the node that each alias refers to; undefined for an alias without a preceding anchor. */
export function aliasTargets(document: Document): Map<unknown, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<unknown, Node | undefined>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if ('anchor' in node && node.anchor !== undefined)
        anchors.set(node.anchor, node as Node);
    },
  });
  return targets;
}
