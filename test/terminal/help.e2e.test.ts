import { expect, test } from 'vitest';
import { home } from '../support/cli.ts';
import { terminal } from '../support/terminal.ts';

test('wraps help to the columns of the terminal', async () => {
  const { env } = await home();
  const session = terminal(['apply', '--help'], { env, columns: 40, rows: 100 });
  await session.end();
  expect(await session.shows('output format (one of: table,')).toMatch(
    /\n {2}-o, --output <format>\n {6}output format \(one of: table,\n {6}json, ndjson, yaml, tsv\)\n/,
  );
});
