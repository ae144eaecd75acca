import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { KEY, terminal } from '../support/terminal.ts';
import { documentHome } from './fleet.ts';

test('apply shows the plan on a terminal and makes the changes only after confirmation', async () => {
  const { env, path, json } = await documentHome();
  await writeFile(path, '{version: 1, settings: {graph_version: v25.0}}');
  const refusing = terminal(['apply', '-f', path], { env });
  expect(await refusing.shows('Apply 1 change?')).toContain(
    '+ setting graph_version\n    value: "v25.0"\n\nPlan: 1 to create.',
  );
  refusing.send('n', KEY.enter);
  expect(await refusing.end()).toEqual({ code: 130, isSane: true });
  expect(await json('profiles', 'list')).toEqual([]);

  const agreeing = terminal(['apply', '-f', path], { env });
  await agreeing.shows('Apply 1 change?');
  agreeing.send('y', KEY.enter);
  expect(await agreeing.end()).toEqual({ code: 0, isSane: true });
  expect(agreeing.screen.text).toContain('Applied 1 change.');
  expect(await json('config', 'get', 'graph_version')).toMatchObject({ value: 'v25.0' });
});
