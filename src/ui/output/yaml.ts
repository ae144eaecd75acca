import { Document, Scalar, visit } from 'yaml';

/** Control characters, and characters that change the direction of writing or break lines. */
const STEERING = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/**
 * YAML in which control characters are escaped, in quotes. Strings that readers of YAML 1.1 would
 * interpret as a time or a boolean are in quotes too.
 */
export function toYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, scalar) {
      const isSteering = typeof scalar.value === 'string' && scalar.value.search(STEERING) >= 0;
      if (isSteering) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString({ lineWidth: 0 })
    .replace(
      STEERING,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
