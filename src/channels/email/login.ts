import { ImapFlow } from 'imapflow';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { NoPasswordSignIn, type ServerMessages } from './problems.ts';
import type { MailService } from './settings.ts';

export interface MailLogin {
  /**
   * Resolves once the server has accepted the password; rejects with the library's error, or with
   * NoPasswordSignIn.
   */
  done: Promise<void>;
  stop(): void;
}

/**
 * Signs in to a mail server and out again. Sends the password only over TLS, and only to a server
 * that has a trusted certificate for its host name and offers password sign-in.
 *
 * @param secure implicit TLS; otherwise STARTTLS is required
 * @param timeoutMs milliseconds for each step
 * @param heard receives the messages of an IMAP server
 */
export function logIn(
  service: MailService,
  secure: boolean,
  timeoutMs: number,
  heard: ServerMessages,
): MailLogin {
  return service.protocol === 'imap'
    ? imapLogin(service, secure, timeoutMs, heard)
    : smtpLogin(service, secure, timeoutMs);
}

/** Longer than any reply to a sign-in. */
const MAX_REPLY_BYTES = 64 * 1024;

const MAX_ALERTS = 10;
const MAX_ALERT_LENGTH = 2_000;

function imapLogin(
  service: MailService,
  secure: boolean,
  timeoutMs: number,
  heard: ServerMessages,
): MailLogin {
  const client = new ImapFlow({
    host: service.host,
    port: service.port,
    secure,
    doSTARTTLS: !secure,
    auth: { user: service.username, pass: service.password },
    verifyOnly: true,
    logger: false,
    emitLogs: true,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxLineLength: MAX_REPLY_BYTES,
    maxLiteralSize: MAX_REPLY_BYTES,
    maxResponseSize: 2 * MAX_REPLY_BYTES,
  });
  let isPreauthenticated = false;
  client.on('error', () => {}); // connect() rejects with the same error.
  client.on('alert', ({ message }: { message: string }) => {
    if (heard.alerts.length < MAX_ALERTS) heard.alerts.push(message.slice(0, MAX_ALERT_LENGTH));
  });
  client.on('log', ({ src, msg }: { src?: string; msg?: string }) => {
    if (src !== 's') return;
    if (/^\* PREAUTH\b/i.test(msg ?? '')) isPreauthenticated = true;
    if (/^\* BYE\b/i.test(msg ?? '')) heard.farewell ??= (msg ?? '').slice(2, MAX_ALERT_LENGTH);
  });
  const signIn = async () => {
    try {
      await client.connect();
    } catch (error) {
      if (isUnanswered(error) && heard.farewell === null)
        throw new NoPasswordSignIn(imapMechanisms(client));
      throw error;
    }
    if (isPreauthenticated) throw new NoPasswordSignIn([]);
  };
  return { done: signIn(), stop: () => client.close() };
}

/**
 * Whether imapflow did not send the password, because the server sent LOGINDISABLED and offers
 * neither AUTH=PLAIN nor AUTH=LOGIN.
 */
function isUnanswered(error: unknown): boolean {
  return (
    error instanceof Error &&
    'authenticationFailed' in error &&
    !('response' in error) &&
    !('responseStatus' in error)
  );
}

function imapMechanisms({ capabilities }: ImapFlow): string[] {
  return [...capabilities.keys()].flatMap((name) => /^AUTH=(.+)/i.exec(name)?.[1] ?? []);
}

const SMTP_PASSWORD_MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5'];

function smtpLogin(service: MailService, secure: boolean, timeoutMs: number): MailLogin {
  let lastReply = '';
  const connection = new SMTPConnection({
    host: service.host,
    port: service.port,
    secure,
    requireTLS: true,
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxResponseSize: MAX_REPLY_BYTES,
    transactionLog: true,
    logger: {
      debug: ({ tnx }: { tnx?: string } = {}, message = '') => {
        if (tnx === 'server') lastReply = message;
      },
    },
  });
  const done = new Promise<void>((resolve, reject) => {
    connection.on('error', reject);
    connection.once('end', () => reject(new Error('The server closed the connection.')));
    connection.connect((failure) => {
      if (failure) return reject(failure);
      const mechanisms = smtpMechanisms(lastReply);
      if (!mechanisms.some((one) => SMTP_PASSWORD_MECHANISMS.includes(one))) {
        connection.quit();
        return reject(new NoPasswordSignIn(mechanisms));
      }
      connection.login({ user: service.username, pass: service.password }, (refusal) => {
        if (refusal) return reject(refusal);
        connection.quit();
        resolve();
      });
    });
  });
  return { done, stop: () => connection.close() };
}

/** @param ehlo the reply to EHLO, with `250-AUTH PLAIN LOGIN` or, from old servers, `AUTH=PLAIN` */
function smtpMechanisms(ehlo: string): string[] {
  const lists = [...ehlo.matchAll(/^250[ -]AUTH[ =](.*)$/gim)].map(([, list = '']) => list);
  const names = lists.flatMap((list) => list.toUpperCase().split(/[\s=]+/));
  return [...new Set(names)].filter((name) => name !== '');
}
