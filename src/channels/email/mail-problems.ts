import { isObject } from '../../shared/json.ts';
import { count } from '../../shared/text.ts';
import type { MailService } from './mail-settings.ts';

/** Why a sign-in to a mail server failed. */
export interface MailProblem {
  kind: 'certificate' | 'name' | 'network' | 'password' | 'protocol';
  message: string;
  hint: string;
}

/** The server did not say all it had to within the time for the whole sign-in. */
export class MailTimeout extends Error {
  override readonly name = 'MailTimeout';
}

interface Failure {
  code: string;
  service: MailService;
  /** `mail.example.com:993`. */
  place: string;
  /** What the server said; null where it said nothing that can be shown. */
  words: string | null;
  /** Seconds that the whole sign-in may take. */
  seconds: number;
}

/** What the codes of Node, imapflow and nodemailer mean. The first that fits counts. */
const PROBLEMS: readonly {
  codes: RegExp;
  kind: MailProblem['kind'];
  message(failure: Failure): string;
  hint(failure: Failure): string;
}[] = [
  {
    codes: /^AUTHENTICATION$/,
    kind: 'password',
    message: ({ place, words }) =>
      `${place} does not accept the user name and password.${words === null ? '' : ` It says: ${words}`}`,
    hint: ({ service }) =>
      `Store the right ones: channelctl accounts update ${service.account} --config username=… --config password=@file. Some providers want an app password for ${service.protocol.toUpperCase()}.`,
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    kind: 'certificate',
    message: ({ place, service }) =>
      `The certificate of ${place} is for another name than ${service.host}.`,
    hint: ({ service }) =>
      `Use a name that the certificate has as ${service.protocol}_host; ask the provider for it.`,
  },
  {
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    kind: 'certificate',
    message: ({ place, code }) => `The certificate of ${place} is not valid now (${code}).`,
    hint: () => 'Check the clock of this machine; if it is right, the provider has to renew it.',
  },
  {
    codes: /CERT|^UNABLE_TO_|^CRL_/,
    kind: 'certificate',
    message: ({ place, code }) => `The certificate of ${place} is not trusted (${code}).`,
    hint: () =>
      'Where your own authority signed it, name the CA certificate in NODE_EXTRA_CA_CERTS.',
  },
  {
    codes: /^(ENOTFOUND|EAI_\w+|EDNS|ENODATA|ESERVFAIL)$/,
    kind: 'name',
    message: ({ service, code }) => `The name ${service.host} was not found (${code}).`,
    hint: ({ service }) => `Check ${service.protocol}_host and the network's DNS.`,
  },
  {
    codes: /^ECONNREFUSED$/,
    kind: 'network',
    message: ({ place, code }) => `The connection was refused by ${place} (${code}).`,
    hint: checkPort,
  },
  {
    codes: /^(MailTimeout|\w*TIMEOUT|ETIMEDOUT)$/,
    kind: 'network',
    message: ({ place, seconds }) =>
      `${place} did not answer in full within ${count(seconds, 'second')}.`,
    hint: checkPort,
  },
  {
    codes: /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|EACCES|EPERM)$/,
    kind: 'network',
    message: ({ place, code }) => `There is no way to ${place} from here (${code}).`,
    hint: () => 'Check the network and the firewall.',
  },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|ECONNECTION|EConnectionClosed|NoConnection|Closed\w+)$/,
    kind: 'network',
    message: ({ place, code }) => `${place} cut the connection (${code}).`,
    hint: checkPort,
  },
  {
    codes: /^(NO_TLS|ERR_SSL_\w+|ETLS|EPROTO)$/,
    kind: 'protocol',
    message: ({ place }) => `${place} does not offer TLS, so the password was not sent.`,
    hint: ({ service }) =>
      service.protocol === 'imap'
        ? 'Set imap_port to 993 for TLS from the start, or to 143 for STARTTLS.'
        : 'Set smtp_port to 465 for TLS from the start, or to 587 for STARTTLS.',
  },
];

const USUAL_PORTS = { imap: '993 or 143', smtp: '465 or 587' } as const;

function checkPort({ service: { protocol } }: Failure): string {
  return `Check ${protocol}_host and ${protocol}_port (usually ${USUAL_PORTS[protocol]}), and the firewall.`;
}

/**
 * Why a sign-in failed, from what the libraries threw.
 *
 * @param sanitize makes a server's words fit to be shown, which may repeat what was sent to it
 */
export function mailProblem(
  error: unknown,
  service: MailService,
  seconds: number,
  sanitize: (text: string) => string,
): MailProblem {
  const code = failureCode(error);
  const host = service.host.includes(':') ? `[${service.host}]` : service.host;
  const place = `${host}:${service.port}`;
  const failure = { code, service, place, words: wordsOf(error, service, sanitize), seconds };
  const known = PROBLEMS.find(({ codes }) => codes.test(code));
  if (known !== undefined) {
    return { kind: known.kind, message: known.message(failure), hint: known.hint(failure) };
  }
  const { words } = failure;
  return {
    kind: 'protocol',
    message: `${place} does not speak ${service.protocol.toUpperCase()} as it should (${words ?? code}).`,
    hint: checkPort(failure),
  };
}

/** Whether the server spoke in the clear where TLS was expected. */
export function speaksInTheClear(error: unknown): boolean {
  return /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/.test(
    failureCode(error),
  );
}

function failureCode(error: unknown): string {
  if (!isObject(error)) return 'unknown';
  const { originalCode, code, authenticationFailed, responseCode, tlsFailed } = error;
  if (authenticationFailed === true) return 'AUTHENTICATION';
  // 454 and its like: the server could not look at the password, which says nothing of it.
  const isTemporary = typeof responseCode === 'number' && responseCode < 500;
  if (code === 'EAUTH') return isTemporary ? 'EAUTH' : 'AUTHENTICATION';
  if (typeof originalCode === 'string') return originalCode;
  if (typeof code === 'string') return code;
  if (tlsFailed === true) return 'NO_TLS';
  return error instanceof Error ? error.name : 'unknown';
}

const LONGEST_WORDS = 200;

/** A secret too short to be recognised can't be taken out of what a server says. */
const SHORTEST_RECOGNISED = 4;

function wordsOf(
  error: unknown,
  { password }: MailService,
  sanitize: (text: string) => string,
): string | null {
  if (!isObject(error) || password.length < SHORTEST_RECOGNISED) return null;
  const words = error.responseText ?? error.response;
  if (typeof words !== 'string' || words === '') return null;
  return sanitize(words).slice(0, LONGEST_WORDS);
}
