import { isObject } from '../../shared/json.ts';

/** Migrates the state from one version to the next. May modify its argument. */
export type Migration = (state: Record<string, unknown>) => Record<string, unknown>;

/**
 * The first migration converts version 1 to 2, the second converts 2 to 3, and so on. To add a
 * version, append its migration and change `version` in `ProfileState`.
 */
export const MIGRATIONS: readonly Migration[] = [];

export function currentVersion(migrations: readonly Migration[] = MIGRATIONS): number {
  return migrations.length + 1;
}

/**
 * Returns the state in the current version.
 *
 * @throws TypeError if a migration returns anything but an object
 */
export function migrate(
  state: Record<string, unknown>,
  from: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Record<string, unknown> {
  let migrated = state;
  for (const migration of migrations.slice(from - 1)) {
    migrated = migration(migrated);
    if (!isObject(migrated)) throw new TypeError('A migration did not return an object.');
  }
  return { ...migrated, version: currentVersion(migrations) };
}
