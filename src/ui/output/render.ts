import type { Format } from '../../shared/formats.ts';
import { measureJson, toIndentedJson } from '../../shared/indented-json.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { assertFewCells, type Formatters, renderColumns } from './columns.ts';
import { pickFields, valueAt } from './fields.ts';
import type { Style } from './style.ts';
import { wrapText } from './wrap.ts';

export interface ResultShape {
  /**
   * The keys of the result, or of its items if it is a list, and the nested fields that `--fields`
   * accepts: `pages.id`, or `config.*` for any field inside `config`.
   */
  fields: readonly string[];
  /** Whether `--fields` accepts any name, because the result is a response from Meta. */
  anyField?: boolean;
  /** The columns of a table, as dotted paths; every field if omitted. */
  columns?: readonly string[];
  /** Formatters for the columns of a table; other formats show values unchanged. */
  formatters?: Formatters;
  /**
   * The columns that are truncated on a narrow terminal: values that users do not need to copy,
   * such as names.
   */
  truncatable?: readonly string[];
  droppable?: readonly string[];
  /**
   * The key of a list in the result, such as `pages`, whose items the table format shows as rows.
   */
  listIn?: string;
  /** Whether each JSON result is on one line, for programs that read a stream of results. */
  jsonOnOneLine?: boolean;
  /** Whether the summary is not text, but a document or a script, whose lines stay unbroken. */
  isVerbatim?: boolean;
  whenEmpty?: string;
}

export interface RenderOptions {
  format: Format;
  fields: readonly string[] | undefined;
  /** The text to print in the table format: instead of a table, or below the list in `listIn`. */
  summary: string | ((style: Style) => string) | undefined;
  style: Style;
  /** The width of the terminal; undefined if stdout is not a terminal. */
  width?: number | undefined;
  /** Called with each column of a table that does not fit the terminal and is not shown. */
  onDrop?: (path: string) => void;
}

/**
 * Returns the text of a result for stdout, with a final line break; empty if there is nothing to
 * print.
 */
export async function render(
  data: unknown,
  shape: ResultShape,
  options: RenderOptions,
): Promise<string> {
  const { fields, format } = options;
  const shown = fields === undefined ? data : pickFields(data, fields);
  if (format === 'json') return `${toJson(shown, shape.jsonOnOneLine === true ? undefined : 2)}\n`;
  if (format === 'ndjson')
    return listed(shown)
      .map((item) => `${toJson(item)}\n`)
      .join('');
  if (format === 'yaml') {
    // JSON is also YAML.
    if (measureJson(JSON.stringify(shown)).lines > MAX_YAML_LINES) return `${toJson(shown, 2)}\n`;
    return (await import('./yaml.ts')).toYaml(shown);
  }
  if (format === 'tsv') return toTsv(listed(data), fields ?? shape.fields);
  const text = await toTable(data, shape, options);
  return text === '' ? '' : `${text}\n`;
}

/** The YAML library needs about 20 microseconds and 200 bytes per line. */
const MAX_YAML_LINES = 250_000;

function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/**
 * Converts a value to JSON in which DEL, C1 control characters, Unicode line separators and
 * bidirectional formatting characters are also escaped.
 */
export function toJson(value: unknown, indent?: number): string {
  const json = indent === undefined ? JSON.stringify(value) : toIndentedJson(value);
  if (!/[^\n -~]/.test(json)) return json;
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Renders tab-separated values: a heading, then one line per item. Tabs, line breaks and
 * backslashes in strings are escaped; objects and lists are JSON.
 */
function toTsv(items: readonly unknown[], paths: readonly string[]): string {
  assertFewCells(items, paths);
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

function details() {
  return import('./details.ts');
}

async function toTable(
  data: unknown,
  shape: ResultShape,
  { fields, summary, style, width, onDrop }: RenderOptions,
): Promise<string> {
  // Fields requested with --fields are never dropped.
  const droppable = fields === undefined ? shape.droppable : [];
  const fit = { width, truncatable: shape.truncatable, droppable, onDrop };
  const text = typeof summary === 'function' ? summary(style) : summary;
  const words = text && shape.isVerbatim !== true ? wrapText(text, width) : text;
  if (Array.isArray(data)) {
    if (data.length === 0) return '';
    if (fields === undefined && words !== undefined) return words;
    return renderColumns(
      data,
      fields ?? shape.columns ?? shape.fields,
      style,
      shape.formatters,
      fit,
    );
  }
  if (fields !== undefined) return (await details()).renderDetails(data, fields, style, width);
  const inner = shape.listIn === undefined ? undefined : valueAt(data, shape.listIn);
  const list = Array.isArray(inner)
    ? await renderColumns(inner, shape.columns ?? [], style, shape.formatters, fit)
    : undefined;
  if (list !== undefined) return [list, words].filter((part) => part !== undefined).join('\n\n');
  return words ?? (await details()).renderDetails(data, shape.fields, style, width);
}
