/**
 * Removes what could steer a terminal or disguise text: C0 and C1 control characters, and the
 * marks that change the direction of writing. Line breaks become spaces.
 */
export function stripControlCharacters(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value; // The usual case, answered quickly.
  return value
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu, '');
}

/** "1 Page", "3 Pages". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
