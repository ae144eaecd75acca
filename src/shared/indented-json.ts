import { isTooDeep } from './json.ts';

const INDENT = 2;

/** Up to this depth, the indentation of the values of a response cannot be too long. */
const SHALLOW = 6;

/** Above this length, the indentation of deep values could take gigabytes. */
const MAX_LENGTH = 32 * 1024 * 1024;

/** The characters before or after which indented JSON has a line break. */
const LINE_BREAKS: ReadonlySet<string | undefined> = new Set(['[', '{', ',', ']', '}']);

/** Converts a value to indented JSON, or to JSON on one line if the indented text is too long. */
export function toIndentedJson(value: unknown): string {
  if (!isTooDeep(value, SHALLOW)) return JSON.stringify(value, null, INDENT);
  const json = JSON.stringify(value);
  return measureJson(json).length > MAX_LENGTH ? json : JSON.stringify(value, null, INDENT);
}

/** Returns the approximate number of lines and the length of a JSON text after indentation. */
export function measureJson(json: string): { lines: number; length: number } {
  let lines = 1;
  let length = json.length;
  let depth = 0;
  let isString = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '\\') at += 1;
    else if (character === '"') isString = !isString;
    else if (!isString && LINE_BREAKS.has(character)) {
      if (character === '[' || character === '{') depth += 1;
      else if (character !== ',') depth -= 1;
      lines += 1;
      length += depth * INDENT + 1;
    }
  }
  return { lines, length };
}
