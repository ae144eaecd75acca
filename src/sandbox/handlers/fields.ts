import { invalidParameter } from '../graph/errors.ts';
import { namesIn } from './names.ts';

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
