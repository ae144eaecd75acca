import { usageError } from '../../shared/errors.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { valueAt } from './fields.ts';
import type { Style } from './style.ts';
import { wrapText } from './wrap.ts';

const GAP = '  ';

export type Formatters = Readonly<Record<string, ((value: unknown) => string) | undefined>>;

export interface TableFit {
  /**
   * The width of the terminal; undefined if stdout is not a terminal, in which case no column is
   * truncated or dropped.
   */
  width?: number | undefined;
  truncatable?: readonly string[] | undefined;
  droppable?: readonly string[] | undefined;
  /** Called with each column that is dropped. */
  onDrop?: ((path: string) => void) | undefined;
}

const MIN_COLUMN_WIDTH = 8;

/** The last column, whose text wraps at word boundaries. */
const MIN_TEXT_WIDTH = 30;

/** A column is not padded further; longer cells reach into the next columns. */
const MAX_COLUMN_WIDTH = 500;

/** A table in which most cells are empty can be much larger than its values. */
const MAX_CELLS = 2_000_000;

/** More columns than a list of accounts has, whose length is not limited. */
const MANY_COLUMNS = 100;

/** In UTF-16 code units. Longer cells are cut before their width is measured. */
const MAX_CELL_LENGTH = 2_000;

/**
 * Renders a list as padded columns under a heading. If they do not fit the terminal, columns are
 * shortened, the text of the last one is wrapped, columns are dropped, or else each item takes
 * several lines.
 */
export async function renderColumns(
  items: readonly unknown[],
  paths: readonly string[],
  style: Style,
  formatters: Formatters = {},
  fit: TableFit = {},
): Promise<string> {
  const { width: terminal = Number.POSITIVE_INFINITY, truncatable = [], droppable = [] } = fit;
  assertFewCells(items, paths);
  const heading = paths.map((path) => path.replaceAll(/[_.]/g, ' ').toUpperCase());
  const formatted = (path: string, value: unknown) =>
    cutCell(formatters[path]?.(value) ?? formatCell(value));
  const rows = items.map((item) => paths.map((path) => formatted(path, valueAt(item, path))));
  const width = await widthMeter(rows);
  const natural = heading.map((title, index) =>
    rows.reduce(
      (widest, row) => Math.max(widest, Math.min(width(row[index] ?? ''), MAX_COLUMN_WIDTH)),
      title.length,
    ),
  );
  const isTruncatable = (index: number) => truncatable.includes(paths[index] ?? '');
  const minimum = heading.map((title, index) =>
    isTruncatable(index) ? Math.max(title.length, MIN_COLUMN_WIDTH) : (natural[index] ?? 0),
  );
  const last = paths.length - 1;
  const wraps = !isTruncatable(last) && rows.some((row) => row[last]?.includes(' '));
  const least = minimum.with(last, Math.min(minimum[last] ?? 0, MIN_TEXT_WIDTH));
  const room = terminal - GAP.length * last;
  const widths = fitWidths(natural, wraps ? least : minimum, room);
  const [first, ...others] = droppable;
  if (widths === null && first !== undefined) {
    fit.onDrop?.(first);
    const remaining = paths.filter((path) => path !== first);
    return renderColumns(items, remaining, style, formatters, { ...fit, droppable: others });
  }
  if (widths === null) {
    const [{ renderFolded }, { truncate }] = await Promise.all([
      import('./folded.ts'),
      import('../../shared/cut.ts'),
    ]);
    const table = { heading, rows, natural, minimum, terminal, style, isTruncatable, truncate };
    return renderFolded({ ...table, measure: width });
  }
  const isShortened = widths.some((one, index) => one < (natural[index] ?? 0));
  const shown = isShortened ? await truncated(rows, wraps ? widths.slice(0, -1) : widths) : rows;
  const line = (cells: readonly string[]) => {
    const start = cells
      .slice(0, -1)
      .map((text, index) => text + ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(text))))
      .concat('')
      .join(GAP);
    const text = start + (cells[last] ?? '');
    return isShortened && wraps ? wrapText(text, terminal, width(start)) : text;
  };
  return [style.bold(line(heading)), ...shown.map(line)].join('\n');
}

/** @throws ChannelctlError `usage` if the items have too many columns for a table */
export function assertFewCells(items: readonly unknown[], paths: readonly string[]): void {
  if (paths.length <= MANY_COLUMNS || items.length * paths.length <= MAX_CELLS) return;
  throw usageError(`The result has too many columns for a table (${paths.length}).`, {
    hint: 'Select columns with --fields, or use --json.',
  });
}

function cutCell(text: string): string {
  if (text.length <= MAX_CELL_LENGTH) return text;
  // A surrogate pair is not split.
  return `${text.slice(0, MAX_CELL_LENGTH).replace(/[\ud800-\udbff]$/, '')}…`;
}

export function formatCell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (typeof value !== 'object') return stripControlCharacters(String(value));
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  return stripControlCharacters(isPlainList ? value.join(', ') || '-' : JSON.stringify(value));
}

/**
 * Returns widths whose sum is at most `room`, shortening the widest columns first; null if that is
 * impossible.
 */
function fitWidths(
  natural: readonly number[],
  minimum: readonly number[],
  room: number,
): readonly number[] | null {
  const widths = [...natural];
  const excess = natural.reduce((sum, width) => sum + width, -room);
  for (let cuts = 0; cuts < excess; cuts += 1) {
    const spare = widths.map((width, index) => (width > (minimum[index] ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) return null;
    widths[spare.indexOf(widest)] = widest - 1;
  }
  return widths;
}

async function truncated(
  rows: readonly string[][],
  widths: readonly number[],
): Promise<string[][]> {
  const { truncate } = await import('../../shared/cut.ts');
  return rows.map((row) =>
    row.map((text, index) => {
      const width = widths[index];
      return width === undefined ? text : truncate(text, width);
    }),
  );
}

/**
 * Returns a function that measures text in terminal columns. Loads string-width only for non-ASCII
 * text.
 */
async function widthMeter(rows: readonly string[][]): Promise<(text: string) => number> {
  const ascii = /^[\x20-\x7e]*$/;
  const length = (text: string) => text.length;
  if (rows.every((row) => row.every((text) => ascii.test(text)))) return length;
  const { default: stringWidth } = await import('string-width');
  return (text) => (ascii.test(text) ? text.length : stringWidth(text));
}
