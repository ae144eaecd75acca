import { isObject } from '../../shared/json.ts';

/** Turns the state of one version into that of the next. May change what it is given. */
export type Migration = (state: Record<string, unknown>) => Record<string, unknown>;

/**
 * The first turns version 1 into 2, the second 2 into 3, and so on. A new version is one entry
 * more at the end, and a new `version` in `ProfileState`.
 */
export const MIGRATIONS: readonly Migration[] = [];

/** The version that the program writes, given what it can migrate from. */
export function currentVersion(migrations: readonly Migration[] = MIGRATIONS): number {
  return migrations.length + 1;
}

/**
 * The state in the current version.
 *
 * @throws TypeError where a migration gives something else than an object
 */
export function migrate(
  state: Record<string, unknown>,
  from: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Record<string, unknown> {
  let migrated = state;
  for (const migration of migrations.slice(from - 1)) {
    migrated = migration(migrated);
    if (!isObject(migrated)) throw new TypeError('A migration of the state gave no object.');
  }
  return { ...migrated, version: currentVersion(migrations) };
}
