import { type Json, MAX_DEPTH } from './json.ts';
import {
  CLOSING_BRACE,
  CLOSING_BRACKET,
  endOfString,
  OPENING_BRACE,
  OPENING_BRACKET,
  QUOTE,
} from './json-depth.ts';

/** More than any response from Meta contains. A value takes up to 64 bytes of memory, a key more. */
const MAX_VALUES = 500_000;
const MAX_KEYS = 200_000;

/** An error for JSON that would take too much memory or too deep a stack. */
export class JsonLimitError extends SyntaxError {
  override readonly name = 'JsonLimitError';
}

/**
 * Parses JSON without losing the digits of large integers: an integer of 16 or more digits is
 * returned as a string. Meta sends some IDs as bare numbers above 2^53.
 *
 * Reads each character once: the text may come from an attacker, and a regular expression could
 * read it again after every quotation mark.
 *
 * @throws SyntaxError if the text is not valid JSON
 * @throws JsonLimitError if it is nested too deeply or has too many values or keys
 */
export function parseJsonKeepingDigits(text: string): Json {
  let quoted = '';
  let pieces: string[] = [];
  let copied = 0;
  let depth = 0;
  let values = 1;
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === COMMA) values += 1;
    else if (character === COLON) keys += 1;
    else if (character === OPENING_BRACKET || character === OPENING_BRACE) {
      values += 1;
      depth += 1;
      if (depth > MAX_DEPTH) {
        throw new JsonLimitError(`The JSON is nested more than ${MAX_DEPTH} levels deep.`);
      }
    } else if (character === CLOSING_BRACKET || character === CLOSING_BRACE) depth -= 1;
    else if (isDigit(character)) {
      const { end, isInteger } = numberAt(text, at);
      if (isInteger && end - at >= MIN_LONG_INTEGER) {
        const start = text[at - 1] === '-' ? at - 1 : at;
        pieces.push(text.slice(copied, start), text.slice(start, end));
        copied = end;
        if (pieces.length >= MAX_PIECES) {
          quoted += `${pieces.join('"')}"`;
          pieces = [];
        }
      }
      at = end - 1;
    }
    if (values > MAX_VALUES) {
      throw new JsonLimitError(`The JSON has more than ${MAX_VALUES} values.`);
    }
    if (keys > MAX_KEYS) throw new JsonLimitError(`The JSON has more than ${MAX_KEYS} keys.`);
  }
  if (copied === 0) return JSON.parse(text) as Json;
  return JSON.parse(`${quoted}${[...pieces, text.slice(copied)].join('"')}`) as Json;
}

/** Substrings are joined at this number, before they take more memory than the text. */
const MAX_PIECES = 2_000;

/** The minimum number of digits of an integer that may exceed 2^53. */
const MIN_LONG_INTEGER = 16;

const [COMMA, COLON] = [0x2c, 0x3a];
const [ZERO, NINE] = [0x30, 0x39];

function isDigit(character: number): boolean {
  return character >= ZERO && character <= NINE;
}

function numberAt(text: string, start: number): { end: number; isInteger: boolean } {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end += 1;
  const isInteger = !/[.eE]/.test(text[end] ?? '');
  while (!isInteger && /[\d.eE+-]/.test(text[end] ?? '')) end += 1;
  return { end, isInteger };
}
