import { isDeepStrictEqual } from 'node:util';
import { channelNamed } from '../../channels/index.ts';
import type { StoredConfig } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { splitConfig } from '../document/config.ts';
import { secretKey } from '../document/references.ts';
import type { SecretChange } from './secret-changes.ts';
import type { Change } from './steps.ts';

/**
 * The change of a field, if any: none if the document leaves the field open, or it has that value
 * already. A new item has null in every field.
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
 * The changes of a configuration. `prune` removes keys that the document does not have, but never
 * secrets, as they may exist nowhere else.
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

/** The key that says when a token expires. It does not hold for another token. */
function expiryKey(owner: string, field: string): string | undefined {
  const [channel = ''] = owner.split('/');
  const { token, integrationToken } = channelNamed(channel);
  const tokens = [token, integrationToken];
  return tokens.find((one) => one !== undefined && `config.${one.field}` === field)?.expiryKey;
}

/** A number equals its digits, as `--config imap_port=993` is stored as a string. */
function isSameValue(before: Json | undefined, after: Json): boolean {
  const scalar = (value: unknown) => typeof value === 'number' || typeof value === 'string';
  if (scalar(before) && scalar(after)) return String(before) === String(after);
  return isDeepStrictEqual(before, after);
}
