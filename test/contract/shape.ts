import { z } from 'zod';
import type { Fact } from './facts.ts';

type Schema = z.core.$ZodType;

/**
 * Describes what a schema accepts, before transformations. Constraints that a fact cannot express
 * are left out.
 *
 * @throws Error for a kind of schema that no operation uses yet
 */
export function shapeOf(schema: Schema): Fact {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'catch':
    case 'readonly':
      return shapeOf(def.innerType);
    case 'pipe':
      return shapeOf(def.in);
    case 'string':
      return { type: 'string' };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return numberOf(schema);
    case 'literal':
      return { enum: def.values };
    case 'enum':
      return { enum: Object.values(def.entries) };
    case 'array':
      return { type: 'array', items: shapeOf(def.element) };
    case 'tuple':
      return { type: 'array', items: shapeOf(def.items[0] ?? def.rest ?? schema) };
    case 'object':
      return objectOf(def.shape);
    case 'union':
      return unionOf(def.options.map(shapeOf));
    case 'custom':
    case 'unknown':
      return {};
    default:
      throw new Error(`shapeOf cannot describe a ${def.type}; add it to test/contract/shape.ts.`);
  }
}

function numberOf(schema: Schema): Fact {
  const { type, minimum, exclusiveMinimum, maximum } = z.toJSONSchema(schema);
  const lowest = exclusiveMinimum === 0 && type === 'integer' ? 1 : minimum;
  return {
    type: type === 'integer' ? 'integer' : 'number',
    ...(lowest !== undefined && { minimum: lowest }),
    ...(maximum !== undefined && { maximum }),
  };
}

function objectOf(shape: Readonly<Record<string, Schema>>): Fact {
  const entries = Object.entries(shape);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, inner]) => [name, shapeOf(inner)])),
    required: entries.filter(([, inner]) => inner._zod.optin !== 'optional').map(([name]) => name),
  };
}

function unionOf(options: readonly Fact[]): Fact {
  const objects = options.filter((option) => option.properties !== undefined);
  if (objects.length === options.length) {
    const properties = Object.assign({}, ...objects.map((option) => option.properties));
    return { type: 'object', properties };
  }
  const enums = options.map((option) => option.enum);
  if (enums.every((values) => values !== undefined)) return { enum: enums.flat() };
  const types = options.flatMap((option) => option.type ?? option.enum?.map((v) => typeof v) ?? []);
  const properties = objects[0]?.properties;
  return { type: [...new Set(types)], ...(properties !== undefined && { properties }) };
}
