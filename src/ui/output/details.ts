import { isObject } from '../../shared/json.ts';
import { formatCell } from './columns.ts';
import { valueAt } from './fields.ts';
import type { Style } from './style.ts';

export async function renderDetails(
  value: unknown,
  paths: readonly string[],
  style: Style,
): Promise<string> {
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
  for (const path of paths) {
    for (const [label, text] of lines(path, valueAt(value, path)))
      table.push([style.dim(label), text]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
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
