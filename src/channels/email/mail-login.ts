import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import type { MailService } from './mail-settings.ts';

/** A sign-in under way. */
export interface MailLogin {
  /** Resolves once the server has taken the password; rejects with the library's error. */
  done: Promise<void>;
  /** Cuts the connection. */
  stop(): void;
}

/**
 * Signs in to a mail server, and out again. The password is sent under TLS alone, to a server
 * whose certificate names the host.
 *
 * @param secure TLS from the first byte; otherwise STARTTLS, without which the sign-in fails
 * @param timeLimit milliseconds for each step
 */
export function logIn(service: MailService, secure: boolean, timeLimit: number): MailLogin {
  return service.protocol === 'imap'
    ? imapLogin(service, secure, timeLimit)
    : smtpLogin(service, secure, timeLimit);
}

function imapLogin(service: MailService, secure: boolean, timeLimit: number): MailLogin {
  const client = new ImapFlow({
    host: service.host,
    port: service.port,
    secure,
    doSTARTTLS: !secure,
    auth: { user: service.username, pass: service.password },
    verifyOnly: true,
    logger: false,
    connectionTimeout: timeLimit,
    greetingTimeout: timeLimit,
    socketTimeout: timeLimit,
  });
  client.on('error', () => {}); // connect() tells of it.
  return { done: client.connect(), stop: () => client.close() };
}

function smtpLogin(service: MailService, secure: boolean, timeLimit: number): MailLogin {
  const transport = createTransport({
    host: service.host,
    port: service.port,
    secure,
    requireTLS: true,
    auth: { user: service.username, pass: service.password },
    dnsTimeout: timeLimit,
    connectionTimeout: timeLimit,
    greetingTimeout: timeLimit,
    socketTimeout: timeLimit,
  });
  return { done: transport.verify().then(() => undefined), stop: () => transport.close() };
}
