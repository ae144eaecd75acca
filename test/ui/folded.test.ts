import { expect, test } from 'vitest';
import { renderColumns, type TableFit } from '../../src/ui/output/columns.ts';
import { styleFor } from '../../src/ui/output/style.ts';

const ITEMS = [
  { key: 'wa-1045390276615528', name: 'Northfold Outdoor Supply', active: true, note: null },
  { key: 'support', name: null, active: false, note: 'The mailbox was not checked yet today.' },
];
const PATHS = ['key', 'name', 'active', 'note'];

async function lines(width: number, fit: TableFit = {}) {
  const style = await styleFor({ terminal: false, refused: true, env: {} });
  const text = await renderColumns(ITEMS, PATHS, style, {}, { width, ...fit });
  return text.split('\n');
}

test('wraps the text of the last column at word boundaries', async () => {
  expect(await lines(90)).toEqual([
    'KEY                  NAME                      ACTIVE  NOTE',
    'wa-1045390276615528  Northfold Outdoor Supply  yes     -',
    'support              -                         no      The mailbox was not checked yet',
    '                                                       today.',
  ]);
});

test('takes several lines per item if the columns do not fit, without empty ones', async () => {
  expect(await lines(40)).toEqual([
    'KEY',
    '  NAME                      ACTIVE',
    '  NOTE',
    'wa-1045390276615528',
    '  Northfold Outdoor Supply  yes',
    'support',
    '  -                         no',
    '  The mailbox was not checked yet today.',
  ]);
});

test('shortens names before it folds, but never an ID', async () => {
  const [, first] = await lines(40, { truncatable: ['name'], droppable: ['note'] });
  expect(first).toBe('wa-1045390276615528  Northfold…   yes');
  const narrow = await lines(18, { truncatable: ['name', 'note'] });
  expect(narrow).toContain('wa-1045390276615528');
});

test('reports the columns that are dropped', async () => {
  const dropped: string[] = [];
  await lines(60, { droppable: ['note', 'name'], onDrop: (path) => dropped.push(path) });
  expect(dropped).toEqual(['note']);
});
