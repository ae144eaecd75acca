import type { Format } from '../../shared/formats.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { columns, type Formatters } from './columns.ts';
import { details } from './details.ts';
import { project, valueAt } from './fields.ts';
import type { Style } from './style.ts';

/** What a command's result looks like, for those who read it and for `--fields`. */
export interface ResultShape {
  /**
   * The keys of the result, or of its items where it is a list, and what `--fields` may name inside
   * of them: `pages.id`, or `config.*` for anything.
   */
  fields: readonly string[];
  /** Whether the result is Meta's, so that `--fields` may name anything. */
  anyField?: boolean;
  /** The columns of a list as a table, as dotted paths; every field where it is left out. */
  columns?: readonly string[];
  /** How a table shows the values of a column; every other format has them unchanged. */
  formatters?: Formatters;
  /** The columns that a table truncates on a narrow terminal: names and the like, which nobody copies. */
  truncatable?: readonly string[];
  /** The columns that are dropped if truncating is not enough, the first of them first. */
  droppable?: readonly string[];
  /** What a table shows of an object whose interest is a list inside it, such as `pages`. */
  listIn?: string;
  /** Whether JSON comes as one line, for a program that reads while this one goes on. */
  jsonOnOneLine?: boolean;
  /** What an empty list says to a person. */
  whenEmpty?: string;
}

export interface RenderOptions {
  format: Format;
  /** Dotted paths of `--fields`; undefined for everything. */
  fields: readonly string[] | undefined;
  /** The result in words, in place of a table. */
  summary: string | ((style: Style) => string) | undefined;
  style: Style;
  /** Columns of the terminal that gets a table; undefined where it goes elsewhere. */
  width?: number | undefined;
}

/** A result as text for stdout, with its final line break; empty where there is nothing to print. */
export async function render(
  data: unknown,
  shape: ResultShape,
  options: RenderOptions,
): Promise<string> {
  const { fields, format } = options;
  const shown = fields === undefined ? data : project(data, fields);
  if (format === 'json') return `${toJson(shown, shape.jsonOnOneLine === true ? undefined : 2)}\n`;
  if (format === 'ndjson')
    return listed(shown)
      .map((item) => `${toJson(item)}\n`)
      .join('');
  if (format === 'yaml') return (await import('./yaml.ts')).toYaml(shown);
  if (format === 'tsv') return toTsv(listed(data), fields ?? shape.fields);
  const text = await toTable(data, shape, options);
  return text === '' ? '' : `${text}\n`;
}

function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** JSON in which every character that steers a terminal or turns the direction of writing is escaped. */
export function toJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent);
  if (!/[^\n -~]/.test(json)) return json; // The usual case, answered quickly.
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Tab-separated values: a heading, then a line an item. In a text `\t`, `\n`, `\r` and `\\` are
 * escaped; an object or list is JSON, as it is.
 */
function toTsv(items: readonly unknown[], paths: readonly string[]): string {
  const rows = items.map((item) => paths.map((path) => tsvCell(valueAt(item, path))));
  return [paths, ...rows].map((row) => `${row.join('\t')}\n`).join('');
}

function tsvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return toJson(value);
  return tsvEscape(String(value));
}

function tsvEscape(text: string): string {
  const names: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
  return stripControlCharacters(
    text.replace(/[\\\t\n\r]/g, (character) => names[character] ?? character),
  );
}

async function toTable(
  data: unknown,
  shape: ResultShape,
  { fields, summary, style, width }: RenderOptions,
): Promise<string> {
  // What was asked for by name is not left out.
  const droppable = fields === undefined ? shape.droppable : [];
  const fit = { width, truncatable: shape.truncatable, droppable };
  const words = typeof summary === 'function' ? summary(style) : summary;
  if (Array.isArray(data)) {
    if (data.length === 0) return '';
    if (fields === undefined && words !== undefined) return words;
    return columns(data, fields ?? shape.columns ?? shape.fields, style, shape.formatters, fit);
  }
  if (fields !== undefined) return details(data, fields, style);
  const inner = shape.listIn === undefined ? undefined : valueAt(data, shape.listIn);
  const list = Array.isArray(inner)
    ? await columns(inner, shape.columns ?? [], style, shape.formatters, fit)
    : undefined;
  if (list !== undefined) return [list, words].filter((part) => part !== undefined).join('\n\n');
  return words ?? details(data, shape.fields, style);
}
