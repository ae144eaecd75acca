import { invalidParameter } from '../graph/errors.ts';

/**
 * Selects the requested fields of an object, or its default fields if `fields` is undefined.
 *
 * @param fields comma-separated names
 * @param type Meta's name for the kind of object
 * @param removed fields that Meta has removed
 * @throws MetaError 100 for a field that the object does not have
 */
export function selectFields<Node extends object>(
  node: Node,
  fields: string | undefined,
  type: string,
  defaults: readonly (keyof Node & string)[],
  removed: ReadonlySet<string> = new Set(),
): Partial<Node> {
  const available = defaults.filter((field) => !removed.has(field));
  const requested: readonly string[] = fields === undefined ? available : splitNames(fields);
  checkFields(requested, Object.keys(node), type, removed);
  const selected: Partial<Node> = { ...node };
  for (const field in selected) if (!requested.includes(field)) delete selected[field];
  return selected;
}

/**
 * Checks the requested fields. Meta rejects an unknown field even if a list has no items.
 *
 * @throws MetaError 100 for a field that is unknown or removed
 */
export function checkFields(
  requested: readonly string[],
  known: readonly string[],
  type: string,
  removed: ReadonlySet<string> = new Set(),
): void {
  for (const field of requested) {
    if (known.includes(field) && !removed.has(field)) continue;
    throw invalidParameter(`Tried accessing nonexisting field (${field}) on node type (${type})`);
  }
}

export function splitNames(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * @param parameter the name of the parameter that lists the names
 * @throws MetaError 100 if the list is empty or contains an unknown name
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
