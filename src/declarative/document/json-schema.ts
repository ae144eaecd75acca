import { z } from 'zod';
import { documentSchema, referenceSchema } from './schema.ts';
import { SECRET_KEY_PATTERN } from './secret-pattern.ts';

/** A value of a configuration that is no secret, and hides none. */
const PLAIN = {
  anyOf: [
    {
      type: 'object',
      patternProperties: { [SECRET_KEY_PATTERN]: false },
      additionalProperties: { $ref: '#/$defs/plain' },
    },
    { type: 'array', items: { $ref: '#/$defs/plain' } },
    ...['string', 'number', 'boolean', 'null'].map((type) => ({ type })),
  ],
};

/** The JSON Schema of the document, for editors and other tools. */
export function documentJsonSchema(): Record<string, unknown> {
  const { $schema: _, ...reference } = z.toJSONSchema(referenceSchema, { io: 'input' });
  const document = z.toJSONSchema(documentSchema, { io: 'input' });
  return { ...document, $defs: { ...document.$defs, reference, plain: PLAIN } };
}
