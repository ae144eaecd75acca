import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { eventually, freePort, serverFolder } from './unprivileged.ts';

const ROOT = '/usr/lib/postgresql';
const VERSIONS = existsSync(ROOT) ? readdirSync(ROOT).sort() : [];
const BIN = join(ROOT, VERSIONS.at(-1) ?? 'none', 'bin');
const PGBOUNCER = '/usr/sbin/pgbouncer';

export const hasPostgres = existsSync(join(BIN, 'postgres'));
export const hasPgbouncer = hasPostgres && existsSync(PGBOUNCER);

export const OWNER = { user: 'ops', password: 'the server password' };

/** Starts a server on this machine, whose statement log is at its highest level. */
export async function startPostgres() {
  const folder = await serverFolder();
  const port = await freePort();
  const data = join(folder.path, 'data');
  const log = join(folder.path, 'log');
  const passwordFile = join(folder.path, 'password');
  await writeFile(passwordFile, OWNER.password, { mode: 0o644 });
  await folder.run(join(BIN, 'initdb'), [
    ...['-D', data, '-A', 'scram-sha-256', '-U', OWNER.user, '--no-sync'],
    `--pwfile=${passwordFile}`,
  ]);
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    log_statement: 'all',
    log_min_messages: 'debug5',
    log_error_verbosity: 'verbose',
    log_destination: 'csvlog',
    logging_collector: 'on',
    log_directory: log,
    max_connections: 100,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const start = async () => {
    const server = folder.start(join(BIN, 'postgres'), ['-D', data, ...options]);
    await eventually(async () => (await connection(port)).end());
    return server;
  };
  let server = await start();
  return {
    port,
    data,
    log,
    /** Runs SQL as the owner of the database. */
    async query(sql: string): Promise<pg.QueryResult> {
      const client = await connection(port);
      try {
        return await client.query(sql);
      } finally {
        await client.end();
      }
    },
    /** Kills the server as a power failure would, and starts it again. */
    async restart() {
      server.kill('SIGKILL');
      await new Promise((resolve) => server.once('exit', resolve));
      server = await start();
    },
    stop: () => folder.stop(),
  };
}

async function connection(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, database: 'postgres', ...OWNER });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Starts PgBouncer in transaction mode in front of a server. */
export async function startPgbouncer(serverPort: number) {
  const folder = await serverFolder();
  const port = await freePort();
  const users = join(folder.path, 'users');
  await writeFile(users, `"${OWNER.user}" "${OWNER.password}"\n`, { mode: 0o644 });
  const config = join(folder.path, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `postgres = host=127.0.0.1 port=${serverPort} dbname=postgres`,
    '[pgbouncer]',
    `listen_port = ${port}`,
    'listen_addr = 127.0.0.1',
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${users}`,
    'pool_mode = transaction',
    'max_client_conn = 200',
    'default_pool_size = 5',
  ];
  await writeFile(config, lines.join('\n'), { mode: 0o644 });
  folder.start(PGBOUNCER, [config]);
  await eventually(async () => (await connection(port)).end());
  return { port, stop: () => folder.stop() };
}
