import { isObject } from '../../shared/json.ts';
import { count } from '../../shared/text.ts';
import type { MailService } from './settings.ts';

/** Why a sign-in to a mail server failed. */
export interface MailProblem {
  kind: 'certificate' | 'name' | 'network' | 'password' | 'protocol';
  message: string;
  hint: string;
}

/** The sign-in took longer than its time limit. */
export class MailTimeout extends Error {
  override readonly name = 'MailTimeout';
}

interface Failure {
  code: string;
  service: MailService;
  /** `mail.example.com:993`. */
  endpoint: string;
  /** The server's reply; null if there is none, or if it cannot be shown safely. */
  reply: string | null;
  /** The time limit of the whole sign-in, in seconds. */
  seconds: number;
}

/** The problems by the error codes of Node, imapflow and nodemailer. The first match applies. */
const PROBLEMS: readonly {
  codes: RegExp;
  kind: MailProblem['kind'];
  message(failure: Failure): string;
  hint(failure: Failure): string;
}[] = [
  {
    codes: /^AUTHENTICATION$/,
    kind: 'password',
    message: ({ endpoint, reply }) =>
      `${endpoint} rejected the username or password${reply === null ? '.' : `: ${reply}`}`,
    hint: ({ service }) =>
      `Store the correct ones: channelctl accounts update ${service.account} --config username=… --config password=@file. Some providers require an app password for ${service.protocol.toUpperCase()}.`,
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    kind: 'certificate',
    message: ({ endpoint, service }) =>
      `The certificate of ${endpoint} is not valid for the host name ${service.host}.`,
    hint: ({ service }) =>
      `Set ${service.protocol}_host to a host name in the certificate, or ask your provider for the correct one.`,
  },
  {
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    kind: 'certificate',
    message: ({ endpoint, code }) =>
      `The certificate of ${endpoint} has expired or is not valid yet (${code}).`,
    hint: () =>
      'Check the clock of this machine. If it is correct, your provider must renew the certificate.',
  },
  {
    codes: /CERT|^UNABLE_TO_|^CRL_/,
    kind: 'certificate',
    message: ({ endpoint, code }) => `The certificate of ${endpoint} is not trusted (${code}).`,
    hint: () =>
      'If your own certificate authority signed it, set NODE_EXTRA_CA_CERTS to the path of the CA certificate.',
  },
  {
    codes: /^(ENOTFOUND|EAI_\w+|EDNS|ENODATA|ESERVFAIL)$/,
    kind: 'name',
    message: ({ service, code }) => `The host ${service.host} was not found (${code}).`,
    hint: ({ service }) => `Check ${service.protocol}_host and your DNS settings.`,
  },
  {
    codes: /^ECONNREFUSED$/,
    kind: 'network',
    message: ({ endpoint, code }) => `${endpoint} refused the connection (${code}).`,
    hint: checkPort,
  },
  {
    codes: /^(MailTimeout|\w*TIMEOUT|ETIMEDOUT)$/,
    kind: 'network',
    message: ({ endpoint, seconds }) =>
      `The sign-in to ${endpoint} did not complete within ${count(seconds, 'second')}.`,
    hint: checkPort,
  },
  {
    codes: /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|EACCES|EPERM)$/,
    kind: 'network',
    message: ({ endpoint, code }) => `${endpoint} is unreachable (${code}).`,
    hint: () => 'Check the network and the firewall.',
  },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|ECONNECTION|EConnectionClosed|NoConnection|Closed\w+)$/,
    kind: 'network',
    message: ({ endpoint, code }) => `${endpoint} closed the connection (${code}).`,
    hint: checkPort,
  },
  {
    codes: /^(NO_TLS|ERR_SSL_\w+|ETLS|EPROTO)$/,
    kind: 'protocol',
    message: ({ endpoint }) => `${endpoint} does not offer TLS, so the password was not sent.`,
    hint: ({ service }) =>
      service.protocol === 'imap'
        ? 'Set imap_port to 993 for implicit TLS, or to 143 for STARTTLS.'
        : 'Set smtp_port to 465 for implicit TLS, or to 587 for STARTTLS.',
  },
];

const USUAL_PORTS = { imap: '993 or 143', smtp: '465 or 587' } as const;

function checkPort({ service: { protocol } }: Failure): string {
  return `Check ${protocol}_host and ${protocol}_port (usually ${USUAL_PORTS[protocol]}), and the firewall.`;
}

/**
 * Explains a failed sign-in from the error that a library threw.
 *
 * @param sanitize makes the server's reply, which may contain the password, safe to print
 */
export function mailProblem(
  error: unknown,
  service: MailService,
  seconds: number,
  sanitize: (text: string) => string,
): MailProblem {
  const code = failureCode(error);
  const host = service.host.includes(':') ? `[${service.host}]` : service.host;
  const endpoint = `${host}:${service.port}`;
  const failure = {
    code,
    service,
    endpoint,
    reply: serverReply(error, service, sanitize),
    seconds,
  };
  const known = PROBLEMS.find(({ codes }) => codes.test(code));
  if (known !== undefined) {
    return { kind: known.kind, message: known.message(failure), hint: known.hint(failure) };
  }
  const { reply } = failure;
  return {
    kind: 'protocol',
    message: `${endpoint} returned an invalid ${service.protocol.toUpperCase()} response (${reply ?? code}).`,
    hint: checkPort(failure),
  };
}

/** Whether the server answered in plaintext although TLS was expected. */
export function isPlaintextServer(error: unknown): boolean {
  return /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/.test(
    failureCode(error),
  );
}

function failureCode(error: unknown): string {
  if (!isObject(error)) return 'unknown';
  const { originalCode, code, authenticationFailed, responseCode, tlsFailed } = error;
  if (authenticationFailed === true) return 'AUTHENTICATION';
  // With 454 and other 4xx codes, the server did not check the password.
  const isTemporary = typeof responseCode === 'number' && responseCode < 500;
  if (code === 'EAUTH') return isTemporary ? 'EAUTH' : 'AUTHENTICATION';
  if (typeof originalCode === 'string') return originalCode;
  if (typeof code === 'string') return code;
  if (tlsFailed === true) return 'NO_TLS';
  return error instanceof Error ? error.name : 'unknown';
}

const MAX_REPLY_LENGTH = 200;

/** Shorter passwords cannot be redacted from the server's reply. */
const MIN_REDACTED_LENGTH = 4;

function serverReply(
  error: unknown,
  { password }: MailService,
  sanitize: (text: string) => string,
): string | null {
  if (!isObject(error) || password.length < MIN_REDACTED_LENGTH) return null;
  const reply = error.responseText ?? error.response;
  if (typeof reply !== 'string' || reply === '') return null;
  return sanitize(reply).slice(0, MAX_REPLY_LENGTH);
}
