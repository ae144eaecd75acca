import { z } from 'zod';
import { documentSchema, referenceSchema } from './document.ts';

/** The JSON Schema of the document, for editors and other tools. */
export function documentJsonSchema(): Record<string, unknown> {
  const { $schema: _, ...reference } = z.toJSONSchema(referenceSchema, { io: 'input' });
  const document = z.toJSONSchema(documentSchema, { io: 'input' });
  return { ...document, $defs: { ...document.$defs, reference } };
}
