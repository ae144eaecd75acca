import type { SecretRef, StoredConfig } from '../profile/types.ts';
import { usageError } from '../shared/errors.ts';
import { isObject, type Json } from '../shared/json.ts';
import { isSecretKey, looksMasked } from '../shared/secrets.ts';

export interface KnownKey {
  name: string;
  label: string;
  required?: boolean;
  /**
   * Returns the end of a sentence about an invalid value, such as "is not a Meta ID";
   * undefined if the value is valid.
   */
  problem?(value: string): string | undefined;
  /**
   * For an optional key that is asked for on a terminal when an account is created: the answer to
   * propose, which depends on earlier answers and on the steps at Meta; empty if there is none, and
   * undefined if the key is not needed.
   */
  proposal?(config: Readonly<Record<string, Json>>, steps: ReadonlySet<string>): string | undefined;
  /** Completes "leave empty …" in the question for an optional key; by default, "if none". */
  whenEmpty?: string;
}

export interface ConfigChange {
  set: Readonly<Record<string, Json>>;
  unset: readonly string[];
  /** The sources of values by key, for errors: `the variable TOKEN`. */
  sources?: ReadonlyMap<string, string>;
}

export interface MergeContext {
  masks: ReadonlyMap<string, string>;
  put(field: string, value: string): SecretRef;
}

/**
 * Merges a change into a configuration, key by key. If the value of a secret is its own mask, the
 * secret is not changed.
 *
 * @throws ChannelctlError `usage` if a value is invalid, before any secret is stored
 */
export function mergeConfig(
  stored: StoredConfig,
  change: ConfigChange,
  context: MergeContext,
): StoredConfig {
  checkChange(change, context.masks);
  const remaining = <Value>(record: Record<string, Value>) =>
    Object.entries(record).filter(([key]) => !change.unset.includes(key));
  const plain = new Map(remaining(stored.config));
  const secrets = new Map(remaining(stored.secrets));
  for (const [key, value] of Object.entries(withoutMasks(change).set)) {
    if (!isSecretKey(key)) plain.set(key, value);
    else if (typeof value === 'string') secrets.set(key, context.put(key, value));
  }
  return { config: Object.fromEntries(plain), secrets: Object.fromEntries(secrets) };
}

export function withoutMasks({ set, ...change }: ConfigChange): ConfigChange {
  const values = Object.entries(set).filter(([key, value]) => !isMask(key, value));
  return { ...change, set: Object.fromEntries(values) };
}

function isMask(key: string, value: Json): boolean {
  return isSecretKey(key) && typeof value === 'string' && looksMasked(value);
}

function checkChange(
  { set, unset, sources }: ConfigChange,
  masks: ReadonlyMap<string, string>,
): void {
  for (const [key, value] of Object.entries(set)) {
    checkConfigKey(key, value);
    if (unset.includes(key)) {
      throw usageError(`${key} cannot be both set and unset.`, {
        hint: `Omit either the value or --unset ${key}.`,
      });
    }
    if (isSecretKey(key)) checkSecret(key, value, masks.get(key), sources?.get(key));
    else checkNoHiddenSecret(key, value);
  }
}

const MAX_VALUE_LENGTH = 1024 * 1024;

/** @throws ChannelctlError `usage` if the key is invalid or its value is too long */
export function checkConfigKey(key: string, value: Json): void {
  if (!/^\P{Cc}+$/u.test(key) || key === '__proto__') {
    throw usageError(`${JSON.stringify(key)} is not a valid configuration key.`, {
      reason: 'A key must not be empty, contain control characters, or be __proto__.',
    });
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > MAX_VALUE_LENGTH) throw usageError(`${key} is longer than 1 MB.`);
}

function checkSecret(
  key: string,
  value: Json,
  mask: string | undefined,
  source = 'the source of the value',
): void {
  if (typeof value !== 'string' || value === '') {
    throw usageError(`${key} must be a non-empty string.`, {
      hint: `${value === '' ? `Check ${source}` : 'Put the value in quotes'}, or omit ${key} to leave it unchanged.`,
    });
  }
  if (!looksMasked(value) || value === mask) return;
  throw usageError(`The value of ${key} is a mask, not a secret.`, {
    reason:
      mask === undefined
        ? 'No secret is stored under this key.'
        : 'It does not match the mask of the stored secret.',
    hint:
      mask === undefined
        ? 'Pass the secret itself.'
        : `Pass the secret itself, or omit ${key} to leave it unchanged.`,
  });
}

/**
 * @throws ChannelctlError `usage` if an object or list contains a secret, which would be written to
 *   the state file
 */
function checkNoHiddenSecret(key: string, value: Json): void {
  const inner = hiddenSecret(value);
  if (inner === null) return;
  throw usageError(
    `${[key, ...inner].join('.')} is named like a secret but is not a top-level key.`,
    {
      reason: 'Secrets must be top-level keys, so that they are not written to the state file.',
      hint: `Use a top-level key such as ${[key, ...inner.slice(0, -1)].join('.')}_${inner.at(-1)}.`,
    },
  );
}

export function hiddenSecret(value: Json): (string | number)[] | null {
  if (!isObject(value) && !Array.isArray(value)) return null;
  const isList = Array.isArray(value);
  for (const [key, inner] of Object.entries(value)) {
    const part = isList ? Number(key) : key;
    if (!isList && isSecretKey(key)) return [part];
    const below = hiddenSecret(inner);
    if (below !== null) return [part, ...below];
  }
  return null;
}

/**
 * @param has the keys of the secrets that are stored or in variables
 * @param flagOf returns the option or variable that sets a key, for the hint
 * @throws ChannelctlError `usage` if a required key is missing
 */
export function checkRequiredKeys(
  keys: readonly KnownKey[],
  config: Readonly<Record<string, Json>>,
  has: ReadonlySet<string>,
  flagOf: (name: string) => string,
): void {
  const missing = keys.filter(
    ({ name, required }) => required === true && !has.has(name) && (config[name] ?? '') === '',
  );
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  throw usageError(
    `Missing required ${names.length === 1 ? 'key' : 'keys'}: ${names.join(', ')}.`,
    {
      hint: `Specify ${names.map(flagOf).join(' and ')}.`,
    },
  );
}

/**
 * @param source the source of the value, such as `the variable TOKEN`
 * @throws ChannelctlError `usage` if the value of a known key is invalid
 */
export function checkKnownValue(
  name: string,
  value: Json | undefined,
  problem: KnownKey['problem'],
  source?: string,
): void {
  const from = source === undefined ? '' : ` (from ${source})`;
  const issue = knownValueIssue(name, value, problem, from);
  if (issue === undefined) return;
  const pair = `${name}=${isSecretKey(name) ? '@file' : '<value>'}`;
  throw usageError(`${issue}.`, {
    hint: source === undefined ? `Pass a valid value with --config ${pair}.` : `Correct ${source}.`,
  });
}

/**
 * Returns a sentence without its period, such as `imap_port "x" is not a port number`, about an
 * invalid value; undefined if the value is valid or missing. The value of a secret is not shown.
 *
 * @param from inserted after the value
 */
export function knownValueIssue(
  name: string,
  value: Json | undefined,
  problem: KnownKey['problem'],
  from = '',
): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'number' ? String(value) : value;
  const issue = typeof text === 'string' ? problem?.(text) : 'is neither a string nor a number';
  const shown = isSecretKey(name) ? name : `${name} ${JSON.stringify(value)}`;
  return issue === undefined ? undefined : `${shown}${from} ${issue}`;
}
