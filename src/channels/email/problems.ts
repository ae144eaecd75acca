import { isObject } from '../../shared/json.ts';
import { count } from '../../shared/text.ts';
import { REFUSALS, tlsPorts } from './refusals.ts';
import { explainReply, type RefusalKind, type ServerText } from './server-texts.ts';
import type { MailService } from './settings.ts';

/**
 * The reason why a sign-in failed. The kind is `alert` if it succeeded, but the server sent a
 * message.
 */
export interface MailProblem {
  kind: RefusalKind | 'alert' | 'certificate' | 'name' | 'network' | 'protocol';
  message: string;
  hint: string;
}

export interface ServerMessages {
  /** The texts of `[ALERT]` responses, which must be shown (RFC 9051, 7.1). */
  alerts: string[];
  farewell: string | null;
}

export class MailTimeout extends Error {
  override readonly name = 'MailTimeout';
}

/** The server does not offer password sign-in, so the password was not sent. */
export class NoPasswordSignIn extends Error {
  override readonly name = 'NoPasswordSignIn';
  readonly mechanisms: readonly string[];

  constructor(mechanisms: readonly string[]) {
    super();
    this.mechanisms = mechanisms;
  }
}

interface Failure {
  code: string;
  service: MailService;
  endpoint: string;
  /** The server's reply; null if there is none, or if it cannot be shown safely. */
  reply: string | null;
  /** The time limit of the whole sign-in, in seconds. */
  seconds: number;
}

/** The problems, by error code of Node.js, imapflow or nodemailer. The first match applies. */
const PROBLEMS: readonly {
  codes: RegExp;
  kind: MailProblem['kind'];
  message(failure: Failure): string;
  hint(failure: Failure): string;
}[] = [
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
    codes: /^(?!ERR_SSL_).*CERT|^UNABLE_TO_|^CRL_/,
    kind: 'certificate',
    message: ({ endpoint, code }) => `The certificate of ${endpoint} is not trusted (${code}).`,
    hint: () =>
      'If your own certificate authority issued it, set NODE_EXTRA_CA_CERTS to the path of the CA certificate.',
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
    codes:
      /^(ECONNRESET|ECONNABORTED|EPIPE|ECONNECTION|ETLS|EConnectionClosed|NoConnection|Closed\w+|ERR_SSL_UNEXPECTED_EOF\w*)$/,
    kind: 'network',
    message: ({ endpoint, code, reply }) =>
      `${endpoint} closed the connection${reply === null ? ` (${code}).` : `: ${reply}`}`,
    hint: checkPort,
  },
  {
    codes: /^ERR_SSL_(UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|WRONG_SSL_VERSION|\S*PROTOCOL_VERSION)$/,
    kind: 'tls',
    message: ({ endpoint, code }) =>
      `${endpoint} supports only outdated versions of TLS, so the password was not sent (${code}).`,
    hint: () =>
      'Your provider must enable TLS 1.2 or later on this server, or offer another server.',
  },
  {
    codes: /^(NO_TLS|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/,
    kind: 'protocol',
    message: ({ endpoint }) => `${endpoint} does not offer TLS, so the password was not sent.`,
    hint: tlsPorts,
  },
  {
    codes:
      /^ERR_SSL_(\S*(TOO_SMALL|TOO_WEAK|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY)|\w*NO_SHARED_CIPHER|WRONG_\w+|UNSAFE_LEGACY_RENEGOTIATION_DISABLED)$/,
    kind: 'tls',
    message: ({ endpoint, code }) =>
      `${endpoint} does not offer sufficiently secure TLS, so the password was not sent (${code}).`,
    hint: () =>
      'Your provider must enable TLS 1.2 or later with current ciphers and keys on this server.',
  },
  {
    codes: /^(ERR_SSL_\S+|EPROTO)$/,
    kind: 'tls',
    message: ({ endpoint, code }) => `The TLS handshake with ${endpoint} failed (${code}).`,
    hint: checkPort,
  },
];

const USUAL_PORTS = { imap: '993 or 143', smtp: '465 or 587' } as const;

function checkPort({ service: { protocol } }: Failure): string {
  return `Check ${protocol}_host and ${protocol}_port (usually ${USUAL_PORTS[protocol]}), and the firewall.`;
}

/**
 * Explains a failed sign-in, based on the server's reply or the error that a library threw.
 *
 * @param sanitize makes the server's texts, which may contain the password, safe to print
 */
export function mailProblem(
  error: unknown,
  heard: ServerMessages,
  service: MailService,
  seconds: number,
  sanitize: (text: string) => string,
): MailProblem {
  const code = failureCode(error);
  const endpoint = endpointOf(service);
  const show = shownText(service, sanitize);
  const raw = serverReply(error) ?? heard.farewell;
  const reply = raw === null ? null : show(raw.replace(/^(?:NO|BAD|BYE) /i, ''));
  const failure = { code, service, endpoint, reply, seconds };
  const meaning =
    raw === null || code === 'NO_TLS' ? undefined : explainReply(raw, heard.alerts, service);
  const { kind, message, hint } =
    meaning === undefined ? failureProblem(error, failure) : refusalProblem(meaning, failure);
  const alerts = heard.alerts.filter((alert) => raw?.includes(alert) !== true);
  return { kind, message: [message, ...alertTexts(alerts, show)].join(' '), hint };
}

export function alertProblem(
  { alerts }: ServerMessages,
  service: MailService,
  sanitize: (text: string) => string,
): MailProblem | null {
  const texts = alertTexts(alerts, shownText(service, sanitize));
  if (texts.length === 0) return null;
  const message = `${endpointOf(service)} accepted the sign-in. ${texts.join(' ')}`;
  return {
    kind: 'alert',
    message,
    hint: 'The mailbox works. Check whether the message requires action.',
  };
}

function alertTexts(alerts: readonly string[], show: (text: string) => string | null): string[] {
  const texts = new Set(alerts.map(show).filter((alert) => alert !== null));
  return [...texts].map((alert) => `Server message: ${alert}`);
}

function refusalProblem({ kind, hint }: ServerText, failure: Failure): MailProblem {
  const { message, hint: usual } = REFUSALS[kind];
  const { reply } = failure;
  return {
    kind,
    message: `${message(failure)}${reply === null ? '.' : `: ${reply}`}`,
    hint: hint ?? usual(failure),
  };
}

function failureProblem(error: unknown, failure: Failure): MailProblem {
  const { code, endpoint, reply, service } = failure;
  if (error instanceof NoPasswordSignIn) {
    const kind = error.mechanisms.length === 0 ? 'no_sign_in' : 'mechanism';
    const offer = `${endpoint} accepts only ${error.mechanisms.join(', ')} for signing in, so the password was not sent`;
    const message = kind === 'mechanism' ? offer : REFUSALS[kind].message(failure);
    return { kind, message: `${message}.`, hint: REFUSALS[kind].hint(failure) };
  }
  const known = PROBLEMS.find(({ codes }) => codes.test(code));
  if (known !== undefined) {
    return { kind: known.kind, message: known.message(failure), hint: known.hint(failure) };
  }
  return {
    kind: 'protocol',
    message: `${endpoint} returned an invalid ${service.protocol.toUpperCase()} response (${reply ?? code}).`,
    hint: checkPort(failure),
  };
}

function endpointOf({ host, port }: MailService): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function isPlaintextServer(error: unknown): boolean {
  return /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/.test(
    failureCode(error),
  );
}

function failureCode(error: unknown): string {
  if (!isObject(error)) return 'unknown';
  const { originalCode, code, command, tlsFailed, responseCode } = error;
  const isRefused = typeof responseCode === 'number' && responseCode >= 500;
  if (command === 'STARTTLS' && isRefused) return 'NO_TLS';
  if (typeof originalCode === 'string') return originalCode;
  if (typeof code === 'string') return code;
  if (tlsFailed === true) return 'NO_TLS';
  return error instanceof Error ? error.name : 'unknown';
}

const MAX_REPLY_LENGTH = 500;

/** The part of a reply in which a known text is searched. */
const MAX_RECOGNIZED_LENGTH = 2_000;

/** Shorter passwords cannot be redacted from the server's texts. */
const MIN_REDACTED_LENGTH = 4;

/**
 * Returns a function that makes a string from the server safe to print, or returns null if the
 * password is too short to redact.
 */
function shownText({ password }: MailService, sanitize: (text: string) => string) {
  return (text: string): string | null =>
    password.length < MIN_REDACTED_LENGTH ? null : sanitize(text).slice(0, MAX_REPLY_LENGTH);
}

/**
 * Returns the reply in imapflow's error (`NO [CODE] …`) or nodemailer's (`535 5.7.8 …`), on one
 * line, or null.
 */
function serverReply(error: unknown): string | null {
  if (!isObject(error)) return null;
  const { authenticationFailed, response, responseStatus, responseText } = error;
  // Exchange accepted the password, but rejected the next command because no mailbox is connected.
  if (authenticationFailed === true && responseStatus === undefined) return `NO ${response}`;
  if (typeof response === 'string' && response !== '') {
    const [first = '', ...rest] = response.split(/\r?\n/);
    // Each line repeats the codes: `535-5.7.8 …`.
    const lines = rest.map((line) => line.replace(/^\d{3}[ -]?(?:\d\.\d+\.\d+ *)?/, ''));
    const start = first.replace(/^(\d{3})-/, '$1 ').replace(/^\w+ (?=(?:NO|BAD)\b)/, '');
    return cutReply([start, ...lines].join(' ').trim());
  }
  return typeof responseText === 'string' ? cutReply(`${responseStatus} ${responseText}`) : null;
}

function cutReply(reply: string): string {
  return reply.slice(0, MAX_RECOGNIZED_LENGTH);
}
