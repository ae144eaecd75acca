import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { home, homeIn, onBuilt, run, runBuilt } from '../support/cli.ts';
import {
  freePorts,
  hasMailServer,
  MAILBOX,
  type MailServer,
  mailServerNote,
  makeCertificates,
  startMailServer,
} from '../support/mail-server.ts';

type Config = Record<string, string | number>;

/** A profile with the mailbox `email/support`, and what `email check` says of it. */
async function mailbox(config: Config, extra: Record<string, string> = {}) {
  const password = { CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD: MAILBOX.password };
  const desk = await home({ CHANNELCTL_SECRETS: 'env', ...password, ...extra });
  const settings = { address: 'support@example.com', username: MAILBOX.username, ...config };
  const pairs = Object.entries(settings).flatMap(([key, value]) => ['--config', `${key}=${value}`]);
  await desk.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support', ...pairs],
  );
  const check = async (...args: string[]) => {
    const result = await runBuilt(['email', 'check', 'support', '--json', ...args], desk.env);
    return { ...result, health: JSON.parse(result.stdout || 'null') };
  };
  return { ...desk, check };
}

/** Both services on `localhost`. */
function onLocalhost({ imap, smtp }: { imap: number; smtp: number }): Config {
  return { imap_host: 'localhost', imap_port: imap, smtp_host: 'localhost', smtp_port: smtp };
}

/** Listens on a free port of this machine until the test is over. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // The program may leave at any time.
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return (server.address() as AddressInfo).port;
}

describe.skipIf(!hasMailServer)(`with a mail server${mailServerNote}`, () => {
  let server: MailServer;
  let plain: MailServer;
  beforeAll(async () => {
    [server, plain] = await Promise.all([
      startMailServer({ tls: true }),
      startMailServer({ tls: false }),
    ]);
  });
  afterAll(() => Promise.all([server?.stop(), plain?.stop()]));
  const trusted = () => ({ NODE_EXTRA_CA_CERTS: server.authorityFile });

  test('signs in to IMAP and SMTP with TLS from the start', async () => {
    const { check, json } = await mailbox(onLocalhost(server.implicit), trusted());
    const { code, health } = await check();
    const account = await json('accounts', 'get', 'support');
    const { imap, smtp } = server.implicit;
    expect(code).toBe(0);
    expect(health).toEqual({
      account_id: account.id,
      account_key: 'support',
      healthy: true,
      imap: { ok: true, host: 'localhost', port: imap, problem: null },
      smtp: { ok: true, host: 'localhost', port: smtp, problem: null },
    });
  });

  test('signs in with STARTTLS where a port begins in the clear', async () => {
    const { check } = await mailbox(onLocalhost(server.clear), trusted());
    const { code, health } = await check();
    expect({ code, healthy: health.healthy }).toEqual({ code: 0, healthy: true });
  });

  test('a password that is refused', async () => {
    const { check } = await mailbox(onLocalhost(server.implicit), {
      ...trusted(),
      CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD: 'not the password',
    });
    const { code, health } = await check();
    expect(code).toBe(6);
    for (const service of ['imap', 'smtp']) {
      expect(health[service]).toMatchObject({ ok: false, problem: { kind: 'password' } });
      expect(health[service].problem.message).toMatch(/does not accept .* It says: .*Auth/);
      expect(health[service].problem.hint).toContain('accounts update email/support');
    }
  });

  test('a certificate that nobody known has signed', async () => {
    const { check } = await mailbox(
      onLocalhost({ imap: server.implicit.imap, smtp: server.clear.smtp }),
    );
    const { code, health } = await check();
    expect(code).toBe(6);
    for (const service of ['imap', 'smtp']) {
      expect(health[service].problem).toMatchObject({ kind: 'certificate' });
      expect(health[service].problem.message).toContain('not trusted');
      expect(health[service].problem.hint).toContain('NODE_EXTRA_CA_CERTS');
    }
  });

  test('a certificate for another name', async () => {
    const { imap, smtp } = server.implicit;
    const config = {
      imap_host: '127.0.0.1',
      imap_port: imap,
      smtp_host: '127.0.0.1',
      smtp_port: smtp,
    };
    const { check } = await mailbox(config, trusted());
    const { code, health } = await check();
    expect(code).toBe(6);
    for (const service of ['imap', 'smtp']) {
      expect(health[service].problem).toMatchObject({ kind: 'certificate' });
      expect(health[service].problem.message).toContain('is for another name than 127.0.0.1');
    }
  });

  test('a server without TLS never gets the password', async () => {
    const { check } = await mailbox(onLocalhost(plain.clear));
    const { code, health } = await check();
    expect(code).toBe(6);
    expect(health.imap.problem.message).toContain(
      'does not offer TLS, so the password was not sent',
    );
    expect(health.imap.problem).toMatchObject({ kind: 'protocol' });
    expect(health.smtp.problem).toMatchObject({ kind: 'protocol' });
    expect(health.smtp.problem.hint).toContain('465');
  });

  test('accounts check tells of a mailbox what email check tells', async () => {
    const desk = onBuilt(await mailbox(onLocalhost(server.implicit), trusted()));
    const { imap, smtp } = (await desk.check()).health;
    expect(await desk.json('accounts', 'check', 'support')).toMatchObject({
      channel: 'email',
      account_key: 'support',
      healthy: true,
      problems: [],
      details: { imap, smtp },
    });
  });
});

test('each service is told apart: an unknown host, and a port that nobody listens on', async () => {
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

test('a server that says nothing is given up after --timeout', async () => {
  const port = await listen(createServer());
  const { check } = await mailbox(onLocalhost({ imap: port, smtp: port }));
  const started = Date.now();
  const { code, health } = await check('--timeout', '1');
  expect(code).toBe(6);
  expect(Date.now() - started).toBeLessThan(5_000);
  expect(health.imap.problem.kind).toBe('network');
  expect(health.smtp.problem.message).toContain('within 1 second.');
});

test('a server that speaks something else', async () => {
  const port = await listen(
    createServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  const { check } = await mailbox(onLocalhost({ imap: port, smtp: port }));
  const { code, health } = await check('--timeout', '1');
  expect(code).toBe(6);
  expect(health.smtp.problem).toMatchObject({ kind: 'protocol' });
  expect(health.smtp.problem.message).toContain('HTTP/1.1 400');
});

test('in the clear, a server hears neither user name nor password', async () => {
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

test('what a server repeats of the password is not shown', async () => {
  const { authority, certificate, key } = await makeCertificates();
  const echo = (socket: Socket, greeting: string, reply: (line: string) => string) => {
    socket.write(`${greeting}\r\n`);
    socket
      .setEncoding('latin1')
      .on('data', (chunk) => socket.write(`${reply(String(chunk).trim())}\r\n`));
  };
  const secure = { key, cert: certificate };
  const imap = await listen(
    createTlsServer(secure, (socket) =>
      echo(
        socket,
        '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready',
        (line) =>
          `${line.split(' ')[0]} NO [AUTHENTICATIONFAILED] wrong: ${line} ${MAILBOX.password}`,
      ),
    ),
  );
  const smtp = await listen(
    createTlsServer(secure, (socket) =>
      echo(socket, '220 ready', (line) =>
        line.startsWith('EHLO') ? '250 AUTH PLAIN' : `535 5.7.8 wrong: ${line}`,
      ),
    ),
  );
  const desk = await mailbox(onLocalhost({ imap, smtp }));
  desk.env.NODE_EXTRA_CA_CERTS = join(desk.configDir, 'authority.pem');
  await writeFile(desk.env.NODE_EXTRA_CA_CERTS, authority);
  const { stdout, stderr, health } = await desk.check('--debug');
  expect(health.imap.problem.kind).toBe('password');
  expect(health.smtp.problem.kind).toBe('password');
  expect(health.smtp.problem.message).toContain('[redacted]');
  const sasl = Buffer.from(`\0${MAILBOX.username}\0${MAILBOX.password}`).toString('base64');
  for (const secret of [MAILBOX.password, sasl, sasl.slice(12)]) {
    expect(stdout + stderr).not.toContain(secret);
  }
});

test('settings that are missing are named, and nothing is sent', async () => {
  const desk = await home();
  await desk.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
    ...['--config', 'address=support@example.com', '--config', 'imap_host=mail.example.com'],
  );
  const { code, stdout, error } = await desk.failure('email', 'check', 'support');
  expect({ code, stdout, kind: error.kind }).toEqual({ code: 2, stdout: '', kind: 'usage' });
  expect(error.message).toContain('smtp_host, password');
  expect(error.hint).toContain('--config smtp_host=… --config password=@file');

  const { code: unhealthy, stdout: all } = await desk.cli('accounts', 'check', 'support', '--json');
  expect(unhealthy).toBe(6);
  expect(JSON.parse(all).problems).toMatchObject([{ part: 'account', severity: 'error' }]);
});

test('an account of another channel is refused', async () => {
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

test('a password that no variable holds: exit 4, and the variable to set', async () => {
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
