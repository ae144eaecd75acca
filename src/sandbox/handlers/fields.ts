import { invalidParameter } from '../graph/errors.ts';

/**
 * The asked fields of an object; the default ones where none are asked for.
 *
 * @param fields names with commas between them
 * @param type what Meta calls objects of the kind
 * @throws MetaError 100 for a field that the object has not
 */
export function fieldsOf<Node extends object>(
  node: Node,
  fields: string | undefined,
  type: string,
  defaults: readonly (keyof Node & string)[],
): Partial<Node> {
  const asked: readonly string[] = fields === undefined ? defaults : namesIn(fields);
  for (const field of asked) {
    if (Object.hasOwn(node, field)) continue;
    throw invalidParameter(`Tried accessing nonexisting field (${field}) on node type (${type})`);
  }
  const shown: Partial<Node> = { ...node };
  for (const field in shown) if (!asked.includes(field)) delete shown[field];
  return shown;
}

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
