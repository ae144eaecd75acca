import { Document, Scalar, visit } from 'yaml';

const UNSAFE = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/** Strings that YAML 1.1 parsers reject or interpret, although YAML 1.2 allows them unquoted. */
const UNREADABLE_UNQUOTED = /\t|^=$/;

/**
 * Converts a value to YAML. Unsafe characters are escaped. Strings that a YAML 1.1 parser would
 * reject or read as another type, such as a boolean, are quoted.
 */
export function toYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, scalar) {
      const { value } = scalar;
      if (typeof value !== 'string') return;
      const isUnsafe = value.search(UNSAFE) >= 0 || UNREADABLE_UNQUOTED.test(value);
      if (isUnsafe) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString({ lineWidth: 0 })
    .replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
