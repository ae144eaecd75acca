import { isObject, type Json } from '../../shared/json.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { type Reference, referenceSchema } from './schema.ts';

/** A configuration as a document has it, taken apart. */
export interface DocumentConfig {
  plain: ReadonlyMap<string, Json>;
  references: ReadonlyMap<string, Reference>;
}

/** Takes a configuration apart. Only for one that was checked. */
export function splitConfig(config: Readonly<Record<string, Json>> | undefined): DocumentConfig {
  const plain = new Map<string, Json>();
  const references = new Map<string, Reference>();
  for (const [key, value] of Object.entries(config ?? {})) {
    if (!isSecretKey(key)) plain.set(key, value);
    else if (isReference(value)) references.set(key, value);
  }
  return { plain, references };
}

/** The part of a configuration that is no secret. */
export function plainConfig(
  config: Readonly<Record<string, Json>> | undefined,
): Record<string, Json> {
  return Object.fromEntries(Object.entries(config ?? {}).filter(([key]) => !isSecretKey(key)));
}

/** Whether a value says where a secret comes from. */
export function isReference(value: Json): value is Reference {
  return isObject(value) && referenceSchema.safeParse(value).success;
}
