import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Home, home } from '../support/cli.ts';

const account = (account_key: string, display_name: string) => ({
  channel: 'email',
  account_key,
  display_name,
  config: { address: `${account_key}@example.com` },
});

/** Starts `apply`, whose document has a secret that waits for `resume`. */
async function planning(own: Home, accounts: object[], ...options: string[]) {
  const [started, go] = ['started', 'go'].map((name) => join(own.configDir, name));
  const script = `echo >> ${started}; until [ -e ${go} ]; do sleep 0.02; done; echo a-secret-of-the-app`;
  const config = { app_id: '700', app_secret: { command: ['sh', '-c', script] } };
  const document = { version: 1, integrations: [{ channel: 'messenger', config }], accounts };
  const path = join(own.configDir, 'document.json');
  await writeFile(path, JSON.stringify(document));
  const running = own.cli('apply', '-f', path, '--yes', '--offline', '--json', ...options);
  const { existsSync } = await import('node:fs');
  await expect.poll(() => existsSync(started ?? ''), { timeout: 10_000 }).toBe(true);
  return async () => {
    await writeFile(go ?? '', '');
    const { code, stdout, stderr } = await running;
    return { code, stdout: stdout === '' ? null : JSON.parse(stdout), stderr };
  };
}

async function homeWith(...accounts: object[]): Promise<Home> {
  const own = await home();
  const path = join(own.configDir, 'base.json');
  await writeFile(path, JSON.stringify({ version: 1, accounts }));
  await own.json('apply', '-f', path, '--yes');
  return own;
}

async function namesIn(own: Home): Promise<string[]> {
  const accounts: { account_key: string; display_name: string }[] = await own.json(
    'accounts',
    'list',
  );
  return accounts.map(({ account_key, display_name }) => `${account_key}: ${display_name}`);
}

test('a change to an account of the plan in the meantime is not overwritten', async () => {
  const own = await homeWith(account('a', 'One'), account('b', 'Two'));
  const resume = await planning(own, [account('a', 'Uno'), account('b', 'Due')]);
  await own.json('accounts', 'update', 'b', '--display-name', 'Other');
  const { code, stdout, stderr } = await resume();
  expect({ code, stdout }).toEqual({ code: 7, stdout: null });
  expect(JSON.parse(stderr).error).toMatchObject({
    kind: 'conflict',
    hint: 'Nothing was changed. Run the command again.',
  });
  expect(await namesIn(own)).toEqual(['a: One', 'b: Other']);
});

test('an account that was deleted in the meantime is not created again', async () => {
  const own = await homeWith(account('a', 'One'), account('b', 'Two'));
  const resume = await planning(own, [account('a', 'Uno'), account('b', 'Due')]);
  await own.json('accounts', 'delete', 'a', '--yes');
  expect((await resume()).code).toBe(7);
  expect(await namesIn(own)).toEqual(['b: Two']);
});

test('an account that was added in the meantime is not pruned', async () => {
  const own = await homeWith(account('a', 'One'));
  const resume = await planning(own, [account('a', 'Uno')], '--prune');
  const config = ['--config', 'address=b@example.com'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'b', ...config);
  expect((await resume()).code).toBe(7);
  expect(await namesIn(own)).toEqual(['a: One', 'b: null']);
});

test('a change that does not concern the plan does not matter', async () => {
  const own = await homeWith(account('a', 'One'), account('b', 'Two'));
  const resume = await planning(own, [account('a', 'Uno')]);
  await own.json('accounts', 'update', 'b', '--display-name', 'Other');
  const { code, stdout } = await resume();
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: { success: true } });
  expect(await namesIn(own)).toEqual(['a: Uno', 'b: Other']);
});

test('a change to another field of an account is part of the new plan, which is the same', async () => {
  const own = await homeWith(account('a', 'One'));
  const resume = await planning(own, [account('a', 'Uno')]);
  await own.json('accounts', 'update', 'a', '--config', 'imap_host=imap.example.com');
  const { code, stdout } = await resume();
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: { success: true } });
  expect(await namesIn(own)).toEqual(['a: Uno']);
  const { config } = await own.json('accounts', 'get', 'a');
  expect(config.imap_host).toBe('imap.example.com');
});

test('the commands of the document run once, even if the plan is made again', async () => {
  const own = await homeWith(account('a', 'One'));
  const resume = await planning(own, [account('a', 'Uno')]);
  await own.json('accounts', 'update', 'a', '--config', 'imap_host=imap.example.com');
  expect((await resume()).code).toBe(0);
  expect(await readFile(join(own.configDir, 'started'), 'utf8')).toBe('\n');
});

test('a default division that was set in the meantime is part of the new plan', async () => {
  const own = await homeWith(account('a', 'One'));
  const resume = await planning(own, [account('a', 'One'), account('b', 'Due')]);
  await own.json('config', 'set', 'division_id', 'north');
  expect((await resume()).code).toBe(7);
  expect(await namesIn(own)).toEqual(['a: One']);
});

test('nothing is left to do if another process has applied the document', async () => {
  const own = await homeWith(account('a', 'One'));
  const resume = await planning(own, [account('a', 'Uno')]);
  const settings = ['--config', 'app_id=700', '--config', 'app_secret=a-secret-of-the-app'];
  await own.json('integrations', 'set', 'messenger', ...settings);
  await own.json('accounts', 'update', 'a', '--display-name', 'Uno');
  const { code, stdout } = await resume();
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: { success: true, steps: [] } });
});
