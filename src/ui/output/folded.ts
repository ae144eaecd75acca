import type { Style } from './style.ts';
import { wrapText } from './wrap.ts';

const GAP = '  ';
const INDENT = '  ';
/** The cell of a missing value. */
const EMPTY = '-';

export interface FoldedTable {
  heading: readonly string[];
  rows: readonly (readonly string[])[];
  /** The width of each column that shows its whole contents. */
  natural: readonly number[];
  /** The least width of each column. */
  minimum: readonly number[];
  terminal: number;
  style: Style;
  isTruncatable(index: number): boolean;
  truncate(text: string, width: number): string;
  measure(text: string): number;
}

/**
 * Renders a table whose columns do not fit next to each other: each item takes several lines, of
 * which all but the first are indented, and omitted if they are empty. The heading has the same
 * lines.
 */
export function renderFolded(table: FoldedTable): string {
  const { heading, rows, style } = table;
  const isUsed = ({ columns }: Group, place: number) =>
    place === 0 || columns.some(({ index }) => rows.some((cells) => cells[index] !== EMPTY));
  const groups = groupsOf(table).filter(isUsed);
  const linesOf = (cells: readonly string[]) => groups.map((group) => line(cells, group, table));
  const isShown = (text: string, place: number) =>
    place === 0 || text.split(/\s+/).some((cell) => cell !== '' && cell !== EMPTY);
  return [
    ...linesOf(heading).map((text) => style.bold(text)),
    ...rows.flatMap((cells) => linesOf(cells).filter(isShown)),
  ].join('\n');
}

interface Group {
  indent: string;
  columns: { index: number; width: number }[];
}

function groupsOf({ natural, minimum, terminal }: FoldedTable): Group[] {
  const groups: Group[] = [{ indent: '', columns: [] }];
  const room = (group: Group) =>
    terminal -
    group.indent.length -
    group.columns.reduce((sum, { width }) => sum + width + GAP.length, 0);
  for (const [index, least] of minimum.entries()) {
    const last = groups.at(-1);
    if (last === undefined) break;
    const isFull = last.columns.length > 0 && least > room(last);
    const group = isFull ? { indent: INDENT, columns: [] } : last;
    if (isFull) groups.push(group);
    group.columns.push({ index, width: Math.min(least, Math.max(room(group), 1)) });
  }
  for (const group of groups) {
    for (const column of group.columns) {
      const free = room(group) + GAP.length;
      const wanted = (natural[column.index] ?? 0) - column.width;
      column.width += Math.max(0, Math.min(free, wanted));
    }
  }
  return groups;
}

function line(cells: readonly string[], { indent, columns }: Group, table: FoldedTable): string {
  const shown = columns.map(({ index, width }) => {
    const whole = cells[index] ?? '';
    const isShortened = width < (table.natural[index] ?? 0) && table.isTruncatable(index);
    const text = isShortened ? table.truncate(whole, width) : whole;
    return text + ' '.repeat(Math.max(0, width - table.measure(text)));
  });
  const isText = columns.length === 1 && !table.isTruncatable(columns[0]?.index ?? 0);
  const text = (indent + shown.join(GAP)).trimEnd();
  return isText ? wrapText(text, table.terminal, indent.length) : text;
}
