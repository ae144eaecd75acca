const NAMES: Record<string, string> = { '\\t': '\t', '\\n': '\n', '\\r': '\r', '\\\\': '\\' };

export function parseTsv(text: string): Record<string, string>[] {
  const [heading = [], ...rows] = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t').map(unescapeCell));
  return rows.map((row) =>
    Object.fromEntries(heading.map((key, index) => [key, row[index] ?? ''])),
  );
}

function unescapeCell(cell: string): string {
  if (isNested(cell)) return cell;
  return cell.replace(/\\[tnr\\]/g, (escaped) => NAMES[escaped] ?? escaped);
}

/** Whether a cell is an object or a list, whose JSON is not escaped again. */
function isNested(cell: string): boolean {
  try {
    const value: unknown = JSON.parse(cell);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
