import { invalidParameter } from '../graph/errors.ts';

/** The names in a list that has commas between them, as they come. */
export function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * Checks the names of a list.
 *
 * @param parameter what the list is called
 * @throws MetaError 100 where there is none, or one that is not known
 */
export function checkNames(
  parameter: string,
  names: readonly string[],
  known: readonly string[],
): void {
  if (names.length === 0) throw invalidParameter(`The parameter ${parameter} is required`);
  for (const [index, name] of names.entries()) {
    if (known.includes(name)) continue;
    throw invalidParameter(
      `Param ${parameter}[${index}] must be one of {${known.join(', ')}} - got "${name}".`,
    );
  }
}
