import { isDeepStrictEqual } from 'node:util';
import { maskPatterns } from '../../shared/foreign/patterns.ts';
import type { Json } from '../../shared/json.ts';
import { parseJsonKeepingDigits } from '../../shared/parse-json.ts';
import { isSecretKey, maskOf } from '../../shared/secrets.ts';
import { secretRefsOf, valueIn } from '../secret-refs.ts';
import type { ProfileState, StoredAccount, StoredConfig, StoredIntegration } from '../types.ts';
import type { AuditItem, FieldChange } from './log.ts';

const OMITTED_FIELDS = ['id', 'channel', 'created_at', 'updated_at'];

/**
 * Yields the differences between two states of a profile: one item for all changed settings, and
 * one per changed account or integration.
 */
export function* diffStates(old: ProfileState, next: ProfileState): Generator<AuditItem> {
  const settings = diffFields(old.settings, next.settings);
  if (settings.length > 0) yield { ...NO_ACCOUNT, action: 'settings.changed', changes: settings };
  yield* diffOwners('integration', old.integrations, next.integrations);
  yield* diffOwners('account', old.accounts, next.accounts);
}

export function* diffMove(old: ProfileState, next: ProfileState, to: string): Generator<AuditItem> {
  const { integrations, accounts } = old;
  yield* diffStates(old, { ...next, integrations, accounts });
  const stores = [...new Set(secretRefsOf(old).map(({ store }) => store))];
  const changes = stores
    .filter((store) => store !== to)
    .map((store) => ({ field: 'store', before: store, after: to }));
  if (changes.length > 0) yield { ...NO_ACCOUNT, action: 'secrets.moved', changes };
}

const NO_ACCOUNT = { channel: null, account_id: null, account_key: null, call: null };

type Stored = StoredIntegration | StoredAccount;

function* diffOwners(
  kind: 'integration' | 'account',
  old: readonly Stored[],
  next: readonly Stored[],
): Generator<AuditItem> {
  const before = new Map(old.map((owner) => [owner.id, owner]));
  const after = new Map(next.map((owner) => [owner.id, owner]));
  for (const owner of new Map([...before, ...after]).values()) {
    const [was, is] = [before.get(owner.id), after.get(owner.id)];
    if (isDeepStrictEqual(was, is)) continue;
    const verb = was === undefined ? 'created' : is === undefined ? 'deleted' : 'changed';
    const changes = diffFields(fieldsOf(was), fieldsOf(is), valuesOf(was), valuesOf(is)).filter(
      // The entry of a new or a deleted account contains its key.
      ({ field }) => verb === 'changed' || field !== 'account_key',
    );
    if (verb === 'changed' && changes.length === 0) continue;
    const action = `${kind}.${verb}`;
    yield { action, channel: owner.channel, call: null, ...accountOf(owner), changes };
  }
}

function accountOf(owner: Stored): Pick<AuditItem, 'account_id' | 'account_key'> {
  if ('account_key' in owner) return { account_id: owner.id, account_key: owner.account_key };
  return { account_id: null, account_key: null };
}

/** Returns the fields, named as in the output of commands. The value of a secret is null. */
function fieldsOf(owner: Stored | undefined): Record<string, Json> {
  if (owner === undefined) return {};
  const { config, secrets, ...rest } = owner;
  const own = Object.entries(rest).filter(([name]) => !OMITTED_FIELDS.includes(name));
  const keys = [...Object.entries(config), ...Object.keys(secrets).map((key) => [key, null])];
  return Object.fromEntries([...own, ...keys.map(([key, value]) => [`config.${key}`, value])]);
}

function valuesOf(owner: StoredConfig | undefined): Record<string, string> {
  const refs = Object.entries(owner?.secrets ?? {});
  return Object.fromEntries(refs.map(([key, { item }]) => [`config.${key}`, valueIn(item)]));
}

function diffFields(
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
  valuesBefore: Readonly<Record<string, string>> = {},
  valuesAfter: Readonly<Record<string, string>> = {},
): FieldChange[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields]
    .filter(
      (field) =>
        !isDeepStrictEqual(before[field], after[field]) ||
        valuesBefore[field] !== valuesAfter[field],
    )
    .map((field) => ({
      field,
      before: field in before ? maskFieldSecrets(field, before[field]) : null,
      after: field in after ? maskFieldSecrets(field, after[field]) : null,
    }))
    .filter(({ field, before: was, after: is }) => isSecretKey(field) || was !== is);
}

function maskSecretsIn(text: string): string {
  if (!/^\s*[[{]/.test(text)) return maskPatterns(text);
  try {
    return JSON.stringify(maskFieldSecrets('', parseJsonKeepingDigits(text)));
  } catch {
    return maskPatterns(text);
  }
}

export function maskFieldSecrets(field: string, value: Json | undefined): Json {
  if (isSecretKey(field)) return maskOf(null);
  if (typeof value === 'string') return maskSecretsIn(value);
  if (Array.isArray(value)) return value.map((inner) => maskFieldSecrets('', inner));
  if (typeof value !== 'object' || value === null) return value ?? null;
  const inner = Object.entries(value).map(([key, one]) => [key, maskFieldSecrets(key, one)]);
  return Object.fromEntries(inner);
}
