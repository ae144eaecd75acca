import { isObject } from '../../shared/json.ts';
import { formatCell } from './columns.ts';
import { valueAt } from './fields.ts';
import type { Style } from './style.ts';

export async function renderDetails(
  value: unknown,
  paths: readonly string[],
  style: Style,
): Promise<string> {
  const rows = paths.flatMap((path) => lines(path, valueAt(value, path)));
  if (rows.length > MAX_TABLE_ROWS) return renderPlainly(rows, style);
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const [label, text] of rows) table.push([style.dim(label), isLong(text) ? LONG : text]);
  if (rows.length === 0) return '';
  return table
    .toString()
    .split('\n')
    .map((line, index) => {
      const text = rows[index]?.[1] ?? '';
      return isLong(text) ? line.trimEnd().slice(0, -LONG.length) + text : line.trimEnd();
    })
    .join('\n');
}

/** cli-table3 compares each cell with all others. */
const MAX_TABLE_ROWS = 500;

const MAX_LABEL_WIDTH = 100;

function renderPlainly(rows: readonly [label: string, text: string][], style: Style): string {
  const widest = rows.reduce((width, [label]) => Math.max(width, label.length), 0);
  const width = Math.min(widest, MAX_LABEL_WIDTH);
  return rows
    .map(([label, text]) => `${style.dim(label.padEnd(width))}  ${text}`.trimEnd())
    .join('\n');
}

/** Takes the place of a long value in the layout, in which each character is measured. */
const LONG = '…';

const MAX_MEASURED_LENGTH = 2_000;

function isLong(text: string): boolean {
  return text.length > MAX_MEASURED_LENGTH;
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
