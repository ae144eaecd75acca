import { Document, Scalar, visit } from 'yaml';

/** Control characters, and what turns the direction of writing or breaks lines. */
const STEERING = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/**
 * YAML in which nothing steers a terminal: such characters are escaped, in quotes. What readers of
 * YAML 1.1 would take for a time or a boolean is in quotes too.
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
