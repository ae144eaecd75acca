import { usageError } from './errors.ts';

/**
 * Removes characters that could control a terminal or disguise text: control characters,
 * bidirectional formatting characters, Unicode line separators and byte order marks. Line breaks
 * and tabs become spaces.
 */
export function stripControlCharacters(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  return value
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu, '');
}

/** Removes control characters as `stripControlCharacters` does, but preserves line breaks. */
export function stripControlCharactersInLines(text: string): string {
  if (/^[\n\x20-\x7e]*$/.test(text)) return text; // Fast path for the common case.
  return text.split('\n').map(stripControlCharacters).join('\n');
}

export function withoutPeriod(text: string): string {
  let end = text.length;
  while (end > 0 && /[.\s]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** Formats a duration: "about 12 minutes", or in seconds if it is shorter than two minutes. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 120
    ? count(seconds, 'second')
    : `about ${count(Math.ceil(seconds / 60), 'minute')}`;
}

/** Returns "a, b and c"; for more than six names, the first five and the number of the others. */
export function listNames(names: readonly string[]): string {
  const shown = names.length > 6 ? names.slice(0, 5) : names.slice(0, -1);
  const last = names.length > 6 ? `${names.length - 5} more` : names.at(-1);
  return shown.length === 0 ? String(last ?? '') : `${shown.join(', ')} and ${last}`;
}

/**
 * Decodes UTF-8, UTF-16 with a byte order mark, or little-endian UTF-16 that begins with a Latin
 * character, as PowerShell can pipe it. Drops the byte order mark.
 *
 * @throws TypeError if the bytes are neither, because replacing invalid ones would silently change a
 *   secret
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isLittleEndian = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const isBigEndian = first === 0xfe && second === 0xff;
  const encoding = isLittleEndian ? 'utf-16le' : isBigEndian ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

/**
 * Decodes text as `decodeText` does.
 *
 * @param name the source of the bytes, for the error
 * @throws ChannelctlError `usage` if the bytes are not valid text
 */
export function decodeInput(bytes: Uint8Array, name: string): string {
  try {
    return decodeText(bytes);
  } catch {
    throw usageError(`${name} is neither valid UTF-8 nor UTF-16 with a byte order mark.`, {
      hint: 'Convert it to UTF-8.',
    });
  }
}

/** Joins sentences, which may be empty or end in a command instead of a period. */
export function joinSentences(...sentences: string[]): string {
  const texts = sentences.filter((sentence) => sentence !== '');
  return texts
    .map((text, index) => (index < texts.length - 1 && !/[.!?]$/.test(text) ? `${text}.` : text))
    .join(' ');
}
