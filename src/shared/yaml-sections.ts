interface Section {
  key: string;
  /** The items, as strings that are valid lists on their own. */
  chunks: string[];
}

export interface SplitText {
  /** The document, with an empty list for each section. */
  rest: string;
  sections: Section[];
}

/**
 * Maximum number of items per chunk: few enough for V8 to free the parser's nodes early and
 * cheaply.
 */
const CHUNK_ITEMS = 50;

/**
 * Extracts long lists in block style from a YAML document, because the parser needs a hundred times
 * the memory of its text. The split relies only on indentation, so the parts are usable only if
 * each is valid on its own. Returns null if there is no such list, or if the document may contain
 * aliases.
 */
export function splitSections(text: string): SplitText | null {
  if (/[&*]\w/.test(text)) return null; // An alias may refer to an anchor in another part.
  const sections: Section[] = [];
  const rest: string[] = [];
  let end = 0;
  for (const { key, colon, from } of keysOfLists(text)) {
    if (from < end) continue;
    const list = listAt(text, from);
    if (list === null || list.chunks.length < 2) continue;
    sections.push({ key, chunks: list.chunks });
    rest.push(text.slice(end, colon), ' []\n');
    end = list.end;
  }
  if (sections.length === 0) return null;
  return { rest: [...rest, text.slice(end)].join(''), sections };
}

function* keysOfLists(text: string): Generator<{ key: string; colon: number; from: number }> {
  for (const { 0: line, 1: key = '', index } of text.matchAll(/^([A-Za-z_][\w-]*):\n+/gm)) {
    yield { key, colon: index + key.length + 1, from: index + line.length };
  }
}

function listAt(text: string, from: number): { chunks: string[]; end: number } | null {
  const indent = / *(?=- )/y;
  indent.lastIndex = from;
  const spaces = indent.exec(text)?.[0];
  if (spaces === undefined) return null;
  const item = `${spaces}- `;
  const inner = `${spaces} `;
  const chunks: string[] = [];
  let begin = from;
  let items = 0;
  let line = from;
  while (line < text.length) {
    if (text.startsWith(item, line)) {
      if (items === CHUNK_ITEMS) {
        chunks.push(text.slice(begin, line));
        begin = line;
        items = 0;
      }
      items += 1;
    } else if (!text.startsWith(inner, line) && !text.startsWith('\n', line)) break;
    const next = text.indexOf('\n', line);
    line = next < 0 ? text.length : next + 1;
  }
  chunks.push(text.slice(begin, line));
  return { chunks, end: line };
}
