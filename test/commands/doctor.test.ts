import { chmod, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Home, home } from '../support/cli.ts';
import { metaDesks } from '../support/meta-desk.ts';

const desk = metaDesks();

interface Finding {
  check: string;
  status: string;
  message: string;
  hint: string | null;
  fixed: boolean;
}

/** A Graph URL that refuses connections immediately, so that no test waits for the network. */
const NOWHERE = { CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1' };

async function examined({ cli }: Pick<Home, 'cli'>, ...args: string[]) {
  const { code, stdout, stderr } = await cli('doctor', ...args, '--json');
  const findings: Finding[] = JSON.parse(stdout || '[]');
  return {
    code,
    stderr,
    findings,
    of: (check: string) => findings.filter((one) => one.check === check),
  };
}

test('doctor checks everything and finds no problem in a healthy installation', async () => {
  const at = await desk();
  const { code, stderr, findings } = await examined(at);
  expect(stderr).toBe('');
  expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(code).toBe(0);
  expect(findings.map(({ check }) => check)).toEqual([
    'node',
    'folder',
    'permissions',
    'state',
    'settings',
    'lock',
    'leftovers',
    'audit_log',
    'secret_store',
    'secrets',
    'graph_version',
    'redirect_uri',
    'webhook_base_url',
    'proxy',
    'meta_urls',
    'network',
    'clock',
    'app:messenger',
    'app:instagram',
  ]);
});

test('doctor names servers that replace those of Meta, and does not call them Meta', async () => {
  const at = await desk();
  const { of } = await examined(at);
  const server = at.env.CHANNELCTL_GRAPH_URL ?? '';
  expect(of('meta_urls')[0]?.message).toContain(`CHANNELCTL_GRAPH_URL (${new URL(server).origin})`);
  for (const check of ['network', 'clock']) {
    expect(of(check)[0]?.message).toContain(new URL(server).host);
    expect(of(check)[0]?.message).not.toContain('Meta');
  }
  const plain = await examined(await home({ HTTPS_PROXY: 'http://127.0.0.1:1' }));
  expect(plain.of('meta_urls')).toMatchObject([{ status: 'ok' }]);
  expect(plain.of('meta_urls')[0]?.message).not.toContain('CHANNELCTL_');
});

test('an app secret that Meta rejects is an error with a hint, and exits with 6', async () => {
  const at = await desk();
  at.env.CHANNELCTL_SECRET_MESSENGER_APP_SECRET = 'not-the-secret-of-the-app';
  const { code, of } = await examined(at);
  expect(code).toBe(6);
  expect(of('app:messenger')).toMatchObject([
    { status: 'error', hint: expect.stringContaining('channelctl integrations set messenger') },
  ]);
  expect(JSON.stringify(of('app:messenger'))).not.toContain('not-the-secret');
});

test('a missing Meta app of Instagram is a warning, a wrong one an error', async () => {
  const at = await desk();
  at.env.CHANNELCTL_SECRET_INSTAGRAM_META_APP_SECRET = 'not-the-secret-of-the-app';
  const wrong = await examined(at);
  expect(wrong.code).toBe(6);
  expect(wrong.of('app:instagram')).toMatchObject([{ status: 'error' }]);
  await at.json('integrations', 'set', 'instagram', '--unset', 'meta_app_id');
  const { code, of } = await examined(at);
  expect(code).toBe(0);
  expect(of('app:instagram')).toMatchObject([
    { status: 'warning', hint: expect.stringContaining('--config meta_app_id=…') },
  ]);
});

test('a missing network is only a warning', async () => {
  const own = await home(NOWHERE);
  const { code, of } = await examined(own);
  expect(code).toBe(0);
  expect(of('network')).toMatchObject([{ status: 'warning' }]);
  expect(of('clock')).toEqual([]);
});

test.each([
  [2 * 60_000, 'warning', 'behind'],
  [-60 * 60_000, 'error', 'ahead of'],
])(
  "a clock that differs by %i ms from Meta's is reported with status %s",
  async (milliseconds, status, word) => {
    const server = createServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + milliseconds).toUTCString());
      response.writeHead(400).end('{}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { of } = await examined(await home({ CHANNELCTL_GRAPH_URL: `http://127.0.0.1:${port}` }));
    expect(of('clock')).toMatchObject([{ status, message: expect.stringContaining(word) }]);
  },
);

test('a corrupt state file is reported, and not changed even with --fix', async () => {
  const own = await home(NOWHERE);
  await own.json('config', 'set', 'output', 'yaml');
  await writeFile(own.stateFile(), '{"version": 1,', { mode: 0o600 });
  for (const args of [[], ['--fix']]) {
    const { code, of } = await examined(own, ...args);
    expect(code).toBe(6);
    expect(of('state')).toMatchObject([
      { status: 'error', message: expect.stringContaining('line 1'), fixed: false },
    ]);
  }
  expect(await readFile(own.stateFile(), 'utf8')).toBe('{"version": 1,');
});

test('--fix removes the permissions of other users, but not from the configuration folder', async () => {
  const own = await home(NOWHERE);
  await own.json('config', 'set', 'output', 'table');
  const folder = dirname(own.stateFile());
  await chmod(own.configDir, 0o755);
  await chmod(folder, 0o755);
  await chmod(own.stateFile(), 0o644);
  const readable = await examined(own);
  expect(readable.code).toBe(0);
  expect(readable.of('permissions')).toMatchObject([
    { status: 'warning', hint: expect.stringContaining('doctor --fix'), fixed: false },
  ]);
  await chmod(own.stateFile(), 0o666);
  expect((await examined(own)).code).toBe(6);
  const fixed = await examined(own, '--fix');
  expect(fixed.code).toBe(0);
  expect(fixed.of('permissions')).toMatchObject([{ status: 'ok', fixed: true }]);
  const modes = await Promise.all(
    [own.configDir, folder, own.stateFile()].map(async (path) => (await stat(path)).mode & 0o777),
  );
  expect(modes).toEqual([0o755, 0o700, 0o600]);
});

test('--fix does not change the target of a link, and reports it', async () => {
  const own = await home(NOWHERE);
  await own.json('config', 'set', 'output', 'table');
  const target = join(own.configDir, 'elsewhere.json');
  await rename(own.stateFile(), target);
  await symlink(target, own.stateFile());
  await chmod(target, 0o644);
  await chmod(dirname(own.stateFile()), 0o755);
  const fixed = await examined(own, '--fix');
  expect(fixed.of('permissions')).toMatchObject([
    { status: 'error', message: expect.stringContaining(own.stateFile()), fixed: false },
  ]);
  expect((await stat(target)).mode & 0o777).toBe(0o644);
  expect((await stat(dirname(own.stateFile()))).mode & 0o777).toBe(0o700);
});

test('--fix removes the lock and the leftovers of a dead process', async () => {
  const own = await home(NOWHERE);
  await own.json('config', 'set', 'output', 'table');
  const lock = `${dirname(own.stateFile())}.lock`;
  const draft = `${own.stateFile()}.new`;
  await writeFile(lock, '{}');
  const { utimes } = await import('node:fs/promises');
  await utimes(lock, new Date(0), new Date(0));
  await writeFile(draft, '{');
  const found = await examined(own);
  expect(found.code).toBe(0);
  expect(found.of('lock')).toMatchObject([{ status: 'warning', fixed: false }]);
  expect(found.of('leftovers')).toMatchObject([
    { status: 'warning', message: expect.stringContaining(draft) },
  ]);
  const fixed = await examined(own, '--fix');
  expect(fixed.of('lock')).toMatchObject([{ status: 'ok', fixed: true }]);
  expect(fixed.of('leftovers')).toMatchObject([{ status: 'ok', fixed: true }]);
  const after = await examined(own);
  expect([...after.of('lock'), ...after.of('leftovers')]).toMatchObject([
    { status: 'ok', fixed: false },
    { status: 'ok', fixed: false },
  ]);
});

test('a secret that is missing from its store is an error', async () => {
  const own = await home({ ...NOWHERE, PASSWORD: 'a-password-of-a-mailbox' });
  const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config);
  const { rm } = await import('node:fs/promises');
  await rm(join(dirname(own.stateFile()), 'secrets.json'));
  const { code, of } = await examined(own);
  expect(code).toBe(6);
  expect(of('secrets')).toMatchObject([
    { status: 'error', message: 'The password of email/a is missing.' },
  ]);
  own.env.CHANNELCTL_SECRET_EMAIL_A_PASSWORD = 'from a variable';
  expect((await examined(own)).of('secrets')).toMatchObject([{ status: 'ok' }]);
});

test('a secret store that is not available is an error', async () => {
  const own = await home(NOWHERE);
  own.env.CHANNELCTL_PASSPHRASE = '';
  const { code, of } = await examined(own);
  expect(code).toBe(6);
  expect(of('secret_store')).toMatchObject([{ status: 'error' }]);
});

test('a passphrase of fewer than 12 characters is a warning', async () => {
  const own = await home({ ...NOWHERE, CHANNELCTL_PASSPHRASE: 'eleven char' });
  expect((await examined(own)).of('secret_store')).toMatchObject([
    { status: 'warning', message: expect.stringContaining('fewer than 12 characters') },
  ]);
});

test.each([
  ['v20.0', 'error'],
  ['v21.0', expect.stringMatching(/warning|error/)],
  ['v26.0', 'ok'],
  ['v99.0', 'warning'],
])('the Graph API version %s is reported with its status', async (version, status) => {
  const own = await home({ ...NOWHERE, CHANNELCTL_GRAPH_VERSION: version });
  expect((await examined(own)).of('graph_version')).toMatchObject([{ status }]);
});

test('an invalid stored setting is an error', async () => {
  const own = await home(NOWHERE);
  await own.json('config', 'set', 'redirect_uri', 'http://localhost:8976/callback');
  const text = await readFile(own.stateFile(), 'utf8');
  await writeFile(own.stateFile(), text.replace('localhost:8976', 'desk.example.com'));
  const { code, of } = await examined(own);
  expect(code).toBe(6);
  expect(of('settings')).toMatchObject([
    { status: 'error', hint: 'Run: channelctl config unset redirect_uri' },
  ]);
});

test('--fix requires the admin role, and doctor creates nothing', async () => {
  const own = await home({ ...NOWHERE, CHANNELCTL_ROLE: 'supervisor' });
  expect((await own.failure('doctor', '--fix')).code).toBe(4);
  expect((await examined(own)).code).toBe(0);
  await expect(stat(join(own.configDir, 'profiles'))).rejects.toThrow('ENOENT');
});

test('the text output has one line per check and the number of problems', async () => {
  const own = await home(NOWHERE);
  await mkdir(join(own.configDir, 'profiles'), { mode: 0o755 });
  await chmod(join(own.configDir, 'profiles'), 0o755);
  const { stdout } = await own.cli('doctor');
  expect(stdout).toMatch(/^ok {7}node +Node.js v/m);
  expect(stdout).toMatch(/^warning +permissions +Other users can read/m);
  expect(stdout).toContain('0 errors, 2 warnings.');
});

test('--fix deletes a stored secret that nothing refers to, and no other', async () => {
  const own = await home({ ...NOWHERE, PASSWORD: 'a-password-of-a-mailbox' });
  const create = (key: string) => {
    const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
    return own.json('accounts', 'create', '--channel', 'email', '--account-key', key, ...config);
  };
  await create('a');
  await create('b');
  const state = JSON.parse((await own.state()) ?? '');
  const { item } = state.accounts[1].secrets.password;
  state.accounts.pop();
  await writeFile(own.stateFile(), JSON.stringify(state), { mode: 0o600 });
  const found = await examined(own);
  expect(found.code).toBe(0);
  expect(found.of('secrets')).toMatchObject([
    { status: 'ok' },
    { status: 'warning', message: expect.stringContaining(item), fixed: false },
  ]);
  expect((await examined(own, '--fix')).of('secrets')).toMatchObject([
    { status: 'ok', fixed: false },
    { status: 'ok', fixed: true },
  ]);
  expect((await examined(own)).of('secrets')).toMatchObject([{ status: 'ok', fixed: false }]);
  expect((await own.json('accounts', 'get', 'a', '--reveal')).config.password).toBe(
    own.env.PASSWORD,
  );
});

test('secrets in the file are an error if only variables are read', async () => {
  const own = await home({ ...NOWHERE, PASSWORD: 'a-password-of-a-mailbox' });
  const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config);
  own.env.CHANNELCTL_SECRETS = 'env';
  const [finding] = (await examined(own)).of('secrets');
  expect(finding?.message).toContain('is in the secret store "file"');
  expect(finding?.hint).toContain('CHANNELCTL_SECRET_EMAIL_A_PASSWORD');
  expect(finding?.hint).toContain('CHANNELCTL_SECRETS=file');
});

test('a world-writable configuration folder is a warning', async () => {
  const own = await home(NOWHERE);
  for (const [mode, status] of [
    [0o777, 'warning'],
    [0o1777, 'ok'],
    [0o775, 'ok'],
  ] as const) {
    await chmod(own.configDir, mode);
    expect((await examined(own)).of('folder')).toMatchObject([{ status }]);
  }
});
