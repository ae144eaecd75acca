/** The version of the tables. Only `state init` raises it. */
export const TABLES_VERSION = 1;

/**
 * Returns the statements that create the tables, and that can be repeated.
 *
 * @param schema a name that needs no escape
 * @param lineage the UUID of a new sequence of revisions
 */
export function tableStatements(schema: string, lineage: string): string[] {
  const own = `"${schema}"`;
  return [
    `create schema if not exists ${own}`,
    `create table if not exists ${own}.meta (
  only_row boolean primary key default true check (only_row),
  version integer not null,
  lineage uuid not null
)`,
    `create table if not exists ${own}.revisions (
  profile text not null,
  revision bigint not null check (revision > 0),
  write_id text not null,
  sealed bytea not null,
  stored_at timestamptz not null default now(),
  primary key (profile, revision)
)`,
    `create table if not exists ${own}.profiles (
  profile text primary key,
  revision bigint not null,
  foreign key (profile, revision) references ${own}.revisions
)`,
    `create table if not exists ${own}.audit (
  id bigint generated always as identity primary key,
  profile text not null,
  line text not null
)`,
    `create index if not exists audit_of_profile on ${own}.audit (profile, id)`,
    `create table if not exists ${own}.leases (
  profile text primary key,
  lease_id text not null,
  holder text not null,
  acquired_at timestamptz not null default now(),
  expires_at timestamptz not null
)`,
    `insert into ${own}.meta (version, lineage) values (${TABLES_VERSION}, '${lineage}')
  on conflict do nothing`,
  ];
}

/** Returns the statements that let a role read, or read and write, the tables. */
export function grantStatements(schema: string): string[] {
  const own = `"${schema}"`;
  const tables = (names: string) =>
    names
      .split(' ')
      .map((name) => `${own}.${name}`)
      .join(', ');
  return [
    `grant usage on schema ${own} to channelctl_reader, channelctl_writer`,
    `grant select on ${tables('meta revisions profiles audit leases')} to channelctl_reader, channelctl_writer`,
    `grant insert, update, delete on ${tables('revisions profiles leases')} to channelctl_writer`,
    `grant insert on ${tables('audit')} to channelctl_writer`,
  ];
}
