import { isDeepStrictEqual } from 'node:util';
import { channelNamed } from '../../channels/index.ts';
import type { StoredConfig } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { splitConfig } from '../document/config.ts';
import { secretKey } from '../document/references.ts';
import type { SecretChange } from './secret-changes.ts';
import type { Change } from './steps.ts';

/**
 * Returns the change to a field, if any. There is none if the document omits the field or the field
 * already has the new value. A missing value counts as null.
 */
export function fieldChange(
  field: string,
  before: Json | undefined,
  after: Json | undefined,
): Change[] {
  if (after === undefined || isDeepStrictEqual(before ?? null, after)) return [];
  return [{ field, before, after }];
}

/**
 * Returns the changes to a configuration. `prune` removes keys that the document omits, but never
 * secrets, because they may be stored nowhere else.
 */
export function configChanges(
  owner: string,
  wanted: Readonly<Record<string, Json>> | undefined,
  stored: StoredConfig | undefined,
  secrets: ReadonlyMap<string, SecretChange>,
  prune: boolean,
): Change[] {
  if (wanted === undefined) return [];
  const { plain, references } = splitConfig(wanted);
  const before = stored?.config ?? {};
  const plainChanges = [...plain].flatMap(([key, after]) =>
    isSameValue(before[key], after) ? [] : [{ field: `config.${key}`, before: before[key], after }],
  );
  const secretChanges = [...references.keys()].flatMap((field): Change[] => {
    const after = secrets.get(secretKey({ owner, field }));
    return after === undefined
      ? []
      : [{ field: `config.${field}`, before: undefined, after, secret: true }];
  });
  const expiryKeys = secretChanges.map(({ field }) => expiryKey(owner, field));
  const removedKeys = Object.keys(before).filter(
    (key) => !plain.has(key) && (prune || expiryKeys.includes(key)),
  );
  const removals = removedKeys.map((key) => ({
    field: `config.${key}`,
    before: before[key],
    after: undefined,
  }));
  return [...plainChanges, ...secretChanges, ...removals];
}

/**
 * Returns the key that contains the expiry of a token. The stored expiry does not apply to a new
 * token.
 */
function expiryKey(owner: string, field: string): string | undefined {
  const [channel = ''] = owner.split('/');
  const { token, integrationToken } = channelNamed(channel);
  const tokens = [token, integrationToken];
  return tokens.find((one) => one !== undefined && `config.${one.field}` === field)?.expiryKey;
}

/**
 * Whether two values are equal. A number equals its string form, because `--config imap_port=993`
 * is stored as a string.
 */
function isSameValue(before: Json | undefined, after: Json): boolean {
  const scalar = (value: unknown) => typeof value === 'number' || typeof value === 'string';
  if (scalar(before) && scalar(after)) return String(before) === String(after);
  return isDeepStrictEqual(before, after);
}
