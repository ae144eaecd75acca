import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/cli.ts';
import { type Draft, documentHome, fleet, fleetDocument, inShort } from './fleet.ts';

test('a plan for an empty profile lists all steps in the order of apply', async () => {
  const { result } = await fleet();
  const { code, differences, steps, problems } = await result('plan', fleetDocument());
  expect(code).toBe(0);
  expect(problems).toEqual([]);
  expect(inShort(steps)).toEqual([
    '+ setting webhook_base_url',
    '+ integration whatsapp',
    '+ integration messenger',
    '+ account whatsapp/wa-5011',
    '+ account whatsapp/wa-5012',
    '+ account messenger/fb-81',
    '+ account messenger/fb-82',
    '+ account instagram/ig-17841',
    '+ account email/support',
    '+ registration whatsapp/wa-5011',
    // One subscription per WABA.
    '+ subscription whatsapp/wa-5011',
    '+ subscription messenger/fb-81',
    '+ menu messenger/fb-81',
    '+ subscription messenger/fb-82',
    '+ subscription instagram/ig-17841',
  ]);
  expect(differences).toBe(steps.length);
  expect(steps[3]).toEqual({
    action: 'create',
    where: 'local',
    part: 'account',
    name: 'whatsapp/wa-5011',
    changes: [
      // Meta's verified name, as for an account created with `accounts create`.
      { field: 'display_name', before: null, after: 'Alder Orders' },
      { field: 'is_active', before: null, after: true },
      { field: 'is_default', before: null, after: true },
      { field: 'config.phone_number_id', before: null, after: '5011' },
      { field: 'config.waba_id', before: null, after: '501' },
      { field: 'config.access_token', before: null, after: 'set' },
      { field: 'config.pin', before: null, after: 'set' },
    ],
  });
});

test('the text output of a plan is like a diff, and shows secrets only as changed', async () => {
  const { with: use, env } = await documentHome();
  const password = { env: 'MAIL_PASSWORD' };
  const account = { channel: 'email', account_key: 'support' };
  const config = { address: 'support@example.com', imap_port: 993, password };
  env.MAIL_PASSWORD = 'the first mail password';
  await use('apply', { version: 1, accounts: [{ ...account, config }] }, '--yes');
  env.MAIL_PASSWORD = 'the other mail password';
  const changed = {
    version: 1,
    accounts: [
      { ...account, display_name: 'Support', config: { ...config, imap_port: 143 } },
      { channel: 'email', account_key: 'sales', config: { address: 'sales@example.com' } },
    ],
  };
  const { stdout } = await use('plan', changed);
  expect(stdout).toBe(`~ account email/support
    display_name: null → "Support"
    config.imap_port: 993 → 143
    config.password: changed
+ account email/sales
    is_active: true
    is_default: false
    config.address: "sales@example.com"

Plan: 1 to create, 1 to change.
`);
  const coloured = await use('plan', changed, '--no-color');
  expect(coloured.stdout).toBe(stdout);
  env.FORCE_COLOR = '1';
  expect((await use('plan', changed)).stdout).toContain('\u001b[33m~\u001b[39m account');
});

test('--check prints the plan and exits with 6 if there are changes, otherwise with 0', async () => {
  const { with: use, result } = await documentHome();
  const document = { version: 1, settings: { graph_version: 'v25.0' } };
  expect(await use('plan', document)).toMatchObject({ code: 0 });
  expect(await result('plan', document, '--check')).toMatchObject({
    code: 6,
    differences: 1,
    stderr: '',
  });
  await use('apply', document, '--yes');
  expect(await result('plan', document, '--check')).toMatchObject({ code: 0, steps: [] });
});

test('a plan changes neither the profile nor Meta', async () => {
  const { with: use, cli, meta } = await fleet();
  await use('plan', fleetDocument());
  expect((await cli('profiles', 'list', '--json')).stdout).toBe('[]\n');
  expect(meta.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('--offline does not call Meta', async () => {
  const { result, meta } = await fleet();
  const { steps } = await result('plan', fleetDocument(), '--offline');
  expect(steps.every((step: { where: string }) => step.where === 'local')).toBe(true);
  expect(meta.requests).toEqual([]);
});

test('a document can come from stdin, and can be JSON', async () => {
  const { env } = await documentHome();
  const document = JSON.stringify({ version: 1, settings: { output: 'yaml' } });
  const { stdout, code } = await run(['plan', '-f', '-'], env, document);
  expect(code).toBe(0);
  expect(stdout).toContain('+ setting output');
});

test('--prune removes items that a section omits, but no secrets of the remaining items', async () => {
  const { with: use, result, env, json } = await documentHome();
  env.MAIL_PASSWORD = 'the mail password of all';
  const mailbox = (account_key: string, more: object = {}) => ({
    channel: 'email',
    account_key,
    config: { address: 'a@example.com', ...more },
  });
  const full = { username: 'u', password: { env: 'MAIL_PASSWORD' } };
  await use(
    'apply',
    {
      version: 1,
      settings: { graph_version: 'v25.0' },
      integrations: [{ channel: 'messenger', config: { app_id: '1' } }],
      accounts: [mailbox('support', full), mailbox('sales')],
    },
    '--yes',
  );
  const less = { version: 1, settings: {}, integrations: [], accounts: [mailbox('support')] };
  expect(await result('plan', less)).toMatchObject({ steps: [] });
  expect(await result('plan', { version: 1 }, '--prune')).toMatchObject({ steps: [] });
  const { steps } = await result('plan', less, '--prune');
  expect(inShort(steps)).toEqual([
    '- setting graph_version',
    '- integration messenger',
    '~ account email/support',
    '- account email/sales',
  ]);
  expect(steps[2].changes).toEqual([{ field: 'config.username', before: 'u', after: null }]);
  expect(await use('apply', less, '--prune', '--yes')).toMatchObject({ code: 0 });
  expect(await result('plan', less, '--prune')).toMatchObject({ steps: [] });
  expect(await json('accounts', 'list')).toMatchObject([
    { account_key: 'support', config: { password: '******** all' } },
  ]);
});

test('a default in the document replaces the previous default', async () => {
  const { with: use, result, json } = await documentHome();
  const mailbox = (account_key: string, more: object = {}) => ({
    ...{ channel: 'email', account_key, config: { address: 'a@example.com' } },
    ...more,
  });
  await use('apply', { version: 1, accounts: [mailbox('one'), mailbox('two')] }, '--yes');
  const other = { version: 1, accounts: [mailbox('two', { is_default: true })] };
  const { steps } = await result('plan', other);
  expect(steps).toMatchObject([
    { name: 'email/two', changes: [{ field: 'is_default', before: false, after: true }] },
    { name: 'email/one', changes: [{ field: 'is_default', before: true, after: false }] },
  ]);
  await use('apply', other, '--yes');
  const flags = (await json('accounts', 'list')).map((one: Draft) => one.is_default);
  expect(flags).toEqual([false, true]);
});

test('if a variable is not set, the stored secret is not changed; an empty one is a warning', async () => {
  const { with: use, result, env, json } = await documentHome();
  const config = { address: 'a@example.com', password: { env: 'MAIL_PASSWORD' } };
  const document = { version: 1, accounts: [{ channel: 'email', account_key: 'support', config }] };
  const missing = await use('apply', document, '--yes');
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.stderr).toContain(
    'accounts[0].config.password refers to the variable MAIL_PASSWORD, which is not set, and no secret is stored',
  );
  env.MAIL_PASSWORD = 'the mail password of all';
  await use('apply', document, '--yes');
  delete env.MAIL_PASSWORD;
  const { code, steps, stderr } = await result('plan', document, '--check');
  expect({ code, steps, stderr }).toEqual({ code: 0, steps: [], stderr: '' });
  env.MAIL_PASSWORD = '';
  const empty = await result('plan', document, '--check');
  expect(empty).toMatchObject({ code: 0, steps: [] });
  expect(JSON.parse(empty.stderr).warning.message).toContain('empty: MAIL_PASSWORD');
  expect(await json('accounts', 'get', 'support', '--reveal')).toMatchObject({
    config: { password: 'the mail password of all' },
  });
});

test('with CHANNELCTL_SECRETS=env, secrets in their variables are not stored, and others cannot be', async () => {
  const { with: use, result, env } = await documentHome({ CHANNELCTL_SECRETS: 'env' });
  const document = (password: object) => ({
    version: 1,
    accounts: [
      { channel: 'email', account_key: 'support', config: { address: 'a@example.com', password } },
    ],
  });
  env.CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD = 'the mail password';
  const own = document({ env: 'CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD' });
  expect(await use('apply', own, '--yes')).toMatchObject({ code: 0 });
  expect(await result('plan', own, '--check')).toMatchObject({ code: 0 });
  const elsewhere = document({ command: ['echo', 'another password'] });
  expect(await use('apply', elsewhere, '--yes')).toMatchObject({ code: 8 });
});

test('a secret in a store other than the active one is stored again', async () => {
  const { with: use, env, result } = await documentHome();
  const config = { address: 'a@example.com', password: { command: ['echo', 'the mail password'] } };
  const document = { version: 1, accounts: [{ channel: 'email', account_key: 'support', config }] };
  await use('apply', document, '--yes');
  env.CHANNELCTL_SECRETS = 'keychain';
  const { steps } = await result('plan', document);
  expect(steps).toMatchObject([{ changes: [{ field: 'config.password', after: 'changed' }] }]);
});

test('a file is relative to the document, and a command runs once, without a shell', async () => {
  const { with: use, configDir, json } = await documentHome();
  await writeFile(join(configDir, 'password.txt'), 'a password in a file\n');
  const log = join(configDir, 'runs');
  const script = `require('fs').appendFileSync(${JSON.stringify(log)}, 'x'); console.log('$HOME of ' + process.argv[1])`;
  const command = { command: [process.execPath, '-e', script, 'it; true'] };
  const mailbox = (account_key: string, password: object) => ({
    ...{ channel: 'email', account_key, config: { address: 'a@example.com', password } },
  });
  const accounts = [
    mailbox('filed', { file: 'password.txt' }),
    mailbox('read', { command: ['sh', '-c', 'cat; cat password.txt'] }),
    mailbox('one', command),
    mailbox('two', command),
  ];
  expect(await use('apply', { version: 1, accounts }, '--yes')).toMatchObject({ code: 0 });
  const revealed = async (key: string) =>
    (await json('accounts', 'get', key, '--reveal')).config.password;
  expect(await revealed('filed')).toBe('a password in a file');
  expect(await revealed('read')).toBe('a password in a file');
  expect(await revealed('two')).toBe('$HOME of it; true');
  expect(await readFile(log, 'utf8')).toBe('x');
});

test('a reference that cannot be resolved is reported without the output of its command', async () => {
  const { with: use, cli, configDir } = await documentHome();
  const config = (password: object) => ({ address: 'a@example.com', password });
  const accounts = [
    { channel: 'email', account_key: 'a', config: config({ file: 'nowhere.txt' }) },
    { channel: 'email', account_key: 'b', config: config({ command: ['false'] }) },
    { channel: 'email', account_key: 'c', config: config({ command: ['no-such-program-here'] }) },
    {
      channel: 'email',
      account_key: 'd',
      config: config({ command: ['sh', '-c', 'echo the-secret >&2; exit 7'] }),
    },
    { channel: 'email', account_key: 'e', config: config({ command: ['true'] }) },
  ];
  const { code, stderr } = await use('apply', { version: 1, accounts }, '--yes');
  expect(code).toBe(2);
  const reasons = [
    `the file ${join(configDir, 'nowhere.txt')} could not be read (ENOENT)`,
    'false failed (exit code 1)',
    'no-such-program-here failed (ENOENT)',
    'sh failed (exit code 7)',
    'the output of true is empty',
  ];
  const expected = reasons.map((reason, index) =>
    expect.stringContaining(`accounts[${index}].config.password cannot be resolved: ${reason}`),
  );
  const { reason } = /why: (?<reason>.*)/.exec(stderr)?.groups ?? {};
  expect(reason?.split('; ')).toEqual(expected);
  expect(stderr).toContain('has 5 errors.');
  expect(stderr).not.toContain('the-secret');
  expect((await cli('profiles', 'list', '--json')).stdout).toBe('[]\n');
});

test('a misspelt key is stored, with a warning that names the known key', async () => {
  const { with: use, result, json } = await documentHome();
  const config = { address: 'a@example.com', imap_hst: 'mail.example.com', note: 'x' };
  const accounts = ['a', 'b'].map((account_key) => ({ channel: 'email', account_key, config }));
  const document = { version: 1, accounts };
  const { code, stderr } = await result('plan', document);
  expect(code).toBe(0);
  expect(JSON.parse(stderr).warning).toEqual({
    message:
      'accounts[0].config.imap_hst (and 1 more) is not a known key, and is stored unchanged.',
    hint: 'Did you mean imap_host?',
  });
  await use('apply', document, '--yes');
  expect((await json('accounts', 'get', 'email/a')).config).toEqual(config);
});
