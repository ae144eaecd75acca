import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { home } from '../support/cli.ts';
import { KEY, terminal } from '../support/terminal.ts';

test('apply shows the new plan and asks again if another process changes the profile', async () => {
  const own = await home();
  const config = ['--config', 'address=a@example.com'];
  const create = ['accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config];
  await own.built.json(...create, '--display-name', 'One');
  const path = join(own.configDir, 'document.yaml');
  await writeFile(
    path,
    'version: 1\naccounts:\n- {channel: email, account_key: a, display_name: Uno, config: {}}\n',
  );
  const shell = terminal(['apply', '-f', path], { env: own.env });
  await shell.shows('"One" → "Uno"');
  await own.built.json('accounts', 'update', 'a', '--display-name', 'Other');
  shell.send('y', KEY.enter);
  await shell.shows('Another process changed the profile. The new plan:');
  await shell.shows('"Other" → "Uno"');
  await shell.shows(/Apply 1 change\? \(y\/N\)\s*$/);
  expect((await own.built.json('accounts', 'get', 'a')).display_name).toBe('Other');
  shell.send('y', KEY.enter);
  expect(await shell.end()).toEqual({ code: 0, isSane: true });
  expect((await own.built.json('accounts', 'get', 'a')).display_name).toBe('Uno');
});
