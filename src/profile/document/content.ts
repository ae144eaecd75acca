import { isObject } from '../../shared/json.ts';
import { currentVersion, MIGRATIONS, migrate } from '../state-file/migrations.ts';
import { findSchemaError, isProfileState } from '../state-file/schema.ts';
import type { ProfileState } from '../types.ts';
import { corruptDocument, newerDocument } from './document-errors.ts';

/** What a document contains: the state, and the secrets that it refers to. */
export interface Content {
  state: ProfileState;
  /** By item name. */
  secrets: ReadonlyMap<string, string>;
  /** Whether the profile has been deleted. Its revisions remain, so that they are never reused. */
  isDeleted: boolean;
}

export function serializeContent({ state, secrets, isDeleted }: Content): string {
  return JSON.stringify({ state, secrets: [...secrets], ...(isDeleted && { deleted: true }) });
}

/** @throws ChannelctlError `storage` if the content is invalid or from a newer version */
export function parseContent(bytes: Buffer, location: string): Content {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (!isObject(value) || !isObject(value.state) || !isEntries(value.secrets)) {
    throw corruptDocument(location, 'It contains no state.');
  }
  const { version } = value.state;
  const known = currentVersion(MIGRATIONS);
  if (typeof version !== 'number' || version < 1) {
    throw corruptDocument(location, 'The version of the state is invalid.');
  }
  if (version > known) throw newerDocument(location, version, known);
  const state = migrate(value.state, version, MIGRATIONS);
  if (!isProfileState(state)) {
    throw corruptDocument(location, `Invalid content: ${findSchemaError(state)}.`);
  }
  return { state, secrets: new Map(value.secrets), isDeleted: value.deleted === true };
}

function isEntries(value: unknown): value is [string, string][] {
  return (
    Array.isArray(value) &&
    value.every((one) => Array.isArray(one) && one.length === 2 && one.every(isString))
  );
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
