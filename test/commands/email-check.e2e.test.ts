import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onBuilt } from '../support/cli.ts';
import {
  hasMailServer,
  MAILBOX,
  type MailServer,
  mailServerNote,
  makeCertificates,
  startMailServer,
} from '../support/mail-server.ts';
import { listen, mailbox, onLocalhost } from '../support/mailbox.ts';

// Node reads NODE_EXTRA_CA_CERTS only when it starts, so each command starts the built program.
const builtMailbox = (config: Parameters<typeof mailbox>[0], extra: Record<string, string> = {}) =>
  mailbox(config, extra, onBuilt);

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

  test('signs in to IMAP and SMTP with implicit TLS', async () => {
    const { check, json } = await builtMailbox(onLocalhost(server.implicit), trusted());
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

  test('signs in with STARTTLS on a plaintext port', async () => {
    const { check } = await builtMailbox(onLocalhost(server.clear), trusted());
    const { code, health } = await check();
    expect({ code, healthy: health.healthy }).toEqual({ code: 0, healthy: true });
  });

  test('reports a wrong password', async () => {
    const { check } = await builtMailbox(onLocalhost(server.implicit), {
      ...trusted(),
      CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD: 'not the password',
    });
    const { code, health } = await check();
    expect(code).toBe(6);
    for (const service of ['imap', 'smtp']) {
      expect(health[service]).toMatchObject({ ok: false, problem: { kind: 'password' } });
      expect(health[service].problem.message).toMatch(/rejected the username or password: .*Auth/);
      expect(health[service].problem.hint).toContain('accounts update email/support');
    }
  });

  test('reports a certificate from an unknown authority', async () => {
    const { check } = await builtMailbox(
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

  test('reports a certificate for another host name', async () => {
    const { imap, smtp } = server.implicit;
    const config = {
      imap_host: '127.0.0.1',
      imap_port: imap,
      smtp_host: '127.0.0.1',
      smtp_port: smtp,
    };
    const { check } = await builtMailbox(config, trusted());
    const { code, health } = await check();
    expect(code).toBe(6);
    for (const service of ['imap', 'smtp']) {
      expect(health[service].problem).toMatchObject({ kind: 'certificate' });
      expect(health[service].problem.message).toContain('is not valid for the host name 127.0.0.1');
    }
  });

  test('never sends the password to a server without TLS', async () => {
    const { check } = await builtMailbox(onLocalhost(plain.clear));
    const { code, health } = await check();
    expect(code).toBe(6);
    expect(health.imap.problem.message).toContain(
      'does not offer TLS, so the password was not sent',
    );
    expect(health.imap.problem).toMatchObject({ kind: 'protocol' });
    expect(health.smtp.problem).toMatchObject({ kind: 'protocol' });
    expect(health.smtp.problem.hint).toContain('465');
  });

  test('accounts check reports the same as email check', async () => {
    const desk = await builtMailbox(onLocalhost(server.implicit), trusted());
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

test("redacts the password in a server's reply", async () => {
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
          `* OK [ALERT] You sent ${MAILBOX.password}\r\n${line.split(' ')[0]} NO [AUTHENTICATIONFAILED] wrong: ${line} ${MAILBOX.password}`,
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
  const desk = await builtMailbox(onLocalhost({ imap, smtp }));
  desk.env.NODE_EXTRA_CA_CERTS = join(desk.configDir, 'authority.pem');
  await writeFile(desk.env.NODE_EXTRA_CA_CERTS, authority);
  const { stdout, stderr, health } = await desk.check('--debug');
  expect(health.imap.problem.kind).toBe('password');
  expect(health.smtp.problem.kind).toBe('password');
  expect(health.imap.problem.message).toContain('You sent [redacted]');
  expect(health.smtp.problem.message).toContain('[redacted]');
  const sasl = Buffer.from(`\0${MAILBOX.username}\0${MAILBOX.password}`).toString('base64');
  for (const secret of [MAILBOX.password, sasl, sasl.slice(12)]) {
    expect(stdout + stderr).not.toContain(secret);
  }
});
