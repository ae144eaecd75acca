import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { home, runBuilt } from '../support/cli.ts';

interface Account {
  account_key: string;
  is_default: boolean;
  config: { password?: string };
}

test('40 processes create accounts at the same time: none is lost, and one is the default', async () => {
  const { configDir, env, cli, json } = await home();
  const keys = Array.from({ length: 40 }, (_, index) => `mailbox-${index}`);
  const withSecret = keys.filter((_, index) => index % 2 === 0);
  const runs = await Promise.all(
    keys.map((key) => {
      const args = ['--account-key', key, '--config', `address=${key}@example.com`];
      const secret = withSecret.includes(key) ? ['--config', 'password=env:PASSWORD'] : [];
      const command = ['accounts', 'create', '--channel', 'email', ...args, ...secret];
      return runBuilt(command, { ...env, PASSWORD: `password of ${key}` });
    }),
  );
  expect(runs.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([]);

  const accounts: Account[] = await json('accounts', 'list');
  expect(accounts.map(({ account_key }) => account_key).sort()).toEqual([...keys].sort());
  expect(accounts.filter(({ is_default }) => is_default)).toHaveLength(1);
  const revealed = await Promise.all(
    withSecret.map(async (key) => {
      const { stdout } = await cli('accounts', 'get', key, '--reveal', '--json');
      return JSON.parse(stdout).config.password;
    }),
  );
  expect(revealed).toEqual(withSecret.map((key) => `password of ${key}`));
  expect(await readdir(join(configDir, 'profiles'))).toEqual(['default']);
  const files = await readdir(join(configDir, 'profiles', 'default'));
  expect(files.sort()).toEqual(['secrets.json', 'state.json']);
}, 60_000);
