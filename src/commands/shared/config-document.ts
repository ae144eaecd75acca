import { usageError } from '../../shared/errors.ts';
import { isObject, type Json } from '../../shared/json.ts';
import { parseJsonKeepingDigits } from '../../shared/parse-json.ts';
import { readYaml } from '../../shared/yaml-document.ts';

/**
 * Parses a JSON or YAML object. Numbers that are meant as strings keep their digits: IDs, secrets,
 * and numbers that JavaScript cannot represent exactly.
 *
 * @param name the name of the document in errors
 * @throws ChannelctlError `usage` if the text is anything else
 */
export function parseConfigDocument(text: string, name: string): Record<string, Json> {
  const { value } = readYaml(text, name);
  if (isObject(value)) return value as Record<string, Json>;
  throw usageError(`${name} does not contain a JSON or YAML object.`, {
    hint: 'Write it as {"key": "value"}, or as YAML with one "key: value" per line.',
  });
}

/** Parses any JSON or YAML value. Large numbers keep their digits. */
export function parseJsonOrYaml(text: string, name: string): Json {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return readYaml(text, name).value;
  }
}
