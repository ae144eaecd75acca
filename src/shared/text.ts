import { usageError } from './errors.ts';

/**
 * Removes characters that could control a terminal or disguise text: C0 and C1 control characters,
 * and marks that change the direction of writing. Line breaks become spaces.
 */
export function stripControlCharacters(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value; // Fast path for the usual case.
  return value
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu, '');
}

/** "1 Page", "3 Pages". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/**
 * Decodes UTF-8, without the byte order mark that some editors add.
 *
 * @param name the source of the bytes, for the error
 * @throws ChannelctlError of kind `usage` if they are not UTF-8: replacing invalid bytes would
 *   silently change a secret
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError(`${name} is not a text in UTF-8.`, {
      reason: 'Some of its bytes stand for no character.',
      hint: 'Save it as UTF-8.',
    });
  }
}
