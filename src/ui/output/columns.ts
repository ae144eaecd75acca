import type { Style } from '../../shared/style.ts';
import { cell } from './cells.ts';
import { valueAt } from './fields.ts';

const GAP = '  ';

/** How the values of columns are worded, by the path of the column. */
export type Words = Readonly<Record<string, ((value: unknown) => string) | undefined>>;

/** How a table is made to fit a terminal. */
export interface Fit {
  /** Columns of the terminal; undefined where the table goes elsewhere, and nothing is cut. */
  width?: number | undefined;
  /** The paths of the columns that are cut where it is too narrow. */
  yielding?: readonly string[] | undefined;
  /** The paths of the columns that are left out, the first of them first, where that is not enough. */
  leaving?: readonly string[] | undefined;
}

/** What is left of a column at the least. */
const NARROWEST = 8;

/**
 * A list as padded columns under a heading. cli-table3 lays out each cell of a table against all
 * others, which takes 16 s for 10,000 rows; this takes milliseconds.
 */
export async function columns(
  items: readonly unknown[],
  paths: readonly string[],
  style: Style,
  words: Words = {},
  fit: Fit = {},
): Promise<string> {
  const { width: terminal = Number.POSITIVE_INFINITY, yielding = [], leaving = [] } = fit;
  const heading = paths.map((path) => path.replaceAll(/[_.]/g, ' ').toUpperCase());
  const worded = (path: string, value: unknown) => words[path]?.(value) ?? cell(value);
  const rows = items.map((item) => paths.map((path) => worded(path, valueAt(item, path))));
  const width = await widthMeter(rows);
  const whole = heading.map((title, index) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[index] ?? '')), title.length),
  );
  const least = heading.map((title, index) =>
    yielding.includes(paths[index] ?? '') ? Math.max(title.length, NARROWEST) : (whole[index] ?? 0),
  );
  const widths = fitted(whole, least, terminal - GAP.length * (paths.length - 1));
  const [first, ...others] = leaving;
  if (widths === null && first !== undefined) {
    const staying = paths.filter((path) => path !== first);
    return columns(items, staying, style, words, { ...fit, leaving: others });
  }
  const isCut = widths?.some((one, index) => one < (whole[index] ?? 0)) === true;
  const shown = isCut ? await shortened(rows, widths) : rows;
  const line = (cells: readonly string[]) =>
    cells
      .map((text, index) =>
        index === cells.length - 1
          ? text
          : text + ' '.repeat(((widths ?? whole)[index] ?? 0) - width(text)),
      )
      .join(GAP);
  return [style.bold(line(heading)), ...shown.map(line)].join('\n');
}

/** Widths that fit into `room`, the widest cut first; null where none would. */
function fitted(
  whole: readonly number[],
  least: readonly number[],
  room: number,
): readonly number[] | null {
  const widths = [...whole];
  const excess = whole.reduce((sum, width) => sum + width, -room);
  for (let cuts = 0; cuts < excess; cuts += 1) {
    const spare = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) return null;
    widths[spare.indexOf(widest)] = widest - 1;
  }
  return widths;
}

async function shortened(
  rows: readonly string[][],
  widths: readonly number[],
): Promise<string[][]> {
  const { cut } = await import('../../shared/cut.ts');
  return rows.map((row) => row.map((text, index) => cut(text, widths[index] ?? 0)));
}

/** Columns that a text takes on a terminal. The full answer is loaded only for text beyond ASCII. */
async function widthMeter(rows: readonly string[][]): Promise<(text: string) => number> {
  const ascii = /^[\x20-\x7e]*$/;
  const length = (text: string) => text.length;
  if (rows.every((row) => row.every((text) => ascii.test(text)))) return length;
  const { default: stringWidth } = await import('string-width');
  return (text) => (ascii.test(text) ? text.length : stringWidth(text));
}
