import { type Document, isMap, isPair, isScalar, parseDocument, type Scalar, visit } from 'yaml';
import { withDigits } from '../shared/digits.ts';
import { usageError } from '../shared/errors.ts';
import { type Json, parseJsonKeepingDigits } from '../shared/json.ts';

/**
 * Reads a JSON or YAML object. A number keeps its digits where it stands for a text: as an id, a
 * secret, or beyond what JavaScript counts exactly.
 *
 * @param name what is read, for errors
 */
export function parseConfigDocument(text: string, name: string): Record<string, Json> {
  const document = parseYaml(text, name);
  if (!isMap(document.contents)) {
    throw usageError(
      `${name} does not hold an object.`,
      'A configuration is an object of keys and values.',
      'Write it as {"key": "value"}, or as YAML lines of key: value.',
    );
  }
  visit(document, {
    Scalar(part, scalar, path) {
      const owner = path.at(-1);
      const key = part === 'value' && isPair(owner) && isScalar(owner.key) ? owner.key.value : '';
      keepDigits(scalar, String(key));
    },
  });
  return toValue(document, name) as Record<string, Json>;
}

function keepDigits(scalar: Scalar, key: string): void {
  const { value, source } = scalar;
  if (typeof value === 'number') scalar.value = withDigits(key, value, source);
}

/** Any JSON or YAML value, with the digits of large numbers kept. */
export function parseJsonOrYaml(text: string, name: string): Json {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return toValue(parseYaml(text, name), name);
  }
}

function parseYaml(text: string, name: string) {
  const document = parseDocument(text, { prettyErrors: true, stringKeys: true });
  const [fault] = document.errors;
  if (fault === undefined) return document;
  const [place] = fault.linePos ?? [];
  throw usageError(
    `${name} is neither JSON nor YAML.`,
    // The library's message quotes the text, which may hold a secret.
    `${fault.code} at line ${place?.line ?? 1}, column ${place?.col ?? 1}.`,
    'Correct that place.',
  );
}

function toValue(document: Document, name: string): Json {
  try {
    return document.toJS() as Json;
  } catch {
    throw usageError(
      `${name} can't be used.`,
      'An alias in it has no anchor before it, or aliases repeat one another too often.',
      'Write out what the aliases stand for.',
    );
  }
}
