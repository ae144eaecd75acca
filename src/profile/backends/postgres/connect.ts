import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { Writable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import pgpass from 'pgpass';
import { usageError } from '../../../shared/errors.ts';
import { fileError } from '../../../shared/file-errors.ts';
import { isLoopbackHost } from '../../../shared/url.ts';
import type { Environment } from '../../settings.ts';
import type { PostgresAddress } from '../address.ts';
import { postgresError } from './postgres-errors.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const QUERY_TIMEOUT_MS = 30_000;

/** Variables of libpq that would change the connection, and that channelctl does not support. */
const UNSUPPORTED = ['PGSERVICE', 'PGOPTIONS', 'PGHOSTADDR', 'PGREQUIRESSL'];

export interface ConnectOptions {
  env: Environment;
  warn(message: string, hint: string): void;
}

/**
 * Connects to the server. The connection must be verified with TLS unless the host is this machine,
 * or `sslmode` is `disable`.
 *
 * @throws ChannelctlError `usage` for variables that are not supported; `storage` if the server
 *   cannot be reached or refuses the connection
 */
export async function connect(
  address: PostgresAddress,
  { env, warn }: ConnectOptions,
): Promise<pg.Client> {
  const unsupported = UNSUPPORTED.find((name) => env[name]);
  if (unsupported !== undefined) {
    throw usageError(`${unsupported} is not supported.`, {
      hint: `Unset ${unsupported}, and put the server into the address.`,
    });
  }
  const { host, port, database } = address;
  const user = address.user ?? env.PGUSER ?? userInfo().username;
  const login = { host, port, database, user };
  const client = new pg.Client({
    ...login,
    // pg would otherwise read the variables of this process, which may differ from `env`.
    password: env.PGPASSWORD || (await passwordFromFile(login, warn)) || '',
    ssl: await tlsOptions(address, env),
    application_name: 'channelctl',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  client.on('error', () => undefined); // The next query reports the lost connection.
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw postgresError(address.location, error);
  }
}

async function passwordFromFile(
  login: { host: string; port: number; database: string; user: string },
  warn: ConnectOptions['warn'],
): Promise<string | undefined> {
  pgpass.warnTo(
    new Writable({
      write(chunk, _encoding, done) {
        warn(
          `Password file: ${String(chunk)
            .trim()
            .replace(/^WARNING: /, '')}.`,
          '',
        );
        done();
      },
    }),
  );
  return new Promise((resolve) => pgpass(login, resolve));
}

async function tlsOptions(
  { sslmode, host }: PostgresAddress,
  env: Environment,
): Promise<ConnectionOptions | false> {
  const mode = sslmode ?? (env.PGSSLMODE || null);
  if (mode === 'disable' || (mode === null && isLoopbackHost(host))) return false;
  const [ca, cert, key] = await Promise.all(
    ['PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY'].map((name) => readPem(env[name])),
  );
  if ((cert === undefined) !== (key === undefined)) {
    throw usageError('PGSSLCERT and PGSSLKEY must be set together.');
  }
  return {
    servername: host,
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** `system` selects the certificate authorities that Node.js trusts. */
async function readPem(path: string | undefined): Promise<string | undefined> {
  if (!path || path === 'system') return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileError('read', path, error);
  }
}
