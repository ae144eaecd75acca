import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import type { MailService } from './settings.ts';

/** A sign-in in progress. */
export interface MailLogin {
  /** Resolves once the server has accepted the password; rejects with the library's error. */
  done: Promise<void>;
  /** Closes the connection. */
  stop(): void;
}

/**
 * Signs in to a mail server and out again. The password is sent only over TLS, to a server with a
 * certificate for its host name.
 *
 * @param secure implicit TLS; otherwise STARTTLS is required
 * @param timeoutMs milliseconds for each step
 */
export function logIn(service: MailService, secure: boolean, timeoutMs: number): MailLogin {
  return service.protocol === 'imap'
    ? imapLogin(service, secure, timeoutMs)
    : smtpLogin(service, secure, timeoutMs);
}

function imapLogin(service: MailService, secure: boolean, timeoutMs: number): MailLogin {
  const client = new ImapFlow({
    host: service.host,
    port: service.port,
    secure,
    doSTARTTLS: !secure,
    auth: { user: service.username, pass: service.password },
    verifyOnly: true,
    logger: false,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  client.on('error', () => {}); // connect() rejects with it.
  return { done: client.connect(), stop: () => client.close() };
}

function smtpLogin(service: MailService, secure: boolean, timeoutMs: number): MailLogin {
  const transport = createTransport({
    host: service.host,
    port: service.port,
    secure,
    requireTLS: true,
    auth: { user: service.username, pass: service.password },
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return { done: transport.verify().then(() => undefined), stop: () => transport.close() };
}
