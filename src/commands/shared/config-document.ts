import { usageError } from '../../shared/errors.ts';
import { isObject, type Json, parseJsonKeepingDigits } from '../../shared/json.ts';
import { readYaml } from '../../shared/yaml-document.ts';

/**
 * Parses a JSON or YAML object. The digits of a number are preserved if it is meant as a string: an
 * ID, a secret, or a number that JavaScript can't represent exactly.
 *
 * @param name of the document, for errors
 */
export function parseConfigDocument(text: string, name: string): Record<string, Json> {
  const { value } = readYaml(text, name);
  if (isObject(value)) return value as Record<string, Json>;
  throw usageError(`${name} is not an object.`, {
    reason: 'A configuration is an object of keys and values.',
    hint: 'Write it as {"key": "value"}, or as YAML lines of key: value.',
  });
}

/** Any JSON or YAML value. The digits of large numbers are preserved. */
export function parseJsonOrYaml(text: string, name: string): Json {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return readYaml(text, name).value;
  }
}
