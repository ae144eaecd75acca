import { isSecretKey } from './secrets.ts';

/**
 * A number of a YAML document with its digits kept where it stands for a text: as an id, a secret,
 * or beyond what JavaScript counts exactly.
 *
 * @param source how it is written in the document
 */
export function withDigits(
  key: string,
  value: number,
  source: string | undefined,
): number | string {
  if (source === undefined) return value;
  const isText = isSecretKey(key) || /(?:^|_)id$/.test(key);
  return isText || !Number.isSafeInteger(Math.trunc(value)) ? source : value;
}
