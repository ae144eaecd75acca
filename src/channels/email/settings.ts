import type { StoredAccount } from '../../profile/types.ts';
import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';

/** The two services of a mailbox. */
export type MailProtocol = 'imap' | 'smtp';

/** How TLS starts: immediately, or after STARTTLS. `either` for a port without a fixed use. */
type TlsStart = 'implicit' | 'starttls' | 'either';

export interface MailService {
  /** The account's name, for hints: `email/support`. */
  account: string;
  protocol: MailProtocol;
  host: string;
  port: number;
  tlsStart: TlsStart;
  username: string;
  password: string;
}

/** The default ports, with implicit TLS (RFC 8314). */
const DEFAULT_PORTS: Readonly<Record<MailProtocol, number>> = { imap: 993, smtp: 465 };

/** The ports with a fixed use (RFC 8314, IANA). */
const KNOWN_PORTS: Readonly<Record<MailProtocol, Readonly<Record<number, TlsStart>>>> = {
  imap: { 993: 'implicit', 143: 'starttls' },
  smtp: { 465: 'implicit', 587: 'starttls', 25: 'starttls' },
};

/**
 * The servers and credentials of an email account.
 *
 * @throws ChannelctlError of kind `usage` that lists the missing keys
 */
export function mailServices(
  { account_key, config }: StoredAccount,
  password: string | undefined,
): Readonly<Record<MailProtocol, MailService>> {
  const text = (key: string) => textOf(config[key]);
  // Most providers use the email address as the username.
  const username = text('username') ?? text('address');
  const required = {
    imap_host: text('imap_host'),
    smtp_host: text('smtp_host'),
    username,
    password: password ?? null,
  };
  const missing = Object.entries(required).flatMap(([key, value]) => (value === null ? [key] : []));
  if (missing.length > 0) throw missingKeys(account_key, missing);
  const service = (protocol: MailProtocol): MailService => {
    const port = Number(text(`${protocol}_port`) ?? DEFAULT_PORTS[protocol]);
    return {
      account: `email/${account_key}`,
      protocol,
      host: (text(`${protocol}_host`) ?? '').replace(/^\[|\]$/g, ''),
      port,
      tlsStart: KNOWN_PORTS[protocol][port] ?? 'either',
      username: username ?? '',
      password: password ?? '',
    };
  };
  return { imap: service('imap'), smtp: service('smtp') };
}

function textOf(value: Json | undefined): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : null;
}

function missingKeys(account_key: string, keys: readonly string[]): ChannelctlError {
  const given = keys.map((key) => `--config ${key}=${key === 'password' ? '@file' : '…'}`);
  return usageError(`Cannot check email/${account_key}.`, {
    reason: `Missing: ${keys.join(', ')}.`,
    hint: `Run: channelctl accounts update email/${account_key} ${given.join(' ')}`,
  });
}
