import { isObject } from '../../shared/json.ts';
import type { ProfileState, SecretRef } from '../types.ts';

// The schema is hand-written, because every command reads the state, and loading a schema library
// would double the run time of a short command.

type Check = (value: unknown) => string | null;
type Fields = readonly { name: string; check: Check }[];

function fieldsOf<Name extends string>(checks: Readonly<Record<Name, Check>>): Fields {
  return Object.entries<Check>(checks).map(([name, check]) => ({ name, check }));
}

const string: Check = (value) => (typeof value === 'string' ? null : 'is not a string');
const stringOrNull: Check = (value) =>
  value === null || typeof value === 'string' ? null : 'is neither a string nor null';
const optionalString: Check = (value) => (value === undefined ? null : string(value));
const boolean: Check = (value) => (typeof value === 'boolean' ? null : 'is neither true nor false');
const object: Check = (value) => (isObject(value) ? null : 'is not an object');

const SECRET_REF: Fields = fieldsOf<keyof SecretRef>({
  store: (value) =>
    value === 'keychain' || value === 'file' ? null : 'is neither "keychain" nor "file"',
  item: string,
  last4: stringOrNull,
  expires_at: optionalString,
  renewed_from: optionalString,
});

const INTEGRATION_CHECKS: Readonly<Record<string, Check>> = {
  id: string,
  channel: string,
  is_active: boolean,
  config: object,
  secrets: object,
  created_at: string,
  updated_at: string,
  division_id: stringOrNull,
};

const INTEGRATION = fieldsOf(INTEGRATION_CHECKS);

const PENDING = fieldsOf({ channel: string, account_key: string, secrets: object });

const ACCOUNT = fieldsOf({
  ...INTEGRATION_CHECKS,
  account_key: string,
  display_name: stringOrNull,
  is_default: boolean,
  verify_token: string,
});

/**
 * Returns why `value` is not a valid state, such as `accounts[3].id is not a string`; null if it
 * is.
 */
export function findSchemaError(value: Record<string, unknown>): string | null {
  return (
    settingsError(value.settings) ??
    listError(value.integrations, 'integrations', INTEGRATION) ??
    listError(value.accounts, 'accounts', ACCOUNT) ??
    listError(value.pending ?? [], 'pending', PENDING)
  );
}

export function isProfileState(
  value: Record<string, unknown>,
): value is ProfileState & typeof value {
  return findSchemaError(value) === null;
}

function listError(value: unknown, name: string, fields: Fields): string | null {
  if (!Array.isArray(value)) return `${name} is not an array`;
  for (let index = 0; index < value.length; index += 1) {
    const error = fieldsError(value[index], fields) ?? secretRefsError(value[index]);
    if (error !== null) return `${name}[${index}]${error}`;
  }
  return null;
}

function secretRefsError(entry: Record<string, unknown>): string | null {
  const error = mapError(entry.secrets, object, SECRET_REF);
  return error === null ? null : `.secrets${error}`;
}

function settingsError(value: unknown): string | null {
  const error = mapError(value, string);
  return error === null ? null : `settings${error}`;
}

// The errors below continue the path of their entry: `.id is not a string`. Paths are built only
// for errors, because a state may have thousands of accounts.

function mapError(value: unknown, check: Check, fields?: Fields): string | null {
  if (!isObject(value)) return ' is not an object';
  for (const key in value) {
    const entry = value[key];
    const error = check(entry);
    if (error !== null) return `.${key} ${error}`;
    const inner = fields === undefined ? null : fieldsError(entry, fields);
    if (inner !== null) return `.${key}${inner}`;
  }
  return null;
}

function fieldsError(value: unknown, fields: Fields): string | null {
  if (!isObject(value)) return ' is not an object';
  for (const { name, check } of fields) {
    const error = check(value[name]);
    if (error !== null) return `.${name} ${error}`;
  }
  return null;
}
