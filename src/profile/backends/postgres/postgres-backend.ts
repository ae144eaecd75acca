import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { PostgresAddress } from '../address.ts';
import type { Backend, RevisionWrite, Stored, StoredRevision } from '../backend.ts';
import { newerTables, notInitialized } from '../errors.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { postgresError } from './postgres-errors.ts';
import { grantStatements, TABLES_VERSION, tableStatements } from './schema.ts';

/** Set in each transaction, because PgBouncer may give each one another connection. */
const TIME_LIMITS = "set local statement_timeout = '25s'; set local lock_timeout = '10s'";

interface StoredRow {
  version: number;
  lineage: string;
  revision: string | null;
  sealed: Buffer | null;
}

export function openPostgres(address: PostgresAddress, options: ConnectOptions): Backend {
  return new PostgresBackend(address, options);
}

/**
 * Stores each revision as a row. Every request is one transaction in one message, with
 * schema-qualified names and no prepared statements, so that it works through PgBouncer.
 */
class PostgresBackend implements Backend {
  readonly address: PostgresAddress;
  readonly #options: ConnectOptions;
  readonly #schema: string;
  #client: Promise<pg.Client> | null = null;

  constructor(address: PostgresAddress, options: ConnectOptions) {
    this.address = address;
    this.#options = options;
    this.#schema = `"${address.schema}"`;
  }

  async read(profile: string): Promise<Stored> {
    const [row] = await this.#query<StoredRow>(`
      select version, lineage, r.revision, r.sealed from ${this.#schema}.meta
      left join ${this.#schema}.profiles p on p.profile = ${quote(profile)}
      left join ${this.#schema}.revisions r on (r.profile, r.revision) = (p.profile, p.revision)`);
    const { location } = this.address;
    if (row === undefined) throw notInitialized(location);
    if (row.version > TABLES_VERSION) throw newerTables(location);
    const { lineage, revision, sealed } = row;
    const newest =
      revision === null || sealed === null ? null : { revision: Number(revision), sealed };
    return { lineage, newest };
  }

  async readRevision(profile: string, revision: number): Promise<StoredRevision | null> {
    const [row] = await this.#query<{ sealed: Buffer }>(`
      select sealed from ${this.#schema}.revisions
      where profile = ${quote(profile)} and revision = ${revision}`);
    return row === undefined ? null : { revision, sealed: row.sealed };
  }

  async write(profile: string, write: RevisionWrite): Promise<'ok' | 'conflict'> {
    const { sealed, expected, writeId, audit } = write;
    const name = quote(profile);
    const moved =
      expected === 0
        ? `insert into ${this.#schema}.profiles values (${name}, 1) on conflict do nothing`
        : `update ${this.#schema}.profiles set revision = ${expected + 1}
           where profile = ${name} and revision = ${expected}`;
    const rows = await this.#query(`
      with moved as (${moved} returning revision), stored as (
        insert into ${this.#schema}.revisions (profile, revision, write_id, sealed)
        select ${name}, revision, ${quote(writeId)}, '\\x${sealed.toString('hex')}'::bytea from moved
      ), logged as (
        insert into ${this.#schema}.audit (profile, line)
        select ${name}, line from moved, ${rowsOf(audit)} order by number
      )
      select revision from moved`);
    return rows.length === 1 ? 'ok' : 'conflict';
  }

  async list(): Promise<string[]> {
    const rows = await this.#query<{ profile: string }>(
      `select profile from ${this.#schema}.profiles order by profile collate "C"`,
    );
    return rows.map(({ profile }) => profile);
  }

  async appendAudit(profile: string, lines: readonly string[]): Promise<void> {
    await this.#query(`
      insert into ${this.#schema}.audit (profile, line)
      select ${quote(profile)}, line from ${rowsOf(lines)} order by number`);
  }

  async readAudit(profile: string): Promise<string[]> {
    const rows = await this.#query<{ line: string }>(
      `select line from ${this.#schema}.audit where profile = ${quote(profile)} order by id`,
    );
    return rows.map(({ line }) => line);
  }

  /** PostgreSQL checks the privileges of a statement even if it concerns no row. */
  async assertWritable(): Promise<void> {
    const tables = `${this.#schema}.profiles p, ${this.#schema}.revisions r`;
    await this.#query(`
      with moved as (update ${this.#schema}.profiles set revision = revision where false),
      stored as (
        insert into ${this.#schema}.revisions (profile, revision, write_id, sealed)
        select r.profile, r.revision, write_id, sealed from ${tables} where false
      )
      insert into ${this.#schema}.audit (profile, line) select '', '' where false`);
  }

  async init(): Promise<void> {
    await this.#query(tableStatements(this.address.schema, randomUUID()).join(';\n'));
  }

  statements(): Promise<string[]> {
    const { schema } = this.address;
    return Promise.resolve([...tableStatements(schema, randomUUID()), ...grantStatements(schema)]);
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  /** Runs statements in one transaction, and returns the rows of the last one. */
  async #query<Row extends object>(statements: string): Promise<Row[]> {
    this.#client ??= connect(this.address, this.#options);
    try {
      const client = await this.#client;
      // With several statements, pg returns a list of results, which its types do not declare.
      const results: unknown = await client.query(`begin; ${TIME_LIMITS}; ${statements}; commit`);
      const [last] = (results as pg.QueryResult<Row>[]).slice(-2);
      return last?.rows ?? [];
    } catch (error) {
      // The connection may be lost, or in a failed transaction.
      await this.close();
      throw postgresError(this.address.location, error);
    }
  }
}

function quote(text: string): string {
  return pg.escapeLiteral(text);
}

function rowsOf(lines: readonly string[]): string {
  return `unnest(array[${lines.map(quote).join(', ')}]::text[]) with ordinality as rows (line, number)`;
}
