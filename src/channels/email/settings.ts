import type { StoredAccount } from '../../profile/types.ts';
import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { asciiHost } from '../../shared/url.ts';

export const MAIL_PROTOCOLS = ['imap', 'smtp'] as const;

type MailProtocol = (typeof MAIL_PROTOCOLS)[number];

/** How TLS starts: immediately, or after STARTTLS. `either` for a port without a fixed use. */
type TlsStart = 'implicit' | 'starttls' | 'either';

export interface MailService {
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

export type PerService<Value> = Readonly<Record<MailProtocol, Value | null>>;

/**
 * Returns the services of an email account, with their credentials.
 *
 * @throws ChannelctlError `usage` that lists the missing keys of a configured service
 */
export function mailServices(
  { account_key, config }: StoredAccount,
  password: string | undefined,
): PerService<MailService> {
  const text = (key: string) => textOf(config[key]);
  const isConfigured = (protocol: MailProtocol) =>
    text(`${protocol}_host`) !== null || text(`${protocol}_port`) !== null;
  const configured = MAIL_PROTOCOLS.filter(isConfigured);
  // Most providers use the email address as the username.
  const username = text('username') ?? text('address');
  const hosts = configured.map((protocol) => [`${protocol}_host`, text(`${protocol}_host`)]);
  const required = { ...Object.fromEntries(hosts), username, password: password ?? null };
  const missing = Object.keys(required).filter((key) => required[key] === null);
  if (configured.length > 0 && missing.length > 0) throw missingKeys(account_key, missing);
  const service = (protocol: MailProtocol): MailService => {
    const port = Number(text(`${protocol}_port`) ?? DEFAULT_PORTS[protocol]);
    const host = text(`${protocol}_host`) ?? '';
    return {
      account: `email/${account_key}`,
      protocol,
      host: (asciiHost(host) ?? host).replace(/^\[|\]$/g, ''),
      port,
      tlsStart: KNOWN_PORTS[protocol][port] ?? 'either',
      username: username ?? '',
      password: password ?? '',
    };
  };
  return {
    imap: isConfigured('imap') ? service('imap') : null,
    smtp: isConfigured('smtp') ? service('smtp') : null,
  };
}

export function addServersCommand({ account_key }: Pick<StoredAccount, 'account_key'>): string {
  return updateCommand(account_key, ['imap_host', 'smtp_host']);
}

function textOf(value: Json | undefined): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : null;
}

function missingKeys(account_key: string, keys: readonly string[]): ChannelctlError {
  return usageError(`Cannot check email/${account_key}.`, {
    reason: `Missing: ${keys.join(', ')}.`,
    hint: `Run: ${updateCommand(account_key, keys)}`,
  });
}

function updateCommand(account_key: string, keys: readonly string[]): string {
  const given = keys.map((key) => `--config ${key}=${key === 'password' ? '@file' : '…'}`);
  return `channelctl accounts update email/${account_key} ${given.join(' ')}`;
}
