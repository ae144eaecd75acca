/** The Windows Credential Manager stores up to 2,560 bytes per item, in UTF-16. */
const MAX_LENGTH = 1_280;
/** The number of code points per part. Each takes up to two UTF-16 units, and the mark needs room. */
const PART_LENGTH = 600;

/** Precedes the number of parts and the first part. No other value may begin with it. */
const MARK = 'channelctl-parts:';

/** Returns the items that store a value, in the order in which they must be written. */
export function itemsFor(item: string, value: string): [item: string, value: string][] {
  if (value.length <= MAX_LENGTH && !value.startsWith(MARK)) return [[item, value]];
  const characters = [...value];
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += PART_LENGTH) {
    parts.push(characters.slice(at, at + PART_LENGTH).join(''));
  }
  const [first, ...others] = parts;
  // The first item makes the value readable, so it comes last.
  return [
    ...others.map((part, index): [string, string] => [partName(item, index + 2), part]),
    [item, `${MARK}${parts.length}:${first}`],
  ];
}

/** @param read returns null for an item that does not exist */
export async function readParts(
  item: string,
  first: string,
  read: (item: string) => Promise<string | null>,
): Promise<string | null> {
  const [, count, start] = /^channelctl-parts:(\d{1,4}):(.*)$/s.exec(first) ?? [];
  if (count === undefined || start === undefined) return first;
  let value = start;
  for (let number = 2; number <= Number(count); number += 1) {
    const part = await read(partName(item, number));
    if (part === null) return null;
    value += part;
  }
  return value;
}

/**
 * Returns the names of the items of a value in the order in which they must be deleted, so that a
 * later call finds those that remain after an interruption.
 */
export async function partNames(
  item: string,
  read: (item: string) => Promise<string | null>,
): Promise<string[]> {
  const names = [item];
  while ((await read(partName(item, names.length + 1))) !== null) {
    names.push(partName(item, names.length + 1));
  }
  return names.reverse();
}

function partName(item: string, number: number): string {
  return `${item}~${number}`;
}
