import { isDeepStrictEqual } from 'node:util';
import { channelNamed } from '../../channels/index.ts';
import type { StoredConfig } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { splitConfig } from '../document/config.ts';
import { secretKey } from '../document/references.ts';
import type { SecretChange } from './secret-changes.ts';
import type { Change } from './steps.ts';

/**
 * A field that becomes different; nothing where the document leaves it open or it is so already, as
 * a field that is to be null is on what is new.
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
 * What becomes different in a configuration. Keys that the document does not have are taken away
 * with `prune`; secrets never are, for they may be nowhere else.
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
  const set = [...plain].flatMap(([key, after]) =>
    sameValue(before[key], after) ? [] : [{ field: `config.${key}`, before: before[key], after }],
  );
  const secret = [...references.keys()].flatMap((field): Change[] => {
    const after = secrets.get(secretKey({ owner, field }));
    return after === undefined
      ? []
      : [{ field: `config.${field}`, before: undefined, after, secret: true }];
  });
  const expiries = secret.map(({ field }) => expiryKeyOf(owner, field));
  const dropped = Object.keys(before).filter(
    (key) => !plain.has(key) && (prune || expiries.includes(key)),
  );
  const removed = dropped.map((key) => ({
    field: `config.${key}`,
    before: before[key],
    after: undefined,
  }));
  return [...set, ...secret, ...removed];
}

/** The key that says when a token expires: of another token that is not known. */
function expiryKeyOf(owner: string, field: string): string | undefined {
  const [channel = ''] = owner.split('/');
  const { token, integrationToken } = channelNamed(channel);
  const tokens = [token, integrationToken];
  return tokens.find((one) => one !== undefined && `config.${one.field}` === field)?.expiryKey;
}

/** A number and its digits mean the same: `--config imap_port=993` is kept as a text. */
function sameValue(before: Json | undefined, after: Json): boolean {
  const scalar = (value: unknown) => typeof value === 'number' || typeof value === 'string';
  if (scalar(before) && scalar(after)) return String(before) === String(after);
  return isDeepStrictEqual(before, after);
}
