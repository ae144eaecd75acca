import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { homeIn, temporaryFolder } from './cli.ts';
import { hasPgbouncer, hasPostgres, OWNER, startPgbouncer, startPostgres } from './postgres.ts';
import { hasRadosgw, KEYS, startRadosgw } from './radosgw.ts';

interface StateServer {
  /** Returns an address at which nothing is stored yet. */
  newAddress(): Promise<string>;
  env: Record<string, string>;
  stop(): Promise<void>;
}

const START_MS = 120_000;

/** The servers of shared state that can be started on this machine. */
export const STATE_SERVERS = [
  { name: 'PostgreSQL', isInstalled: hasPostgres, start: startDirectly },
  { name: 'PgBouncer', isInstalled: hasPgbouncer, start: startBehindPgbouncer },
  { name: 'S3', isInstalled: hasRadosgw, start: startS3 },
].map(({ name, isInstalled, start }) => ({
  name: isInstalled ? name : `${name} (skipped: it is not installed)`,
  isInstalled,
  start,
}));

export type StateServerKind = (typeof STATE_SERVERS)[number];

async function startDirectly(): Promise<StateServer> {
  const server = await startPostgres();
  return { ...postgresAt(server.port), stop: () => server.stop() };
}

async function startBehindPgbouncer(): Promise<StateServer> {
  const server = await startPostgres();
  const pooler = await startPgbouncer(server.port);
  const stop = async () => {
    await pooler.stop();
    await server.stop();
  };
  return { ...postgresAt(pooler.port), stop };
}

function postgresAt(port: number) {
  return {
    newAddress: async () => {
      const schema = `desk_${randomBytes(4).toString('hex')}`;
      return `postgres://${OWNER.user}@127.0.0.1:${port}/postgres?schema=${schema}`;
    },
    env: { PGPASSWORD: OWNER.password },
  };
}

async function startS3(): Promise<StateServer> {
  const { endpoint, send, stop } = await startRadosgw();
  await send('team', { method: 'PUT' });
  return {
    newAddress: async () => `s3://team/${randomBytes(4).toString('hex')}?endpoint=${endpoint}`,
    env: { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey },
    stop,
  };
}

/** Starts a server for all tests of a group. Returns a function that returns machines of one team. */
export function teams(kind: StateServerKind) {
  let server: StateServer;
  beforeAll(async () => {
    if (kind.isInstalled) server = await kind.start();
  }, START_MS);
  afterAll(() => server?.stop());
  return async ({ isPrepared = true } = {}) => {
    const address = await server.newAddress();
    const machine = async (extra: Record<string, string> = {}) =>
      homeIn(await temporaryFolder(), {
        ...server.env,
        CHANNELCTL_STATE: address,
        ...extra,
      });
    if (isPrepared) await (await machine()).json('state', 'init');
    return { address, machine };
  };
}
