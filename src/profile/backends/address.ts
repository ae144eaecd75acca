import { usageError } from '../../shared/errors.ts';
import { checkBaseUrl } from '../../shared/url.ts';

/** The address of the server that a team's profiles are stored on. */
export type SharedAddress = PostgresAddress | S3Address;

export interface PostgresAddress {
  kind: 'postgres';
  /** The normalized address, without a password. */
  location: string;
  /** Null if PGUSER or the system's user name applies. */
  user: string | null;
  host: string;
  port: number;
  database: string;
  schema: string;
  sslmode: string | null;
}

export interface S3Address {
  kind: 's3';
  location: string;
  bucket: string;
  /** Without slashes at its ends; may be empty. */
  prefix: string;
  endpoint: string | null;
  region: string | null;
}

const DEFAULT_PORT = 5432;
const DEFAULT_SCHEMA = 'channelctl';
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * Parses the address of shared state.
 *
 * @param name the source of the value
 * @throws ChannelctlError `usage` for an invalid address, or one with a password or an unknown
 *   option; the message begins with `name` and contains no password
 */
export function parseAddress(value: string, name: string): SharedAddress {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return postgres(url, name);
  if (url?.protocol === 's3:') return s3(url, name);
  throw invalid(name, 'It must be local, postgres://host/database or s3://bucket/prefix.');
}

function postgres(url: URL, name: string): PostgresAddress {
  if (url.password !== '') {
    throw invalid(name, 'It contains a password, which other users could see.', {
      hint: 'Remove the password from the address, and set PGPASSWORD, or PGPASSFILE to the path of a password file.',
    });
  }
  const { schema = DEFAULT_SCHEMA, sslmode = null } = optionsOf(url, ['schema', 'sslmode'], name);
  const database = decode(url.pathname.replace(/^\/|\/$/g, ''), name);
  if (url.hostname === '') throw invalid(name, 'The host is missing.');
  if (database === '' || database.includes('/')) throw invalid(name, 'It must name one database.');
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw invalid(name, 'The schema can have up to 63 lower-case letters, digits and underscores.');
  }
  if (sslmode !== null && !SSL_MODES.includes(sslmode)) {
    throw invalid(name, `sslmode must be one of ${SSL_MODES.join(', ')}.`);
  }
  const user = url.username === '' ? null : decode(url.username, name);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const options = {
    ...(schema !== DEFAULT_SCHEMA && { schema }),
    ...(sslmode !== null && { sslmode }),
  };
  const authority = `${user === null ? '' : `${encodeURIComponent(user)}@`}${url.hostname.toLowerCase()}`;
  const location = `postgres://${authority}:${port}/${encodeURIComponent(database)}`;
  return {
    kind: 'postgres',
    location: withOptions(location, options),
    user,
    host,
    port,
    database,
    schema,
    sslmode,
  };
}

function s3(url: URL, name: string): S3Address {
  if (url.username !== '' || url.password !== '') {
    throw invalid(name, 'It contains a key, which other users could see.', {
      hint: 'Remove the key from the address, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    });
  }
  const { endpoint = null, region = null } = optionsOf(url, ['endpoint', 'region'], name);
  const bucket = url.host;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw invalid(name, 'It must name a bucket: s3://bucket/prefix.');
  }
  const prefix = decode(url.pathname.replace(/^\/+|\/+$/g, ''), name);
  if (!/^(?:[\w-][\w.-]*(?:\/[\w-][\w.-]*)*)?$/.test(prefix)) {
    throw invalid(name, 'The prefix can contain only letters, digits, hyphens, dots and slashes.');
  }
  if (endpoint !== null) checkBaseUrl(`The endpoint in ${name}`, endpoint);
  const options = {
    ...(endpoint !== null && { endpoint }),
    ...(region !== null && { region }),
  };
  const location = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
  return { kind: 's3', location: withOptions(location, options), bucket, prefix, endpoint, region };
}

function optionsOf<Name extends string>(
  url: URL,
  known: readonly Name[],
  name: string,
): Partial<Record<Name, string>> {
  if (url.hash !== '') throw invalid(name, 'It must not contain #.');
  const found: Partial<Record<Name, string>> = {};
  for (const [option, value] of url.searchParams) {
    const key = known.find((one) => one === option);
    if (key === undefined) {
      throw invalid(name, `Unknown option ${option}; the options are ${known.join(' and ')}.`);
    }
    if (found[key] !== undefined) throw invalid(name, `The option ${option} is repeated.`);
    found[key] = value;
  }
  return found;
}

function withOptions(location: string, options: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(options).map(
    ([name, value]) =>
      `${name}=${encodeURIComponent(value).replace(/%(?:3A|2F)/g, decodeURIComponent)}`,
  );
  return pairs.length === 0 ? location : `${location}?${pairs.join('&')}`;
}

function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(name, 'It contains an invalid % escape.');
  }
}

function invalid(name: string, reason: string, { hint = '' } = {}) {
  return usageError(`${name} is not a valid address of the state.`, { reason, hint });
}
