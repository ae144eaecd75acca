import { isObject } from '../../shared/json.ts';
import type { ProfileState, SecretMark } from '../types.ts';

// Written by hand, because every command reads the state and loading a schema library would
// double the time that a short command takes.

type Check = (value: unknown) => string | null;
type Fields = readonly { name: string; check: Check }[];

function fieldsOf<Name extends string>(checks: Readonly<Record<Name, Check>>): Fields {
  return Object.entries<Check>(checks).map(([name, check]) => ({ name, check }));
}

const text: Check = (value) => (typeof value === 'string' ? null : 'is not a string');
const textOrNull: Check = (value) =>
  value === null || typeof value === 'string' ? null : 'is neither a string nor null';
const textOrAbsent: Check = (value) => (value === undefined ? null : text(value));
const flag: Check = (value) => (typeof value === 'boolean' ? null : 'is neither true nor false');
const anObject: Check = (value) => (isObject(value) ? null : 'is not an object');

const MARK: Fields = fieldsOf<keyof SecretMark>({
  store: (value) =>
    value === 'keychain' || value === 'file' ? null : 'is neither "keychain" nor "file"',
  item: text,
  last4: textOrNull,
  expires_at: textOrAbsent,
  renewed_from: textOrAbsent,
});

const INTEGRATION_CHECKS: Readonly<Record<string, Check>> = {
  id: text,
  channel: text,
  is_active: flag,
  config: anObject,
  secrets: anObject,
  created_at: text,
  updated_at: text,
  division_id: textOrNull,
};

const INTEGRATION = fieldsOf(INTEGRATION_CHECKS);

const PENDING = fieldsOf({ channel: text, account_key: text, secrets: anObject });

const ACCOUNT = fieldsOf({
  ...INTEGRATION_CHECKS,
  account_key: text,
  display_name: textOrNull,
  is_default: flag,
  verify_token: text,
});

/** What keeps `value` from being a profile's state, such as `accounts[3].id is not a string`, or null. */
export function shapeFault(value: Record<string, unknown>): string | null {
  return (
    settingsFault(value.settings) ??
    listFault(value.integrations, 'integrations', INTEGRATION) ??
    listFault(value.accounts, 'accounts', ACCOUNT) ??
    listFault(value.pending ?? [], 'pending', PENDING)
  );
}

export function isState(value: Record<string, unknown>): value is ProfileState & typeof value {
  return shapeFault(value) === null;
}

function listFault(value: unknown, name: string, fields: Fields): string | null {
  if (!Array.isArray(value)) return `${name} is not an array`;
  for (let index = 0; index < value.length; index += 1) {
    const fault = fieldsFault(value[index], fields) ?? marksFault(value[index]);
    if (fault !== null) return `${name}[${index}]${fault}`;
  }
  return null;
}

function marksFault(entry: Record<string, unknown>): string | null {
  const fault = mapFault(entry.secrets, anObject, MARK);
  return fault === null ? null : `.secrets${fault}`;
}

function settingsFault(value: unknown): string | null {
  const fault = mapFault(value, text);
  return fault === null ? null : `settings${fault}`;
}

// The faults below begin where their place goes on: `.id is not a string`. Places are put together
// only where there is a fault, for a state may hold thousands of accounts.

function mapFault(value: unknown, check: Check, fields?: Fields): string | null {
  if (!isObject(value)) return ' is not an object';
  for (const key in value) {
    const entry = value[key];
    const fault = check(entry);
    if (fault !== null) return `.${key} ${fault}`;
    const inner = fields === undefined ? null : fieldsFault(entry, fields);
    if (inner !== null) return `.${key}${inner}`;
  }
  return null;
}

function fieldsFault(value: unknown, fields: Fields): string | null {
  if (!isObject(value)) return ' is not an object';
  for (const { name, check } of fields) {
    const fault = check(value[name]);
    if (fault !== null) return `.${name} ${fault}`;
  }
  return null;
}
