import type { SecretRef, StoredConfig } from '../profile/types.ts';
import { usageError } from '../shared/errors.ts';
import { isObject, type Json } from '../shared/json.ts';
import { isSecretKey, looksMasked } from '../shared/secrets.ts';

/** One key of a channel's configuration that channelctl knows. */
export interface KnownKey {
  name: string;
  /** Its name in a question. */
  label: string;
  required?: boolean;
  /** Why `value` can't be used, as the end of the sentence "<key> …"; undefined if it can. */
  problem?(value: string): string | undefined;
}

/** A change of a configuration. */
export interface ConfigChange {
  set: Readonly<Record<string, Json>>;
  unset: readonly string[];
}

export interface MergeContext {
  /** The masks of the current secrets, by key. */
  masks: ReadonlyMap<string, string>;
  /** Stores a new secret. */
  put(field: string, value: string): SecretRef;
}

/**
 * Merges a change into a configuration, key by key. A mask that comes back exactly as it was shown
 * changes nothing.
 *
 * @throws ChannelctlError of kind `usage` if a value can't be used; then nothing is stored
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

/** A checked change without its masks, which leave secrets as they are. */
export function withoutMasks({ set, unset }: ConfigChange): ConfigChange {
  const values = Object.entries(set).filter(([key, value]) => !isMask(key, value));
  return { set: Object.fromEntries(values), unset };
}

function isMask(key: string, value: Json): boolean {
  return isSecretKey(key) && typeof value === 'string' && looksMasked(value);
}

function checkChange({ set, unset }: ConfigChange, masks: ReadonlyMap<string, string>): void {
  for (const [key, value] of Object.entries(set)) {
    checkConfigKey(key);
    if (unset.includes(key)) {
      throw usageError(`${key} is both given and unset.`, {
        reason: 'One command can do one or the other.',
        hint: `Leave out --unset ${key}, or the value.`,
      });
    }
    if (isSecretKey(key)) checkSecret(key, value, masks.get(key));
    else checkNoHiddenSecret(key, value);
  }
}

export function checkConfigKey(key: string): void {
  if (/^\P{Cc}+$/u.test(key) && key !== '__proto__') return;
  throw usageError(`${JSON.stringify(key)} can't be a key of the configuration.`, {
    reason: 'A key has at least one character and no control character, and is not __proto__.',
    hint: 'Give the key another name.',
  });
}

function checkSecret(key: string, value: Json, mask: string | undefined): void {
  if (typeof value !== 'string' || value === '') {
    throw usageError(`${key} is not a text.`, {
      reason: 'A secret is a text with at least one character.',
      hint:
        mask === undefined
          ? `Write it in quotes, or leave ${key} out.`
          : `Write it in quotes, or take it away with --unset ${key}.`,
    });
  }
  if (!looksMasked(value) || value === mask) return;
  throw usageError(`The value given for ${key} is a mask, not a secret.`, {
    reason:
      mask === undefined
        ? 'Nothing is stored under that key, so there is nothing the mask could stand for.'
        : 'It differs from the mask that channelctl shows for the stored secret.',
    hint: `Give the secret itself, or leave ${key} out to keep what is stored.`,
  });
}

/**
 * @throws ChannelctlError `usage` if an object or list contains a secret, which would end up in the
 *   state file
 */
function checkNoHiddenSecret(key: string, value: Json): void {
  const inner = hiddenSecret(value);
  if (inner === null) return;
  throw usageError(`${[key, ...inner].join('.')} can't be kept.`, {
    reason: 'It is a secret by its name, and a secret has to be a key of its own at the top level.',
    hint: `Move it up: ${[key, ...inner.slice(0, -1)].join('.')}_${inner.at(-1)}.`,
  });
}

/** The path of a secret inside an object or a list; null if there is none. */
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
 * Checks the keys that a channel knows: required ones are present, and each value is valid.
 *
 * @param has the names of the secrets that are stored or in variables
 * @param flagOf how to give a key, for the hint
 */
export function checkKnownKeys(
  keys: readonly KnownKey[],
  config: Readonly<Record<string, Json>>,
  has: ReadonlySet<string>,
  flagOf: (name: string) => string,
): void {
  const missing = keys.filter(
    ({ name, required }) => required === true && !has.has(name) && (config[name] ?? '') === '',
  );
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name);
    throw usageError(`Missing: ${names.join(', ')}.`, {
      reason: `${missing.map(({ name, label }) => `${name} is the ${label.charAt(0).toLowerCase()}${label.slice(1)}`).join('; ')}.`,
      hint: `Pass ${names.map(flagOf).join(' and ')}.`,
    });
  }
  for (const { name, problem } of keys) checkKnownValue(name, config[name], problem);
}

/** Checks one value of a known key. Throws a usage error that names it. */
export function checkKnownValue(
  name: string,
  value: Json | undefined,
  problem: KnownKey['problem'],
  hint = `Correct it: --config ${name}=${isSecretKey(name) ? '@file' : '…'}`,
): void {
  if (value === undefined || value === null) return;
  const text = typeof value === 'number' ? String(value) : value;
  const issue = typeof text === 'string' ? problem?.(text) : 'is neither a text nor a number';
  if (issue === undefined) return;
  // A secret is not repeated.
  const shown = isSecretKey(name) ? name : `${name} ${JSON.stringify(value)}`;
  throw usageError(`${name} can't be used.`, { reason: `${shown} ${issue}.`, hint });
}
