import { distance } from 'fastest-levenshtein';
import type { KnownKey } from '../../accounts/config.ts';
import { channelNamed } from '../../channels/index.ts';
import type { Path } from './issue.ts';
import type { Document, DocumentAccount } from './schema.ts';

export interface NearMiss {
  path: Path;
  meant: string;
  /** How many more integrations or accounts of the channel have the same key. */
  others: number;
}

/** The maximum number of inserted, deleted or replaced characters in a misspelt key. */
const MAX_DISTANCE = 2;

export function findNearMisses({ integrations = [], accounts = [] }: Document): NearMiss[] {
  const found = new Map<string, NearMiss | null>();
  const visit = (
    list: string,
    index: number,
    { channel, config = {} }: Pick<DocumentAccount, 'channel' | 'config'>,
    known: readonly KnownKey[],
  ) => {
    for (const key of Object.keys(config)) {
      const id = `${list} ${channel} ${key}`;
      const earlier = found.get(id);
      if (earlier) earlier.others += 1;
      if (earlier !== undefined) continue;
      const meant = closestKey(key, known);
      const path = [list, index, 'config', key];
      found.set(id, meant === undefined ? null : { path, meant, others: 0 });
    }
  };
  for (const [index, one] of integrations.entries()) {
    visit('integrations', index, one, channelNamed(one.channel).integrationKeys);
  }
  for (const [index, one] of accounts.entries()) {
    visit('accounts', index, one, channelNamed(one.channel).accountKeys);
  }
  return [...found.values()].filter((one) => one !== null);
}

function closestKey(key: string, known: readonly KnownKey[]): string | undefined {
  if (known.some(({ name }) => name === key)) return undefined;
  const [closest] = known
    .map(({ name }) => ({ name, far: distance(key.toLowerCase(), name) }))
    .filter(({ name, far }) => far <= Math.min(MAX_DISTANCE, name.length / 3))
    .sort((one, other) => one.far - other.far);
  return closest?.name;
}
