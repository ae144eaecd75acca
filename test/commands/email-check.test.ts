import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { mailProblem } from '../../src/channels/email/problems.ts';
import type { MailService } from '../../src/channels/email/settings.ts';
import { home, homeIn, run } from '../support/cli.ts';
import { freePorts, MAILBOX, makeCertificates } from '../support/mail-server.ts';
import { listen, mailbox, onLocalhost } from '../support/mailbox.ts';
import { startScript } from '../support/scripted-mail.ts';

const IMAP_STARTTLS = {
  greeting: '* OK ready',
  answer: (line: string) => {
    const tag = line.split(' ')[0];
    const isQuestion = line.endsWith('CAPABILITY');
    return `${isQuestion ? '* CAPABILITY IMAP4rev1 STARTTLS\r\n' : ''}${tag} OK done`;
  },
};
const SMTP_STARTTLS = {
  greeting: '220 ready',
  answer: (line: string) => (line === 'STARTTLS' ? '220 go ahead' : '250 STARTTLS'),
};

function starttlsServer(tls: Server, { greeting, answer }: typeof IMAP_STARTTLS): Server {
  return createServer((socket) => {
    socket.write(`${greeting}\r\n`);
    const onData = (chunk: Buffer) => {
      const line = String(chunk).trim();
      if (line.endsWith('STARTTLS')) {
        socket.off('data', onData);
        tls.emit('connection', socket);
      }
      socket.write(`${answer(line)}\r\n`);
    };
    socket.on('data', onData);
  });
}

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

test.each([
  ['TLSv1.1', 'implicit'],
  ['TLSv1', 'implicit'],
  ['TLSv1.1', 'STARTTLS'],
] as const)('reports a server that supports only %s (%s TLS)', async (version, start) => {
  const { certificate, key } = await makeCertificates();
  const tls = { key, cert: certificate, minVersion: version, maxVersion: version };
  const old = createTlsServer({ ...tls, ciphers: 'ALL:@SECLEVEL=0' });
  const imap = start === 'implicit' ? old : starttlsServer(old, IMAP_STARTTLS);
  const smtp = start === 'implicit' ? old : starttlsServer(old, SMTP_STARTTLS);
  const port = await listen(imap);
  const { check } = await mailbox(
    onLocalhost({ imap: port, smtp: imap === smtp ? port : await listen(smtp) }),
  );
  const { code, health } = await check();
  expect(code).toBe(6);
  for (const service of ['imap', 'smtp']) {
    expect(health[service].problem).toMatchObject({ kind: 'tls' });
    expect(health[service].problem.message).toContain('outdated versions of TLS');
    expect(health[service].problem.hint).toContain('TLS 1.2');
  }
});

test('reports a server without secure ciphers', async () => {
  const { certificate, key } = await makeCertificates();
  const weak = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0' } as const;
  const port = await listen(createTlsServer({ key, cert: certificate, ...weak }));
  const { check } = await mailbox(onLocalhost({ imap: port, smtp: port }));
  const { health } = await check();
  for (const service of ['imap', 'smtp']) {
    expect(health[service].problem).toMatchObject({ kind: 'tls' });
    expect(health[service].problem.message).not.toContain('does not offer TLS,');
  }
});

test.each([
  ['imap', '* BYE [UNAVAILABLE] Restarting', 'temporary'],
  ['imap', '* BYE Not from your network', 'network'],
  ['smtp', '421 4.7.0 Try again later, closing connection.', 'temporary'],
  ['smtp', '554 5.7.1 Not from your network', 'refused'],
])('reports the greeting over %s, "%s", as %s', async (protocol, greeting, kind) => {
  const { port, stop } = await startScript({ greeting });
  onTestFinished(stop);
  const { check } = await mailbox({
    [`${protocol}_host`]: 'localhost',
    [`${protocol}_port`]: port,
  });
  const { problem } = (await check()).health[protocol];
  expect(problem.kind).toBe(kind);
  expect(problem.message).toContain(greeting.replace('* BYE ', ''));
});

test.each([
  ['454 4.7.0 TLS is not available at the moment', 'temporary'],
  ['502 5.5.1 Unknown command', 'protocol'],
])('reports the reply "%s" to STARTTLS as %s', async (reply, kind) => {
  const session = () => (line: string) => [line === 'STARTTLS' ? reply : '250 mail.example'];
  const { port, stop } = await startScript({ greeting: '220 ready', session });
  onTestFinished(stop);
  const { check } = await mailbox({ smtp_host: 'localhost', smtp_port: port });
  expect((await check()).health.smtp.problem.kind).toBe(kind);
});

test.each([
  ['outlook.office365.com', 'NO LOGIN failed.', 'mechanism', /OAuth/],
  ['outlook.office365.com', 'NO AUTHENTICATE failed.', 'mechanism', /OAuth/],
  ['imap.example.com', 'NO LOGIN failed.', 'refused', /OAuth/],
  ['smtp.mail.me.com', '535 5.7.8 Error: authentication failed', 'password', /usually requires/],
  ['imap.mail.yahoo.com', 'NO [AUTHENTICATIONFAILED] x', 'password', /usually requires/],
  ['imap.aol.com', 'NO [AUTHENTICATIONFAILED] x', 'password', /usually requires/],
  ['imap.zoho.eu', 'NO [AUTHENTICATIONFAILED] x', 'password', /usually requires/],
  ['imap.notzoho.eu', 'NO [AUTHENTICATIONFAILED] x', 'password', /Some providers require/],
  ['smtp.example.com', '535 5.7.8 Error: authentication failed', 'password', /Some providers/],
])('%s means by "%s": %s', (host, response, kind, hint) => {
  const service: MailService = {
    ...{ account: 'email/support', host, port: 993, tlsStart: 'implicit', protocol: 'imap' },
    ...{ username: 'desk', password: MAILBOX.password },
  };
  const error = Object.assign(new Error(), { response });
  const heard = { alerts: [], farewell: null };
  const problem = mailProblem(error, heard, service, 30, (text) => text);
  expect(problem).toMatchObject({ kind, hint: expect.stringMatching(hint) });
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
