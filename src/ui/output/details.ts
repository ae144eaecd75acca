import { isObject } from '../../shared/json.ts';
import { formatCell } from './columns.ts';
import { valueAt } from './fields.ts';
import type { Style } from './style.ts';
import { lineWidth, wrapText } from './wrap.ts';

/** A longer label does not widen the column of the values. */
const MAX_LABEL_WIDTH = 100;
const GAP = 2;
/** The indent of a value that does not fit next to its label. */
const VALUE_INDENT = 4;

/**
 * Renders one line per field: its name and its value. On a terminal, a value that does not fit next
 * to its name is on the line below.
 *
 * @param width the width of the terminal; undefined if the output is not a terminal
 */
export function renderDetails(
  value: unknown,
  paths: readonly string[],
  style: Style,
  width: number | undefined,
): string {
  const rows = paths.flatMap((path) => lines(path, valueAt(value, path)));
  const widest = rows.reduce((most, [label]) => Math.max(most, lineWidth(label)), 0);
  const column = Math.min(widest, MAX_LABEL_WIDTH) + GAP;
  return rows
    .map(([label, text]) => {
      const padding = ' '.repeat(Math.max(GAP, column - lineWidth(label)));
      if (text === '') return style.dim(label);
      if (width === undefined || column + lineWidth(text) <= width)
        return `${style.dim(label)}${padding}${text}`;
      const below = wrapText(' '.repeat(VALUE_INDENT) + text, width, VALUE_INDENT);
      return `${style.dim(label)}\n${below}`;
    })
    .join('\n');
}

function lines(label: string, value: unknown): [label: string, text: string][] {
  if (!isObject(value) || Object.keys(value).length === 0)
    return [[label, formatCell(isObject(value) ? null : value)]];
  return [
    [label, ''],
    ...Object.entries(value).map(([key, inner]): [string, string] => [
      `  ${formatCell(key)}`,
      formatCell(inner),
    ]),
  ];
}
