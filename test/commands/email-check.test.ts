import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { home, homeIn, run } from '../support/cli.ts';
import { freePorts, MAILBOX } from '../support/mail-server.ts';
import { listen, mailbox, onLocalhost } from '../support/mailbox.ts';

test('reports the problems of each service: an unknown host, and a closed port', async () => {
  const [port = 0] = await freePorts(1);
  const { check, env } = await mailbox({
    imap_host: 'mail.channelctl.invalid',
    smtp_host: 'localhost',
    smtp_port: port,
  });
  const { code, health } = await check();
  expect(code).toBe(6);
  expect(health.imap).toMatchObject({ host: 'mail.channelctl.invalid', port: 993 });
  expect(health.imap.problem).toMatchObject({ kind: 'name' });
  expect(health.imap.problem.hint).toContain('imap_host');
  expect(health.smtp.problem).toMatchObject({ kind: 'network' });
  expect(health.smtp.problem.message).toContain(`localhost:${port}`);

  const all = await run(['accounts', 'check', '--all', '--json'], env);
  expect(all.code).toBe(6);
  expect(JSON.parse(all.stdout)).toMatchObject([
    { healthy: false, problems: [{ part: 'imap', severity: 'error' }, { part: 'smtp' }] },
  ]);
});

test('gives up on a silent server after --timeout', async () => {
  const port = await listen(createServer());
  const { check } = await mailbox(onLocalhost({ imap: port, smtp: port }));
  const started = Date.now();
  const { code, health } = await check('--timeout', '1');
  expect(code).toBe(6);
  expect(Date.now() - started).toBeLessThan(5_000);
  expect(health.imap.problem.kind).toBe('network');
  expect(health.smtp.problem.message).toContain('within 1 second.');
});

test('reports a server that speaks another protocol', async () => {
  const port = await listen(
    createServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  const { check } = await mailbox(onLocalhost({ imap: port, smtp: port }));
  const { code, health } = await check('--timeout', '1');
  expect(code).toBe(6);
  expect(health.smtp.problem).toMatchObject({ kind: 'protocol' });
  expect(health.smtp.problem.message).toContain('HTTP/1.1 400');
});

test('sends neither the username nor the password in plaintext', async () => {
  const heard: string[] = [];
  const port = await listen(
    createServer((socket) => {
      socket.setEncoding('latin1').write('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n');
      socket.on('data', (chunk) => heard.push(String(chunk)));
    }),
  );
  const { check } = await mailbox(onLocalhost({ imap: port, smtp: port }));
  expect((await check('--timeout', '2')).code).toBe(6);
  expect(heard.join('')).not.toMatch(/AUTH|LOGIN|desk|P4ss/i);
});

test('lists the missing settings of a configured service, and sends nothing', async () => {
  const desk = await home();
  await desk.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
    ...['--config', 'address=support@example.com', '--config', 'imap_host=mail.example.com'],
    ...['--config', 'smtp_port=587'],
  );
  const { code, stdout, error } = await desk.failure('email', 'check', 'support');
  expect({ code, stdout, kind: error.kind }).toEqual({ code: 2, stdout: '', kind: 'usage' });
  expect(error.message).toContain('smtp_host, password');
  expect(error.hint).toContain('--config smtp_host=… --config password=@file');

  const { code: unhealthy, stdout: all } = await desk.cli('accounts', 'check', 'support', '--json');
  expect(unhealthy).toBe(6);
  expect(JSON.parse(all).problems).toMatchObject([{ part: 'account', severity: 'error' }]);
});

test.each([
  ['imap', 'smtp'],
  ['smtp', 'imap'],
])('checks only %s if %s is not configured', async (configured, other) => {
  const [port = 0] = await freePorts(1);
  const { check, env } = await mailbox({
    [`${configured}_host`]: 'localhost',
    [`${configured}_port`]: port,
  });
  const { code, health } = await check();
  expect(code).toBe(6);
  expect(health).toMatchObject({ [configured]: { ok: false, port }, [other]: null });
  const all = await run(['accounts', 'check', 'support', '--json'], env);
  expect(JSON.parse(all.stdout).problems).toMatchObject([{ part: configured, severity: 'error' }]);
});

test('a mailbox without IMAP and SMTP is a warning, and cannot be signed in to', async () => {
  const { env } = await mailbox({});
  const { code, stdout } = await run(['accounts', 'check', 'support', '--json'], env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    healthy: true,
    problems: [
      { part: 'account', severity: 'warning', hint: expect.stringContaining('imap_host=') },
    ],
    details: { imap: null, smtp: null },
  });
  const refused = await run(['email', 'check', 'support'], env);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('Neither IMAP nor SMTP is configured.');
});

test.each([
  ['bücher.invalid', 'xn--bcher-kva.invalid'],
  ['BÜCHER.INVALID', 'xn--bcher-kva.invalid'],
  ['メール.invalid', 'xn--4dkua4c.invalid'],
])('connects to the host %s by its name in DNS', async (imap_host, ascii) => {
  const { check, json } = await mailbox({ imap_host });
  const { health } = await check();
  expect(health.imap).toMatchObject({ host: ascii, problem: { kind: 'name' } });
  expect(health.imap.problem.message).toContain(ascii);
  expect((await json('accounts', 'get', 'support')).config.imap_host).toBe(imap_host);
});

test.each([
  'büch er.example',
  'bücher.example:993',
  'imaps://bücher.example',
  'bücher.example/mail',
  'user@bücher.example',
  'ü..%2f',
])('rejects the host name %s', async (host) => {
  const desk = await home();
  const { code, error } = await desk.failure(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
    ...['--config', 'address=a@example.com', '--config', `imap_host=${host}`],
  );
  expect({ code, message: error.message }).toEqual({
    code: 2,
    message: expect.stringContaining('is not a valid host name'),
  });
});

test('rejects an account of another channel', async () => {
  const desk = await home({ TOKEN: 'EAAtoken-of-the-page' });
  await desk.json(
    ...['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-1'],
    ...['--config', 'page_id=1', '--config', 'page_access_token=env:TOKEN'],
  );
  const { code, error } = await desk.failure('email', 'check', 'fb-1');
  expect({ code, message: error.message }).toMatchObject({
    code: 2,
    message: expect.stringContaining('not an Email account'),
  });
});

test('exits with 4 if the password is in no variable, and names the variable', async () => {
  const PASSWORD = MAILBOX.password;
  const desk = await home({ PASSWORD });
  const pairs = ['--config', 'address=support@example.com', '--config', 'password=env:PASSWORD'];
  await desk.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support', ...pairs],
  );
  const env = homeIn(desk.configDir, { CHANNELCTL_SECRETS: 'env' });
  const { code, error } = await env.failure('email', 'check', 'support');
  expect(code).toBe(4);
  expect(error.hint).toContain('CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD');
});
