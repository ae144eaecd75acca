export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a copy of a value with `change` applied to every string except keys. */
export function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapStrings(inner, change));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, change)]);
  return Object.fromEntries(entries);
}

/** Deeper than any response from Meta, but too shallow to exhaust the stack. */
const MAX_DEPTH = 200;

/**
 * Parses JSON without losing the digits of large integers: an integer of 16 or more digits is
 * returned as a string. Meta sends some IDs as bare numbers above 2^53.
 *
 * @throws SyntaxError if the text is not valid JSON or is nested too deeply
 */
export function parseJsonKeepingDigits(text: string): Json {
  let depth = 0;
  const quoted = text.replace(
    /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{}]/g,
    (token) => {
      if (token === '[' || token === '{') depth += 1;
      if (token === ']' || token === '}') depth -= 1;
      if (depth > MAX_DEPTH)
        throw new SyntaxError(`The JSON is nested more than ${MAX_DEPTH} levels deep.`);
      return /^-?\d{16,}$/.test(token) ? `"${token}"` : token;
    },
  );
  return JSON.parse(quoted) as Json;
}
