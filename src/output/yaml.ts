import { stringify } from 'yaml';

/**
 * YAML in which nothing steers a terminal: control characters stay escaped in quotes. What readers
 * of YAML 1.1 would take for a time or a boolean is in quotes too.
 */
export function toYaml(value: unknown): string {
  const text = stringify(value, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    compat: 'yaml-1.1',
  });
  // The library quotes a text with these, but leaves them as they are.
  return text.replace(
    /[\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16)}`,
  );
}
