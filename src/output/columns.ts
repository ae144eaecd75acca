import type { Style } from '../shared/style.ts';
import { cell } from './cells.ts';
import { valueAt } from './fields.ts';

const GAP = '  ';

/** How the values of columns are worded, by the path of the column. */
export type Words = Readonly<Record<string, (value: unknown) => string>>;

/**
 * A list as padded columns under a heading. cli-table3 lays out each cell of a table against all
 * others, which takes 16 s for 10,000 rows; this takes milliseconds.
 */
export async function columns(
  items: readonly unknown[],
  paths: readonly string[],
  style: Style,
  words: Words = {},
): Promise<string> {
  const heading = paths.map((path) => path.replaceAll(/[_.]/g, ' ').toUpperCase());
  const worded = (path: string, value: unknown) => words[path]?.(value) ?? cell(value);
  const rows = items.map((item) => paths.map((path) => worded(path, valueAt(item, path))));
  const width = await widthMeter(rows);
  const widths = heading.map((title, index) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[index] ?? '')), title.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((text, index) =>
        index === cells.length - 1 ? text : text + ' '.repeat((widths[index] ?? 0) - width(text)),
      )
      .join(GAP);
  return [style.bold(line(heading)), ...rows.map(line)].join('\n');
}

/** Columns that a text takes on a terminal. The full answer is loaded only for text beyond ASCII. */
async function widthMeter(rows: readonly string[][]): Promise<(text: string) => number> {
  const ascii = /^[\x20-\x7e]*$/;
  const length = (text: string) => text.length;
  if (rows.every((row) => row.every((text) => ascii.test(text)))) return length;
  const { default: stringWidth } = await import('string-width');
  return (text) => (ascii.test(text) ? text.length : stringWidth(text));
}
