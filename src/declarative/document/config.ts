import { isObject, type Json } from '../../shared/json.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { type Reference, referenceSchema } from './schema.ts';

export interface DocumentConfig {
  plain: ReadonlyMap<string, Json>;
  references: ReadonlyMap<string, Reference>;
}

export function splitConfig(config: Readonly<Record<string, Json>> | undefined): DocumentConfig {
  const plain = new Map<string, Json>();
  const references = new Map<string, Reference>();
  for (const [key, value] of Object.entries(config ?? {})) {
    if (!isSecretKey(key)) plain.set(key, value);
    else if (isReference(value)) references.set(key, value);
  }
  return { plain, references };
}

export function plainConfig(
  config: Readonly<Record<string, Json>> | undefined,
): Record<string, Json> {
  return Object.fromEntries(Object.entries(config ?? {}).filter(([key]) => !isSecretKey(key)));
}

export function isReference(value: Json): value is Reference {
  return isObject(value) && referenceSchema.safeParse(value).success;
}
