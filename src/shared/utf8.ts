import { usageError } from './errors.ts';

/**
 * The text that bytes hold, without the mark that some editors put before it.
 *
 * @param name what was read, for the error
 * @throws ChannelctlError of kind `usage` where they are not UTF-8: replacing what can't be read
 *   would change a secret without a word
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError(
      `${name} is not a text in UTF-8.`,
      'Some of its bytes stand for no character.',
      'Save it as UTF-8.',
    );
  }
}
